//! The board of callers and agents: rank, choice of agent, expected wait.
//!
//! What does not live here: ringing a phone, which the caller's own [`crate::call`]
//! does, and words for the wait, which [`crate::speech`] has.

mod agent;
mod board;
mod io;
mod lane;
mod line;
#[cfg(test)]
mod model;
mod recent;
#[cfg(test)]
mod tests;
mod view;
pub mod wait;
mod window;

pub use agent::{AgentEvent, AgentState, REST};
pub use board::Board;
pub use io::{CallerKey, Input, Join, Left, Missed, Output, Parted, Refused, Waiting};
pub use view::{AgentView, LineView, Serves, Snapshot, Standing, Then, View, WaiterView};
