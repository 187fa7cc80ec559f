use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::prove::late::late;
use crate::flow::prove::{SPEECH_BEFORE_ANSWER, Space, seconds};

/// Speech that goes on for longer than networks let a call be without an answer
/// (`answer: when-needed`). A step that waits for the caller answers; nothing else does.
pub(super) fn check(file: &FlowFile, space: &Space<'_>, out: &mut Vec<Diagnostic>) {
    let Some(late) = late(space, SPEECH_BEFORE_ANSWER) else { return };
    let step = file.program.step(late.at);
    let message = format!(
        "before the call is answered up to {} are said, networks wait for little more than {} s",
        seconds(late.millis),
        SPEECH_BEFORE_ANSWER.as_secs()
    );
    out.push(
        Diagnostic::warning("late-answer", message, Some(step.span.clone()))
            .label("the call may be cut here")
            .help("say less before the first step that answers, or write `answer: at-once`"),
    );
}
