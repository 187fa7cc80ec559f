use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::StepKind;
use crate::flow::file::FlowFile;
use crate::flow::graph::{By, exits, open};

/// A key that ends the call in opening hours, before any agent was offered.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let mut told = BTreeSet::new();
    for exit in open(program).into_iter().flat_map(|id| exits(program, id)) {
        let step = program.step(exit.to);
        if matches!(exit.by, By::Key | By::Condition)
            && matches!(step.kind, StepKind::Hangup(_))
            && told.insert(exit.to)
        {
            let message = format!("a key leads to the hang-up `{}` before any agent", step.name);
            out.push(
                Diagnostic::warning("hangup-before-agent", message, Some(step.span.clone()))
                    .label("reached in opening hours")
                    .help("lead back to the menu, or to an agent"),
            );
        }
    }
}
