//! What the calls of a flow say of it.

use std::collections::VecDeque;

use super::search::{By, Calls, Choice};
use crate::flow::{Program, StepId, StepKind, Verdicts};

/// What a flow may ask of its callers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) keys: usize,
    pub(super) levels: usize,
    /// In milliseconds.
    pub(super) speech: u32,
}

/// The verdicts, from nothing but what happened.
pub(super) fn verdicts(program: &Program, calls: &Calls, limits: Limits) -> Verdicts {
    let all = (0..program.steps.len()).map(|i| StepId(u32::try_from(i).unwrap_or_default()));
    Verdicts {
        lost: lost(program, calls, limits.keys),
        untold: untold(calls),
        endless: endless(calls, limits.speech),
        unreachable: all.filter(|step| !calls.entered.contains(step)).collect(),
        deep: deep(program, calls, limits.levels),
    }
}

const NEVER: u64 = u64::MAX;
/// At most this much speech before an agent, in milliseconds.
const SPEECH: u64 = 60_000;
/// At most this long until an agent, for who presses nothing.
const SILENCE: u64 = 120_000;

/// By so many keys and so much speech an agent from every step, and by silence from every
/// one before an agent was called.
fn lost(program: &Program, calls: &Calls, keys: usize) -> bool {
    let mut by_keys: Vec<Vec<u64>> = Vec::new();
    for _ in 0..=keys {
        let next = cheapest(calls, |moment, choice| match choice.by {
            By::Offered => by_keys.last().map(|fewer| (Some(fewer), moment)),
            By::Silence | By::World => Some((None, moment)),
            By::Keys => None,
        });
        by_keys.push(next);
    }
    let by_silence = slowest(calls);
    calls.moments.iter().enumerate().any(|(id, moment)| {
        // Who has typed ahead skips every text of a round: that it has no end is told by itself.
        if moment.trouble && !moment.owed {
            return !moment.ahead;
        }
        moment.entries.iter().filter(|_| !moment.owed).any(|step| {
            let agent = *step == program.agent;
            if matches!(program.step(*step).kind, StepKind::Hangup(_)) && !agent {
                return false;
            }
            let far = by_keys[if agent { keys - 1 } else { keys }][id] > SPEECH;
            far || (!moment.sought && by_silence[id] > SILENCE)
        })
    })
}

/// The least speech until an agent, whatever the world does: from no agent anywhere, better
/// and better until nothing changes.
fn cheapest<'a>(calls: &Calls, allowed: impl Fn(u64, &Choice) -> Option<(Option<&'a Vec<u64>>, u64)>) -> Vec<u64> {
    settle(calls, |id, values| {
        let heard = u64::from(calls.moments[id].hears.unwrap_or(0));
        let cost = |choice: &Choice| {
            let (fewer, heard) = allowed(heard, choice)?;
            Some(worst(calls, choice, fewer.unwrap_or(values)).saturating_add(heard))
        };
        calls.moments[id].options.iter().filter_map(cost).min().unwrap_or(NEVER)
    })
}

/// The longest time until an agent for who presses nothing.
fn slowest(calls: &Calls) -> Vec<u64> {
    settle(calls, |id, values| {
        let moment = &calls.moments[id];
        let silent = moment.options.iter().find(|choice| matches!(choice.by, By::Silence | By::World));
        let time = |choice: &Choice| u64::from(moment.hears.unwrap_or(0)) + u64::from(choice.pause);
        silent.map_or(NEVER, |choice| worst(calls, choice, values).saturating_add(time(choice)))
    })
}

fn settle(calls: &Calls, value: impl Fn(usize, &Vec<u64>) -> u64) -> Vec<u64> {
    let mut values: Vec<u64> = calls.moments.iter().map(|moment| if moment.agent { 0 } else { NEVER }).collect();
    loop {
        let mut changed = false;
        for id in (0..values.len()).rev().filter(|id| !calls.moments[*id].agent) {
            let next = value(id, &values);
            changed |= next < values[id];
            values[id] = values[id].min(next);
        }
        if !changed {
            return values;
        }
    }
}

/// The worst that can come of a choice while it is open.
fn worst(calls: &Calls, choice: &Choice, values: &[u64]) -> u64 {
    let open = choice.to.iter().filter(|(to, _)| !calls.moments[*to].owed);
    open.map(|(to, _)| if calls.moments[*to].trouble { NEVER } else { values[*to] }).max().unwrap_or(NEVER)
}

/// A call that ends when it is closed, or goes round in silence, before all was told.
fn untold(calls: &Calls) -> bool {
    let owing = |id: usize| {
        let moment = &calls.moments[id];
        moment.owed && !moment.served && !moment.told
    };
    let ends = |id: usize| calls.moments[id].over || calls.moments[id].trouble;
    let all = || 0..calls.moments.len();
    all().any(|id| owing(id) && ends(id))
        || goes_round(calls, |from, choice, to| {
            matches!(choice.by, By::Silence | By::World) && owing(from) && owing(to)
        })
}

/// Whether some choices lead round: what leads nowhere else is taken away until nothing can be.
fn goes_round(calls: &Calls, goes: impl Fn(usize, &Choice, usize) -> bool) -> bool {
    let mut left = vec![true; calls.moments.len()];
    loop {
        let gone: Vec<usize> = (0..left.len())
            .filter(|id| left[*id])
            .filter(|id| {
                let mut on = calls.moments[*id].options.iter().flat_map(|c| c.to.iter().map(move |(to, _)| (c, *to)));
                !on.any(|(choice, to)| left[to] && goes(*id, choice, to))
            })
            .collect();
        if gone.is_empty() {
            return left.contains(&true);
        }
        gone.into_iter().for_each(|id| left[id] = false);
    }
}

/// Texts that lead round without a question, or too many seconds in which no key is listened to.
fn endless(calls: &Calls, limit: u32) -> bool {
    let asks = |id: usize| calls.moments[id].asks;
    let speaks = |id: usize| calls.moments[id].hears.is_some() || asks(id);
    let goes_on = |id: usize, choice: &Choice| choice.by == if asks(id) { By::World } else { By::Silence };
    if calls.moments.iter().any(|moment| moment.trouble) {
        return true;
    }
    if goes_round(calls, |from, choice, to| goes_on(from, choice) && speaks(from) && speaks(to)) {
        return true;
    }
    // There is no round, so that the longest run is found by looking at it often enough.
    let mut runs = vec![0u32; calls.moments.len()];
    loop {
        let mut changed = false;
        for id in (0..runs.len()).rev() {
            let moment = &calls.moments[id];
            if !moment.deaf && !moment.asks {
                continue;
            }
            let hears = moment.hears.unwrap_or(0);
            let on = moment.options.iter().filter(|choice| goes_on(id, choice));
            let next = on.flat_map(|choice| &choice.to).map(|(to, _)| runs[*to]).max().unwrap_or(0);
            changed |= runs[id] != hears + next;
            runs[id] = hears + next;
        }
        if !changed {
            return runs.into_iter().any(|run| run > limit);
        }
    }
}

/// The menus that are behind more menus than allowed, by the shortest way to each.
fn deep(program: &Program, calls: &Calls, limit: usize) -> Vec<StepId> {
    let mut levels: Vec<Option<usize>> = vec![None; program.steps.len()];
    let mut best: Vec<usize> = vec![usize::MAX; calls.moments.len()];
    let mut todo: VecDeque<(usize, usize)> = VecDeque::new();
    let mut come = |to: usize, mut level: usize, entered: &[StepId], todo: &mut VecDeque<(usize, usize)>| {
        for step in entered.iter().filter(|step| matches!(program.step(**step).kind, StepKind::Menu(_))) {
            level += 1;
            let least = &mut levels[step.0 as usize];
            *least = Some(least.map_or(level, |least| least.min(level)));
        }
        if level < best[to] {
            best[to] = level;
            todo.push_back((to, level));
        }
    };
    for (id, entered) in &calls.beginnings {
        come(*id, 0, entered, &mut todo);
    }
    while let Some((id, level)) = todo.pop_front() {
        for (to, entered) in calls.moments[id].options.iter().flat_map(|choice| &choice.to) {
            come(*to, level, entered, &mut todo);
        }
    }
    let steps = (0u32..).map(StepId).zip(levels);
    steps.filter(|(_, level)| level.is_some_and(|level| level > limit)).map(|(step, _)| step).collect()
}
