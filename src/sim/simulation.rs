use std::sync::Arc;
use std::time::Duration;

use super::answering::{Answering, SPOKEN};
use super::crowd::{Crowd, News, OURS};
use super::lookups::LookUps;
use super::notebook::Notebook;
use super::scenario::{Scenario, estimated_length};
use super::transcript::{Line, Who, moment, sentences};
use crate::base::{Chance, Digit, Instant, Now, PlayId};
use crate::call::{By, Ending};
use crate::callback::About;
use crate::engine::{Action, BookAsk, BookNews, Input, Keys, Machine, Place, QueueNews, Sound, TransferNews};
use crate::queue::Join;
use crate::service::Topic;
use crate::speech::{self, Fragment, Phrase, Sentence};

/// One caller in one flow on a virtual clock.
pub struct Simulation<'a> {
    scenario: Scenario,
    lengths: &'a dyn Fn(&Fragment) -> Duration,
    machine: Machine,
    crowd: Crowd,
    notebook: Notebook,
    /// Since when the caller waits.
    waits: Option<Now>,
    now: Now,
    sounding: Option<Sounding>,
    outside: Option<Outside>,
    answering: Answering,
    lookups: LookUps,
    /// The rank that was logged last.
    rank: Option<usize>,
    lines: Vec<Line>,
    pub(super) seen: Seen,
    ending: Option<Ending>,
}

/// What the caller hears.
struct Sounding {
    play: PlayId,
    /// When it ends; music does not.
    ends: Option<Instant>,
    keys: Keys,
}

/// The outside number of a transfer.
enum Outside {
    Rings { until: Instant },
    Talks { until: Instant },
}

/// What became of the caller, for judging a flow.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// A human was reached.
    pub(super) talked: bool,
    /// The caller was told that nobody is there, or that too many wait.
    pub(super) refused: bool,
    /// The caller was told the hours, or that it has just closed.
    pub(super) truth: bool,
    /// A call back was promised.
    pub(super) promised: bool,
    /// An agent was asked for in opening hours.
    pub(super) asked: bool,
    /// The flow went round.
    pub(super) trouble: Option<&'static str>,
}

impl<'a> Simulation<'a> {
    /// A call that has just been answered; `lengths` says how long a clip lasts.
    pub fn new(scenario: Scenario, lengths: &'a dyn Fn(&Fragment) -> Duration) -> Self {
        let now = Now { mono: Instant::START, wall: scenario.at };
        let chance = Chance::seeded(scenario.seed);
        let queues = &scenario.service.queues;
        let mut simulation = Self {
            machine: Machine::new(Arc::clone(&scenario.program), scenario.caller.clone()),
            crowd: Crowd::new(now.mono, queues, scenario.waiting, scenario.agents, chance),
            notebook: Notebook::new(now, &scenario.service),
            waits: None,
            scenario,
            lengths,
            now,
            sounding: None,
            outside: None,
            answering: Answering::default(),
            lookups: LookUps::default(),
            rank: None,
            lines: Vec::new(),
            seen: Seen::default(),
            ending: None,
        };
        simulation.begin();
        simulation
    }

    /// The same with lengths that are estimated from the words.
    pub fn estimated(scenario: Scenario) -> Self {
        Self::new(scenario, &estimated_length)
    }

    /// What has happened until now.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// How it ended, once it has.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// The time since the call began.
    pub fn elapsed(&self) -> Duration {
        self.now.mono.since_start()
    }

    /// When the next thing happens by itself, as the time since the call began.
    pub fn next_at(&self) -> Option<Duration> {
        self.next().map(Instant::since_start)
    }

    /// Whether the flow waits for a key and nothing but music is heard.
    pub fn waits_for_key(&self) -> bool {
        let speaks = self.sounding.as_ref().is_some_and(|sounding| sounding.ends.is_some());
        self.ending.is_none() && !speaks && self.machine.wants_key()
    }

    /// The caller presses a key.
    pub fn press(&mut self, digit: Digit) {
        if self.ending.is_some() {
            return;
        }
        self.log(Who::Caller, digit.to_string());
        // As the media plane does by itself.
        self.sounding.take_if(|sounding| sounding.keys == Keys::Stop);
        self.tell(Input::Digit(digit));
    }

    /// The caller hangs up.
    pub fn hang_up(&mut self) {
        if self.ending.is_none() {
            self.tell(Input::HungUp);
            self.end(By::Caller, "hangup");
        }
    }

    /// Lets the next thing happen; `false` when nothing will ever happen by itself.
    pub fn advance_to_next(&mut self) -> bool {
        let Some(next) = self.next().filter(|_| self.ending.is_none()) else { return false };
        self.now = self.now + next.since(self.now.mono);
        if let Some(sounding) = self.sounding.take_if(|s| s.ends.is_some_and(|ends| ends <= next)) {
            self.tell(Input::Finished(sounding.play));
        } else if self.machine.deadline().is_some_and(|deadline| deadline <= next) {
            self.tell(Input::Tick);
        } else if self.outside_due().is_some_and(|due| due <= next) {
            self.outside_goes_on();
        } else if let Some(news) = self.lookups.due(next) {
            self.tell(Input::LookUp(news));
        } else if self.answering.deadline().is_some_and(|due| due <= next) {
            self.answering.tick();
            self.drain();
        } else {
            self.crowd.tick(self.now.mono);
            self.drain();
        }
        true
    }

    /// Lets time pass until this long after the call began.
    pub fn advance_to(&mut self, at: Duration) {
        let at = Instant::from_start(at);
        while self.next().is_some_and(|next| next <= at) && self.advance_to_next() {}
        if self.ending.is_none() {
            self.now = self.now + at.since(self.now.mono);
        }
    }

    /// Lets this much time pass.
    pub fn advance_by(&mut self, time: Duration) {
        self.advance_to(self.elapsed() + time);
    }

    /// Runs until the flow waits for a key, or the call is over.
    pub fn run_until_idle(&mut self) {
        while !self.waits_for_key() && self.advance_to_next() {}
    }

    /// Runs to the end of the call; a call that lasts longer than `longest` is ended.
    pub fn run_to_end(&mut self, longest: Duration) {
        while self.next_at().is_some_and(|next| next <= longest) && self.advance_to_next() {}
        if self.ending.is_none() {
            self.advance_to(longest);
            self.tell(Input::HungUp);
            self.end(By::Us, "too-long");
        }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen
    }

    pub(super) fn is_open(&self) -> bool {
        self.scenario.program.card.phone_hours.is_open(self.now.wall)
    }

    fn begin(&mut self) {
        let program = Arc::clone(&self.scenario.program);
        let to = program.numbers.last().map_or_else(|| program.name.to_string(), ToString::to_string);
        let when = moment(&program.card.phone_hours, self.now.wall);
        self.log(Who::Call, format!("appel vers {to} ({when})"));
        self.tell(Input::Answered);
    }

    fn next(&self) -> Option<Instant> {
        let sound = self.sounding.as_ref().and_then(|sounding| sounding.ends);
        let [outside, answering] = [self.outside_due(), self.answering.deadline()];
        let lookup = self.lookups.deadline();
        let due = [sound, self.machine.deadline(), outside, answering, lookup, self.crowd.deadline()];
        due.into_iter().flatten().min().map(|next| next.max(self.now.mono))
    }

    fn tell(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.drain();
    }

    /// Every action of the machine and all news of the queue, until both are quiet.
    fn drain(&mut self) {
        loop {
            if let Some(action) = self.machine.poll() {
                self.act(action);
            } else if let Some(news) = self.crowd.poll() {
                self.queue_says(news);
            } else if let Some(news) = self.answering.poll() {
                self.machine.handle(self.now, Input::Message(news));
            } else {
                return;
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Play { play, sound, keys } => self.play(play, &sound, keys),
            Action::Stop => self.sounding = None,
            Action::Join { queue, needs, priority } => {
                self.waits.get_or_insert(self.now);
                self.crowd.join(self.now.mono, Join { needs, priority, ..Join::new(OURS, queue) });
            }
            Action::AskPlace => self.crowd.ask_place(self.now.mono),
            Action::Leave => {
                self.log(Who::Queue, "quitte la file".to_owned());
                self.crowd.leave(self.now.mono);
            }
            Action::Transfer { to, ring } => {
                self.log(Who::Agent, format!("ça sonne au {to}"));
                self.outside = Some(Outside::Rings { until: self.now.mono + ring.min(PICKS_UP) });
            }
            Action::LookUp(order) => self.lookups.ask(self.now.mono, &order, &self.scenario.answers),
            Action::Message(order) => self.answering.handle(self.now.mono, order),
            Action::Book(ask) => self.ask_book(ask),
            Action::Hangup { why } => self.end(By::Flow, why),
            Action::Note(note) => self.note(note),
        }
    }

    /// The book answers at once, and a ticket takes the caller's place, or waits at home.
    fn ask_book(&mut self, ask: BookAsk) {
        let since = self.waits.unwrap_or(self.now).wall;
        let about = About { caller: None, language: self.machine.language(), since, reason: None };
        for news in self.notebook.ask(self.now, ask, about) {
            if matches!(news, BookNews::Promised { .. }) {
                self.seen.promised = true;
                self.give_up_place();
            }
            self.machine.handle(self.now, Input::Book(news));
        }
    }

    /// Our caller waits no more: the ticket does, if it is due.
    fn give_up_place(&mut self) {
        match self.notebook.line() {
            Some(line) => {
                if let Some(rank) = self.crowd.hand_over(self.now.mono, line) {
                    self.log(Who::Queue, format!("le rappel garde le rang {rank}"));
                }
            }
            None => self.crowd.leave(self.now.mono),
        }
    }

    fn play(&mut self, play: PlayId, sound: &Sound, keys: Keys) {
        let ends = match sound {
            Sound::Phrase(phrase) => {
                self.log(Who::Service, sentences(phrase));
                self.seen.truth = self.seen.truth || self.is_truth(phrase);
                let length: Duration = phrase.0.iter().map(self.lengths).sum();
                Some(self.now.mono + length.max(SHORTEST))
            }
            Sound::Music { name, .. } => {
                self.log(Who::Music, name.to_string());
                None
            }
            Sound::Beep => {
                self.log(Who::Service, "bip".to_owned());
                Some(self.now.mono + SHORTEST)
            }
            Sound::Message(_) => {
                self.log(Who::Service, "le message".to_owned());
                Some(self.now.mono + SPOKEN)
            }
        };
        self.sounding = Some(Sounding { play, ends, keys });
    }

    fn is_truth(&self, phrase: &Phrase) -> bool {
        let language = self.machine.language();
        let hours = speech::tell(language, &self.scenario.program.card, Topic::Hours, self.now.wall);
        let closed = speech::sentence(language, Sentence::ClosedWhileWaiting);
        [hours, closed].iter().any(|said| !said.is_empty() && phrase.0.windows(said.0.len()).any(|part| part == said.0))
    }

    fn queue_says(&mut self, news: News) {
        let news = match news {
            News::Ringing(agent) => {
                self.log(Who::Agent, format!("ça sonne chez {agent}"));
                return self.machine.handle(self.now, Input::Queue(QueueNews::Ringing));
            }
            News::Queue(news) => news,
        };
        let (who, text) = match &news {
            QueueNews::Joined { rank } => (Who::Queue, format!("entre dans la file, rang {rank}")),
            QueueNews::Place(place) if self.rank == Some(place.rank) => {
                return self.machine.handle(self.now, Input::Queue(news));
            }
            QueueNews::Place(place) => (Who::Queue, format!("rang {}", place.rank)),
            QueueNews::Full => (Who::Queue, "la file est pleine".to_owned()),
            QueueNews::Nobody => (Who::Queue, "aucun agent n'est connecté".to_owned()),
            QueueNews::TimedOut => (Who::Queue, "l'attente la plus longue est passée".to_owned()),
            QueueNews::Connected { agent } => (Who::Agent, format!("{agent} répond")),
            QueueNews::TalkEnded => (Who::Agent, "l'agent raccroche".to_owned()),
            QueueNews::Ringing => (Who::Agent, "ça sonne".to_owned()),
            QueueNews::Still => (Who::Agent, "ça ne sonne plus".to_owned()),
        };
        self.log(who, text);
        if let QueueNews::Joined { rank } | QueueNews::Place(Place { rank, .. }) = news {
            self.rank = Some(rank);
        }
        self.seen.talked |= matches!(news, QueueNews::Connected { .. });
        self.seen.refused |= matches!(news, QueueNews::Full | QueueNews::Nobody | QueueNews::TimedOut);
        self.machine.handle(self.now, Input::Queue(news));
    }

    fn outside_due(&self) -> Option<Instant> {
        self.outside.as_ref().map(|(Outside::Rings { until } | Outside::Talks { until })| *until)
    }

    fn outside_goes_on(&mut self) {
        let (next, text, news) = match self.outside.take() {
            Some(Outside::Rings { .. }) => {
                self.seen.talked = true;
                let until = self.now.mono + OUTSIDE_TALK;
                (Some(Outside::Talks { until }), "le correspondant répond", TransferNews::Connected)
            }
            Some(Outside::Talks { .. }) => (None, "le correspondant raccroche", TransferNews::TalkEnded),
            None => return,
        };
        self.outside = next;
        self.log(Who::Agent, text.to_owned());
        self.tell(Input::Transfer(news));
    }

    fn end(&mut self, by: By, why: &'static str) {
        self.sounding = None;
        self.outside = None;
        self.crowd.leave(self.now.mono);
        self.ending = Some(Ending { by, why });
        let who = match by {
            By::Caller => "l'appelant raccroche",
            By::Agent => "l'agent raccroche",
            By::Flow => "le service raccroche",
            By::Peer | By::Us => "l'appel est coupé",
        };
        self.log(Who::Call, format!("fin : {who} ({why})"));
    }

    pub(super) fn log(&mut self, who: Who, text: String) {
        self.lines.push(Line { at: self.elapsed(), who, text });
    }
}

/// No clip is shorter, so that time goes on.
const SHORTEST: Duration = Duration::from_millis(20);
/// An outside number answers after this.
const PICKS_UP: Duration = Duration::from_secs(6);
/// A talk with an outside number lasts this long.
const OUTSIDE_TALK: Duration = Duration::from_secs(180);
