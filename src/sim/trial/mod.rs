//! Runs the tests that stand beside a flow.
//!
//! A [`Trial`] is read by [`crate::flow`]; [`rehearse`] makes its call in a
//! [`Simulation`] and says where the two part.

mod difference;
mod heard;
mod record;
mod rewrite;
mod run;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use difference::{difference, sides};
pub use record::record;
pub(super) use record::wish;
pub(super) use rewrite::quoted;
pub use rewrite::rewrite;

use super::{Answer, Answers, Coverage, Far, Line, Room, Scenario, Simulation};
use crate::diag::Span;
use crate::flow::{End, Outside, Service, Trial, Turn};
use crate::speech::Fragment;

/// What became of a test.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The call, as far as it was made.
    pub lines: Vec<Line>,
    /// How many of the lines had happened when the test was still right.
    pub right: usize,
    /// The steps that it came to, and the ways that led out of them.
    pub taken: Coverage,
    /// Where it is not as the test says; the rest of the test was not tried.
    pub mismatch: Option<Mismatch>,
}

/// A line of a test, and what happened in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The value that is not true.
    pub span: Span,
    /// The whole line of the file that holds it.
    pub line: Span,
    /// In which way.
    pub kind: Kind,
}

/// In which way a call is not as a test says.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// These words were not heard.
    NotHeard {
        /// As the test has them.
        expected: Arc<str>,
        /// The most alike of what was heard.
        nearest: Option<String>,
        /// All that was heard since the last words that were right, or the last key.
        heard: Vec<String>,
    },
    /// Words were heard that should not be.
    Heard {
        /// As the test has them.
        unwanted: Arc<str>,
        /// The sentence.
        heard: String,
    },
    /// The step was not come to.
    NoStep {
        /// As the test has it.
        expected: Arc<str>,
        /// The steps that were come to since the last one that was right, or the last key.
        passed: Vec<Arc<str>>,
    },
    /// Nobody answered, or somebody else.
    NoAgent {
        /// As the test has it.
        expected: String,
        /// Who did.
        found: Option<String>,
    },
    /// The call came to another end.
    OtherEnd {
        /// As the test has it.
        expected: End,
        /// Where it came to.
        found: End,
    },
    /// The call was over before the caller could do this.
    Over,
    /// More keys were needed; nothing where no agent was asked for.
    Keys {
        /// As the test has it.
        most: usize,
        /// How many.
        needed: Option<usize>,
    },
    /// It took longer; nothing where no agent was asked for.
    Time {
        /// As the test has it.
        most: Duration,
        /// How long.
        needed: Option<Duration>,
    },
}

impl Mismatch {
    fn at(turn: &Turn, kind: Kind) -> Self {
        Self { span: turn.span.clone(), line: turn.line.clone(), kind }
    }
}

/// Makes the call of a test; `lengths` says how long a clip lasts.
pub fn rehearse(service: &Arc<Service>, trial: &Trial, lengths: &dyn Fn(&Fragment) -> Duration) -> Rehearsal {
    run::Run::new(Simulation::new(scenario(service, trial), lengths)).rehearse(trial)
}

fn scenario(service: &Arc<Service>, trial: &Trial) -> Scenario {
    let answer = |(step, json): &(Arc<str>, serde_json::Value)| Answer { step: Arc::clone(step), json: json.clone() };
    let answers: Vec<Answer> = trial.answers.iter().map(answer).collect();
    Scenario {
        waiting: trial.crowd.waiting,
        agents: trial.crowd.agents,
        room: if trial.crowd.full { Room::Full } else { Room::Enough },
        outside: match trial.outside {
            Outside::Answers => Far::Answers,
            Outside::Nobody => Far::Silent,
        },
        caller: trial.from.clone(),
        answers: Answers::of(&answers),
        seed: trial.seed,
        ..Scenario::new(Arc::clone(service), Arc::clone(&trial.program), trial.at)
    }
}
