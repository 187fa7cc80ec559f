use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::prove::Space;
use crate::flow::prove::reach::unreachable;

/// A step that no call can come to is forgotten, or something that leads to it is.
pub(super) fn check(file: &FlowFile, space: &Space<'_>, out: &mut Vec<Diagnostic>) {
    let steps = || unreachable(space).into_iter().map(|id| file.program.step(id));
    let lost: BTreeSet<&str> = steps().map(|step| &*step.name).collect();
    for step in steps() {
        // Where no call comes to a step that calls a sub-flow, none comes to what it calls.
        let (caller, own) = step.name.rsplit_once('/').unwrap_or(("", &step.name));
        if lost.contains(caller) {
            continue;
        }
        let message = format!("no call can come to the step `{}`", step.name);
        out.push(
            Diagnostic::error("unreachable-step", message, Some(step.span.clone()))
                .label("nothing leads here")
                .help(format!("lead to it with `then: {own}` or `go: {own}`, or remove it")),
        );
    }
}
