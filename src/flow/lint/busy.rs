use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::{Busy, OfferAction, Queue, StepId, StepKind};

/// When it is busy, a caller is offered at least two of: the rank or the wait, when it is
/// quieter, to be called back. And what is offered can be kept.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for id in file.ids() {
        let StepKind::Queue(queue) = &file.program.step(id).kind else { continue };
        let before = out.len();
        if let Some(busy) = &queue.busy {
            kept(file, id, busy, out);
        }
        let offered = solutions(file, queue);
        if out.len() == before && offered.len() < 2 {
            out.push(too_little(file, id, &offered));
        }
    }
}

/// What of the three a caller is offered when the queue is busy.
fn solutions(file: &FlowFile, queue: &Queue) -> Vec<&'static str> {
    let offers = |wanted: &dyn Fn(&OfferAction) -> bool| {
        queue.busy.iter().flat_map(|busy| &busy.offers).any(|offer| wanted(&offer.action))
    };
    let calls_back = |step: StepId| match &file.program.step(step).kind {
        StepKind::Voicemail(voicemail) => voicemail.callback,
        StepKind::Callback(_) => true,
        _ => false,
    };
    let place = queue.announce.rank.is_some() || queue.announce.wait.is_some();
    let quiet = offers(&|action| *action == OfferAction::QuietHours);
    let callback = offers(&|action| match action {
        OfferAction::Callback => true,
        OfferAction::Message(step) => calls_back(*step),
        OfferAction::QuietHours | OfferAction::Continue => false,
    });
    [(place, "the rank or the wait"), (quiet, "the quiet hours"), (callback, "a callback")]
        .into_iter()
        .filter_map(|(there, name)| there.then_some(name))
        .collect()
}

fn too_little(file: &FlowFile, id: StepId, offered: &[&str]) -> Diagnostic {
    let only = offered.first().map_or_else(|| "nothing".to_owned(), |one| format!("only {one}"));
    let message = format!("when it is busy, the caller is offered {only}");
    let step = file.step_tree(id).map_or_else(|| file.place(id, &[]), |tree| tree.key_place("queue"));
    Diagnostic::error("busy-offers-little", message, Some(step))
        .label("two of: rank or wait, quiet hours, callback")
        .help("write `announce: [rank, wait]` and `busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }`")
}

fn kept(file: &FlowFile, id: StepId, busy: &Busy, out: &mut Vec<Diagnostic>) {
    let place = |path: &[&str]| file.place(id, path);
    if busy.when_wait.is_none() && busy.when_waiting.is_none() && busy.when_abandoned.is_none() {
        let message = "`when` says nothing of when it is busy";
        out.push(
            Diagnostic::error("missing-key", message, Some(place(&["busy", "when"])))
                .label("never busy")
                .help("write `when: { wait: 2m }`, `{ waiting: 5 }` or `{ abandoned: 20% }`"),
        );
    }
    for (i, offer) in busy.offers.iter().enumerate() {
        if offer.action == OfferAction::QuietHours && file.program.card.quiet.is_none() {
            let i = i.to_string();
            let span = place(&["busy", "offer", i.as_str(), "do"]);
            out.push(
                Diagnostic::error("nothing-to-tell", "the card says nothing of `quiet`", Some(span))
                    .label("the caller would hear nothing")
                    .help("write `quiet: { phone: … }` in `service.yaml`; what is learned takes its place"),
            );
        }
    }
}
