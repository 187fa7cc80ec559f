//! SIP without a socket: messages, SDP, digest, transactions, dialogs, the registrar,
//! and the [`Endpoint`] that the shell feeds with
//! datagrams, and with what the [`Framer`] cuts out of connections.

mod body;
mod deadlines;
mod dialog;
pub mod digest;
mod endpoint;
mod event;
mod framer;
mod guard;
mod incoming;
mod io;
mod lifecycle;
mod message;
mod parse;
mod reason;
mod refer;
mod registrar;
mod reply;
pub mod sdp;
mod tags;
mod transaction;
mod transport;
mod trunk;
mod uri;
mod us;
mod write;

pub use dialog::SessionTimes;
pub use endpoint::{Account, Endpoint, EndpointSettings, Needed};
pub use event::{DialogEnd, Event, Later, TrunkNews};
pub use framer::{Framed, Framer, Unframed};
pub use guard::{Ban, Fault, GuardRules, Origin, Scope};
pub use incoming::{Diverted, Incoming};
pub use io::{Command, Identity, Input, InviteName, Output, Room, Target};
pub use message::{Contact, Headers, Message, Method, NameAddr, Params, Request, Response, Scheme, Uri, Via};
pub use parse::{ParseError, Refusal, parse};
pub use reason::{Protocol, Reason};
pub use refer::{Referral, Replaces, Taking};
pub use registrar::{PhoneLine, Reachable};
pub use transport::{ConnectionId, Hop, Transport};
pub use trunk::{
    Caps, NamedServer, NamedService, PulseState, Registered, RegistrationNews, Trunk, TrunkState, Written, in_turn,
    is_listed, places, usual_places,
};
pub use uri::UriError;
pub use us::{Door, Way, branch};
pub use write::{reason_phrase, write};
