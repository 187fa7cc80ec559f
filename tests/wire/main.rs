//! Real calls on loopback against the real program, with other people's software at
//! the other end: SIPp and baresip. Their logs and recordings are the judges.

mod baresip;
mod calls;
mod dialogs;
mod media;
mod agents;
mod operations;
mod service;
mod sipp;
