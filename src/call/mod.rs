//! One caller's whole story: the engine, the caller's leg, the agent's leg, events,
//! the record (CDR).

mod event;
mod io;
mod record;

pub use event::{By, CallEvent, Ending, Happened, elapsed};
pub use io::{Input, Output, Reach, Settings, call_of};
pub use record::{Record, Recorder, StepLine};
