use std::collections::BTreeSet;

use super::{OfferAction, Program, StepId, StepKind};
use crate::base::Language;
use crate::service::HoursKind;

/// One way out of a step. `0`, which leads to the agent from everywhere, is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    /// Where it leads.
    pub(super) to: StepId,
    /// What makes the caller go there.
    pub(super) by: By,
    /// The language that it switches to.
    pub(super) language: Option<Language>,
}

/// What makes a caller leave a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Nothing: the step is over.
    Itself,
    /// A key, or a typed number.
    Key,
    /// Silence, or wrong keys.
    Silence,
    /// These hours say open.
    Open(HoursKind),
    /// These hours say closed.
    Closed(HoursKind),
    /// What is known of the call, or found out: conditions and look-ups go both ways.
    Condition,
    /// A talk with an agent has ended, or a call back is promised.
    Served,
    /// No agent, a full queue, closing time, or nobody answering.
    Refused,
}

impl By {
    /// Whether a caller goes there in opening hours by pressing nothing; both ways where the
    /// desk's hours, a condition or a look-up decide.
    pub(super) fn is_silent(self) -> bool {
        match self {
            Self::Itself | Self::Silence | Self::Condition | Self::Open(_) | Self::Closed(HoursKind::Desk) => true,
            Self::Key | Self::Closed(HoursKind::Phone) | Self::Served | Self::Refused => false,
        }
    }
}

/// All ways out of a step, the header's keys included.
pub(super) fn exits(program: &Program, id: StepId) -> Vec<Exit> {
    let kind = &program.step(id).kind;
    let of_header = program.keys.iter().filter(|(key, _)| kind.leaves_to_header(*key));
    let of_header = of_header.map(|(_, to)| Exit { to: *to, by: By::Key, language: None });
    own_exits(program, id).into_iter().chain(of_header).collect()
}

/// The ways out that the step itself has.
fn own_exits(program: &Program, id: StepId) -> Vec<Exit> {
    let exit = |to, by| Exit { to, by, language: None };
    match &program.step(id).kind {
        StepKind::Say(say) => vec![exit(say.then, By::Itself)],
        StepKind::Tell(tell) => vec![exit(tell.then, By::Itself)],
        StepKind::Menu(menu) => menu
            .choices
            .iter()
            .map(|choice| Exit { to: choice.go, by: By::Key, language: choice.language })
            .chain([exit(program.agent, By::Silence)])
            .collect(),
        StepKind::Hours(hours) => {
            vec![exit(hours.open, By::Open(hours.kind)), exit(hours.closed, By::Closed(hours.kind))]
        }
        StepKind::Collect(collect) => vec![exit(collect.then, By::Key), exit(program.agent, By::Silence)],
        StepKind::Set(set) => vec![exit(set.then, By::Itself)],
        StepKind::Goto(goto) => vec![exit(goto.to, By::Itself)],
        StepKind::Choose(choose) => (choose.branches.iter().map(|branch| branch.go))
            .chain([choose.otherwise])
            .map(|to| exit(to, By::Condition))
            .collect(),
        StepKind::Lookup(lookup) => vec![exit(lookup.then, By::Condition), exit(lookup.failed, By::Condition)],
        StepKind::Queue(queue) => [queue.nobody, queue.full, queue.long]
            .into_iter()
            .chain(queue.closed)
            .map(|to| exit(to, By::Refused))
            .chain(queue.busy.iter().flat_map(|busy| &busy.offers).filter_map(|offer| match offer.action {
                OfferAction::Message(to) => Some(exit(to, By::Key)),
                OfferAction::Callback | OfferAction::QuietHours | OfferAction::Continue => None,
            }))
            .chain(queue.answered.map(|to| exit(to, By::Served)))
            .collect(),
        StepKind::Transfer(transfer) => std::iter::once(exit(transfer.failed, By::Refused))
            .chain(transfer.then.map(|to| exit(to, By::Served)))
            .collect(),
        StepKind::Voicemail(voicemail) => voicemail.then.map(|to| exit(to, By::Itself)).into_iter().collect(),
        StepKind::Callback(callback) => (callback.then.map(|to| exit(to, By::Served)).into_iter())
            .chain([exit(callback.otherwise.unwrap_or(program.agent), By::Silence)])
            .collect(),
        StepKind::Survey(survey) => survey.then.map(|to| exit(to, By::Itself)).into_iter().collect(),
        StepKind::Hangup(_) => Vec::new(),
    }
}

/// The languages in which each step can be heard, by its place; none where no call comes.
/// Calls begin in the program's language and in those of `also`.
pub(super) fn heard(program: &Program, also: &[Language]) -> Vec<BTreeSet<Language>> {
    let mut heard = vec![BTreeSet::new(); program.steps.len()];
    let mut todo: Vec<(StepId, Language)> = Vec::new();
    for language in std::iter::once(program.language).chain(also.iter().copied()) {
        todo.push((program.start, language));
    }
    while let Some((id, language)) = todo.pop() {
        if !heard[id.0 as usize].insert(language) {
            continue;
        }
        todo.push((program.agent, language));
        todo.extend(program.closed.map(|closed| (closed, language)));
        todo.extend(exits(program, id).into_iter().map(|e| (e.to, e.language.unwrap_or(language))));
    }
    heard
}

/// Whether the step calls a human.
pub(super) fn is_agent(program: &Program, id: StepId) -> bool {
    matches!(program.step(id).kind, StepKind::Queue(_) | StepKind::Transfer(_))
}
