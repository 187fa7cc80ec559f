//! A whole service in memory on a virtual clock: the same structs, no network.
//!
//! A [`Simulation`] is one caller in one flow, with the real engine and the real
//! queue board, among phantom callers and phantom agents. What happens comes out as
//! [`Line`]s: [`transcript`] is what admins read and tests compare.
//!
//! What does not live here: SIP, sound, and reading of keys from a terminal.

mod answering;
mod crowd;
mod notebook;
mod lookups;
mod noting;
mod random;
mod scenario;
mod script;
mod simulation;
mod transcript;

#[cfg(test)]
mod shipped;
#[cfg(test)]
mod tests;

pub use lookups::{Answer, Answers, AnswersError};
pub use random::{Failure, random};
pub use scenario::{Crowding, Scenario, ScenarioError, estimated_length};
pub use script::{Script, ScriptError};
pub use simulation::Simulation;
pub use transcript::{Line, Who, to_json, transcript};
