use std::sync::Arc;
use std::time::Duration;

use super::lane::Turn;
use super::{Missed, Waiting};
use crate::base::{AgentName, Instant, Skill, transitions};

/// What an agent is doing.
///
/// A phone that goes, a pause and a logging out mean nothing to a ringing or a talk:
/// they are kept beside the state, and take effect when it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentState {
    /// Logged out, or the phone can't be reached.
    Offline,
    /// Free to be rung.
    Available,
    /// The phone rings for a caller.
    Ringing,
    /// In a talk with a caller.
    Talking,
    /// After a talk, left in peace for the wrap-up time.
    WrapUp,
    /// After a missed ringing, left in peace for [`REST`], or longer when the phone can't be reached.
    Resting,
    /// Not to be rung for a while, for a reason.
    Paused,
}

/// What can happen to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// The phone can be reached and the agent is logged in.
    Up,
    /// One of both is no longer so.
    Down,
    /// A pause begins.
    Paused,
    /// The pause is over.
    Resumed,
    /// Rung for a caller.
    Offered,
    /// Rung no more, though the agent missed nothing: the caller left, or another was quicker.
    Withdrawn,
    /// The agent answered; also late, when the ringing had been given up.
    Answered,
    /// The agent did not; or did, and hung up on hearing who it is.
    Missed,
    /// The talk has ended.
    TalkEnded,
    /// The wrap-up or the rest is over.
    Rested,
}

transitions! {
    AgentState on AgentEvent
    states {
        Offline = "offline", Available = "available", Ringing = "ringing", Talking = "talking",
        WrapUp = "wrap-up", Resting = "resting", Paused = "paused",
    }
    events {
        Up = "up": Offline => Available;
        Down = "down": Available => Offline, WrapUp => Offline, Resting => Offline, Paused => Offline;
        Paused = "paused": Available => Paused, WrapUp => Paused, Resting => Paused;
        Resumed = "resumed": Paused => Available;
        Offered = "offered": Available => Ringing;
        Withdrawn = "withdrawn": Ringing => Available;
        Answered = "answered": Ringing => Talking, Offline => Talking, Available => Talking,
            WrapUp => Talking, Resting => Talking, Paused => Talking;
        Missed = "missed": Ringing => Resting, Talking => Resting;
        TalkEnded = "talk-ended": Talking => WrapUp;
        Rested = "rested": WrapUp => Available, Resting => Available;
    }
}

/// How long an agent who missed a ringing is left in peace: short, because a lone
/// agent's callers wait for it; long enough that others are tried first.
pub const REST: Duration = Duration::from_secs(5);
/// A phone that can't be reached is tried after [`REST`], then after twice as long each
/// time, up to this: it may have been moved, and nobody says so.
pub(super) const LONGEST_REST: Duration = Duration::from_secs(300);

/// One agent on the board.
#[derive(Clone, Debug)]
pub(super) struct Agent {
    pub(super) name: AgentName,
    pub(super) state: AgentState,
    pub(super) since: Instant,
    /// The phone can be reached.
    pub(super) reachable: bool,
    /// The agent has not logged out.
    pub(super) logged_in: bool,
    /// Why the agent is on a pause, or will be when the talk is over.
    pub(super) pause: Option<Arc<str>>,
    pub(super) memberships: Vec<Membership>,
    /// Since when the agent waits for a caller: the end of the last wrap-up, rest or pause.
    pub(super) idle_since: Instant,
    /// When the wrap-up or the rest is over, or the ringing must be.
    pub(super) until: Option<Instant>,
    /// When the agent last answered a caller.
    pub(super) answered: Option<Instant>,
    /// Who rings at, talks to or has just talked to the agent, and in which queue.
    pub(super) serving: Option<(Waiting, usize)>,
    /// Callers in a row whom the agent let ring or refused.
    pub(super) missed: u32,
    /// How often in a row the phone could not be reached.
    pub(super) unreached: u32,
}

/// An agent's part in one queue.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    /// The queue's place in the board's list.
    pub(super) queue: usize,
    pub(super) priority: u8,
    pub(super) skills: Vec<Skill>,
    pub(super) wrap_up: Option<Duration>,
    /// The queue's lanes whose needs the agent meets.
    pub(super) lanes: Vec<usize>,
    /// When the agent was last rung here for good, by the queue's own count.
    pub(super) rung: u64,
    /// Callers answered here since logging in.
    pub(super) answered: u64,
    /// The turn under which the agent is in the lanes' lists of the free.
    pub(super) listed: Option<Turn>,
}

impl Agent {
    pub(super) fn new(name: AgentName) -> Self {
        Self {
            name,
            state: AgentState::Offline,
            since: Instant::START,
            reachable: false,
            logged_in: true,
            pause: None,
            memberships: Vec::new(),
            idle_since: Instant::START,
            until: None,
            answered: None,
            serving: None,
            missed: 0,
            unreached: 0,
        }
    }

    /// Whether the agent is at work, on a pause or not.
    pub(super) fn is_here(&self) -> bool {
        self.reachable && self.logged_in
    }

    /// Whether a caller may hope for this agent, now or after what the agent is doing.
    pub(super) fn is_ready(&self) -> bool {
        self.is_here() && self.pause.is_none()
    }

    /// Counts a ringing for nothing; how long the agent rests.
    pub(super) fn rest_after(&mut self, why: Missed) -> Duration {
        match why {
            Missed::NoAnswer | Missed::Rejected => {
                self.missed += 1;
                self.unreached = 0;
                REST
            }
            Missed::Unreachable => {
                let doubled = REST * 2_u32.pow(self.unreached.min(16));
                self.unreached += 1;
                doubled.min(LONGEST_REST)
            }
        }
    }

    pub(super) fn membership(&self, queue: usize) -> Option<&Membership> {
        self.memberships.iter().find(|m| m.queue == queue)
    }

    pub(super) fn membership_mut(&mut self, queue: usize) -> Option<&mut Membership> {
        self.memberships.iter_mut().find(|m| m.queue == queue)
    }
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
