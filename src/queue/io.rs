use std::time::Duration;

use crate::base::{AgentName, CallId, QueueName};

/// What the board is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A caller wants to wait in a queue.
    Join {
        /// Who.
        call: CallId,
        /// Where.
        queue: QueueName,
    },
    /// A caller is no longer waiting, ringing or talking: hung up, or went on in the flow.
    Leave {
        /// Who.
        call: CallId,
    },
    /// The offered agent answered, and the two hear each other.
    Answered {
        /// The caller.
        call: CallId,
        /// The agent.
        agent: AgentName,
    },
    /// The offered agent could not be had: the caller keeps the place.
    Missed {
        /// The caller.
        call: CallId,
        /// The agent.
        agent: AgentName,
        /// Why.
        why: Missed,
    },
    /// The talk has ended: wrap-up begins.
    TalkEnded {
        /// The caller.
        call: CallId,
        /// The agent.
        agent: AgentName,
    },
    /// The agent vanished in the middle of the talk (a dead phone, a cut network): the
    /// caller waits again, at the place that the arrival gave.
    Rejoin {
        /// The caller, who was talking.
        call: CallId,
        /// The queue that the caller came from.
        queue: QueueName,
    },
    /// An agent's phone can be reached (registered, or an outside number).
    AgentUp {
        /// Who.
        agent: AgentName,
    },
    /// An agent's phone can't be reached any more.
    AgentDown {
        /// Who.
        agent: AgentName,
    },
    /// A deadline may have passed.
    Tick,
}

/// Why an offered agent could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Missed {
    /// The phone rang for the whole time.
    NoAnswer,
    /// The agent refused.
    Rejected,
    /// The phone could not be reached.
    Unreachable,
}

impl Missed {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoAnswer => "no-answer",
            Self::Rejected => "rejected",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Refused {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Nobody => "nobody",
            Self::Unknown => "unknown",
        }
    }
}

/// What the board says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The caller waits at this rank.
    Joined {
        /// Who.
        call: CallId,
        /// From 1.
        rank: usize,
    },
    /// The caller can't wait here.
    Refused {
        /// Who.
        call: CallId,
        /// Why.
        why: Refused,
    },
    /// The caller's rank has changed.
    Rank {
        /// Who.
        call: CallId,
        /// From 1.
        rank: usize,
    },
    /// Ring this agent for this caller; the call answers with `Answered` or `Missed`.
    Offer {
        /// The caller.
        call: CallId,
        /// The agent.
        agent: AgentName,
        /// How long to ring.
        ring: Duration,
    },
    /// The last agent has gone: the caller is out of the queue and told so.
    Nobody {
        /// Who.
        call: CallId,
    },
    /// An agent's state has changed, for the console and the metrics.
    Agent {
        /// Who.
        agent: AgentName,
        /// The new state's name.
        state: &'static str,
    },
}

/// Why a caller can't wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many as allowed are waiting.
    Full,
    /// No agent is logged in.
    Nobody,
    /// There is no such queue.
    Unknown,
}
