use std::collections::VecDeque;
use std::sync::Arc;

use super::io::{Action, Deadline, Input, Note};
use super::outbox::Outbox;
use super::reminder::BookLine;
use super::rounds::{Rounds, Verdict};
use super::speaking::{Manner, Then};
pub(super) use super::state::{Next, State, Timer};
use super::values::Values;
use crate::base::{Digit, Language, Now, PhoneNumber, TimerTable};
use crate::flow::{Answering, Program, StepId, StepKind};
use crate::speech::{self, Sentence};

/// Runs one caller through a flow.
///
/// **One input in, then drain every action, then the next input**: [`Self::handle`],
/// then [`Self::poll`] until it has nothing more; [`Self::deadline`] says when it
/// wants an [`Input::Tick`] at the latest.
#[derive(Clone, Debug)]
pub struct Machine {
    pub(super) program: Arc<Program>,
    pub(super) language: Language,
    /// The step that runs.
    pub(super) step: StepId,
    pub(super) state: State,
    /// The menus that led here, each once, the latest last: where `*` goes back to.
    pub(super) menus: Vec<StepId>,
    /// Keys for the next step that wants one.
    pub(super) ahead: VecDeque<Digit>,
    /// Whether words are heard that no key stops: keys wait for their end.
    pub(super) deaf: bool,
    pub(super) timers: TimerTable<Timer>,
    pub(super) rounds: Rounds,
    /// Set from the moment that the caller is led to the agent until a queue or a
    /// transfer takes over and says it.
    pub(super) lead: Option<Sentence>,
    pub(super) out: Outbox,
    /// Whether the caller was led to an agent in opening hours, whatever became of it.
    pub(super) agent_tried: bool,
    /// Whether the notice has been heard to its end.
    pub(super) noticed: bool,
    pub(super) book: BookLine,
    pub(super) caller: Option<PhoneNumber>,
    /// What the call keeps under the names of the flow's variables.
    pub(super) values: Values,
    /// Whether the call is heard but not answered yet.
    pub(super) unanswered: bool,
    /// How many servers it has asked.
    pub(super) lookups: u32,
}

impl Machine {
    /// A call from this number, not answered yet; a withheld number is `None`.
    pub fn new(program: Arc<Program>, caller: Option<PhoneNumber>) -> Self {
        Self {
            language: program.language,
            step: program.start,
            state: State::Ringing,
            menus: Vec::new(),
            ahead: VecDeque::new(),
            deaf: false,
            timers: TimerTable::default(),
            rounds: Rounds::default(),
            lead: None,
            out: Outbox::default(),
            agent_tried: false,
            noticed: false,
            book: BookLine::default(),
            caller,
            values: Values::new(&program.variables),
            lookups: 0,
            unanswered: program.answer == Answering::WhenNeeded,
            program,
        }
    }

    /// Takes one input.
    pub fn handle(&mut self, now: Now, input: Input) {
        if matches!(self.state, State::Over) {
            return;
        }
        match input {
            Input::Answered => self.answered(now),
            Input::Digit(digit) => {
                self.rounds.key();
                if !self.keeps_key(digit) {
                    let next = self.key(now, digit);
                    self.follow(now, next);
                }
            }
            Input::Finished(play) => {
                if self.out.finished(play) {
                    let next = self.finished(now);
                    self.follow(now, next);
                }
            }
            Input::Tick => {
                while let Some(timer) = self.timers.pop(now.mono) {
                    let next = self.expired(now, timer);
                    self.follow(now, next);
                }
            }
            Input::Queue(news) => {
                let next = self.queue_news(now, news);
                self.follow(now, next);
            }
            Input::Transfer(news) => {
                let next = self.transfer_news(news);
                self.follow(now, next);
            }
            Input::Message(news) => {
                let next = self.message_news(now, news);
                self.follow(now, next);
            }
            Input::LookUp(news) => {
                let next = self.lookup_news(news);
                self.follow(now, next);
            }
            Input::Book(news) => {
                let next = self.book_news(now, news);
                self.follow(now, next);
            }
            Input::HungUp => {
                self.out.forget();
                self.end();
            }
        }
        self.out.settle();
    }

    /// The next action, if there is one.
    pub fn poll(&mut self) -> Option<Action> {
        self.out.poll()
    }

    /// When it wants an [`Input::Tick`] at the latest.
    pub fn deadline(&self) -> Deadline {
        self.timers.next().map(|(at, _)| at)
    }

    /// The language that the caller is spoken to in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether a key would be taken by the step that runs, rather than cut what is said.
    pub fn wants_key(&self) -> bool {
        match &self.state {
            State::Choosing(_)
            | State::Collecting(_)
            | State::Waiting(_)
            | State::Noting(_)
            | State::Recording(_)
            | State::Asking(_) => true,
            State::Ringing
            | State::Speaking(_)
            | State::Reminding(_)
            | State::LookingUp(_)
            | State::Transferring
            | State::Talking { .. }
            | State::Over => false,
        }
    }

    /// Whether the flow has ended: nothing comes out any more.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    fn answered(&mut self, now: Now) {
        if !matches!(self.state, State::Ringing) {
            return;
        }
        let next = if self.is_relayed() { Next::Agent } else { Next::Go(self.program.start) };
        self.follow(now, next);
    }

    pub(super) fn key(&mut self, now: Now, digit: Digit) -> Next {
        match &self.state {
            State::Ringing | State::Transferring | State::Talking { .. } | State::Over => Next::Stay,
            State::Speaking(_) => self.speaking_key(now, digit),
            State::Choosing(_) => self.menu_key(now, digit),
            State::Collecting(_) => self.collect_key(now, digit),
            State::Waiting(_) => self.queue_key(now, digit),
            State::Noting(_) => self.noting_key(now, digit),
            State::Reminding(_) => self.reminder_key(now, digit),
            State::LookingUp(_) => self.lookup_key(digit),
            State::Recording(_) => self.voicemail_key(now, digit),
            State::Asking(_) => self.survey_key(now, digit),
        }
    }

    fn finished(&mut self, now: Now) -> Next {
        let waited = std::mem::take(&mut self.deaf) && !self.ahead.is_empty();
        if waited && !matches!(self.state, State::Speaking(_)) {
            return self.take_kept(now);
        }
        match &self.state {
            State::Ringing | State::Talking { .. } | State::Over => Next::Stay,
            State::Speaking(_) => self.spoken(now),
            State::Choosing(_) => self.menu_heard(now),
            State::Collecting(_) => self.collect_heard(now),
            State::Waiting(_) => self.queue_heard(now),
            State::Noting(_) => self.noting_heard(now),
            State::Reminding(_) => self.reminder_heard(now),
            State::LookingUp(_) => self.lookup_heard(),
            State::Transferring => self.transfer_heard(),
            State::Recording(_) => self.voicemail_heard(now),
            State::Asking(_) => self.survey_heard(now),
        }
    }

    fn expired(&mut self, now: Now, timer: Timer) -> Next {
        match timer {
            Timer::Patience => {
                self.rounds.waited();
                match &self.state {
                    State::Choosing(_) => self.menu_silence(now),
                    State::Collecting(_) => self.collect_silence(now),
                    State::Asking(_) => self.survey_silence(now),
                    State::Recording(_) => self.message_silence(now),
                    State::Noting(_) => self.noting_silence(now),
                    State::Reminding(_) => self.reminder_over(),
                    State::Ringing
                    | State::Speaking(_)
                    | State::Waiting(_)
                    | State::LookingUp(_)
                    | State::Transferring
                    | State::Talking { .. }
                    | State::Over => Next::Stay,
                }
            }
            Timer::Listen => self.listen(now),
            Timer::NextDigit if matches!(self.state, State::Noting(_)) => self.number_typed(now),
            Timer::NextDigit => self.collect_ended(now),
            Timer::Announce => self.announcement_due(now),
            Timer::Place => self.place_overdue(now),
            Timer::Closing => self.queue_still_open(now),
            Timer::Message => self.message_overdue(now),
            Timer::Book => self.book_overdue(now),
            Timer::LookUp => self.lookup_waits(now),
        }
    }

    /// Goes from step to step until one waits.
    fn follow(&mut self, now: Now, mut next: Next) {
        loop {
            next = match next {
                Next::Stay => return,
                Next::Go(step) => self.enter(now, step),
                Next::Back => self.back(now),
                Next::Again => self.enter(now, self.step),
                Next::Agent => self.seek_agent(now),
            };
        }
    }

    pub(super) fn enter(&mut self, now: Now, step: StepId) -> Next {
        self.timers.clear();
        self.deaf = false;
        self.out.interrupt();
        self.message_left_behind();
        match self.rounds.step() {
            Verdict::Fine => {}
            Verdict::GoneRound => {
                self.out.note(Note::Trouble { what: "the flow goes round without waiting" });
                return Next::Agent;
            }
            Verdict::GoneRoundAgain => {
                self.out.note(Note::Trouble { what: "the flow goes round without waiting, also from the agent" });
                return self.say_last(Sentence::TechnicalTrouble, "flow-loop");
            }
        }
        let program = Arc::clone(&self.program);
        let reminds = self.is_reminder_due(&program.step(step).kind);
        if reminds || program.step(step).kind.needs_answer() {
            self.answer();
        }
        if reminds {
            return self.remind(step);
        }
        self.step = step;
        let step = program.step(step);
        self.out.note(Note::Step { name: Arc::clone(&step.name) });
        match &step.kind {
            StepKind::Say(say) => self.enter_say(now, say),
            StepKind::Menu(menu) => self.enter_menu(now, menu),
            StepKind::Hours(hours) => self.enter_hours(now, hours),
            StepKind::Tell(tell) => self.enter_tell(now, tell),
            StepKind::Collect(collect) => self.enter_collect(now, collect),
            StepKind::Set(set) => self.enter_set(set),
            StepKind::Choose(choose) => self.enter_choose(now, choose),
            StepKind::Goto(goto) => Next::Go(goto.to),
            StepKind::Lookup(lookup) => self.enter_lookup(now, lookup),
            StepKind::Queue(queue) => self.enter_queue(now, queue),
            StepKind::Transfer(transfer) => self.enter_transfer(now, transfer),
            StepKind::Voicemail(voicemail) => self.enter_voicemail(now, voicemail),
            StepKind::Callback(_) => self.enter_callback(now),
            StepKind::Survey(survey) => self.enter_survey(now, survey),
            StepKind::Hangup(hangup) => self.enter_hangup(now, hangup),
        }
    }

    /// Answers a call that has only been heard so far.
    fn answer(&mut self) {
        if std::mem::take(&mut self.unanswered) {
            self.out.push(Action::Answer);
        }
    }

    /// The way out of everything: notes that an agent is wanted and goes there.
    fn seek_agent(&mut self, now: Now) -> Next {
        self.ahead.clear();
        self.lead = Some(Sentence::ToAgent);
        self.note_asked(now);
        Next::Go(self.program.agent)
    }

    pub(super) fn note_asked(&mut self, now: Now) {
        let open = self.is_open(now);
        self.out.note(Note::AskedAgent { open });
    }

    pub(super) fn is_open(&self, now: Now) -> bool {
        self.program.card.is_open(crate::service::HoursKind::Phone, now.wall)
    }

    /// Says a last sentence and ends the call.
    pub(super) fn say_last(&mut self, sentence: Sentence, why: &'static str) -> Next {
        let phrase = speech::sentence(self.language, sentence);
        self.speak(phrase, Manner::Last, Then::Hangup(why))
    }

    pub(super) fn hang_up(&mut self, why: &'static str) -> Next {
        self.out.hang_up(why);
        self.end();
        Next::Stay
    }

    fn end(&mut self) {
        self.timers.clear();
        self.ahead.clear();
        self.state = State::Over;
    }

    /// After a talk: on as the flow says, else the call ends.
    pub(super) fn talk_ended(&mut self) -> Next {
        let State::Talking { then } = &self.state else { return Next::Stay };
        match *then {
            Some(step) => Next::Go(step),
            None => self.hang_up("flow-end"),
        }
    }

    /// Caller and human hear each other: everything else stops at once.
    pub(super) fn talk(&mut self, then: Option<StepId>) -> Next {
        self.timers.clear();
        self.out.interrupt();
        self.rounds.talked();
        self.state = State::Talking { then };
        Next::Stay
    }
}
