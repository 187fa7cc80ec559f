//! One caller's whole story: the engine, the caller's leg, the agent's leg, events,
//! the record (CDR).

mod caller;
mod event;
mod io;
mod leg;
mod machine;
mod record;
mod second;
mod state;
#[cfg(test)]
mod tests;

pub use event::{By, CallEvent, Ending, Happened};
pub use io::{Input, Output, Reach, Settings, call_of};
pub use machine::Call;
pub use record::{Mark, Record, Recorder, StepLine, ToldWait};
pub use state::{CallState, CallTurn};
