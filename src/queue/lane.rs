use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Waiting;
use super::agent::{Agent, Membership};
use super::line::{Line, Place, micros};
use super::window::Window;
use crate::base::{Instant, Skill};
use crate::flow::{QueueRules, Strategy};

/// One queue on the board: a lane for every set of skills that its callers have needed.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) rules: Arc<QueueRules>,
    /// Whether the files still have it.
    pub(super) listed: bool,
    /// The first lane is for callers without needs, and every member serves it.
    pub(super) lanes: Vec<Lane>,
    /// Who waits, the one who has waited longest first.
    pub(super) arrivals: BTreeSet<(Instant, Waiting)>,
    /// How many of them are on the phone: for callbacks nobody holds a line.
    pub(super) callers: usize,
    /// The agents, by their places in the board's list.
    pub(super) members: Vec<usize>,
    /// How often an agent has been rung here for good.
    pub(super) rung: u64,
    pub(super) window: Window,
}

/// The callers of a queue who need the same skills, and the agents who have them.
#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) needs: Vec<Skill>,
    /// Who waits, including who is rung for.
    pub(super) line: Line,
    /// Who would take an agent, those for whom no phone rings first. Empty, or `free`
    /// is: between two inputs nobody waits for an agent who is free.
    pub(super) seeking: BTreeMap<Claim, Waiting>,
    /// The places of those for whom a phone rings: not more than there are agents.
    pub(super) rung: BTreeSet<Place>,
    /// The agents who can be rung, in the order of their turns.
    pub(super) free: BTreeSet<Turn>,
    /// Agents at work, on a pause or not.
    pub(super) here: usize,
    /// Those whom a caller may hope for.
    pub(super) ready: usize,
}

/// A caller's claim to the next agent: who has none rung comes before who has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) rung: bool,
    pub(super) place: Place,
}

/// An agent's turn among the free ones of a lane; the smallest is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    priority: u8,
    /// What the queue's strategy goes by.
    by: u64,
    idle_since: Instant,
    pub(super) agent: usize,
}

/// A lane of a queue, by their places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) queue: usize,
    pub(super) lane: usize,
}

impl Turn {
    /// The turn of an agent in a queue with this strategy.
    pub(super) fn new(strategy: Strategy, agent: &Agent, at: usize, membership: &Membership) -> Self {
        let by = match strategy {
            Strategy::LongestIdle | Strategy::RingAll => 0,
            // Who has never answered comes first.
            Strategy::LeastRecent => agent.answered.map_or(0, |t| 1 + micros(t.since_start()).unsigned_abs()),
            Strategy::RoundRobin => membership.rung,
            Strategy::FewestCalls => membership.answered,
        };
        Self { priority: membership.priority, by, idle_since: agent.idle_since, agent: at }
    }
}

impl Lane {
    /// Whether somebody with these skills can serve it.
    pub(super) fn is_served_by(&self, skills: &[Skill]) -> bool {
        self.needs.iter().all(|need| skills.contains(need))
    }
}

impl Queue {
    pub(super) fn new(rules: Arc<QueueRules>) -> Self {
        Self {
            rules,
            listed: true,
            lanes: vec![Lane::default()],
            arrivals: BTreeSet::new(),
            callers: 0,
            members: Vec::new(),
            rung: 0,
            window: Window::default(),
        }
    }
}
