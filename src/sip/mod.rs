//! SIP without a socket: messages, SDP, digest, transactions, dialogs, the registrar,
//! and the [endpoint](Input) that the shell feeds with datagrams.

mod deadlines;
mod dialog;
mod endpoint;
mod io;
mod lifecycle;
mod message;
mod parse;
mod reply;
mod transaction;
mod transport;
mod uri;
mod us;
mod write;

pub use io::{Command, DialogEnd, Event, Identity, Incoming, Input, Output, Target};
pub use message::{Contact, Headers, Message, Method, NameAddr, Params, Request, Response, Scheme, Uri, Via};
pub use parse::{ParseError, Refusal, parse};
pub use uri::UriError;
pub use write::{reason_phrase, write};
