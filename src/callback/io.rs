use std::fmt;
use std::time::Duration;

use super::{Allowed, Attempt, By, DialogName, First, Outcome, Refused, Source, Ticket, When};
use crate::base::{AgentName, CallId, Language, MessageId, PhoneNumber, Private, QueueName, Skill, TicketId, WallTime};
use crate::service::Diary;

/// Who waits for the book's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// A call.
    Call(CallId),
    /// A request of the web site, the API or the command line.
    Request(u64),
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => call.fmt(f),
            Self::Request(request) => write!(f, "request-{request}"),
        }
    }
}

/// A wish to be called back.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// Who asks.
    pub asker: Asker,
    /// Whom to call, in international form, checked.
    pub number: Private<PhoneNumber>,
    /// The number that the citizen phones from; nothing where it is withheld, or nobody phones.
    pub caller: Option<Private<PhoneNumber>>,
    /// The queue whose agents call.
    pub queue: QueueName,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller.
    pub priority: u8,
    /// The language that the citizen is spoken to in.
    pub language: Language,
    /// By which way it is asked for.
    pub source: Source,
    /// Why.
    pub reason: Private<Option<String>>,
    /// The voice message that it is asked for with.
    pub message: Option<MessageId>,
    /// The hash of the code by which it can be seen and cancelled on the web site.
    pub code: Private<Option<String>>,
    /// Since when the citizen waits.
    pub since: WallTime,
    /// When the citizen wants to be called.
    pub when: When,
}

/// What the book is told.
///
/// What happens to an attempt names it by its number: what comes late, of an attempt that
/// is over, changes nothing.
#[derive(Clone, Debug)]
pub enum Input {
    /// A ticket of the store, after a start: all that are open, and those of the last day
    /// that are over, for the caps.
    Restored(Ticket),
    /// The store has no more.
    Ready,
    /// The service is about to stop: nobody gets a turn any more. Who is being called is
    /// called; all others are called after the restart.
    Rest,
    /// When citizens may be called for a queue, from now on.
    Hours {
        /// Which.
        queue: QueueName,
        /// When.
        allowed: Allowed,
    },
    /// A citizen asks to be called back.
    Ask(Wish),
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
    /// The store knows a newer version of a ticket, or has cancelled or erased it: this one
    /// is let go of.
    Overtaken {
        /// Which.
        ticket: TicketId,
    },
    /// The board offers an agent for a ticket.
    Offered {
        /// Which.
        ticket: TicketId,
        /// Who.
        agent: AgentName,
    },
    /// The board takes the agent back, or the agent could not be had.
    Missed {
        /// Which.
        ticket: TicketId,
        /// Who.
        agent: AgentName,
    },
    /// The board has no place for a ticket at present.
    NoPlace {
        /// Which.
        ticket: TicketId,
    },
    /// The citizen is to be dialled now, by a call of this name: the agent has accepted, or
    /// is kept free.
    Accepted {
        /// Which.
        ticket: TicketId,
        /// Who.
        agent: AgentName,
        /// How the dialog will be called.
        dialog: DialogName,
    },
    /// The citizen's phone has a tag.
    Rings {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
        /// The tag.
        to_tag: String,
    },
    /// The citizen answered.
    Answered {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
    },
    /// The citizen was not reached.
    Failed {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
        /// Why.
        why: Outcome,
        /// How long nobody is to be called, if that was said.
        not_before: Option<Duration>,
    },
    /// The talk has ended.
    TalkEnded {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
    },
    /// The call that was made for a ticket is gone, and nobody knows how far it was.
    Lost {
        /// Which.
        ticket: TicketId,
    },
    /// A dialog that [`Output::EndOld`] named was never answered.
    OldUnanswered {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
    },
    /// A caller is about to wait in a queue: [`Output::Arrived`] answers where the number has a ticket there.
    PhonesIn {
        /// Who.
        call: CallId,
        /// From which number, in international form.
        number: Private<PhoneNumber>,
        /// Where.
        queue: QueueName,
    },
    /// A caller has a place in a queue: what was promised there to be done as soon as
    /// possible, or by now, is not needed any more. What was promised for later stands.
    PhonedIn {
        /// Who.
        call: CallId,
        /// From which number, in international form.
        number: Private<PhoneNumber>,
        /// Where.
        queue: QueueName,
    },
    /// An agent answered a caller whose ticket was just promised.
    Served {
        /// Which.
        ticket: TicketId,
    },
    /// An agent of a queue has answered a caller who has a ticket there.
    GotThrough {
        /// From which number, in international form.
        number: Private<PhoneNumber>,
        /// Where.
        queue: QueueName,
    },
    /// The call of a number that [`Output::Known`] told of is over.
    HungUp {
        /// Which.
        call: CallId,
        /// From which number, in international form.
        number: Private<PhoneNumber>,
    },
    /// Which open ticket a number has: [`Output::Known`] answers, or nothing. While that call
    /// is up, the number is not called, and whoever is being rung for it is let go.
    Look {
        /// Who asks.
        asker: Asker,
        /// The number, in international form.
        number: Private<PhoneNumber>,
    },
    /// What is promised for times to come: [`Output::Diary`] answers.
    Diary {
        /// Who asks.
        asker: Asker,
        /// At which queue.
        queue: QueueName,
    },
    /// A ticket is to be cancelled: [`Output::Cancelled`] or [`Output::Refused`] answers.
    Cancel {
        /// Who asks.
        asker: Asker,
        /// Which.
        ticket: TicketId,
        /// By which way.
        by: By,
    },
    /// A person is forgotten: open tickets of the number are let go of, and who is rung or
    /// dialled for them is rung no more. The store has been told before.
    Erase {
        /// The number, however it is written.
        number: Private<PhoneNumber>,
    },
    /// An asker no longer wants what it asked for: it has gone, or was told that nothing is noted.
    Forget {
        /// Who.
        asker: Asker,
    },
    /// A deadline may have passed.
    Tick,
}

/// What the book says.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Write this ticket down; [`Input::Kept`] or [`Input::NotKept`] follows.
    Keep(Box<Ticket>),
    /// The citizen may be told that it is noted.
    Promise {
        /// Who asked.
        asker: Asker,
        /// The ticket.
        ticket: TicketId,
        /// What is promised; of an earlier wish, if the number had a ticket.
        when: When,
    },
    /// The citizen must be told that it is not done.
    Refused {
        /// Who asked.
        asker: Asker,
        /// Why.
        why: Refused,
    },
    /// The number has an open ticket.
    Known {
        /// Who asked.
        asker: Asker,
        /// The ticket.
        ticket: TicketId,
        /// What was promised.
        when: When,
    },
    /// What is promised for times to come; also before [`Refused::SlotFull`].
    Diary {
        /// Who asked.
        asker: Asker,
        /// What.
        diary: Diary,
    },
    /// It is cancelled, and written down.
    Cancelled {
        /// Who asked.
        asker: Asker,
        /// The ticket.
        ticket: TicketId,
    },
    /// Put the ticket into its line: in the place of a caller who still waits there, or at
    /// the place that its arrival gives.
    Join(Line),
    /// Take the ticket out of its line, and whoever rings for it.
    Leave {
        /// Which.
        ticket: TicketId,
    },
    /// The caller is about to join at a ticket's place, and counts as waiting since then. The
    /// ticket stands until the caller has the place.
    Arrived {
        /// Who.
        call: CallId,
        /// Since when.
        since: WallTime,
    },
    /// The caller has the ticket's place, and the ticket is over.
    TakesPlace {
        /// Who.
        call: CallId,
    },
    /// Ring the agent, or keep the agent free, and say [`Input::Accepted`] when the citizen is to be dialled.
    Ring {
        /// The ticket as it is.
        ticket: Box<Ticket>,
        /// Who.
        agent: AgentName,
        /// Who is called first.
        first: First,
    },
    /// Dial the citizen now: the attempt is written down.
    Dial {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
    },
    /// Let agent and citizen hear each other: that they do is written down.
    Bridge {
        /// Which.
        ticket: TicketId,
        /// The attempt.
        nth: u32,
    },
    /// End whatever is being done for a ticket; [`Input::Failed`] follows where the citizen was dialled.
    Stop {
        /// Which.
        ticket: TicketId,
    },
    /// End a dialog that a crash has left behind, by CANCEL, and BYE if there is a peer's tag.
    EndOld {
        /// Which.
        ticket: TicketId,
        /// The number that was called.
        number: Private<PhoneNumber>,
        /// The dialog.
        attempt: Box<Attempt>,
    },
}

impl Output {
    /// Who is told this; nothing where it is told to the disk, the board or whoever dials.
    pub fn asker(&self) -> Option<Asker> {
        match self {
            Self::Promise { asker, .. }
            | Self::Refused { asker, .. }
            | Self::Known { asker, .. }
            | Self::Diary { asker, .. }
            | Self::Cancelled { asker, .. } => Some(*asker),
            Self::TakesPlace { call } => Some(Asker::Call(*call)),
            Self::Keep(_)
            | Self::Arrived { .. }
            | Self::Join(_)
            | Self::Leave { .. }
            | Self::Ring { .. }
            | Self::Dial { .. }
            | Self::Bridge { .. }
            | Self::Stop { .. }
            | Self::EndOld { .. } => None,
        }
    }
}

/// A ticket's place in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub ticket: TicketId,
    /// Where.
    pub queue: QueueName,
    /// The caller whose place it takes, if the caller still waits.
    pub from: Option<CallId>,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller.
    pub priority: u8,
    /// Since when the citizen waits.
    pub since: WallTime,
}
