//! SIP without a socket: messages, SDP, digest, transactions, dialogs, the registrar,
//! and the [endpoint](Input) that the shell feeds with datagrams.

pub mod digest;
mod io;
mod message;
mod parse;
pub mod sdp;
mod uri;
mod write;

pub use io::{Command, DialogEnd, Event, Identity, Incoming, Input, Output, Target};
pub use message::{Contact, Headers, Message, Method, NameAddr, Params, Request, Response, Scheme, Uri, Via};
pub use parse::{ParseError, Refusal, parse};
pub use uri::UriError;
pub use write::{reason_phrase, write};
