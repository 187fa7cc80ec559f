use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::situation::{By, Moment};
use super::super::space::{Goal, Id, Space, Way};
use super::super::story::{Ending, Leg, Story};
use super::{How, Lost, is_open, stays_open};
use crate::base::Digit;
use crate::flow::StepKind;

/// No agent, ever.
pub(super) const NEVER: u32 = u32::MAX;

/// What a way to an agent costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cost {
    /// What is heard.
    Speech,
    /// What is heard, and the pauses.
    Time,
}

/// Looks for the best way of a caller to an agent, against the worst that can happen.
///
/// Where the caller decides, the cheapest way counts; where the world decides, the dearest.
/// Such values are found as the shortest ways of a graph are (Knuth's generalisation of
/// Dijkstra's algorithm): a situation of the world is settled with its last way.
pub(super) struct Search<'s, 'a> {
    space: &'s Space<'a>,
    sources: Vec<Vec<Id>>,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(space: &'s Space<'a>) -> Self {
        let mut sources = space.sources();
        for from in &mut sources {
            from.dedup();
        }
        Self { space, sources }
    }

    /// The speech before an agent, in milliseconds, by how many keys may be pressed and from where.
    pub(super) fn by_keys(&self, keys: usize) -> Vec<Vec<u32>> {
        let mut values: Vec<Vec<u32>> = Vec::with_capacity(keys + 1);
        for _ in 0..=keys {
            let next = self.layer(Cost::Speech, &values);
            values.push(next);
        }
        values
    }

    /// The time until an agent for who presses nothing, in milliseconds, from each situation.
    pub(super) fn by_silence(&self) -> Vec<u32> {
        self.layer(Cost::Time, &[])
    }

    /// The way of a caller with so many keys, as it is told.
    pub(super) fn far(&self, from: Id, keys: usize, how: How) -> Lost {
        let values = self.by_keys(keys);
        let mut left = keys;
        let mut legs = self.space.way_to(from);
        let mut id = from;
        while !self.is_agent(id) && legs.len() < LONGEST_STORY {
            let Some(way) = self.best(id, left, &values) else { break };
            left -= keys_of(way.by);
            legs.push(Leg { id, by: way.by, pause: way.pause });
            let Goal::At(to) = way.to else { break };
            id = to;
        }
        let story = Story::new(self.space, legs, Ending::Agent(self.space.step(id)));
        Lost { at: self.space.step(from), how, story }
    }

    /// The way of a caller who presses nothing, as it is told.
    pub(super) fn slow(&self, from: Id, how: How) -> Lost {
        let values = [self.by_silence()];
        let mut legs = self.space.way_to(from);
        let mut id = from;
        while !self.is_agent(id) && legs.len() < LONGEST_STORY {
            let Some(way) = self.best(id, 0, &values) else { break };
            legs.push(Leg { id, by: way.by, pause: way.pause });
            let Goal::At(to) = way.to else { break };
            id = to;
        }
        let story = Story::new(self.space, legs, Ending::Agent(self.space.step(id)));
        Lost { at: self.space.step(from), how, story }
    }

    /// The way that the value of a situation comes from.
    fn best(&self, id: Id, left: usize, values: &[Vec<u32>]) -> Option<Way> {
        let value = |way: &&Way| match way.to {
            Goal::At(to) => keys_left(left, way.by).map_or(NEVER, |left| values[left][to].saturating_add(way.pause)),
            Goal::LastMenu | Goal::End(_) => NEVER,
        };
        let ways = || self.space.ways(id).iter().filter(|way| stays_open(self.space, way));
        let best = match self.is_of_world(id) {
            true => ways().filter(|way| is_of_world(way.by)).max_by_key(value),
            false => ways().filter(|way| is_of_caller(way.by)).min_by_key(value),
        };
        best.copied()
    }

    /// The values with one key more than these.
    fn layer(&self, cost: Cost, below: &[Vec<u32>]) -> Vec<u32> {
        let keys = below.len();
        let mut heap = BinaryHeap::new();
        let mut open = vec![0usize; self.space.nodes.len()];
        let mut worst = vec![0u32; self.space.nodes.len()];
        for id in self.space.ids().filter(|id| is_open(self.space, *id)) {
            if self.is_agent(id) {
                heap.push(Reverse((0, id)));
            } else if self.is_of_world(id) {
                open[id] =
                    self.space.ways(id).iter().filter(|w| stays_open(self.space, w) && is_of_world(w.by)).count();
            } else if cost == Cost::Speech {
                for way in self.space.ways(id).iter().filter(|way| is_of_caller(way.by) && keys_of(way.by) > 0) {
                    let (Goal::At(to), Some(left)) = (way.to, keys_left(keys, way.by)) else { continue };
                    if below[left][to] < NEVER {
                        heap.push(Reverse((self.hears(id).saturating_add(below[left][to]), id)));
                    }
                }
            }
        }
        let mut values = vec![NEVER; self.space.nodes.len()];
        while let Some(Reverse((value, id))) = heap.pop() {
            if values[id] < NEVER {
                continue;
            }
            values[id] = value.min(NEVER - 1);
            let sources = self.sources[id].iter().copied();
            for from in sources.filter(|from| is_open(self.space, *from) && !self.is_agent(*from)) {
                let of_world = self.is_of_world(from);
                for way in self.space.ways(from).iter().filter(|way| way.to == Goal::At(id)) {
                    let pause = if cost == Cost::Time && !fault!(ForgetsPauses) { way.pause } else { 0 };
                    let here = self.hears(from).saturating_add(pause).saturating_add(value);
                    if of_world && is_of_world(way.by) {
                        worst[from] = worst[from].max(here);
                        open[from] -= 1;
                        if open[from] == 0 {
                            heap.push(Reverse((worst[from], from)));
                        }
                    } else if !of_world && is_of_caller(way.by) && keys_of(way.by) == 0 {
                        heap.push(Reverse((here, from)));
                    }
                }
            }
        }
        values
    }

    fn hears(&self, id: Id) -> u32 {
        let node = &self.space.nodes[id];
        let free = match node.at.moment {
            Moment::Again(_) => fault!(SilenceCostsNothing),
            Moment::Notice => fault!(NoticeIsShort),
            _ => false,
        };
        if free { 0 } else { node.hears }
    }

    /// Whether an agent is called here.
    fn is_agent(&self, id: Id) -> bool {
        match self.space.program().step(self.space.step(id)).kind {
            StepKind::Queue(_) => self.space.nodes[id].at.moment == Moment::Waiting,
            StepKind::Transfer(_) => self.space.is_entry(id),
            _ => false,
        }
    }

    fn is_of_world(&self, id: Id) -> bool {
        self.space.ways(id).iter().any(|way| is_of_world(way.by) && stays_open(self.space, way))
    }
}

fn is_of_world(by: By) -> bool {
    matches!(by, By::World(_))
}

/// Whether a caller who looks for an agent would go this way.
fn is_of_caller(by: By) -> bool {
    matches!(by, By::Nothing | By::Key(_) | By::Typed(_))
}

fn keys_left(keys: usize, by: By) -> Option<usize> {
    keys.checked_sub(keys_of(by))
}

fn keys_of(by: By) -> usize {
    match by {
        By::Key(Digit::ZERO) if fault!(ZeroIsFree) => 0,
        By::Typed(_) if fault!(NumbersAreOneKey) => 1,
        by => by.keys(),
    }
}

/// A story that is longer than this helps nobody.
const LONGEST_STORY: usize = 200;
