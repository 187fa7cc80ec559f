//! Speech in which no key is listened to, but `0`.

use std::time::Duration;

use super::situation::{By, Moment};
use super::space::{Goal, Id, Space, Way};
use super::story::{Ending, Leg, Story};
use crate::flow::{StepId, StepKind};

/// Speech that a caller can't stop.
#[derive(Debug)]
pub(in crate::flow) struct Endless {
    /// The step at which it begins.
    pub(in crate::flow) at: StepId,
    /// How long it lasts, in milliseconds; nothing is for ever.
    pub(in crate::flow) millis: Option<u32>,
    /// The last step of it.
    pub(in crate::flow) last: StepId,
    /// Who meets it.
    pub(in crate::flow) story: Story,
}

/// Rounds in which nothing is asked, and runs of speech that no key stops for longer than
/// this; where there is a round, it comes alone.
pub(in crate::flow) fn endless(space: &Space<'_>, limit: Duration) -> Vec<Endless> {
    let goes_on = |from: Id, way: &Way, _: Id| is_immediate(space, from, way);
    let round = if fault!(ForgetsRounds) { None } else { space.round(goes_on) };
    if let Some(round) = round {
        let Some(first) = round.first().map(|leg| leg.id) else { return Vec::new() };
        let at = round.iter().map(|leg| space.step(leg.id)).min().unwrap_or(space.step(first));
        let mut legs = space.way_to(first);
        legs.extend(&round);
        let story = Story::new(space, legs, Ending::Round(space.step(first)));
        return vec![Endless { at, millis: None, last: space.step(first), story }];
    }
    let runs = runs(space);
    let limit = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    // What comes after words that are told is told with them, also where a step between says nothing.
    let mut behind = vec![false; space.nodes.len()];
    let mut todo: Vec<Id> = space.ids().filter(|id| runs[*id] > limit && space.nodes[*id].hears > 0).collect();
    while let Some(id) = todo.pop() {
        for way in space.ways(id).iter().filter(|way| is_deaf(space, id) && is_immediate(space, id, way)) {
            if let Goal::At(to) = way.to
                && !behind[to]
            {
                behind[to] = true;
                todo.push(to);
            }
        }
    }
    let mut told = std::collections::BTreeSet::new();
    (space.ids())
        .filter(|id| runs[*id] > limit && space.nodes[*id].hears > 0 && !behind[*id])
        .filter(|id| told.insert(space.step(*id)))
        .map(|id| run_from(space, &runs, id))
        .collect()
}

/// Whether nothing is waited for between the words here and what comes then. A server may
/// answer at once.
fn is_immediate(space: &Space<'_>, from: Id, way: &Way) -> bool {
    let waits = match (&space.program().step(space.step(from)).kind, space.nodes[from].at.moment) {
        (StepKind::Lookup(_), _) => false,
        (_, Moment::Waiting | Moment::Spoken(_) | Moment::Promising) => true,
        (StepKind::Voicemail(_) | StepKind::Transfer(_), Moment::Enter) => true,
        _ => false,
    };
    let silent = match way.by {
        By::Nothing => way.pause == 0,
        By::World(_) => true,
        By::Key(_) | By::Typed(_) | By::Keys | By::Elsewhere(_) | By::Wrong => false,
    };
    let hours = fault!(RunsEndAtHours) && matches!(space.program().step(space.step(from)).kind, StepKind::Hours(_));
    silent && !waits && !hours
}

/// Whether no key is listened to, because of what is said, or because nothing is.
fn is_deaf(space: &Space<'_>, id: Id) -> bool {
    let node = &space.nodes[id];
    node.hears == 0 || !node.listened
}

/// How long no key is listened to from each situation on.
fn runs(space: &Space<'_>) -> Vec<u32> {
    space.longest(|id| is_deaf(space, id), |id, way| is_immediate(space, id, way))
}

impl Space<'_> {
    /// The most that is heard from each situation on, while it is a part and over the ways on
    /// which it goes on, in milliseconds; a round is gone once.
    pub(super) fn longest(&self, is_part: impl Fn(Id) -> bool, goes_on: impl Fn(Id, &Way) -> bool) -> Vec<u32> {
        let mut longest: Vec<Option<u32>> = vec![None; self.nodes.len()];
        let mut begun = vec![false; self.nodes.len()];
        let mut todo: Vec<(Id, bool)> = self.ids().map(|id| (id, false)).collect();
        while let Some((id, ready)) = todo.pop() {
            if longest[id].is_some() || (begun[id] && !ready) {
                continue;
            }
            if !is_part(id) {
                longest[id] = Some(0);
                continue;
            }
            let ways = self.ways(id).iter().filter(|way| goes_on(id, way));
            let next = ways.filter_map(|way| if let Goal::At(to) = way.to { Some(to) } else { None });
            if ready {
                let most = next.filter_map(|to| longest[to]).max().unwrap_or(0);
                longest[id] = Some(self.nodes[id].hears.saturating_add(most));
            } else {
                begun[id] = true;
                todo.push((id, true));
                todo.extend(next.filter(|to| !begun[*to]).map(|to| (to, false)));
            }
        }
        longest.into_iter().map(Option::unwrap_or_default).collect()
    }
}

fn run_from(space: &Space<'_>, runs: &[u32], from: Id) -> Endless {
    let mut legs = space.way_to(from);
    let (mut id, mut last) = (from, space.step(from));
    loop {
        if space.nodes[id].hears > 0 {
            last = space.step(id);
        }
        let ways = space.ways(id).iter().filter(|way| is_immediate(space, id, way));
        let next = ways.filter_map(|way| if let Goal::At(to) = way.to { Some((to, *way)) } else { None });
        let Some((to, way)) = next.filter(|(to, _)| runs[*to] > 0).max_by_key(|(to, _)| runs[*to]) else {
            legs.push(Leg { id, by: By::Nothing, pause: 0 });
            break;
        };
        legs.push(Leg { id, by: way.by, pause: 0 });
        id = to;
    }
    let story = Story::new(space, legs, Ending::Heard(runs[from]));
    Endless { at: space.step(from), millis: Some(runs[from]), last, story }
}
