use crate::diag::Diagnostic;
use crate::flow::condition::{Reach, reach};
use crate::flow::file::FlowFile;
use crate::flow::{Condition, StepId, StepKind};

/// A condition that never decides anything: it contradicts itself, or whenever it holds one
/// of those above it does. Who wrote it believes that some callers go there.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for id in file.ids() {
        let StepKind::Choose(choose) = &file.program.step(id).kind else { continue };
        let conditions: Vec<&Condition> = choose.branches.iter().map(|branch| &branch.condition).collect();
        for (i, reached) in reach(&conditions, &file.program.variables).into_iter().enumerate() {
            out.extend(diagnostic(file, id, i, reached));
        }
    }
}

fn diagnostic(file: &FlowFile, id: StepId, i: usize, reached: Reach) -> Option<Diagnostic> {
    let place = |i: usize| file.place(id, &["choose", &i.to_string(), "if"]);
    let (message, label, help) = match reached {
        Reach::Open => return None,
        Reach::Never => ("this condition can't hold".to_owned(), "contradicts itself", "correct it, or remove it"),
        Reach::Shadowed(Some(by)) => {
            let (line, _) = place(by).line_column();
            let message = format!("whenever this condition holds, that of line {line} does too");
            (message, "never asked", "put the narrower condition first, or remove it")
        }
        Reach::Shadowed(None) => (
            "whenever this condition holds, one of those above it does too".to_owned(),
            "never asked",
            "put the narrower conditions first, or remove it",
        ),
    };
    Some(Diagnostic::error("condition-never-true", message, Some(place(i))).label(label).help(help))
}
