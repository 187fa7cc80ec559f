//! Real calls on loopback against the real program, with other people's software at
//! the other end: SIPp and baresip. Their logs and recordings are the judges.

mod agents;
mod baresip;
mod calls;
mod dialogs;
mod keys;
mod lost_agents;
mod media;
mod operations;
mod privacy;
mod raw;
mod service;
mod sipp;
mod trunk;
mod waiting;
