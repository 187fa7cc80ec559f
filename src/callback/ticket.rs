use serde::{Deserialize, Serialize};

use super::{Attempt, Outcome};
use crate::base::{
    Language, Lifecycle, MessageId, PhoneNumber, Private, QueueName, Skill, TicketId, WallTime, in_the_clear,
    transitions,
};

/// How far a ticket is, as it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TicketState {
    /// A citizen asks; nothing is promised yet.
    Asked,
    /// Written down and promised: waits for its time, then for its turn.
    Kept,
    /// The citizen is being called.
    Dialling,
    /// The citizen was not reached: waits for the next attempt.
    Retry,
    /// Citizen and agent talk.
    Connected,
    /// The promise is kept.
    Done,
    /// The citizen was not reached, and is not tried again.
    GivenUp,
    /// The citizen wants no call any more, or was served in another way.
    Cancelled,
    /// It could not be written down, and nothing was promised.
    Refused,
}

/// What can happen to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketEvent {
    /// It is on the disk.
    Kept,
    /// It could not be written.
    NotKept,
    /// An agent is there for it.
    Dial,
    /// The citizen answered.
    Answered,
    /// The citizen was not reached, and may be tried again.
    Failed,
    /// The citizen was not reached, for the last time.
    Exhausted,
    /// Its time is over.
    Expired,
    /// The talk has ended.
    Ended,
    /// The citizen wants no call any more.
    Cancel,
}

transitions! {
    TicketState on TicketEvent
    states {
        Asked = "asked", Kept = "kept", Dialling = "dialling", Retry = "retry", Connected = "connected",
        Done = "done", GivenUp = "given-up", Cancelled = "cancelled", Refused = "refused",
    }
    events {
        Kept = "kept": Asked => Kept;
        NotKept = "not-kept": Asked => Refused;
        Dial = "dial": Kept => Dialling, Retry => Dialling;
        Answered = "answered": Dialling => Connected;
        Failed = "failed": Dialling => Retry, Connected => Retry;
        Exhausted = "exhausted": Dialling => GivenUp, Connected => GivenUp;
        Expired = "expired": Kept => GivenUp, Retry => GivenUp;
        Ended = "ended": Connected => Done;
        Cancel = "cancel": Asked => Cancelled, Kept => Cancelled, Retry => Cancelled, Dialling => Cancelled;
    }
}

impl TicketState {
    /// Whether nothing can happen any more.
    pub fn is_over(self) -> bool {
        Self::EVENTS.iter().all(|(event, _)| self.on(*event).is_none())
    }
}

/// By which way a ticket was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// By key, while waiting in a queue or when it was closed.
    Queue,
    /// With a message.
    Voicemail,
    /// On the web site.
    Web,
    /// By an agent, for a citizen.
    Agent,
}

impl Source {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Voicemail => "voicemail",
            Self::Web => "web",
            Self::Agent => "agent",
        }
    }
}

/// When a citizen wants to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// As soon as possible: the ticket keeps the place that the citizen had.
    Soon,
    /// Within this time.
    Slot {
        /// Its first moment.
        from: WallTime,
        /// Its last moment.
        to: WallTime,
    },
}

/// Why a ticket is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Citizen and agent have talked.
    Talked,
    /// The last attempt ended so.
    NotReached(Outcome),
    /// It could not be done within the longest time.
    Expired,
    /// The citizen, or somebody for the citizen, has cancelled it.
    Cancelled(By),
    /// The citizen phoned, and took the ticket's place or talked with an agent.
    PhonedIn,
    /// An agent answered before it was promised.
    Served,
    /// It could not be written down.
    NotWritten,
}

/// By which way a ticket was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// By phone, with a key.
    Phone,
    /// By the API.
    Api,
    /// On the command line.
    Cli,
    /// By the link of the web request.
    Web,
    /// The caller was gone, or told that nothing is noted, before it was written down.
    Unpromised,
    /// A later wish of the same number: a crash lost this one's end.
    Replaced,
    /// With all that is known of the number (`svi forget`).
    Erasure,
}

impl Reason {
    /// The word in records and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Talked => "talked",
            Self::NotReached(outcome) => outcome.word(),
            Self::Expired => "expired",
            Self::Cancelled(_) => "cancelled",
            Self::PhonedIn => "phoned-in",
            Self::Served => "served",
            Self::NotWritten => "not-written",
        }
    }
}

/// A promise to call a citizen back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id, which outlives the service.
    pub id: TicketId,
    /// Counts its changes: an older one never replaces a newer one in the store.
    pub version: u32,
    /// How far it is.
    pub state: TicketState,
    /// Whom to call, in international form.
    #[serde(with = "in_the_clear")]
    pub number: Private<PhoneNumber>,
    /// The queue whose agents call.
    pub queue: QueueName,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller.
    pub priority: u8,
    /// The language that the citizen is spoken to in.
    pub language: Language,
    /// By which way it was asked for.
    pub source: Source,
    /// Why, in the citizen's or the agent's words, or the name of a menu's choice.
    #[serde(with = "in_the_clear")]
    pub reason: Private<Option<String>>,
    /// The voice message that it was asked for with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The hash of the code by which the citizen sees or cancels it on the web site.
    #[serde(with = "in_the_clear")]
    pub code: Private<Option<String>>,
    /// When it was asked for.
    pub asked: WallTime,
    /// Since when the citizen waits, in a queue or at home.
    pub since: WallTime,
    /// When the citizen wants to be called.
    pub when: When,
    /// When it is to be called, or called again, at the earliest.
    pub due: WallTime,
    /// Every time that the citizen was called, the latest last.
    pub attempts: Vec<Attempt>,
    /// How often a crash may have led to a call after the citizen had answered.
    pub redialled: u32,
    /// Why it is over, once it is.
    pub ended: Option<Reason>,
}

impl Ticket {
    /// How many attempts count: those that a crash or an agent cut off do not.
    pub fn tried(&self) -> u32 {
        let counts = |attempt: &&Attempt| attempt.outcome.is_some_and(Outcome::counts);
        u32::try_from(self.attempts.iter().filter(counts).count()).unwrap_or(u32::MAX)
    }

    /// The number of the latest attempt, from 1; 0 before the first.
    pub fn attempt(&self) -> u32 {
        self.attempts.last().map_or(0, |attempt| attempt.nth)
    }

    /// Whether it waits: for its time, its turn, or its next attempt.
    pub fn waits(&self) -> bool {
        matches!(self.state, TicketState::Kept | TicketState::Retry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{dot, grid};

    #[test]
    fn the_ticket_s_life_is_one_table() {
        insta::assert_snapshot!("ticket_graph", dot::<TicketState>());
        insta::assert_snapshot!("ticket_grid", grid::<TicketState>());
    }

    #[test]
    fn a_ticket_ends_in_four_ways() {
        let over = TicketState::STATES.iter().filter(|(state, _)| state.is_over()).map(|(_, name)| *name);
        assert_eq!(over.collect::<Vec<_>>(), ["done", "given-up", "cancelled", "refused"]);
    }
}
