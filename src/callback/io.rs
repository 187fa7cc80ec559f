use std::time::Duration;

use super::Ticket;
use crate::base::{CallId, PhoneNumber, Private, QueueName, TicketId, WallTime, limits};

/// How a book behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How often a citizen is called before the ticket is given up.
    pub attempts: u32,
    /// How long between two attempts.
    pub spacing: Duration,
    /// How long after a crash nobody is called again who was being called.
    pub guard: Duration,
    /// How long until something that could not be written is written again.
    pub rewrite: Duration,
    /// How many tickets may be open.
    pub capacity: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            attempts: 3,
            spacing: Duration::from_secs(15 * 60),
            guard: Duration::from_secs(3 * 60),
            rewrite: Duration::from_secs(5),
            capacity: limits::TICKETS,
        }
    }
}

/// What the book is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// An open ticket of the store, after a start.
    Restored(Ticket),
    /// A caller asks to be called back.
    Ask {
        /// Who asks.
        call: CallId,
        /// Whom to call.
        number: Private<PhoneNumber>,
        /// The queue whose agents call.
        queue: QueueName,
        /// Not before this.
        due: WallTime,
    },
    /// This version of a ticket is on the disk, after [`Output::Keep`].
    Kept {
        /// Which.
        ticket: TicketId,
        /// Its version.
        version: u32,
    },
    /// This version could not be written.
    NotKept {
        /// Which.
        ticket: TicketId,
        /// Its version.
        version: u32,
    },
    /// An agent is there for a ticket that is due.
    Dial {
        /// Which.
        ticket: TicketId,
    },
    /// The citizen answered.
    Answered {
        /// Which.
        ticket: TicketId,
    },
    /// The citizen was not reached.
    Failed {
        /// Which.
        ticket: TicketId,
    },
    /// The talk has ended.
    TalkEnded {
        /// Which.
        ticket: TicketId,
    },
    /// The citizen wants no call any more, or has called.
    Cancel {
        /// Which.
        ticket: TicketId,
    },
    /// A deadline may have passed.
    Tick,
}

/// What the book says.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Write this ticket down; [`Input::Kept`] or [`Input::NotKept`] follows.
    Keep(Ticket),
    /// The caller may be told that it is noted.
    Promise {
        /// Who asked.
        call: CallId,
        /// The ticket.
        ticket: TicketId,
    },
    /// The caller must be told that it is not.
    Refused {
        /// Who asked.
        call: CallId,
        /// Why.
        why: Refused,
    },
    /// The ticket's time has come: find an agent, then say [`Input::Dial`].
    Due {
        /// Which.
        ticket: TicketId,
        /// Whose agents.
        queue: QueueName,
    },
    /// Call this number now; the attempt is written down.
    Dial {
        /// Which.
        ticket: TicketId,
        /// Whom.
        number: Private<PhoneNumber>,
    },
}

/// Why nothing was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many tickets as allowed are open.
    Full,
    /// It could not be written down.
    NotKept,
    /// It was cancelled before it was written down.
    Cancelled,
}
