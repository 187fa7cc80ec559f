use std::collections::BTreeSet;

use crate::base::Language;
use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;

/// A step that no call can come to is forgotten, or something that leads to it is.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], out: &mut Vec<Diagnostic>) {
    let steps = || file.program.steps.iter().zip(heard).filter(|(_, languages)| languages.is_empty());
    let lost: BTreeSet<&str> = steps().map(|(step, _)| &*step.name).collect();
    for (step, _) in steps() {
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
