//! Whether a caller was served as a flow has to.

use std::time::Duration;

use super::story::Story;
use crate::base::limits;
use crate::sim::Simulation;
use crate::speech::Fragment;

/// What is wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// An agent was asked for in opening hours, and nobody came, nor the truth.
    NoAgent,
    /// It is closed, and the caller was not told the hours.
    NoHours,
    /// The flow goes round without waiting for the caller.
    GoesRound,
    /// Two hours were not enough.
    TooLong,
    /// Nothing will ever happen again.
    Stuck,
    /// More happens than two hours can hold.
    Restless,
}

impl Fault {
    /// What is said of the caller.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoAgent => "asked for an agent in opening hours and reached none",
            Self::NoHours => "called when it is closed and was not told the hours",
            Self::GoesRound => "went round without waiting",
            Self::TooLong => "was not served within two hours",
            Self::Stuck => "is stuck: nothing will ever happen again",
            Self::Restless => "makes events without end",
        }
    }
}

/// Plays a story to its end; the call and what is wrong with it.
pub(super) fn play<'a>(story: &Story, lengths: &'a dyn Fn(&Fragment) -> Duration) -> (Simulation<'a>, Option<Fault>) {
    let mut simulation = Simulation::new(story.scenario.clone(), lengths);
    story.press_all(&mut simulation);
    let fault = wait(&mut simulation).err();
    (simulation, fault)
}

/// The caller presses nothing more.
fn wait(simulation: &mut Simulation<'_>) -> Result<(), Fault> {
    let keys_end = simulation.elapsed();
    for _ in 0..MOST_EVENTS {
        if simulation.seen().trouble.is_some_and(|what| what.starts_with("the flow")) {
            return Err(Fault::GoesRound);
        }
        if simulation.ending().is_some() {
            return judge_end(simulation);
        }
        let served = is_served(simulation);
        if served && simulation.elapsed() > keys_end + LINGERS {
            simulation.hang_up();
            return Ok(());
        }
        if simulation.elapsed() > limits::CALL_DURATION {
            return if served { Ok(()) } else { Err(Fault::TooLong) };
        }
        if !simulation.advance_to_next() {
            return Err(Fault::Stuck);
        }
    }
    Err(Fault::Restless)
}

fn is_served(simulation: &Simulation<'_>) -> bool {
    let seen = simulation.seen();
    seen.talked || seen.refused || seen.promised || (seen.truth && !simulation.is_open())
}

fn judge_end(simulation: &Simulation<'_>) -> Result<(), Fault> {
    if is_served(simulation) {
        Ok(())
    } else if simulation.seen().asked {
        Err(Fault::NoAgent)
    } else if !simulation.is_open() {
        Err(Fault::NoHours)
    } else {
        Ok(())
    }
}

/// A caller who has been served stays on the line this long.
const LINGERS: Duration = Duration::from_secs(600);
/// Two hours of a call have far fewer events.
const MOST_EVENTS: usize = 100_000;
