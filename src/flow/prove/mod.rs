//! What callers can meet in a flow, and the proof that it keeps what is promised.
//!
//! A [`Space`] holds every [`Situation`] that a call can come to, with every way out: each
//! key, silence, what the queue, the clock, the book or the desk decide. What a caller can
//! do is what the engine does; `sim` holds the two against each other with random flows.
//! The rules look for the best way of a caller to an agent ([`agent`]), at what silence
//! leads to, at what is told when it is closed ([`closed`]), and at speech in which no key
//! is listened to ([`speech`]). A way that breaks a promise is told as a [`story`].
//!
//! Every search is a shortest way or a fixed point: a flow of a thousand steps takes
//! milliseconds.

/// Whether a fault is in the prover: never in the program.
#[cfg(not(test))]
macro_rules! fault {
    ($name:ident) => {
        false
    };
}
#[cfg(test)]
macro_rules! fault {
    ($name:ident) => {
        $crate::flow::prove::fault::is_in($crate::flow::prove::fault::Fault::$name)
    };
}

pub(super) mod agent;
pub(super) mod closed;
pub(super) mod depth;
#[cfg(test)]
pub(crate) mod fault;
mod moves;
pub(super) mod late;
pub(super) mod reach;
mod round;
mod situation;
mod space;
pub(super) mod speech;
mod story;
#[cfg(test)]
mod verdicts;
mod words;

use std::time::Duration;

use super::{Audio, Program};
pub(super) use space::Space;
pub(super) use story::seconds;
#[cfg(test)]
pub(crate) use verdicts::{Checked, Verdicts};
pub(super) use words::Longest;

/// How much the prover has looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The situations that a call can come to.
    pub situations: usize,
    /// The ways on from them: keys, silence, what the queue, the clock, the book or the desk decide.
    pub ways: usize,
}

/// Looks at everything that can happen in a flow, with these recordings.
pub fn explored(program: &Program, audio: &dyn Audio) -> Explored {
    let space = Space::of(program, audio);
    Explored { situations: space.nodes.len(), ways: space.ways.len() }
}

/// What a caller may have to hear on the way to an agent, with the fewest keys allowed: who
/// does not know the flow hears each text out before pressing a key.
pub(super) const SPEECH_TO_AGENT: Duration = Duration::from_secs(60);
/// What may be said before a call is answered: exchanges give up a call that nobody answers
/// after 90 s or more (ITU-T Q.764, T9), and set-up and rounding take some of them.
pub(super) const SPEECH_BEFORE_ANSWER: Duration = Duration::from_secs(60);
/// How long a caller who presses nothing may be on the way to an agent, pauses included: a
/// welcome, and two menus heard twice, each with its time to think.
pub(super) const SILENCE_TO_AGENT: Duration = Duration::from_secs(120);
