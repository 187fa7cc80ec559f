use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::flow::FlowFile;
use crate::flow::graph::{By, exits, is_agent, open};
use crate::flow::{Program, StepId, StepKind};
use crate::service::HoursKind;

/// In opening hours an agent is reached from every step by a few keys, and by silence
/// alone: who can't press keys, or does not understand, must not be lost.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let limit = file.limits.keys_to_agent;
    let keys = keys_to_agent(program, program.agent).map(|keys| keys + 1);
    if keys.is_none_or(|keys| keys > limit) {
        let name = &program.step(program.agent).name;
        let message = match keys {
            Some(keys) => format!("an agent is {keys} keys away, {limit} are allowed"),
            None => format!("no agent answers behind the step `{name}`"),
        };
        out.push(
            Diagnostic::error("no-agent-path", message, Some(file.tree.place(&["agent"])))
                .label("`0` leads here from everywhere")
                .help("let `agent:` name a step with `queue:` or `transfer:`"),
        );
        return;
    }
    let mut told = BTreeSet::new();
    for id in open(program) {
        if matches!(program.step(id).kind, StepKind::Hangup(_)) {
            continue;
        }
        let Some(lost) = lost_by_silence(program, id, &mut Vec::new()) else { continue };
        if told.insert(lost.at) {
            out.push(diagnostic(file, &lost));
        }
    }
}

/// The fewest keys from a step to an agent, `0` not counted; `None` when none leads there.
fn keys_to_agent(program: &Program, from: StepId) -> Option<usize> {
    let mut reached = BTreeSet::from([from]);
    let mut here = vec![from];
    for keys in 0..=program.steps.len() {
        let mut next = Vec::new();
        while let Some(id) = here.pop() {
            if is_agent(program, id) {
                return Some(keys);
            }
            for exit in exits(program, id) {
                let free = match exit.by {
                    By::Itself | By::Open(_) => true,
                    By::Key => false,
                    By::Silence | By::Closed(_) | By::Served | By::Refused => continue,
                };
                if reached.insert(exit.to) {
                    if free { &mut here } else { &mut next }.push(exit.to);
                }
            }
        }
        here = next;
    }
    None
}

/// Where a silent caller is lost.
struct Lost {
    at: StepId,
    how: How,
}

enum How {
    /// The call ends there.
    Ends,
    /// It goes round for ever.
    Round,
}

/// Follows a caller who presses nothing; `None` when an agent is called.
fn lost_by_silence(program: &Program, id: StepId, path: &mut Vec<StepId>) -> Option<Lost> {
    if is_agent(program, id) {
        return None;
    }
    if path.contains(&id) {
        let at = path.iter().skip_while(|step| **step != id).min().copied().unwrap_or(id);
        return Some(Lost { at, how: How::Round });
    }
    path.push(id);
    let silent = |by: By| match by {
        By::Itself | By::Silence | By::Open(_) | By::Closed(HoursKind::Desk) => true,
        By::Key | By::Closed(HoursKind::Phone) | By::Served | By::Refused => false,
    };
    let ways: Vec<StepId> = exits(program, id).into_iter().filter(|e| silent(e.by)).map(|e| e.to).collect();
    let lost = if ways.is_empty() {
        let before = path.len().checked_sub(2).map_or(id, |i| path[i]);
        let at = if matches!(program.step(id).kind, StepKind::Hangup(_)) { before } else { id };
        Some(Lost { at, how: How::Ends })
    } else {
        ways.into_iter().find_map(|to| lost_by_silence(program, to, path))
    };
    path.pop();
    lost
}

fn diagnostic(file: &FlowFile, lost: &Lost) -> Diagnostic {
    let name = &file.program.step(lost.at).name;
    let (message, label) = match lost.how {
        How::Ends => (format!("a silent caller is hung up on after the step `{name}`"), "the call ends after this"),
        How::Round => (format!("a silent caller goes round for ever from the step `{name}`"), "comes back here"),
    };
    let agent = &file.program.step(file.program.agent).name;
    Diagnostic::error("no-agent-path", message, Some(file.place(lost.at, &["then"])))
        .label(label)
        .help(format!("in opening hours silence must lead to an agent: write `then: {agent}`"))
}
