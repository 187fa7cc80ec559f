use std::collections::BTreeSet;

use crate::base::Language;
use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;

/// A step that no call can come to is forgotten, or something that leads to it is.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], out: &mut Vec<Diagnostic>) {
    for (step, _) in file.program.steps.iter().zip(heard).filter(|(_, languages)| languages.is_empty()) {
        let message = format!("no call can come to the step `{}`", step.name);
        out.push(
            Diagnostic::error("unreachable-step", message, Some(step.span.clone()))
                .label("nothing leads here")
                .help(format!("lead to it with `then: {0}` or `go: {0}`, or remove it", step.name)),
        );
    }
}
