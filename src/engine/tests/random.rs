//! Random callers in random flows: never stuck, never silent without a reason.

use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_oneof, proptest};

use super::*;
use crate::base::limits;
use crate::engine::machine::State;
use crate::engine::{BookNews, MessageNews, NoMessage, TransferNews};
use crate::flow::{Busy, Offer, OfferAction};

/// One thing that happens to a machine.
#[derive(Clone, Debug)]
enum Event {
    Key(char),
    /// The sound ends, if it is not music.
    Heard,
    /// Time passes, at least to the deadline.
    Later(u64),
    Queue(QueueNews),
    Transfer(TransferNews),
    Message(MessageNews),
    Book(BookNews),
}

fn event() -> impl Strategy<Value = Event> {
    let news = prop_oneof![
        (1..9_usize).prop_map(|rank| QueueNews::Joined { rank }),
        (1..9_usize).prop_map(|rank| QueueNews::Place(Place::ranked(rank))),
        Just(QueueNews::Full),
        Just(QueueNews::Ringing),
        Just(QueueNews::Still),
        Just(QueueNews::Nobody),
        Just(QueueNews::TimedOut),
        Just(QueueNews::Connected { agent: "amina".into() }),
        Just(QueueNews::TalkEnded),
    ];
    let transfer =
        prop_oneof![Just(TransferNews::Connected), Just(TransferNews::Failed), Just(TransferNews::TalkEnded)];
    let message = prop_oneof![
        4 => Just(MessageNews::Ready),
        1 => Just(MessageNews::Refused(NoMessage::Full)),
        2 => Just(MessageNews::Kept { message: crate::base::MessageId(1) }),
        1 => Just(MessageNews::Nothing),
        1 => Just(MessageNews::NotKept),
    ];
    let book = prop_oneof![
        2 => Just(BookNews::Promised { slot: None }),
        1 => Just(BookNews::Refused),
        1 => Just(BookNews::Known),
        1 => Just(BookNews::Cancelled),
        1 => Just(BookNews::PlaceKept),
    ];
    prop_oneof![
        4 => prop::sample::select("0123456789*#".chars().collect::<Vec<_>>()).prop_map(Event::Key),
        4 => Just(Event::Heard),
        3 => (0..40_u64).prop_map(Event::Later),
        2 => news.prop_map(Event::Queue),
        1 => transfer.prop_map(Event::Transfer),
        2 => message.prop_map(Event::Message),
        1 => book.prop_map(Event::Book),
    ]
}

/// A step of any kind that leads to steps below `n`.
fn kind(n: u32) -> impl Strategy<Value = StepKind> {
    let to = (0..n, 0..n).prop_map(|(a, b)| (StepId(a), StepId(b)));
    (0..13, to, 1..6_usize).prop_map(|(which, (a, b), size)| match which {
        0 => say("Dit.", a),
        1 => say_all("Tout.", a),
        2 => menu(&[('1', "un", a), ('2', "deux", b)]),
        3 => hours(a, b),
        4 => tell(&[Topic::Hours], a),
        5 => collect(size, size + 2, a),
        6 => busy_queue(a),
        7 => transfer(a),
        8 => voicemail(Some(a)),
        9 => survey(Some(a)),
        10 => deaf_menu(a),
        11 => read_back(size, a),
        _ => hangup("Fin."),
    })
}

/// A menu that no key stops.
fn deaf_menu(to: StepId) -> StepKind {
    let StepKind::Menu(mut menu) = menu(&[('1', "un", to)]) else { unreachable!("a menu") };
    menu.question.barge_in = BargeIn::Refused;
    StepKind::Menu(menu)
}

/// A number that is confirmed.
fn read_back(size: usize, to: StepId) -> StepKind {
    let StepKind::Collect(mut collect) = collect(size, size + 2, to) else { unreachable!("a number") };
    collect.read_back = ReadBack::Yes;
    StepKind::Collect(collect)
}

/// A queue that is busy from the first caller on, and offers a call back on any of three keys.
fn busy_queue(nobody: StepId) -> StepKind {
    let StepKind::Queue(mut queue) = queue(nobody) else { unreachable!("a queue") };
    let offer = |key| Offer { key: key_of(key), action: OfferAction::Callback, purpose: None };
    let offers = ['1', '2', '3'].map(offer).to_vec();
    queue.busy = Some(Busy { when_wait: None, when_waiting: Some(1), when_abandoned: None, offers });
    StepKind::Queue(queue)
}

/// Up to eight steps; the last is the queue that the agent is reached by.
fn program() -> impl Strategy<Value = Program> {
    (1..8_u32).prop_flat_map(|n| vec(kind(n + 1), n as usize)).prop_map(|mut kinds| {
        kinds.push(busy_queue(StepId(0)));
        let names: Vec<String> = (1..kinds.len()).map(|i| format!("s{i}")).chain(["agents".into()]).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        flow(&names, |_| kinds)
    })
}

/// A shell that holds what the machine has asked for.
struct Shell {
    caller: Caller,
    sounding: bool,
    music: bool,
    queued: bool,
    transferring: bool,
    talking: bool,
    hung_up: bool,
}

impl Shell {
    fn new(program: Program, hour: i64) -> Self {
        let caller = Caller::calls_at(program, hour);
        let mut shell = Self {
            caller,
            sounding: false,
            music: false,
            queued: false,
            transferring: false,
            talking: false,
            hung_up: false,
        };
        shell.drain();
        shell
    }

    /// Takes every action; answers whether the caller was put into a queue.
    fn drain(&mut self) -> bool {
        let (mut joined, mut actions) = (false, 0);
        while let Some(action) = self.caller.machine.poll() {
            assert!(!self.hung_up, "{action:?} after the end");
            actions += 1;
            assert!(actions < 6 * limits::STEPS_WITHOUT_WAITING, "no end of actions");
            match action {
                Action::Play { play, sound, .. } => {
                    self.caller.play = Some(play);
                    self.sounding = true;
                    self.music = matches!(sound, Sound::Music { .. });
                }
                Action::Stop => self.sounding = false,
                Action::Join { .. } => (self.queued, joined) = (true, true),
                Action::Leave => self.queued = false,
                Action::Transfer { .. } => self.transferring = true,
                Action::Answer => panic!("it was answered"),
                Action::Hangup { .. } => self.hung_up = true,
                // A promise takes the place away: what the board says next is for nobody.
                Action::Note(Note::Promised) => self.queued = false,
                Action::AskPlace | Action::Message(_) | Action::Note(_) | Action::Book(_) | Action::LookUp(_) => {}
            }
        }
        joined
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Key(key) => drop(self.caller.tell(Input::Digit(key_of(key)))),
            Event::Heard if self.sounding && !self.music => {
                self.sounding = false;
                let play = self.caller.play.unwrap();
                self.caller.tell(Input::Finished(play));
            }
            Event::Heard => {}
            Event::Later(n) => {
                self.caller.now = self.caller.now + secs(n);
                self.caller.tell(Input::Tick);
            }
            Event::Queue(news) => self.queue(news),
            Event::Transfer(news) => self.transfer(news),
            Event::Message(news) => drop(self.caller.tell(Input::Message(news))),
            Event::Book(news) => drop(self.caller.tell(Input::Book(news))),
        }
        self.drain();
    }

    /// Only news that a board can send.
    fn queue(&mut self, news: QueueNews) {
        let talk_ends = news == QueueNews::TalkEnded;
        if talk_ends != self.talking || !(self.queued || self.talking) || self.transferring {
            return;
        }
        match &news {
            QueueNews::Full | QueueNews::Nobody | QueueNews::TimedOut => self.queued = false,
            QueueNews::Connected { .. } => (self.queued, self.talking) = (false, true),
            QueueNews::TalkEnded => self.talking = false,
            QueueNews::Joined { .. } | QueueNews::Place(_) | QueueNews::Ringing | QueueNews::Still => {}
        }
        self.caller.tell(Input::Queue(news));
    }

    fn transfer(&mut self, news: TransferNews) {
        let talk_ends = news == TransferNews::TalkEnded;
        if talk_ends != self.talking || !self.transferring {
            return;
        }
        (self.transferring, self.talking) = match news {
            TransferNews::Connected => (true, true),
            TransferNews::Failed | TransferNews::TalkEnded => (false, false),
        };
        self.caller.tell(Input::Transfer(news));
    }

    fn is_alive(&self) -> bool {
        self.hung_up
            || self.sounding
            || self.queued
            || self.transferring
            || self.talking
            || self.caller.machine.deadline().is_some()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_machine_is_never_stuck_in_silence(program in program(), hour in 0..24_i64, events in vec(event(), 0..80)) {
        let mut shell = Shell::new(program, hour);
        for event in events {
            prop_assert!(shell.is_alive(), "stuck: {:?}", shell.caller.machine);
            shell.happens(event);
        }
        prop_assert!(shell.is_alive(), "stuck: {:?}", shell.caller.machine);
        prop_assert!(shell.caller.machine.ahead.len() <= limits::TYPE_AHEAD);
    }

    #[test]
    fn zero_reaches_the_queue_in_opening_hours(program in program(), events in vec(event(), 0..40)) {
        let mut shell = Shell::new(program, 10);
        for event in events {
            shell.happens(event);
        }
        if shell.hung_up || shell.queued || shell.talking || shell.transferring || shell.caller.now.wall > tuesday(16) {
            return Ok(());
        }
        // What is typed is ended first; while a number is typed, `0` needs `#` behind it.
        shell.caller.tell(Input::Digit(Digit::HASH));
        shell.drain();
        let typed = matches!(shell.caller.machine.state, State::Collecting(_) | State::Noting(_));
        shell.caller.tell(Input::Digit(Digit::ZERO));
        let mut joined = shell.drain();
        if typed && !joined {
            shell.caller.tell(Input::Digit(Digit::HASH));
            joined = shell.drain();
        }
        prop_assert!(joined || shell.transferring || shell.queued, "no agent: {:?}", shell.caller.machine);
    }
}
