//! What the estimator looks at: who waits, and what every agent is doing.

use crate::base::Instant;

/// The agents and the lines of queues that share agents, at one moment.
///
/// A queue is a number, its place in [`Floor::lines`] and in the estimator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floor {
    /// The agents who answer today: whoever is logged in, also on a pause.
    pub servers: Vec<Server>,
    /// For each queue, those for whom nobody is rung yet, in their order.
    pub lines: Vec<Vec<Waiter>>,
}

/// An agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The queues that the agent answers.
    pub queues: Vec<usize>,
    /// What the agent is doing.
    pub doing: Doing,
}

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Free to be rung.
    Free,
    /// Rung for a caller of this queue.
    Ringing {
        /// The caller's queue.
        queue: usize,
        /// Since when it rings.
        since: Instant,
    },
    /// In a talk with a caller of this queue.
    Talking {
        /// The caller's queue.
        queue: usize,
        /// Since when they talk.
        since: Instant,
    },
    /// In wrap-up or at rest, free again at a known moment.
    Until(Instant),
    /// On a pause.
    Paused {
        /// Since when.
        since: Instant,
        /// When the agent will be back, if that is known.
        back: Option<Instant>,
    },
}

/// One who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// The order over all queues: who has a smaller place is served first.
    pub place: u64,
    /// Since when.
    pub since: Instant,
    /// Who waits.
    pub who: Who,
}

/// Who waits in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A caller on the line, who may hang up.
    Caller,
    /// A promised callback, which keeps its place.
    Callback,
}

impl Floor {
    /// How many agents who answer a queue are at work: not on a pause.
    pub fn at_work(&self, queue: usize) -> usize {
        let here = |s: &&Server| s.queues.contains(&queue) && !matches!(s.doing, Doing::Paused { .. });
        self.servers.iter().filter(here).count()
    }
}
