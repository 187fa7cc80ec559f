//! One call at one moment: the engine, what the caller hears, and what is awaited.

use std::sync::Arc;
use std::time::Duration;

use super::choices::Event;
use super::generator::Spoken;
use crate::base::{Digit, Instant, Language, Now, PhoneNumber, PlayId, WallTime};
use crate::engine::{
    Action, BookAsk, BookNews, ExpectedWait, Input, Keys, Machine, MessageOrder, Note, Place, QueueNews, Sound,
    TransferNews,
};
use crate::flow::{Audio, Program, StepId, StepKind};
use crate::service::{Diary, HoursKind, Topic};
use crate::speech::{self, Phrase, Wait};

/// Which hours say open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sky {
    pub(super) phone: bool,
    pub(super) desk: bool,
    /// Whether the condition of the generator holds.
    pub(super) luck: bool,
}

impl Sky {
    /// A moment of Tuesday 24 November 2026 of which this is true, by the card of the generator.
    fn wall(self) -> WallTime {
        let hour = match (self.phone, self.desk) {
            (true, true) => 9,
            (true, false) => 12,
            (false, true) => 18,
            (false, false) => 22,
        } + i64::from(!self.luck);
        WallTime::from_millis((1_795_474_800 + hour * 3600) * 1000)
    }
}

/// What the world owes the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Awaited {
    Nothing,
    /// To be taken into a queue.
    Place,
    /// An agent.
    Agent,
    /// The outside number.
    Outside,
    /// The end of a talk, with an agent or with somebody outside.
    TalkEnd {
        outside: bool,
    },
    /// Room for a message.
    Room,
    /// What was said.
    Message,
    /// The callback for a message.
    Promise,
    /// The book's answer.
    Book,
    /// A server's answer.
    Answer,
}

/// A server that was asked.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Which of the call's look-ups it is.
    pub(super) order: u32,
    /// When it is given up.
    until: Instant,
}

/// Who calls.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    /// The number is shown.
    pub(super) number: bool,
    /// A relay service for deaf callers.
    pub(super) relayed: bool,
}

/// One call at one moment.
#[derive(Clone)]
pub(super) struct Line {
    program: Arc<Program>,
    owed: Arc<Owed>,
    pub(super) machine: Machine,
    mono: Instant,
    /// What is being said: the play, its words, and how long it lasts.
    pub(super) hears: Option<Heard>,
    pub(super) awaited: Awaited,
    pub(super) asked: Option<Asked>,
    /// The key of the flow's header.
    pub(super) header: Option<Digit>,
    calls_back: bool,
    number: bool,
    relayed: bool,
    pub(super) seen: Seen,
}

/// What is being said.
#[derive(Clone)]
pub(super) struct Heard {
    play: PlayId,
    words: Arc<str>,
    phrase: Phrase,
    pub(super) length: Duration,
    keys: Keys,
}

/// What a caller is owed when it is closed, in each language.
#[derive(Debug, Default)]
pub(super) struct Owed {
    hours: Vec<Phrase>,
    contact: Vec<Phrase>,
}

impl Owed {
    pub(super) fn of(program: &Program) -> Self {
        let now = Sky { phone: false, desk: false, luck: true }.wall();
        let told = |topic| {
            let each = Language::ALL.into_iter().map(|language| speech::tell(language, &program.card, topic, now));
            each.filter(|phrase| !phrase.is_empty()).collect::<Vec<_>>()
        };
        let card = &program.card;
        let another = !(card.emails.is_empty() && card.websites.is_empty());
        Self { hours: told(Topic::Hours), contact: if another { told(Topic::Contact) } else { Vec::new() } }
    }
}

/// What has become of the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    /// The step that was entered last.
    pub(super) step: Option<StepId>,
    /// The steps entered by the last event.
    pub(super) entered: Vec<StepId>,
    /// The caller was treated as it is when it is closed.
    pub(super) owed: bool,
    pub(super) hours: bool,
    pub(super) contact: bool,
    /// An agent was called.
    pub(super) sought: bool,
    /// An agent answered, or a callback was promised.
    pub(super) served: bool,
    /// The flow has hung up.
    pub(super) over: bool,
    /// The engine had to stop a round.
    pub(super) trouble: bool,
    /// A key was kept for a later step.
    pub(super) ahead: bool,
}

impl Line {
    /// A call that is answered.
    pub(super) fn new((program, owed): (&Arc<Program>, &Arc<Owed>), sky: Sky, who: Caller) -> Self {
        let Caller { number, relayed } = who;
        let caller = match (number, relayed) {
            (_, true) => program.card.relay.numbers.first().cloned(),
            (true, _) => PhoneNumber::parse("+33353010001").ok(),
            (false, _) => None,
        };
        let mut line = Self {
            program: Arc::clone(program),
            owed: Arc::clone(owed),
            machine: Machine::new(Arc::clone(program), caller),
            mono: Instant::START,
            hears: None,
            awaited: Awaited::Nothing,
            asked: None,
            header: program.keys.first().map(|(key, _)| *key),
            calls_back: false,
            number: number || relayed,
            relayed,
            seen: Seen { owed: !sky.phone, ..Seen::default() },
        };
        line.tell(sky, Input::Answered);
        line
    }

    /// The same for two calls that go on in the same way.
    pub(super) fn key(&self) -> String {
        let left = self.machine.deadline().map(|at| at.since(self.mono).as_millis());
        let left = left.filter(|_| !matches!(self.awaited, Awaited::Agent));
        let words = self.hears.as_ref().map(|heard| &heard.words);
        let state = self.machine.fingerprint();
        let seen = &self.seen;
        let call = (self.awaited, self.number, self.relayed, self.calls_back, self.until_answer());
        format!("{state} {words:?} {left:?} {call:?} {seen:?}")
    }

    /// Lets something happen under this sky; answers the silence behind the last word.
    pub(super) fn happen(&mut self, sky: Sky, event: &Event) -> Duration {
        let at_notice = self.is_at_notice();
        self.seen.entered.clear();
        let mut pause = Duration::ZERO;
        match event {
            Event::Silence => pause = self.silence(sky, at_notice),
            Event::Meanwhile(input) => {
                self.awaited = Awaited::Nothing;
                self.tell(sky, input.clone());
                pause = self.silence(sky, at_notice);
            }
            Event::Keys(keys) => {
                let deaf = matches!(self.hears, Some(Heard { keys: Keys::Ignore, .. }));
                if let Some(heard) = &self.hears {
                    self.mono += heard.length;
                }
                for key in keys {
                    let kept = (deaf || key.number().is_some()) && *key != Digit::ZERO && !self.machine.wants_key();
                    self.tell(sky, Input::Digit(*key));
                    self.seen.ahead |= kept && (Some(*key) != self.header || self.machine.has_ahead());
                }
            }
            Event::World(input) => {
                pause = self.until_answer();
                self.awaited = match input {
                    Input::Queue(QueueNews::Joined { .. }) => Awaited::Agent,
                    Input::Queue(QueueNews::Connected { .. }) => Awaited::TalkEnd { outside: false },
                    Input::Transfer(TransferNews::Connected) => Awaited::TalkEnd { outside: true },
                    _ => Awaited::Nothing,
                };
                self.seen.served |= matches!(self.awaited, Awaited::TalkEnd { .. });
                self.mono += if pause.is_zero() { Duration::from_secs(2) } else { pause };
                self.tell(sky, input.clone());
            }
            Event::Closing => {
                // Whatever is due is due by then.
                self.mono += Duration::from_secs(3600);
                self.tell(sky, Input::Tick);
            }
        }
        self.seen.ahead &= !self.machine.wants_key();
        pause
    }

    /// The caller hears the last word, or does nothing until the engine goes on.
    fn silence(&mut self, sky: Sky, at_notice: bool) -> Duration {
        match self.hears.take() {
            Some(Heard { play, phrase, length, .. }) => {
                self.mono += length;
                self.heard(&phrase);
                self.seen.owed |= at_notice && !sky.phone;
                self.tell(sky, Input::Finished(play));
                Duration::ZERO
            }
            None => {
                let at = self.machine.deadline().unwrap_or(self.mono);
                let left = at.since(self.mono);
                self.mono = self.mono.max(at);
                self.tell(sky, Input::Tick);
                // Who calls through a relay has three times as long, and so is not slower.
                left / if self.relayed { 3 } else { 1 }
            }
        }
    }

    /// How long a server may still take.
    fn until_answer(&self) -> Duration {
        let asked = self.asked.filter(|_| self.awaited == Awaited::Answer);
        asked.map_or(Duration::ZERO, |asked| asked.until.since(self.mono))
    }

    /// Whether the notice before a queue is heard: behind it the flow looks at the hours.
    pub(super) fn is_at_notice(&self) -> bool {
        let starts = |heard: &Heard| NOTICES.iter().any(|notice| heard.words.starts_with(notice));
        self.hears.as_ref().is_some_and(starts)
    }

    /// The kind of the step that runs.
    pub(super) fn kind(&self) -> Option<&StepKind> {
        self.seen.step.map(|step| &self.program.step(step).kind)
    }

    /// Whether no key but `0` does anything at this moment.
    pub(super) fn is_deaf(&self, sky: Sky) -> bool {
        let Some(Heard { keys: Keys::Ignore, .. }) = self.hears else { return false };
        !"127*#".chars().filter_map(Digit::from_char).any(|key| {
            let mut other = self.machine.clone();
            other.handle(self.now(sky), Input::Digit(key));
            std::iter::from_fn(|| other.poll()).any(|action| !matches!(action, Action::Note(Note::Key { .. })))
        })
    }

    fn now(&self, sky: Sky) -> Now {
        Now { mono: self.mono, wall: sky.wall() }
    }

    fn tell(&mut self, sky: Sky, input: Input) {
        self.machine.handle(self.now(sky), input);
        while let Some(action) = self.machine.poll() {
            self.act(sky, action);
        }
    }

    fn act(&mut self, sky: Sky, action: Action) {
        match action {
            Action::Play { play, sound, keys } => self.play(play, sound, keys),
            Action::Stop => self.hears = None,
            Action::Join { .. } => {
                self.awaited = Awaited::Place;
                self.seen.sought = true;
            }
            Action::AskPlace => {
                let long = Duration::from_secs(600);
                let wait = ExpectedWait { spoken: Wait::STEPS[3], expected: long, low: long, high: long, longer: None };
                let place = Place { waiting: 99, wait: Some(wait), abandoned: Some(99), ..Place::ranked(9) };
                self.machine.handle(self.now(sky), Input::Queue(QueueNews::Place(place)));
            }
            Action::Leave => self.awaited = Awaited::Nothing,
            Action::Transfer { .. } => {
                self.awaited = Awaited::Outside;
                self.seen.sought = true;
            }
            Action::Message(order) => self.order(order),
            Action::Book(BookAsk::Wish { .. }) => self.awaited = Awaited::Book,
            Action::Book(BookAsk::Diary { .. }) => {
                self.machine.handle(self.now(sky), Input::Book(BookNews::Diary(Diary::default())));
            }
            Action::Book(BookAsk::Forget | BookAsk::Cancel) => {}
            Action::LookUp(order) => {
                self.asked = Some(Asked { order: order.order, until: self.mono + order.within });
                self.awaited = Awaited::Answer;
            }
            // That the call is answered changes nothing that is heard.
            Action::Answer => {}
            Action::Hangup { .. } => self.seen.over = true,
            Action::Note(note) => self.note(sky, &note),
        }
    }

    fn play(&mut self, play: PlayId, sound: Sound, keys: Keys) {
        let heard =
            |words: &str, phrase: Phrase, length| Some(Heard { play, words: words.into(), phrase, length, keys });
        self.hears = match sound {
            Sound::Phrase(phrase) => {
                let length = phrase.0.iter().filter_map(|fragment| Spoken.length(fragment)).sum();
                heard(&phrase.to_string(), phrase, length)
            }
            Sound::Beep => heard("beep", Phrase::default(), Duration::ZERO),
            Sound::Message(_) => heard("message", Phrase::default(), Duration::ZERO),
            Sound::Music { .. } => None,
        };
        let closed = |words: &str| CLOSED.iter().any(|closed| words.contains(closed));
        self.seen.owed |= self.hears.as_ref().is_some_and(|heard| closed(&heard.words));
    }

    fn order(&mut self, order: MessageOrder) {
        match order {
            MessageOrder::Prepare { callback, .. } => {
                self.calls_back = callback;
                self.awaited = Awaited::Room;
            }
            MessageOrder::Record => self.awaited = Awaited::Message,
            MessageOrder::Stop => {}
            MessageOrder::Leave if self.calls_back => self.awaited = Awaited::Promise,
            MessageOrder::Leave => self.awaited = Awaited::Nothing,
        }
    }

    fn note(&mut self, sky: Sky, note: &Note) {
        // What the engine does to stop a round is no longer the flow's.
        if self.seen.trouble {
            return;
        }
        match note {
            Note::Step { name } => {
                let place = self.program.steps.iter().position(|step| step.name == *name);
                let step = StepId(place.and_then(|place| u32::try_from(place).ok()).unwrap_or_default());
                self.seen.step = Some(step);
                self.seen.entered.push(step);
                self.awaited = Awaited::Nothing;
                let looks = match &self.program.step(step).kind {
                    StepKind::Hours(hours) => hours.kind == HoursKind::Phone,
                    StepKind::Queue(_) => true,
                    _ => false,
                };
                self.seen.owed |= looks && !sky.phone;
            }
            Note::Promised => self.seen.served = true,
            Note::Trouble { .. } => self.seen.trouble = true,
            _ => {}
        }
    }

    /// What was told to the end.
    fn heard(&mut self, phrase: &Phrase) {
        if !self.seen.owed {
            return;
        }
        let tells = |told: &[Phrase]| told.iter().any(|told| phrase.0.windows(told.0.len()).any(|part| part == told.0));
        self.seen.hours |= tells(&self.owed.hours);
        self.seen.contact |= tells(&self.owed.contact);
    }
}

/// What is said to who is told that it has closed, in both languages.
const CLOSED: [&str; 4] = [
    "Nous venons de fermer.",
    "Nous venons de fermer, mais nous",
    "We have just closed.",
    "We have just closed, but we",
];
/// What is said before a queue.
const NOTICES: [&str; 2] = ["Cet appel peut être", "This call may be"];
