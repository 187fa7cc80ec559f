//! Real calls on loopback against the real program, with other people's software at
//! the other end: SIPp and baresip. Their logs and recordings are the judges.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on shall panic, and real calls take real time"
)]

mod baresip;
mod calls;
mod dialogs;
mod media;
mod agents;
mod operations;
mod service;
mod sipp;
