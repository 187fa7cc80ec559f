//! Health, readiness and metrics over HTTP; the console and the public pages come here.
//!
//! What does not live here: opening the port, which is [`crate::server`]'s.

pub mod metrics;
mod pages;

pub use pages::{Readiness, WebState, router};
