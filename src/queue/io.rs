use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::AgentState;
use crate::base::{AgentName, CallId, Instant, PhoneNumber, QueueName, Skill, TicketId};
use crate::flow::QueueRules;

/// Who has a place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waiting {
    /// A caller who listens to the music.
    Caller(CallId),
    /// A citizen who was promised a callback, and waits at home.
    Ticket(TicketId),
}

impl From<CallId> for Waiting {
    fn from(call: CallId) -> Self {
        Self::Caller(call)
    }
}

impl From<TicketId> for Waiting {
    fn from(ticket: TicketId) -> Self {
        Self::Ticket(ticket)
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(call) => call.fmt(f),
            Self::Ticket(ticket) => ticket.fmt(f),
        }
    }
}

/// By what a caller is known again: made from the number, and shown nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerKey(u64);

impl From<&PhoneNumber> for CallerKey {
    fn from(number: &PhoneNumber) -> Self {
        let mut hasher = DefaultHasher::new();
        number.international().as_str().hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl fmt::Debug for CallerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerKey")
    }
}

/// A wish to wait in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Who.
    pub who: Waiting,
    /// Where.
    pub queue: QueueName,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller; each is worth [`QueueRules::level`] of waiting.
    pub priority: u8,
    /// Since when the caller waits, when that is not now: on another node, or in another queue.
    pub since: Option<Instant>,
    /// By what the caller is known again, when the number is not withheld.
    pub caller: Option<CallerKey>,
}

impl Join {
    /// The wish of an ordinary caller.
    pub fn new(who: impl Into<Waiting>, queue: QueueName) -> Self {
        Self { who: who.into(), queue, needs: Vec::new(), priority: 0, since: None, caller: None }
    }
}

/// What the board is told.
///
/// Who rings for a caller is up to the board: it says [`Output::Offer`] for one agent,
/// or for several in a row, and each is answered by [`Self::Answered`] or
/// [`Self::Missed`] for itself. The first answer wins: the call stops the other phones
/// by itself, at once, and the board frees their agents when it hears of the answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A caller wants to wait in a queue.
    Join(Join),
    /// A caller is no longer waiting, ringing or talking.
    Leave {
        /// Who.
        who: Waiting,
        /// Why.
        why: Left,
    },
    /// A waiting caller is about to be told the rank: [`Output::Rank`] answers.
    Ask {
        /// Who.
        who: Waiting,
    },
    /// The caller has been told the wait that the last answer to [`Self::Ask`] had. The
    /// board takes no notice; the forecast keeps it.
    Told {
        /// Who.
        who: Waiting,
    },
    /// An offered agent answered, and the two hear each other.
    Answered {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
    },
    /// An offered agent could not be had: the caller keeps the place.
    Missed {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
        /// Why.
        why: Missed,
    },
    /// The talk has ended: wrap-up begins.
    TalkEnded {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
    },
    /// The agent who talks with a caller wants another agent to have the caller:
    /// [`Output::Offer`] or [`Output::Busy`] answers. The talk stands until [`Self::Handed`].
    Hand {
        /// The caller, who has an agent.
        who: Waiting,
        /// The other agent.
        agent: AgentName,
    },
    /// The other agent has answered, and has the caller.
    Handed {
        /// The caller.
        who: Waiting,
        /// The other agent.
        agent: AgentName,
    },
    /// The agent who talks with a caller sends the caller to a queue. It is as
    /// [`Self::Join`], but where that is refused the talk goes on.
    Send(Join),
    /// The agent who answered is gone, and the caller is still there and waits again, at
    /// the place that the arrival gave.
    Rejoin {
        /// The caller, who had an agent.
        who: Waiting,
        /// The queue that the caller came from.
        queue: QueueName,
        /// What became of the agent.
        why: Parted,
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
    /// The agent begins to work. Who never logged out is logged in: a phone that can be
    /// reached is enough.
    LogIn {
        /// Who.
        agent: AgentName,
    },
    /// The agent goes home: rung no more, a talk is left alone.
    LogOut {
        /// Who.
        agent: AgentName,
    },
    /// The agent is not to be rung for a while; in a talk, after it.
    Pause {
        /// Who.
        agent: AgentName,
        /// Why, as the settings call it.
        reason: Arc<str>,
    },
    /// The pause is over.
    Resume {
        /// Who.
        agent: AgentName,
    },
    /// The agent needs no more time to wrap up, or to rest.
    Ready {
        /// Who.
        agent: AgentName,
    },
    /// The phone of an agent who rests wants to be left alone for longer (Retry-After).
    LeaveAlone {
        /// Who.
        agent: AgentName,
        /// For how long, from now on.
        at_least: Duration,
    },
    /// The files have changed: these are all the queues from now on. Who waits in a
    /// queue that is no longer there is served by its last rules.
    Rules(Vec<Arc<QueueRules>>),
    /// A deadline may have passed.
    Tick,
}

/// Why somebody waits no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The call has ended: hung up, or cut off. Who phones again soon has the old place.
    Ended,
    /// The caller went on in the flow; the way back leads to the old place for a while.
    WentOn,
    /// The caller took a callback: the ticket has the place now.
    Callback(TicketId),
}

/// What became of an agent who had answered, so that the caller waits again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parted {
    /// The agent vanished in the middle of the talk (a dead phone, a cut network): it was a talk.
    Vanished,
    /// The agent hung up, or vanished, while being told who it is: the two never heard
    /// each other, and it counts as a ringing that was missed.
    Declined(Missed),
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

/// What the board says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The caller waits at this rank.
    Joined {
        /// Who.
        who: Waiting,
        /// From 1.
        rank: usize,
    },
    /// The caller can't wait here, or no longer, and is not in the queue.
    Refused {
        /// Who.
        who: Waiting,
        /// Why.
        why: Refused,
    },
    /// The caller has waited for as long as the queue lets anybody wait, and is out of it.
    TimedOut {
        /// Who.
        who: Waiting,
    },
    /// The agent whom a caller was to be handed to is not free.
    Busy {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
    },
    /// The present rank, for who asked by [`Input::Ask`].
    Rank {
        /// Who.
        who: Waiting,
        /// From 1.
        rank: usize,
    },
    /// Ring this agent for this caller, beside whoever rings already.
    Offer {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
        /// How long to ring.
        ring: Duration,
    },
    /// Stop ringing this agent for this caller; nothing needs to be answered. Where the
    /// agent has answered meanwhile, the talk stands, and [`Input::Answered`] says so.
    Withdraw {
        /// The caller.
        who: Waiting,
        /// The agent.
        agent: AgentName,
    },
    /// An agent's state has changed, for the console and the metrics.
    Agent {
        /// Who.
        agent: AgentName,
        /// The new state.
        state: AgentState,
        /// Why the agent is on a pause, or will be after this talk.
        pause: Option<Arc<str>>,
    },
}

/// Why a caller can't wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many as allowed are waiting.
    Full,
    /// No agent is logged in who could help.
    Nobody,
    /// Every agent who could help is on a pause.
    Paused,
    /// The queue has been taken out of the files.
    Closed,
    /// There is no such queue.
    Unknown,
}

impl Refused {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Nobody => "nobody",
            Self::Paused => "paused",
            Self::Closed => "closed",
            Self::Unknown => "unknown",
        }
    }
}
