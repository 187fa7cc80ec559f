use crate::diag::Diagnostic;
use crate::flow::yaml::Tree;

/// Who waits at closing time is owed an answer, so each queue of `queues.yaml` says which.
pub(in crate::flow) fn closing(queues: &Tree, out: &mut Vec<Diagnostic>) {
    for queue in queues.entries() {
        if queue.value.entries().is_empty() || queue.value.entry("at_closing").is_some() {
            continue;
        }
        let message = format!("the queue `{}` does not say what becomes of who waits at closing time", queue.key);
        out.push(
            Diagnostic::error("missing-key", message, Some(queue.key_span.clone()))
                .label("`at_closing:` is needed here")
                .help("write `at_closing: serve` (who waits is served) or `at_closing: tell` (is told the hours)"),
        );
    }
}
