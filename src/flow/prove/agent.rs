//! The way to an agent: by a few keys, by what has to be heard, and by silence alone.

mod cost;

use std::collections::BTreeSet;

use super::situation::{By, Phone, World};
use super::space::{Goal, Id, Space};
use super::story::{Ending, Leg, Story};
use super::{SILENCE_TO_AGENT, SPEECH_TO_AGENT};
use crate::base::Digit;
use crate::flow::StepId;
use crate::service::HoursKind;
use cost::{NEVER, Search};

/// A caller who does not come to an agent as is promised.
#[derive(Debug)]
pub(in crate::flow) struct Lost {
    /// The step that is to be mended.
    pub(in crate::flow) at: StepId,
    /// What happens.
    pub(in crate::flow) how: How,
    /// Who meets it.
    pub(in crate::flow) story: Story,
}

/// What happens to a caller who is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum How {
    /// Behind `0` an agent takes so many keys, the `0` counted.
    Keys(usize),
    /// Behind `0` there is no agent.
    NoAgent,
    /// Behind `0` who presses nothing finds no agent.
    SilentAtAgent,
    /// Who presses nothing is hung up on.
    Ends,
    /// Who presses nothing goes round for ever.
    Round,
    /// So many milliseconds have to be heard.
    Speech(u32),
    /// Who presses nothing takes so many milliseconds.
    Silence(u32),
}

/// Every caller who is lost in opening hours; what is wrong at the agent's step comes alone.
pub(in crate::flow) fn lost(space: &Space<'_>, keys: usize) -> Vec<Lost> {
    let limits = Limits::of(keys);
    let search = Search::new(space);
    let speech = search.by_keys(limits.keys);
    let silence = search.by_silence();
    let found = at_agent(space, &search, &speech, &silence, limits);
    if !found.is_empty() {
        return found;
    }
    let mut found = lost_by_silence(space, &silence);
    let never: BTreeSet<StepId> = found.iter().map(|lost| lost.at).collect();
    let entries = || space.ids().filter(|id| space.is_entry(*id) && !space.is_hangup(*id) && is_open(space, *id));
    let fewest = |id: &Id| speech[limits.keys][*id];
    let far: Vec<Id> = entries().filter(|id| fewest(id) > limits.speech && fewest(id) < NEVER).collect();
    let slow: Vec<Id> = (entries().filter(|id| space.nodes[*id].at.is_before_agent()))
        .filter(|id| silence[*id] > limits.silence && silence[*id] < NEVER)
        .collect();
    let cut_off: Vec<Id> = entries().filter(|id| fewest(id) == NEVER).collect();
    for id in first_of(space, &far) {
        found.push(search.far(id, limits.keys, How::Speech(fewest(&id))));
    }
    let said: BTreeSet<StepId> = found.iter().map(|lost| lost.at).collect();
    for id in first_of(space, &slow).into_iter().filter(|id| !said.contains(&space.step(*id))) {
        found.push(search.slow(id, How::Silence(silence[id])));
    }
    for id in first_of(space, &cut_off).into_iter().filter(|id| !never.contains(&space.step(*id))) {
        let story = Story::new(space, space.way_to(id), Ending::NoAgent);
        found.push(Lost { at: space.step(id), how: How::NoAgent, story });
    }
    found
}

/// What a caller may be asked for on the way to an agent.
#[derive(Clone, Copy)]
struct Limits {
    keys: usize,
    speech: u32,
    silence: u32,
}

impl Limits {
    fn of(keys: usize) -> Self {
        let millis = |d: std::time::Duration| u32::try_from(d.as_millis()).unwrap_or(u32::MAX);
        let (more, less) = (usize::from(fault!(OneKeyMore)), u32::from(fault!(OneMomentLess)));
        Self { keys: keys + more, speech: millis(SPEECH_TO_AGENT) - less, silence: millis(SILENCE_TO_AGENT) }
    }
}

fn is_open(space: &Space<'_>, id: Id) -> bool {
    space.nodes[id].at.phone != Phone::Closed
}

/// What is wrong behind `0`.
fn at_agent(
    space: &Space<'_>,
    search: &Search<'_, '_>,
    speech: &[Vec<u32>],
    silence: &[u32],
    limits: Limits,
) -> Vec<Lost> {
    let agent = space.program().agent;
    let left = limits.keys - 1;
    let mut entries: Vec<Id> =
        space.ids().filter(|id| space.is_entry(*id) && space.step(*id) == agent && is_open(space, *id)).collect();
    // Whose call begins there has less to tell.
    entries.sort_by_key(|id| space.nodes[*id].from.is_none());
    let lost = |how, story| vec![Lost { at: agent, how, story }];
    if let Some(id) = entries.iter().copied().find(|id| speech[left][*id] == NEVER) {
        let keys = search.by_keys(MOST_KEYS).iter().position(|values| values[id] < NEVER);
        let story = Story::new(space, space.way_to(id), Ending::NoAgent);
        return match keys {
            Some(keys) => lost(How::Keys(keys + 1), search.far(id, keys, How::Keys(keys + 1)).story),
            None => lost(How::NoAgent, story),
        };
    }
    let before = || entries.iter().copied().filter(|id| space.nodes[*id].at.is_before_agent());
    if let Some(id) = before().find(|id| silence[*id] == NEVER) {
        return lost(How::SilentAtAgent, end_of_silence(space, silence, id).2);
    }
    if let Some(id) = entries.iter().copied().find(|id| speech[left][*id] > limits.speech) {
        return vec![search.far(id, left, How::Speech(speech[left][id]))];
    }
    if let Some(id) = before().find(|id| silence[*id] > limits.silence) {
        return vec![search.slow(id, How::Silence(silence[id]))];
    }
    Vec::new()
}

/// Who presses nothing and never comes to an agent.
fn lost_by_silence(space: &Space<'_>, silence: &[u32]) -> Vec<Lost> {
    let mut entries: Vec<Id> = (space.ids())
        .filter(|id| space.is_entry(*id) && space.nodes[*id].at.is_before_agent() && !space.is_hangup(*id))
        .filter(|id| silence[*id] == NEVER)
        .collect();
    entries.sort_by_key(|id| space.step(*id));
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for id in entries {
        let (at, how, story) = end_of_silence(space, silence, id);
        if told.insert(at) {
            found.push(Lost { at, how, story });
        }
    }
    found
}

/// Follows a silent caller who finds no agent to where the call ends or comes round again.
fn end_of_silence(space: &Space<'_>, silence: &[u32], from: Id) -> (StepId, How, Story) {
    let mut legs = space.way_to(from);
    let first = legs.len();
    let mut id = from;
    loop {
        let silent = space.ways(id).iter().filter(|way| matches!(way.by, By::Nothing | By::World(_)));
        let lost = |to: Goal| match to {
            Goal::At(to) => silence[to] == NEVER && space.nodes[to].at.is_before_agent(),
            Goal::LastMenu | Goal::End(_) => true,
        };
        let Some(way) = silent.clone().find(|way| lost(way.to)) else { break };
        legs.push(Leg { id, by: way.by, pause: way.pause });
        let Goal::At(to) = way.to else { break };
        if let Some(round) = legs[first..].iter().position(|leg| leg.id == to) {
            let steps = legs[first + round..].iter().map(|leg| space.step(leg.id));
            let at = steps.min().unwrap_or(space.step(to));
            let story = Story::new(space, legs, Ending::Round(space.step(to)));
            return (at, How::Round, story);
        }
        id = to;
    }
    let last = space.step(id);
    let mut at = last;
    if space.is_hangup(id) {
        at = legs[first..].iter().rev().map(|leg| space.step(leg.id)).find(|step| *step != last).unwrap_or(last);
    }
    (at, How::Ends, Story::new(space, legs, Ending::Ends(last)))
}

/// Of these entries the ones that are to be mended: those that lead to no other of them.
fn first_of(space: &Space<'_>, entries: &[Id]) -> Vec<Id> {
    let steps: BTreeSet<StepId> = entries.iter().map(|id| space.step(*id)).collect();
    let mut leads_on = BTreeSet::new();
    for id in space.ids().filter(|id| is_open(space, *id)) {
        let from = space.step(id);
        for way in space.ways(id).iter().filter(|way| way.by != By::Key(Digit::ZERO)) {
            let Goal::At(to) = way.to else { continue };
            if space.step(to) != from && steps.contains(&space.step(to)) {
                leads_on.insert(from);
            }
        }
    }
    let mut told = BTreeSet::new();
    let mut first: Vec<Id> = (entries.iter().copied())
        .filter(|id| !leads_on.contains(&space.step(*id)) && told.insert(space.step(*id)))
        .collect();
    if first.is_empty() {
        first.extend(entries.first());
    }
    first
}

/// Whether a way is open to callers in opening hours.
fn stays_open(space: &Space<'_>, way: &super::space::Way) -> bool {
    match way.to {
        Goal::At(to) => is_open(space, to),
        Goal::LastMenu | Goal::End(_) => way.by != By::World(World::Closed(HoursKind::Phone)),
    }
}

/// More keys than any flow may ask for: for telling how many it takes.
const MOST_KEYS: usize = 12;
