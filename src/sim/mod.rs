//! A whole service in memory on a virtual clock: the same structs, no network.
//!
//! A [`Simulation`] is one caller in one flow, with the real engine and the real
//! queue board, among phantom callers and phantom agents. What happens comes out as
//! [`Line`]s: [`transcript`] is what admins read and tests compare.
//!
//! What does not live here: SIP, sound, and reading of keys from a terminal.

mod answering;
mod coverage;
mod crowd;
mod notebook;
mod lookups;
mod noting;
mod scenario;
mod retrace;
mod script;
mod search;
mod simulation;
mod telling;
mod trail;
mod transcript;
mod trial;

#[cfg(test)]
mod exhaustive;
#[cfg(test)]
mod shipped;
#[cfg(test)]
mod tests;

pub use crate::speech::estimated_length;
pub use coverage::{Coverage, Exit, Way, exits};
pub use lookups::{Answer, Answers, AnswersError};
pub use retrace::{Retraced, Told, retrace};
pub use scenario::{Crowding, Far, Room, Scenario, ScenarioError};
pub use script::{Script, ScriptError};
pub use search::{Caller, Failure, Fault, Lengths, Played, ROUND, Search, Shrunk, random};
pub use simulation::Simulation;
pub use transcript::{Line, What, Who, to_json, transcript};
pub use trial::{Kind as MismatchKind, Mismatch, Rehearsal, difference, record, rehearse, rewrite, sides};
