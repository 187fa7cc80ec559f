//! Runs a [`crate::flow::Program`]: inputs in, actions out; one file per step kind.

mod io;

pub use io::{Action, Deadline, Input, Keys, Note, QueueNews, Sound, TransferNews};
