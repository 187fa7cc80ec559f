use super::callback::Noting;
use super::collect::Collecting;
use super::lookup::LookingUp;
use super::menu::Choosing;
use super::reminder::Reminding;
use super::speaking::Speaking;
use super::survey::Asking;
use super::voicemail::Recording;
use super::waiting::Waiting;
use crate::flow::StepId;

/// What the flow is doing; each state owns what exists only in it.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// The caller has not been answered yet.
    Ringing,
    /// Something is said, then it goes on by itself.
    Speaking(Speaking),
    /// A menu waits for a key.
    Choosing(Choosing),
    /// A number is typed.
    Collecting(Collecting),
    /// The caller waits in a queue.
    Waiting(Box<Waiting>),
    /// A callback is being asked for.
    Noting(Box<Noting>),
    /// The caller hears of an earlier wish for a callback.
    Reminding(Reminding),
    /// A server is asked.
    LookingUp(LookingUp),
    /// An outside number is rung.
    Transferring,
    /// Caller and human hear each other; afterwards it goes there, or ends.
    Talking { then: Option<StepId> },
    /// A message is asked for, spoken and kept.
    Recording(Recording),
    /// A mark is asked for.
    Asking(Asking),
    /// The call has ended.
    Over,
}

/// Every deadline of a running flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// The caller has thought for long enough.
    Patience,
    /// Words that no key stops have lasted for as long as they may.
    Listen,
    /// The next digit did not come.
    NextDigit,
    /// Something may be told to who waits.
    Announce,
    /// The present place did not come.
    Place,
    /// Time to look whether it is still open.
    Closing,
    /// What was asked of the message's keeper did not come about.
    Message,
    /// The book of callbacks did not answer.
    Book,
    /// A look-up takes its time, or too long.
    LookUp,
}

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It waits, or has ended the call.
    Stay,
    /// To a step.
    Go(StepId),
    /// To the menu before.
    Back,
    /// To the start of this step.
    Again,
    /// To the agent.
    Agent,
}
