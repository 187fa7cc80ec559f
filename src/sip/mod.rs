//! SIP without a socket: messages, SDP, digest, transactions, dialogs, the registrar,
//! and the [endpoint](Input) that the shell feeds with datagrams.

mod io;

pub use io::{Command, DialogEnd, Event, Identity, Incoming, Input, Output, Target};
