use super::yaml;
use super::{AtClosing, OfferAction, Program, QueueRules, Service, Step, StepKind};
use crate::diag::{Diagnostic, Span};

/// What `serve` can't run yet on real calls: steps and options that `check` and
/// `simulate` accept. Each is told with the code `not-yet`.
pub fn runnable(service: &Service) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for queue in &service.queues {
        out.extend(queue_not_yet(queue));
    }
    for program in &service.flows {
        for step in &program.steps {
            out.extend(step_not_yet(program, step));
        }
    }
    out
}

fn queue_not_yet(queue: &QueueRules) -> Vec<Diagnostic> {
    let not_yet = |what: &str, help: &str| {
        let message = format!("`{what}` of the queue `{}` can't run on calls yet", queue.name);
        Diagnostic::error("not-yet", message, None).help(help)
    };
    let closing = (queue.at_closing == AtClosing::Callback)
        .then(|| not_yet("at_closing: callback", "write `at_closing: serve` or `at_closing: tell`"));
    closing.into_iter().collect()
}

fn step_not_yet(program: &Program, step: &Step) -> Vec<Diagnostic> {
    let not_yet = |what: &str, path: &[&str], help: &str| {
        let message = format!("{what} in `{}` of the flow `{}` can't run on calls yet", step.name, program.name);
        Diagnostic::error("not-yet", message, Some(place(step, path)))
            .label("accepted by `svi check` and `svi simulate` only")
            .help(help)
    };
    match &step.kind {
        StepKind::Voicemail(voicemail) => {
            let help = "take `callback` out: who reads the message calls back";
            voicemail.callback.then(|| not_yet("`callback: true`", &["voicemail"], help)).into_iter().collect()
        }
        StepKind::Queue(queue) => {
            let offers = queue.busy.iter().flat_map(|busy| &busy.offers);
            let callback = offers.into_iter().any(|offer| offer.action == OfferAction::Callback);
            let help = "offer `do: quiet-hours` beside the rank or the wait";
            callback.then(|| not_yet("`do: callback`", &["busy"], help)).into_iter().collect()
        }
        StepKind::Say(_)
        | StepKind::Menu(_)
        | StepKind::Hours(_)
        | StepKind::Tell(_)
        | StepKind::Collect(_)
        | StepKind::Transfer(_)
        | StepKind::Survey(_)
        | StepKind::Hangup(_) => Vec::new(),
    }
}

/// The key in the step's file: a program keeps no more places than its steps' names, and
/// this is asked once at the start.
fn place(step: &Step, path: &[&str]) -> Span {
    let tree = yaml::parse(&step.span.source, &mut Vec::new());
    let keys = tree.as_ref().and_then(|t| t.at(&["steps", &step.name]));
    match (keys, path) {
        (Some(keys), [key, ..]) if keys.entry(key).is_some() => keys.key_place(key),
        _ => step.span.clone(),
    }
}
