use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::prove::agent::{How, Lost, lost};
use crate::flow::prove::{SILENCE_TO_AGENT, SPEECH_TO_AGENT, Space, seconds};
use crate::flow::{StepId, StepKind};

/// In opening hours an agent is reached from every step by a few keys and little speech,
/// and by silence alone: who can't press keys, or does not understand, must not be lost.
/// Answers the steps that were told.
pub(super) fn check(file: &FlowFile, space: &Space<'_>, out: &mut Vec<Diagnostic>) -> BTreeSet<StepId> {
    let mut told = BTreeSet::new();
    for lost in lost(space, file.limits.keys_to_agent) {
        told.insert(lost.at);
        let diagnostic = if lost.at == file.program.agent { at_agent(file, &lost) } else { at_step(file, &lost) };
        out.push(diagnostic.story(lost.story.0));
    }
    told
}

/// What is wrong where `0` and silence lead.
fn at_agent(file: &FlowFile, lost: &Lost) -> Diagnostic {
    let name = &file.program.step(lost.at).name;
    let (message, label) = match lost.how {
        How::Keys(keys) => {
            let limit = file.limits.keys_to_agent;
            (format!("an agent is {keys} keys away, {limit} are allowed"), "`0` leads here from everywhere")
        }
        How::NoAgent => (format!("no agent answers behind the step `{name}`"), "`0` leads here from everywhere"),
        How::SilentAtAgent | How::Ends | How::Round => (
            format!("behind the step `{name}` a silent caller finds no agent"),
            "`0` and silence lead here from everywhere",
        ),
        How::Speech(millis) => (
            format!("behind the step `{name}` an agent is {} away, {}", seconds(millis), allowed(lost.how)),
            "`0` leads here from everywhere",
        ),
        How::Silence(millis) => (
            format!("behind the step `{name}` a silent caller takes {}, {}", seconds(millis), allowed(lost.how)),
            "`0` and silence lead here from everywhere",
        ),
    };
    Diagnostic::error("no-agent-path", message, Some(file.tree.place(&["agent"])))
        .label(label)
        .help("let `agent:` name a step with `queue:` or `transfer:`")
}

fn at_step(file: &FlowFile, lost: &Lost) -> Diagnostic {
    let step = file.program.step(lost.at);
    let name = &step.name;
    let agent = &file.program.step(file.program.agent).name;
    let key = match &step.kind {
        StepKind::Callback(_) => "otherwise",
        StepKind::Choose(_) => "else",
        StepKind::Hours(_) => "open",
        StepKind::Lookup(lookup) if lookup.failed != file.program.agent => "failed",
        _ => "then",
    };
    let silence = format!("in opening hours silence must lead to an agent: write `{key}: {agent}`");
    let (message, place, label, help) = match lost.how {
        How::Round => {
            let message = format!("a silent caller goes round for ever from the step `{name}`");
            (message, file.place(lost.at, &[key]), "comes back here", silence)
        }
        How::Ends | How::SilentAtAgent => {
            let message = format!("a silent caller is hung up on after the step `{name}`");
            (message, file.place(lost.at, &[key]), "the call ends after this", silence)
        }
        How::NoAgent | How::Keys(_) => {
            let message = format!("from the step `{name}` no key leads to an agent");
            (message, step.span.clone(), "no way to an agent", format!("lead on to `{agent}`"))
        }
        How::Speech(millis) => {
            let message = format!("from the step `{name}` an agent is {} away, {}", seconds(millis), allowed(lost.how));
            (message, step.span.clone(), "too much is said before an agent", "say it in fewer words".to_owned())
        }
        How::Silence(millis) => {
            let message =
                format!("from the step `{name}` a silent caller takes {}, {}", seconds(millis), allowed(lost.how));
            let help = "say it in fewer words, with less `patience` or fewer `silences`".to_owned();
            (message, step.span.clone(), "too long for who presses nothing", help)
        }
    };
    Diagnostic::error("no-agent-path", message, Some(place)).label(label).help(help)
}

fn allowed(how: How) -> String {
    match how {
        How::Silence(_) => format!("{} s until an agent are allowed", SILENCE_TO_AGENT.as_secs()),
        _ => format!("{} s of speech are allowed", SPEECH_TO_AGENT.as_secs()),
    }
}
