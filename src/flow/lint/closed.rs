use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::graph::{By, exits};
use crate::flow::{StepId, StepKind};
use crate::service::Topic;

/// Who calls when it is closed hears at least the opening hours and another way of
/// contact: a web site or an e-mail address.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let Some(closed) = program.closed else { return };
    let told = told(file, closed);
    let card = &program.card;
    let contact = told.contains(&Topic::Contact) && !(card.emails.is_empty() && card.websites.is_empty());
    let lacking = match (told.contains(&Topic::Hours), contact) {
        (true, true) => return,
        (false, true) => "the opening hours",
        (true, false) => "another way of contact",
        (false, false) => "the opening hours and another way of contact",
    };
    let step = program.step(closed);
    let message = format!("when it is closed, the caller does not hear {lacking}");
    out.push(
        Diagnostic::warning("closed-tells-little", message, Some(step.span.clone()))
            .label("callers come here when it is closed")
            .help("write `tell: [hours, contact]`, and an e-mail address or a web site in `service.yaml`"),
    );
}

/// What is told from a step on without a key being pressed.
fn told(file: &FlowFile, from: StepId) -> Vec<Topic> {
    let mut told = Vec::new();
    let mut seen = BTreeSet::new();
    let mut todo = vec![from];
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let StepKind::Tell(tell) = &file.program.step(id).kind {
            told.extend(tell.topics.iter().copied());
        }
        let on =
            exits(&file.program, id).into_iter().filter(|e| matches!(e.by, By::Itself | By::Condition | By::Closed(_)));
        todo.extend(on.map(|e| e.to));
    }
    told
}
