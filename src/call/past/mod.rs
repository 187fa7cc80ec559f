//! What the records of past calls teach: the report, the quiet hours, and the lessons that
//! a service learns anew after a restart.
//!
//! Everything is a fold over records, as values; where they come from, and the clock, is
//! the shell's. What does not live here: writing a record, which is [`super::Recorder`]'s.

mod lessons;
mod quiet;
mod record;
pub mod report;
mod staff;
mod story;
#[cfg(test)]
mod tests;

pub use lessons::Lessons;
pub use quiet::{Asked, Usual};
pub use record::{PastCall, PastEnding};
pub use story::{Stay, StayEnd};
