//! Which steps and ways out of steps have been taken by calls, and which have not.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::base::Digit;
use crate::flow::{Program, StepId, StepKind};

/// What leads a caller out of a step. `0`, `*` and `#` do so everywhere and are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The step is over.
    Then,
    /// A choice of a menu.
    Key(Digit),
    /// An offer of a queue.
    Offer(Digit),
    /// The caller pressed nothing.
    Silence,
    /// The caller pressed keys that are no choice.
    WrongKeys,
    /// It is open.
    Open,
    /// It is closed.
    Closed,
    /// The condition at this place of the list, from 0, is the first that holds.
    Condition(usize),
    /// No condition holds.
    Otherwise,
    /// The server has answered a look-up.
    Answered,
    /// A number was typed.
    Typed,
    /// None was, or none that is long enough.
    NotTyped,
    /// An agent, or the outside number, has talked with the caller.
    Talked,
    /// No agent can be hoped for.
    Nobody,
    /// The queue takes nobody more.
    Full,
    /// The longest wait is over.
    Long,
    /// The outside number, or the server, does not answer.
    Failed,
    /// A message is kept.
    Message,
    /// No message is.
    NoMessage,
    /// A callback is promised.
    Promised,
    /// None is.
    NotPromised,
    /// A mark is given.
    Mark,
    /// None is.
    NoMark,
    /// The call ends.
    End,
}

impl Way {
    /// The words of a report.
    pub fn words(self) -> String {
        let word = match self {
            Self::Key(key) => return format!("key {key}"),
            Self::Offer(key) => return format!("offer {key}"),
            Self::Condition(at) => return format!("condition {}", at + 1),
            Self::Otherwise => "else",
            Self::Answered => "answered",
            Self::Then => "then",
            Self::Silence => "silence",
            Self::WrongKeys => "wrong keys",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Typed => "typed",
            Self::NotTyped => "not typed",
            Self::Talked => "talked",
            Self::Nobody => "nobody",
            Self::Full => "full",
            Self::Long => "long",
            Self::Failed => "failed",
            Self::Message => "message",
            Self::NoMessage => "no message",
            Self::Promised => "promised",
            Self::NotPromised => "not promised",
            Self::Mark => "mark",
            Self::NoMark => "no mark",
            Self::End => "end",
        };
        word.to_owned()
    }
}

/// One way out of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The step.
    pub step: StepId,
    /// What leads out of it.
    pub way: Way,
    /// Where to; nothing where the call ends, or goes on in the same step.
    pub to: Option<StepId>,
}

/// Every way out of every step of a flow, in the order of the file.
pub fn exits(program: &Program) -> Vec<Exit> {
    let ids = (0..program.steps.len()).filter_map(|at| u32::try_from(at).ok()).map(StepId);
    ids.flat_map(|step| ways(program, step).into_iter().map(move |(way, to)| Exit { step, way, to })).collect()
}

fn ways(program: &Program, id: StepId) -> Vec<(Way, Option<StepId>)> {
    let agent = Some(program.agent);
    match &program.step(id).kind {
        StepKind::Say(say) => vec![(Way::Then, Some(say.then))],
        StepKind::Tell(tell) => vec![(Way::Then, Some(tell.then))],
        StepKind::Lookup(lookup) => vec![(Way::Answered, Some(lookup.then)), (Way::Failed, Some(lookup.failed))],
        StepKind::Set(set) => vec![(Way::Then, Some(set.then))],
        StepKind::Goto(goto) => vec![(Way::Then, Some(goto.to))],
        StepKind::Choose(choose) => (choose.branches.iter().enumerate())
            .map(|(at, branch)| (Way::Condition(at), Some(branch.go)))
            .chain([(Way::Otherwise, Some(choose.otherwise))])
            .collect(),
        StepKind::Menu(menu) => (menu.choices.iter().map(|choice| (Way::Key(choice.key), Some(choice.go))))
            .chain([(Way::Silence, agent), (Way::WrongKeys, agent)])
            .collect(),
        StepKind::Hours(hours) => vec![(Way::Open, Some(hours.open)), (Way::Closed, Some(hours.closed))],
        StepKind::Collect(collect) => vec![(Way::Typed, Some(collect.then)), (Way::NotTyped, agent)],
        StepKind::Queue(queue) => {
            let ends = program.queue(&queue.queue).is_some_and(|rules| rules.max_wait.is_some());
            let offers = queue.busy.iter().flat_map(|busy| &busy.offers);
            [(Way::Talked, queue.answered), (Way::Nobody, Some(queue.nobody)), (Way::Full, Some(queue.full))]
                .into_iter()
                .chain(ends.then_some((Way::Long, Some(queue.long))))
                .chain([(Way::Closed, queue.closed.or(program.closed))])
                .chain(offers.map(|offer| (Way::Offer(offer.key), None)))
                .collect()
        }
        StepKind::Transfer(transfer) => vec![(Way::Talked, transfer.then), (Way::Failed, Some(transfer.failed))],
        // Where the flow says nothing, who has not come to an agent in opening hours is led there.
        StepKind::Voicemail(voicemail) => {
            vec![(Way::Message, voicemail.then), (Way::NoMessage, voicemail.then.or(agent))]
        }
        StepKind::Callback(callback) => {
            vec![(Way::Promised, callback.then), (Way::NotPromised, callback.otherwise.or(agent))]
        }
        StepKind::Survey(survey) => vec![(Way::Mark, survey.then), (Way::NoMark, survey.then)],
        StepKind::Hangup(_) => vec![(Way::End, None)],
    }
}

/// The steps and ways out that calls have taken in one flow.
#[derive(Clone, Debug)]
pub struct Coverage {
    program: Arc<Program>,
    steps: BTreeSet<Arc<str>>,
    ways: BTreeSet<(Arc<str>, Way)>,
}

impl Coverage {
    /// Nothing has been taken yet.
    pub fn new(program: Arc<Program>) -> Self {
        Self { program, steps: BTreeSet::new(), ways: BTreeSet::new() }
    }

    /// The flow.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// A call came to this step.
    pub fn step(&mut self, step: Arc<str>) {
        self.steps.insert(step);
    }

    /// A call left a step in this way.
    pub fn way(&mut self, step: Arc<str>, way: Way) {
        self.ways.insert((step, way));
    }

    /// Takes over what other calls have taken; answers whether any of it is new.
    pub fn add(&mut self, other: &Self) -> bool {
        let before = self.steps.len() + self.ways.len();
        self.steps.extend(other.steps.iter().cloned());
        self.ways.extend(other.ways.iter().cloned());
        self.steps.len() + self.ways.len() > before
    }

    /// How many steps there are, and those that no call came to.
    pub fn steps(&self) -> (usize, Vec<Arc<str>>) {
        let all = self.program.steps.iter().map(|step| &step.name);
        (self.program.steps.len(), all.filter(|name| !self.steps.contains(*name)).cloned().collect())
    }

    /// How many ways out there are, and those that no call took.
    pub fn ways(&self) -> (usize, Vec<Exit>) {
        let all = exits(&self.program);
        let taken = |exit: &Exit| self.ways.contains(&(Arc::clone(&self.program.step(exit.step).name), exit.way));
        (all.len(), all.iter().filter(|exit| !taken(exit)).cloned().collect())
    }
}
