//! Tests of a service's flows, written like the dialogue of a call.
//!
//! [`trials`] reads one file of a service's `tests` folder. Who runs them is
//! [`crate::sim`]; here is only what may be written.

mod read;
mod shape;

use std::sync::Arc;
use std::time::Duration;

pub use read::trials;
pub(super) use shape::FILE;

use super::Program;
use crate::base::{AgentName, Digit, PhoneNumber, WallTime};
use crate::diag::Span;

/// One test: a call that is made, and what has to come of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the admin calls it.
    pub name: Arc<str>,
    /// Where the name is written.
    pub span: Span,
    /// The flow that is called.
    pub program: Arc<Program>,
    /// When the call is made.
    pub at: WallTime,
    /// The caller's number, unless withheld.
    pub from: Option<PhoneNumber>,
    /// Callers who wait in each queue; two agents are free when nothing is written.
    pub crowd: Attendance,
    /// Whether the outside number of a `transfer` answers.
    pub outside: Outside,
    /// What servers answer to the look-ups of steps; the others don't answer.
    pub answers: Vec<(Arc<str>, serde_json::Value)>,
    /// Seed of the other callers' talks.
    pub seed: u64,
    /// The most keys before the caller is led to an agent.
    pub keys_to_agent: Option<Bound<usize>>,
    /// The longest time before the caller is led to an agent.
    pub time_to_agent: Option<Bound<Duration>>,
    /// What the caller does and hears, in order.
    pub call: Vec<Turn>,
}

/// How full each queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// Callers who wait in each queue.
    pub waiting: usize,
    /// Agents of each queue who are logged in; busy ones when somebody waits.
    pub agents: usize,
    /// Whether the queue takes nobody more.
    pub full: bool,
}

impl Default for Attendance {
    /// Nobody waits, two agents are free.
    fn default() -> Self {
        Self { waiting: 0, agents: 2, full: false }
    }
}

/// What the outside number of a `transfer` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outside {
    /// Answers.
    #[default]
    Answers,
    /// Rings in vain.
    Nobody,
}

/// A bound, and where it is written.
#[derive(Clone, Debug)]
pub struct Bound<T> {
    /// At most this.
    pub most: T,
    /// The value's place.
    pub span: Span,
}

/// One line of the dialogue.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The line's value.
    pub span: Span,
    /// The whole line, from its key.
    pub line: Span,
    /// What it says.
    pub what: Said,
}

/// What a line says of the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// These sentences are heard; `…` stands for words that are left out.
    Hears(Arc<str>),
    /// Nothing like it is heard until the caller acts.
    HearsNot(Arc<str>),
    /// The caller does nothing more until these sentences are heard.
    WaitsFor(Arc<str>),
    /// The caller presses these keys, each when one is waited for; behind `waits`, at once.
    Presses(Vec<Digit>),
    /// The caller presses nothing until the flow goes on by itself.
    PressesNothing,
    /// Time passes.
    Waits(Duration),
    /// The caller comes to this step.
    ComesTo(Arc<str>),
    /// An agent answers, or this one.
    Reaches(Option<AgentName>),
    /// The caller hangs up.
    HangsUp,
    /// Where the call has come to.
    Ends(End),
}

/// Where a call comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// An agent, or the outside number of a transfer, has answered.
    Agent,
    /// The caller waits in a queue.
    Queue,
    /// The service has hung up.
    HangUp,
    /// A callback is promised.
    Promise,
    /// A message is kept.
    Message,
}

impl End {
    /// Every end.
    pub const ALL: [Self; 5] = [Self::Agent, Self::Queue, Self::HangUp, Self::Promise, Self::Message];

    /// The word in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Queue => "queue",
            Self::HangUp => "hang-up",
            Self::Promise => "promise",
            Self::Message => "message",
        }
    }
}

/// The word for an agent who may be any.
pub const ANY_AGENT: &str = "agent";
/// The word of a caller who presses no key.
pub const NOTHING: &str = "nothing";
/// The word of a caller who hangs up.
pub const HANGS_UP: &str = "hangs-up";
/// The folder of a service that holds its tests.
pub const TESTS: &str = "tests";
