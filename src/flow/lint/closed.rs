use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::StepId;
use crate::flow::file::FlowFile;
use crate::flow::prove::Space;
use crate::flow::prove::closed::untold;

/// Who calls when it is closed hears at least the opening hours and another way of
/// contact, a web site or an e-mail address: by doing nothing, and whatever keys are pressed.
/// Who goes round for ever in opening hours too was told (`told`, by step).
pub(super) fn check(file: &FlowFile, space: &Space<'_>, told: &BTreeSet<StepId>, out: &mut Vec<Diagnostic>) {
    let Some(untold) = untold(space) else { return };
    if untold.goes_round && untold.steps.iter().any(|step| told.contains(step)) {
        return;
    }
    let program = &file.program;
    let lacking = match (untold.hours, untold.contact) {
        (true, false) => "the opening hours",
        (false, true) => "another way of contact",
        (true, true) | (false, false) => "the opening hours and another way of contact",
    };
    let (at, label) = match program.closed.filter(|closed| untold.steps.contains(closed)) {
        Some(closed) => (closed, "callers come here when it is closed"),
        None if untold.goes_round => (untold.at, "comes round again"),
        None => (untold.at, "the call ends here"),
    };
    let message = format!("when it is closed, the caller does not hear {lacking}");
    out.push(
        Diagnostic::warning("closed-tells-little", message, Some(program.step(at).span.clone()))
            .label(label)
            .story(untold.story.0)
            .help("write `tell: [hours, contact]`, and an e-mail address or a web site in `service.yaml`"),
    );
}
