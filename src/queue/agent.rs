use std::time::Duration;

use crate::base::{AgentName, Instant, transitions};

/// What an agent is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// The phone can't be reached.
    Offline,
    /// Free to be rung.
    Available,
    /// The phone rings for a caller.
    Ringing,
    /// The phone rings, but its registration has gone meanwhile: the ringing is let run out.
    RingingGone,
    /// In a talk with a caller.
    Talking,
    /// In a talk, but the registration has gone meanwhile: the talk goes on.
    TalkingGone,
    /// After a talk, left in peace for the queue's wrap-up time.
    WrapUp,
    /// After a missed ringing, left in peace for [`REST`].
    Resting,
}

/// What can happen to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// The phone can be reached.
    Up,
    /// The phone can't be reached any more.
    Down,
    /// Rung for a caller.
    Offered,
    /// The caller left before the agent answered.
    Withdrawn,
    /// The agent answered.
    Answered,
    /// The agent did not.
    Missed,
    /// The talk has ended.
    TalkEnded,
    /// The wrap-up or the rest is over.
    Rested,
}

transitions! {
    AgentState on AgentEvent
    states {
        Offline = "offline", Available = "available", Ringing = "ringing", RingingGone = "ringing-gone",
        Talking = "talking", TalkingGone = "talking-gone", WrapUp = "wrap-up", Resting = "resting",
    }
    events {
        Up = "up": Offline => Available, RingingGone => Ringing, TalkingGone => Talking;
        Down = "down": Available => Offline, Ringing => RingingGone, Talking => TalkingGone,
            WrapUp => Offline, Resting => Offline;
        Offered = "offered": Available => Ringing;
        Withdrawn = "withdrawn": Ringing => Available, RingingGone => Offline;
        Answered = "answered": Ringing => Talking, RingingGone => TalkingGone;
        Missed = "missed": Ringing => Resting, RingingGone => Offline;
        TalkEnded = "talk-ended": Talking => WrapUp, TalkingGone => Offline;
        Rested = "rested": WrapUp => Available, Resting => Available;
    }
}

impl AgentState {
    /// Whether a caller may hope for this agent: busy and resting agents count, the
    /// ones whose phone has gone do not.
    pub fn logged_in(self) -> bool {
        match self {
            Self::Available | Self::Ringing | Self::Talking | Self::WrapUp | Self::Resting => true,
            Self::Offline | Self::RingingGone | Self::TalkingGone => false,
        }
    }
}

/// How long an agent who missed a ringing is left in peace: short, because a lone
/// agent's callers wait for it; long enough that others are tried first and that an
/// unreachable phone is not tried in a loop.
pub const REST: Duration = Duration::from_secs(5);

/// One agent on the board.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) name: AgentName,
    pub(super) state: AgentState,
    /// The queues that the agent is a member of, as places in the board's list.
    pub(super) queues: Vec<usize>,
    /// Since when the agent waits for a caller: the end of the last wrap-up or rest.
    pub(super) idle_since: Instant,
    /// When the wrap-up or the rest is over.
    pub(super) until: Option<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn the_agent_s_life_is_one_table() {
        insta::assert_snapshot!("agent_graph", dot::<AgentState>());
        insta::assert_snapshot!("agent_grid", grid::<AgentState>());
    }
}
