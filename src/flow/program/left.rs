//! What callers leave behind: a message, a number to be called at, a mark.

use std::sync::Arc;
use std::time::Duration;

use super::StepId;
use crate::base::{Localized, QueueName, Skill};
use crate::flow::Question;

/// `voicemail:` or `record:` takes a message.
#[derive(Clone, Debug)]
pub struct Voicemail {
    /// What is asked.
    pub ask: Localized,
    /// The longest message.
    pub at_most: Duration,
    /// Whether the message becomes a callback.
    pub callback: bool,
    /// What it is called in the list of messages.
    pub name: Option<Arc<str>>,
    /// Which step it is.
    pub taking: Taking,
    /// Whether a tone says that it begins.
    pub beep: Beep,
    /// Whether the caller may hear it and do it again.
    pub review: Review,
    /// Where it goes on; else the call ends.
    pub then: Option<StepId>,
}

/// Which step takes a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// `voicemail:`, the last thing in a call: we say how it is begun and ended.
    Voicemail,
    /// `record:`, in the middle of one: the flow says it all.
    Record,
}

impl Taking {
    /// The step's key.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Voicemail => "voicemail",
            Self::Record => "record",
        }
    }
}

/// Whether a tone comes before what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beep {
    /// It does.
    Yes,
    /// What is said counts from the last word on.
    No,
}

/// Whether a message may be heard and done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It may.
    Yes,
    /// It counts as it is.
    No,
}

/// `callback:` asks by which number and when the caller is called back.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The queue's full name, whose agents call.
    pub queue: QueueName,
    /// What the agent must be able to do.
    pub needs: Vec<Skill>,
    /// Levels above an ordinary caller.
    pub priority: u8,
    /// How its questions are asked again; then it goes on elsewhere.
    pub question: Question,
    /// Where it goes on once it is promised; else the call ends.
    pub then: Option<StepId>,
    /// Where it goes on when nothing is noted; else another contact is told and the call ends.
    pub otherwise: Option<StepId>,
}

impl Callback {
    /// How often its questions are asked again where no step says it.
    pub const QUESTION: Question = Question::usual(1, 3);
}

/// `survey:` asks how it was.
#[derive(Clone, Debug)]
pub struct Survey {
    /// What is asked.
    pub ask: Localized,
    /// The highest mark.
    pub scale: u8,
    /// How it is asked, and asked again; then it goes on without a mark.
    pub question: Question,
    /// Where it goes on; else the call ends.
    pub then: Option<StepId>,
}
