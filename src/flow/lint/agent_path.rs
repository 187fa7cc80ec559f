use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::graph::{By, exits, is_agent, open};
use crate::flow::{Program, StepId, StepKind};

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
    let found = found_by_silence(program);
    if !found.contains(&program.agent) {
        let name = &program.step(program.agent).name;
        let message = format!("behind the step `{name}` a silent caller finds no agent");
        out.push(
            Diagnostic::error("no-agent-path", message, Some(file.tree.place(&["agent"])))
                .label("`0` and silence lead here from everywhere")
                .help("let `agent:` name a step with `queue:` or `transfer:`"),
        );
        return;
    }
    let mut told = BTreeSet::new();
    for id in open(program).difference(&found) {
        let lost = lost_by_silence(program, *id, &found);
        if !matches!(program.step(*id).kind, StepKind::Hangup(_)) && told.insert(lost.at) {
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
                    By::Itself | By::Open(_) | By::Condition => true,
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

/// Where a caller goes who presses nothing in opening hours; both ways where the desk's
/// hours decide, which need not be the phone's.
fn silent_ways(program: &Program, id: StepId) -> Vec<StepId> {
    exits(program, id).into_iter().filter(|e| e.by.is_silent()).map(|e| e.to).collect()
}

/// The steps from which every silent way leads to an agent.
fn found_by_silence(program: &Program) -> BTreeSet<StepId> {
    let all = || (0..u32::try_from(program.steps.len()).unwrap_or(u32::MAX)).map(StepId);
    let mut found: BTreeSet<StepId> = all().filter(|id| is_agent(program, *id)).collect();
    loop {
        let more: Vec<StepId> = all()
            .filter(|id| !found.contains(id))
            .filter(|id| {
                let ways = silent_ways(program, *id);
                !ways.is_empty() && ways.iter().all(|to| found.contains(to))
            })
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Follows a silent caller who finds no agent to where the call ends or comes round again.
fn lost_by_silence(program: &Program, from: StepId, found: &BTreeSet<StepId>) -> Lost {
    let mut path = vec![from];
    let mut id = from;
    while let Some(to) = silent_ways(program, id).into_iter().find(|to| !found.contains(to)) {
        if let Some(round) = path.iter().position(|step| *step == to) {
            return Lost { at: path[round..].iter().min().copied().unwrap_or(to), how: How::Round };
        }
        path.push(to);
        id = to;
    }
    let at = match program.step(id).kind {
        StepKind::Hangup(_) => path.len().checked_sub(2).map_or(id, |i| path[i]),
        _ => id,
    };
    Lost { at, how: How::Ends }
}

fn diagnostic(file: &FlowFile, lost: &Lost) -> Diagnostic {
    let name = &file.program.step(lost.at).name;
    let (message, label) = match lost.how {
        How::Ends => (format!("a silent caller is hung up on after the step `{name}`"), "the call ends after this"),
        How::Round => (format!("a silent caller goes round for ever from the step `{name}`"), "comes back here"),
    };
    let agent = &file.program.step(file.program.agent).name;
    let key = if matches!(file.program.step(lost.at).kind, StepKind::Callback(_)) { "otherwise" } else { "then" };
    Diagnostic::error("no-agent-path", message, Some(file.place(lost.at, &[key])))
        .label(label)
        .help(format!("in opening hours silence must lead to an agent: write `{key}: {agent}`"))
}
