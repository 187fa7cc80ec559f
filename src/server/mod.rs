//! The only owner of sockets, clock and threads: signalling task, hub task, call
//! tasks and media workers.

pub mod clock;
pub mod media;
pub mod prompts;
