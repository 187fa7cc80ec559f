//! Health, readiness, metrics and the agents' API over HTTP; the console and the public pages come here.
//!
//! What does not live here: opening the port, which is [`crate::server`]'s.

mod access;
mod api;
mod bans;
mod callbacks;
mod flows;
mod forget;
mod hours;
mod messages;
pub mod metrics;
mod pages;
mod trunks;

pub use callbacks::Office;
pub use hours::standalone as hours_page;
pub use pages::{Readiness, WebState, renewed, router};
