use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::graph::{By, exits, is_agent};
use crate::flow::{Program, StepId, StepKind};
use crate::service::HoursKind;

/// A hang-up that a key leads to in opening hours before its caller was offered an agent: by a
/// menu, whose last line is the agent's, or by being led to one. What a silent caller comes to
/// is told by the rule of the agent's path.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let keys = not_offered(program, |by| !matches!(by, By::Closed(HoursKind::Phone) | By::Served | By::Refused));
    let silence =
        not_offered(program, |by| matches!(by, By::Itself | By::Open(_) | By::Closed(HoursKind::Desk) | By::Condition));
    for id in keys.difference(&silence) {
        let step = program.step(*id);
        if !matches!(step.kind, StepKind::Hangup(_)) {
            continue;
        }
        let message = format!("the hang-up `{}` is reached before an agent was offered", step.name);
        out.push(
            Diagnostic::error("hangup-before-agent", message, Some(step.span.clone()))
                .label("reached in opening hours")
                .help("lead to a menu, or to an agent, before it"),
        );
    }
}

/// The steps that a call can come to by such ways with no menu, queue or transfer before them.
fn not_offered(program: &Program, goes: fn(By) -> bool) -> BTreeSet<StepId> {
    let mut found = BTreeSet::new();
    let mut todo = vec![program.start];
    while let Some(id) = todo.pop() {
        let offers = is_agent(program, id) || matches!(program.step(id).kind, StepKind::Menu(_));
        if !offers && found.insert(id) {
            todo.extend(exits(program, id).into_iter().filter(|exit| goes(exit.by)).map(|exit| exit.to));
        }
    }
    found
}
