use crate::diag::Diagnostic;
use crate::flow::StepKind;
use crate::flow::file::FlowFile;

/// Who calls back for a message are the agents of the flow's own queue: there must be one.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    if matches!(program.step(program.agent).kind, StepKind::Queue(_)) {
        return;
    }
    for id in file.ids() {
        let StepKind::Voicemail(voicemail) = &program.step(id).kind else { continue };
        if voicemail.callback {
            let message = "nobody would call back: the flow's `agent` is no queue";
            let place = file.place(id, &["voicemail", "callback"]);
            out.push(
                Diagnostic::error("callback-no-queue", message, Some(place))
                    .label("a callback for no queue")
                    .help("lead `agent:` to a step with `queue:`, or take `callback` out"),
            );
        }
    }
}
