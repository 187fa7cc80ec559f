use crate::base::{Lifecycle, PhoneNumber, Private, QueueName, TicketId, WallTime, transitions};

/// How far a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketState {
    /// A caller asks; nothing is promised yet.
    Asked,
    /// Written down and promised: waits for its time.
    Kept,
    /// Its time has come: waits for an agent.
    Due,
    /// The citizen is being called.
    Dialling,
    /// The citizen was not reached: waits for the next attempt.
    Retry,
    /// Citizen and agent talk.
    Connected,
    /// The promise is kept.
    Done,
    /// The citizen was not reached at the last attempt either.
    GivenUp,
    /// The citizen wants no call any more, or has called.
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
    /// Its time has come.
    Due,
    /// An agent is there for it.
    Dial,
    /// The citizen answered.
    Answered,
    /// The citizen was not reached, and may be tried again.
    Failed,
    /// The citizen was not reached, for the last time.
    Exhausted,
    /// The talk has ended.
    Ended,
    /// The citizen wants no call any more.
    Cancel,
}

transitions! {
    TicketState on TicketEvent
    states {
        Asked = "asked", Kept = "kept", Due = "due", Dialling = "dialling", Retry = "retry",
        Connected = "connected", Done = "done", GivenUp = "given-up", Cancelled = "cancelled", Refused = "refused",
    }
    events {
        Kept = "kept": Asked => Kept;
        NotKept = "not-kept": Asked => Refused;
        Due = "due": Kept => Due, Retry => Due;
        Dial = "dial": Due => Dialling;
        Answered = "answered": Dialling => Connected;
        Failed = "failed": Dialling => Retry;
        Exhausted = "exhausted": Dialling => GivenUp;
        Ended = "ended": Connected => Done;
        Cancel = "cancel": Asked => Cancelled, Kept => Cancelled, Due => Cancelled, Retry => Cancelled;
    }
}

impl TicketState {
    /// Whether nothing can happen any more.
    pub fn is_over(self) -> bool {
        Self::EVENTS.iter().all(|(event, _)| self.on(*event).is_none())
    }
}

/// A promise to call a citizen back.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Its id, which outlives the service.
    pub id: TicketId,
    /// Counts its changes: an older one never replaces a newer one in the store.
    pub version: u32,
    /// How far it is.
    pub state: TicketState,
    /// Whom to call.
    pub number: Private<PhoneNumber>,
    /// The queue whose agents call.
    pub queue: QueueName,
    /// When it was asked for.
    pub asked: WallTime,
    /// When it is to be called, or called again, at the earliest.
    pub due: WallTime,
    /// How often the citizen has been called.
    pub attempts: u32,
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
