use super::yaml;
use super::{Program, Service, Step, StepKind};
use crate::diag::{Diagnostic, Span};

/// What `serve` can't run yet on real calls: steps and options that `check` and
/// `simulate` accept. Each is told with the code `not-yet`.
pub fn runnable(service: &Service) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for program in &service.flows {
        for step in &program.steps {
            out.extend(step_not_yet(program, step));
        }
    }
    out
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
            let help = "take `callback` out: who reads the message calls back; \
                        a busy queue offers `do: callback` or `do: quiet-hours` in its place";
            voicemail.callback.then(|| not_yet("`callback: true`", &["voicemail"], help)).into_iter().collect()
        }
        StepKind::Say(_)
        | StepKind::Menu(_)
        | StepKind::Hours(_)
        | StepKind::Tell(_)
        | StepKind::Collect(_)
        | StepKind::Queue(_)
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
