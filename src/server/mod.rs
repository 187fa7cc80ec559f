//! The only owner of sockets, clock and threads: signalling task, hub task, call
//! tasks and media workers.
