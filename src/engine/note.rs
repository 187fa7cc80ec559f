use std::sync::Arc;

use super::io::ExpectedWait;
use crate::base::{Digit, Language, Private};
use crate::speech::Notice;

/// What a flow did, for the record and the transcript.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A step was entered.
    Step {
        /// Its name.
        name: Arc<str>,
    },
    /// A key was taken by a step.
    Key {
        /// Which.
        digit: Private<Digit>,
    },
    /// The caller chose a language, in which everything is said from now on.
    Language(Language),
    /// A number was typed.
    Collected {
        /// The name it is kept under.
        name: Arc<str>,
        /// The digits.
        digits: Private<String>,
    },
    /// A variable was given a value.
    Valued {
        /// Which.
        name: Arc<str>,
        /// What it holds.
        value: Private<String>,
    },
    /// A look-up is over.
    LookedUp {
        /// The step.
        name: Arc<str>,
        /// `answered`, or why there is nothing.
        outcome: &'static str,
    },
    /// A condition was the first that held, or none did.
    Chose {
        /// Its place in the step's list, from 0; nothing is `else`.
        branch: Option<usize>,
    },
    /// The caller asked for an agent, by key, silence or flow.
    AskedAgent {
        /// Whether the phone hours say open.
        open: bool,
    },
    /// The rank was told.
    ToldRank {
        /// The place, from 1.
        rank: usize,
    },
    /// The wait was told: a promise, to be held against what happens.
    ToldWait {
        /// The place then, from 1.
        rank: usize,
        /// What was told, and what is behind it.
        wait: ExpectedWait,
    },
    /// The notice was heard to its end.
    Noticed(Notice),
    /// An offer was taken.
    Took {
        /// Its word in the flow, such as `quiet-hours`.
        offer: &'static str,
    },
    /// A call back was promised.
    Promised,
    /// A call back was asked for and could not be promised.
    NotPromised,
    /// A mark was given.
    Mark {
        /// The survey's step.
        name: Arc<str>,
        /// From 1.
        mark: u8,
    },
    /// A message was kept, and the caller is told.
    MessageKept,
    /// No message could be taken, or kept.
    NoMessage {
        /// Why: a word of [`NoMessage`], or `not-kept`.
        why: &'static str,
    },
    /// Something went round without waiting and was stopped, or could not run.
    Trouble {
        /// What.
        what: &'static str,
    },
}
