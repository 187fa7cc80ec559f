use std::sync::Arc;
use std::time::Duration;

use super::answering::Answering;
use super::coverage::Coverage;
use super::crowd::{Crowd, OURS};
use super::lookups::LookUps;
use super::notebook::Notebook;
use super::retrace::Told;
use super::scenario::Scenario;
use super::telling::{Outside, Sounding};
use super::trail::Trail;
use super::transcript::{Line, What, Who, moment};
use crate::base::{Digit, Instant, Language, Now};
use crate::call::{By, Ending};
use crate::callback::About;
use crate::engine::{Action, BookAsk, BookNews, Input, Keys, Machine};
use crate::flow::Service;
use crate::queue::Join;
use crate::speech::{Fragment, Phrase, estimated_length};

/// One caller in one flow on a virtual clock.
pub struct Simulation<'a> {
    pub(super) scenario: Scenario,
    pub(super) lengths: &'a dyn Fn(&Fragment) -> Duration,
    pub(super) machine: Machine,
    pub(super) crowd: Crowd,
    pub(super) notebook: Notebook,
    /// Since when the caller waits.
    pub(super) waits: Option<Now>,
    pub(super) now: Now,
    pub(super) sounding: Option<Sounding>,
    pub(super) outside: Option<Outside>,
    pub(super) answering: Answering,
    pub(super) lookups: LookUps,
    /// The rank that was logged last.
    pub(super) rank: Option<usize>,
    pub(super) lines: Vec<Line>,
    pub(super) trail: Trail,
    /// What a real call's record would tell.
    pub(super) story: Vec<Told>,
    /// The lines before which the caller was asked for a key and pressed none.
    pub(super) silences: Vec<usize>,
    pub(super) seen: Seen,
    /// The hours as they were told when the call began, in each language that was spoken.
    pub(super) hours: Vec<(Language, Phrase)>,
    pub(super) ending: Option<Ending>,
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
        let trail = Trail::new(Arc::clone(&scenario.program));
        let mut simulation = Self {
            machine: Machine::new(Arc::clone(&scenario.program), scenario.caller.clone()),
            crowd: Crowd::new(now.mono, &scenario),
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
            trail,
            silences: Vec::new(),
            story: Vec::new(),
            seen: Seen::default(),
            hours: Vec::new(),
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

    /// The steps that were come to, and the ways that led out of them.
    pub fn taken(&self) -> &Coverage {
        self.trail.taken()
    }

    /// What the flow did, in the words of a real call's record.
    pub(super) fn story(&self) -> &[Told] {
        &self.story
    }

    /// The service that is called.
    pub fn service(&self) -> &Arc<Service> {
        &self.scenario.service
    }

    /// The keys that were pressed, in order.
    pub fn keys(&self) -> impl Iterator<Item = Digit> {
        self.lines.iter().filter_map(|line| match line.what {
            What::Key { digit, .. } => Some(digit),
            _ => None,
        })
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

    /// Whether nothing will be heard until the caller presses a key, or has been silent for long enough.
    pub fn asks(&self) -> bool {
        self.waits_for_key() && self.sounding.is_none() && self.answering.deadline().is_none()
    }

    /// The caller presses a key.
    pub fn press(&mut self, digit: Digit) {
        if self.ending.is_some() {
            return;
        }
        let asked = self.asks();
        self.log(Who::Caller, What::Key { digit, asked }, digit.to_string());
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
        let (asked, before) = (self.asks(), self.lines.len());
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
        if asked && self.lines.len() > before {
            self.silences.push(before);
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
        self.log(Who::Call, What::Begins, format!("appel vers {to} ({when})"));
        self.tell(Input::Answered);
    }

    fn next(&self) -> Option<Instant> {
        let sound = self.sounding.as_ref().and_then(|sounding| sounding.ends);
        let [outside, answering] = [self.outside_due(), self.answering.deadline()];
        let lookup = self.lookups.deadline();
        let due = [sound, self.machine.deadline(), outside, answering, lookup, self.crowd.deadline()];
        due.into_iter().flatten().min().map(|next| next.max(self.now.mono))
    }

    pub(super) fn tell(&mut self, input: Input) {
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
            Action::Answer => self.log(Who::Call, What::Answered, "décroché".to_owned()),
            Action::AskPlace => self.crowd.ask_place(self.now.mono),
            Action::Leave => {
                self.log(Who::Queue, What::Leaves, "quitte la file".to_owned());
                self.crowd.leave(self.now.mono);
            }
            Action::LookUp(order) => self.lookups.ask(self.now.mono, &order, &self.scenario.answers),
            Action::Transfer { to, ring } => self.rings_outside(&to, ring),
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
                    self.log(Who::Queue, What::Ticket { rank }, format!("le rappel garde le rang {rank}"));
                }
            }
            None => self.crowd.leave(self.now.mono),
        }
    }

    fn end(&mut self, by: By, why: &'static str) {
        self.sounding = None;
        self.outside = None;
        self.crowd.leave(self.now.mono);
        if by == By::Flow {
            self.trail.ended(self.now.wall);
        }
        let ending = Ending { by, why };
        self.ending = Some(ending);
        let who = match by {
            By::Caller => "l'appelant raccroche",
            By::Agent => "l'agent raccroche",
            By::Flow => "le service raccroche",
            By::Peer | By::Us => "l'appel est coupé",
        };
        self.log(Who::Call, What::Ends(ending), format!("fin : {who} ({why})"));
    }

    pub(super) fn log(&mut self, who: Who, what: What, text: String) {
        self.lines.push(Line { at: self.elapsed(), who, text, what });
    }
}
