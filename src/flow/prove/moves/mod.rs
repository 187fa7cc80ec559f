//! What can happen in a situation: every way out, for each kind of step.

mod message;
mod queue;

use std::time::Duration;

use super::situation::{By, Facts, Human, Moment, Move, Phone, Situation, To, World};
use super::words::Words;
use crate::base::limits::STEPS_WITHOUT_WAITING;
use crate::base::{Digit, Language};
use crate::flow::{BargeIn, Collect, Hours, Lookup, Pattern, Program, Question, ReadBack, StepId, StepKind};
use crate::service::{HoursKind, Topic};

/// The ways out of one situation, as they are found.
pub(super) struct Ways<'a> {
    program: &'a Program,
    at: Situation,
    /// How long the words of the situation last, in milliseconds.
    pub(super) hears: u32,
    /// How long the words at the beginning of a look-up last, in milliseconds.
    said: u32,
    /// The ways.
    pub(super) moves: Vec<Move>,
}

impl<'a> Ways<'a> {
    /// The ways out of a situation.
    pub(super) fn of(words: &Words<'a>, at: Situation) -> Self {
        let said = match words.program.step(at.step).kind {
            StepKind::Lookup(_) => words.millis(&Situation { moment: Moment::Enter, ..at }),
            _ => 0,
        };
        let mut ways = Self { program: words.program, at, hears: words.millis(&at), said, moves: Vec::new() };
        ways.find();
        ways
    }

    fn find(&mut self) {
        let program = self.program;
        let kind = &program.step(self.at.step).kind;
        if self.hears > 0 && !fault!(ForgetsHeaderKeys) {
            for (key, to) in program.keys.iter().filter(|(key, _)| kind.leaves_to_header(*key)) {
                if !self.is_wanted_next(*key) {
                    self.on(By::Elsewhere(*key), *to);
                }
            }
        }
        if let Some(question) = kind.question() {
            self.wrong_answers(question);
        }
        if self.at.moment == Moment::Goodbye {
            self.zero();
            return self.ends();
        }
        match kind {
            StepKind::Say(say) => {
                self.zero();
                self.on(By::Nothing, say.then);
            }
            StepKind::Tell(tell) => self.tell(&tell.topics, tell.then),
            StepKind::Menu(menu) => {
                for (i, choice) in menu.choices.iter().enumerate() {
                    // A key that is not free is told by another rule.
                    let first = menu.choices[..i].iter().all(|other| other.key != choice.key);
                    let by = if choice.key != Digit::ZERO && first {
                        By::Key(choice.key)
                    } else {
                        By::Elsewhere(choice.key)
                    };
                    self.choice(by, choice.go, choice.language);
                }
                self.zero();
                let silences = if fault!(MenusAreSaidOnce) { 0 } else { menu.question.silences };
                self.silence(menu.patience, silences, Silent::Agent);
            }
            StepKind::Hours(hours) => self.hours(hours.kind, hours.open, hours.closed),
            StepKind::Set(set) => self.on(By::Nothing, set.then),
            StepKind::Goto(goto) => self.on(By::Nothing, goto.to),
            StepKind::Lookup(lookup) => self.lookup(lookup),
            StepKind::Choose(choose) => {
                for step in choose.branches.iter().map(|branch| branch.go).chain([choose.otherwise]) {
                    if !(fault!(ConditionsHold) && self.moves.len() == 1) {
                        self.on(By::World(World::Condition), step);
                    }
                }
            }
            StepKind::Collect(collect) => self.collect(collect),
            StepKind::Queue(queue) => self.queue(queue),
            StepKind::Transfer(transfer) => self.transfer(transfer),
            StepKind::Voicemail(voicemail) => self.voicemail(voicemail),
            StepKind::Callback(callback) => self.callback(callback),
            StepKind::Survey(survey) => {
                self.zero();
                match survey.then {
                    Some(then) => self.on(By::Typed(1), then),
                    None => self.stay(By::Typed(1), Moment::Goodbye),
                }
                self.silence(MARK, survey.question.silences, survey.then.map_or(Silent::Goodbye, Silent::On));
            }
            StepKind::Hangup(_) => {
                self.zero();
                self.ends();
            }
        }
    }

    /// What is said to who gives a wrong answer matters where no key stops it; elsewhere the
    /// caller is where the question has led before.
    fn wrong_answers(&mut self, question: &Question) {
        let nth = match self.at.moment {
            Moment::Enter | Moment::Again(_) => 1,
            Moment::Wrong(nth) => nth.saturating_add(1),
            _ => return,
        };
        if question.barge_in == BargeIn::Refused && u32::from(nth) < question.wrong {
            self.stay(By::Wrong, Moment::Wrong(nth));
        }
    }

    /// Whether what comes behind these words has a use of its own for a key of the header,
    /// whatever the hours say then.
    fn is_wanted_next(&self, key: Digit) -> bool {
        let mut todo = match &self.program.step(self.at.step).kind {
            StepKind::Say(say) => vec![say.then],
            StepKind::Tell(tell) => vec![tell.then],
            _ => return false,
        };
        let mut seen = 0;
        while let Some(step) = todo.pop() {
            seen += 1;
            match &self.program.step(step).kind {
                _ if seen > STEPS_WITHOUT_WAITING => return false,
                StepKind::Hours(Hours { kind: HoursKind::Phone, closed, .. }) if self.at.phone == Phone::Closed => {
                    todo.push(*closed);
                }
                StepKind::Hours(hours) => todo.extend([hours.open, hours.closed]),
                StepKind::Goto(goto) => todo.push(goto.to),
                StepKind::Set(set) => todo.push(set.then),
                kind @ (StepKind::Menu(_) | StepKind::Collect(_)) if !kind.leaves_to_header(key) => {}
                _ => return false,
            }
        }
        true
    }

    /// A number is typed; where it is read back it counts once the caller has said so.
    fn collect(&mut self, collect: &Collect) {
        self.zero();
        let nth = match self.at.moment {
            Moment::Confirm(nth) => nth,
            _ => {
                let (keys, read_back) = (fewest_digits(collect), collect.read_back == ReadBack::Yes);
                match read_back && !fault!(ReadsNothingBack) {
                    true => self.stay(By::Typed(keys), Moment::Confirm(0)),
                    false => self.on(By::Typed(keys + u8::from(read_back)), collect.then),
                }
                return self.silence(collect.patience, collect.question.silences, Silent::Agent);
            }
        };
        self.on(By::Key(RIGHT), collect.then);
        let to = match u32::from(nth) < collect.question.silences {
            true => self.here(Moment::Confirm(nth + 1)),
            false => self.to_agent(),
        };
        self.push(By::Nothing, millis(collect.patience), To::At(to));
    }

    /// The caller hears so, then waits for an answer, or for the end of the time, which runs
    /// while words are heard.
    fn lookup(&mut self, lookup: &Lookup) {
        if self.at.moment == Moment::Enter && self.hears > 0 {
            self.zero();
            return self.stay(By::Nothing, Moment::Spoken(0));
        }
        let within = if fault!(AnswersComeAtOnce) { 0 } else { millis(lookup.within).saturating_sub(self.said) };
        self.push(By::World(World::Answers), within, To::At(self.entered(lookup.then, Facts::NONE)));
        if !fault!(LookupsSucceed) {
            self.push(By::World(World::NoAnswer), within, To::At(self.entered(lookup.failed, Facts::NONE)));
        }
        self.push(By::Key(Digit::ZERO), 0, To::At(self.to_agent()));
    }

    fn tell(&mut self, topics: &[Topic], then: StepId) {
        self.zero();
        let told = self.told(topics);
        if fault!(CutIsTold) {
            for way in &mut self.moves {
                if let To::At(to) = &mut way.to {
                    to.facts = to.facts.with(told);
                }
            }
        }
        self.push(By::Nothing, 0, To::At(self.entered(then, told)));
    }

    /// What of the two that a caller is owed is in these topics.
    fn told(&self, topics: &[Topic]) -> Facts {
        let card = &self.program.card;
        let another = !(card.emails.is_empty() && card.websites.is_empty()) || fault!(PhoneIsAnotherWay);
        let mut told = Facts::NONE;
        if topics.contains(&Topic::Hours) {
            told = told.with(Facts::HOURS);
        }
        if topics.contains(&Topic::Contact) && another {
            told = told.with(Facts::CONTACT);
        }
        told
    }

    fn hours(&mut self, kind: HoursKind, open: StepId, closed: StepId) {
        match (kind, self.at.phone) {
            (HoursKind::Desk, _) => self.desk(open, closed),
            (HoursKind::Phone, Phone::Open) => self.on(By::World(World::Open(kind)), open),
            (HoursKind::Phone, Phone::Closed) => self.on(By::World(World::Closed(kind)), closed),
            (HoursKind::Phone, Phone::Since) => {
                self.look(Phone::Open);
                self.on(By::World(World::Open(kind)), open);
                if !fault!(NeverCloses) {
                    self.look(Phone::Closed);
                    self.on(By::World(World::Closed(kind)), closed);
                }
            }
        }
    }

    /// The desk is open or closed; the same in the same moment.
    fn desk(&mut self, open: StepId, closed: StepId) {
        let known = self.at.facts;
        let ways = [
            (World::Open(HoursKind::Desk), open, Facts::DESK_OPEN, Facts::DESK_CLOSED),
            (World::Closed(HoursKind::Desk), closed, Facts::DESK_CLOSED, Facts::DESK_OPEN),
        ];
        for (world, step, fact, other) in ways {
            let overlooked = fault!(DeskIsOpen) && fact == Facts::DESK_CLOSED;
            if !known.has(other) && !overlooked {
                self.push(By::World(world), 0, To::At(self.entered(step, fact)));
            }
        }
    }

    /// The flow looks whether it is open, and finds this.
    fn look(&mut self, phone: Phone) {
        self.at.phone = phone;
        self.at.facts = self.at.facts.without(Facts::HOURS.with(Facts::CONTACT));
    }

    fn choice(&mut self, by: By, go: StepId, language: Option<Language>) {
        let mut to = self.entered(go, Facts::NONE);
        if !fault!(ForgetsLanguages) {
            to.language = language.unwrap_or(to.language);
        }
        self.push(by, 0, To::At(to));
    }

    /// `0`, while something is heard.
    fn zero(&mut self) {
        if self.hears > 0 {
            self.push(By::Key(Digit::ZERO), 0, To::At(self.to_agent()));
        }
    }

    /// Silence behind a question: it is asked again so often, then it goes on.
    fn silence(&mut self, patience: Duration, again: u32, then: Silent) {
        let nth = match self.at.moment {
            Moment::Again(nth) => u32::from(nth),
            _ => 0,
        };
        let pause = millis(patience);
        let to = match then {
            _ if nth < again => self.here(Moment::Again(u8::try_from(nth + 1).unwrap_or(u8::MAX))),
            Silent::Agent => self.to_agent(),
            Silent::On(step) => self.entered(step, Facts::NONE),
            Silent::Goodbye => self.here(Moment::Goodbye),
        };
        self.push(By::Nothing, pause, To::At(to));
    }

    fn ends(&mut self) {
        self.push(By::Nothing, 0, To::End(self.last_words()));
    }

    fn on(&mut self, by: By, step: StepId) {
        self.push(by, 0, To::At(self.entered(step, Facts::NONE)));
    }

    fn stay(&mut self, by: By, moment: Moment) {
        self.push(by, 0, To::At(self.here(moment)));
    }

    fn push(&mut self, by: By, pause: u32, to: To) {
        self.moves.push(Move { to, by, pause });
    }

    /// The agent's step, which `0` and silence lead to.
    fn to_agent(&self) -> Situation {
        let mut to = self.entered(self.program.agent, Facts::NONE);
        if !matches!(self.program.step(to.step).kind, StepKind::Menu(_) | StepKind::Queue(_)) {
            to.facts = to.facts.with(Facts::LEAD);
        }
        to
    }

    /// The beginning of a step, with these told before it.
    fn entered(&self, step: StepId, told: Facts) -> Situation {
        let mut to = self.here(Moment::Enter);
        to.step = step;
        to.facts = to.facts.with(told);
        enter(self.program, to)
    }

    /// Another moment of this step; time has passed where something was heard or waited for.
    fn here(&self, moment: Moment) -> Situation {
        let mut to = Situation { moment, ..self.at };
        if self.takes_time() {
            to.facts = to.facts.without(Facts::OF_THE_MOMENT);
            if to.phone == Phone::Open {
                to.phone = Phone::Since;
            }
        }
        to
    }

    fn takes_time(&self) -> bool {
        let looks_up = matches!(self.program.step(self.at.step).kind, StepKind::Lookup(_));
        looks_up || self.hears > 0 || matches!(self.at.moment, Moment::Waiting | Moment::Spoken(_) | Moment::Promising)
    }
}

/// What becomes of who stays silent.
#[derive(Clone, Copy)]
enum Silent {
    /// The agent.
    Agent,
    /// This step.
    On(StepId),
    /// A good-bye.
    Goodbye,
}

/// The situation at the beginning of its step: what is known is kept as far as it matters.
pub(super) fn enter(program: &Program, mut at: Situation) -> Situation {
    match &program.step(at.step).kind {
        StepKind::Menu(_) => at.facts = at.facts.with(Facts::MENU).without(Facts::LEAD),
        StepKind::Queue(_) => at.facts = at.facts.without(Facts::LEAD),
        StepKind::Transfer(_) => at.human = at.human.max(Human::Called),
        _ => {}
    }
    if at.phone != Phone::Closed || at.human == Human::Served {
        at.facts = at.facts.without(Facts::HOURS.with(Facts::CONTACT));
    }
    at
}

/// The fewest digits that a number has.
pub(super) fn fewest_digits(collect: &Collect) -> u8 {
    let form = &collect.form;
    let patterns = form.patterns.iter().map(Pattern::length).min();
    let digits = patterns.or(form.lengths.iter().copied().min()).unwrap_or(1).max(1);
    u8::try_from(digits).unwrap_or(u8::MAX)
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX / 8)
}

/// The key that says that a number is right, as in the engine.
const RIGHT: Digit = Digit::ONE;
/// How long a caller may think about a mark, as in the engine.
const MARK: Duration = Duration::from_secs(6);
