//! The board of callers and agents: rank, choice of agent, expected wait.

mod io;

pub use io::{Input, Missed, Output, Refused};
