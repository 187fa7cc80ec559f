use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::StepId;
use crate::flow::file::FlowFile;
use crate::flow::prove::speech::endless;
use crate::flow::prove::{Space, seconds};

/// Speech in which a caller can do nothing: what no key stops, for longer than is bearable,
/// or texts that lead to one another without a question. What leads to no agent either was
/// told (`told`, by step).
pub(super) fn check(file: &FlowFile, space: &Space<'_>, told: &BTreeSet<StepId>, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.speech;
    for endless in endless(space, limit) {
        let step = file.program.step(endless.at);
        let (message, label, help) = match endless.millis {
            None if told.contains(&endless.at) => continue,
            None => (
                format!("from the step `{}` on, texts lead to one another for ever", step.name),
                "comes back here without a question",
                "lead to a menu, or to an agent",
            ),
            Some(millis) if endless.last == endless.at => (
                format!("this text, which no key stops, lasts {}, {} s are allowed", seconds(millis), limit.as_secs()),
                "too long to listen to",
                "say it in fewer words, or take `barge_in: false` out",
            ),
            Some(millis) => (
                format!(
                    "from here to `{}` no key stops what is said for {}, {} s are allowed",
                    file.program.step(endless.last).name,
                    seconds(millis),
                    limit.as_secs()
                ),
                "too long to listen to",
                "say it in fewer words, or take `barge_in: false` out",
            ),
        };
        out.push(
            Diagnostic::error("endless-speech", message, Some(step.span.clone()))
                .label(label)
                .story(endless.story.0)
                .help(help),
        );
    }
}
