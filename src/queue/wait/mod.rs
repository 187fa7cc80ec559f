//! The expected wait: learned, drawn, said in steps, and held against what happened.
//!
//! What does not live here: the words ([`crate::speech`]), and any knowledge of where the
//! numbers come from: a service or a simulator.

mod calibration;
mod draw;
mod estimator;
mod forecast;
mod law;
mod lengths;
mod normal;
mod outlook;
mod patience;
mod play;
mod quiet;
mod recall;
mod score;
#[cfg(test)]
mod tests;

pub use estimator::{Estimate, Estimator, Foreseen, Lesson, Telling};
pub use forecast::{Forecast, Glance, Settled};
pub use patience::WaitEnd;
pub use quiet::{HalfHour, Quiet, Week};
pub use recall::Recalled;
pub use score::{Outcome, Promise, Scores};
