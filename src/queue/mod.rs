//! The board of callers and agents: rank, choice of agent, expected wait.
//!
//! What does not live here: ringing a phone, which the caller's own [`crate::call`]
//! does, and words for the wait, which [`crate::speech`] has.

mod agent;
mod board;
mod io;
mod line;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
pub mod wait;

pub use agent::{AgentEvent, AgentState, REST};
pub use board::Board;
pub use io::{Input, Missed, Output, Refused};
