use std::net::SocketAddr;

use crate::base::{AgentName, LegId, PhoneNumber, Private};

/// A new incoming call.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// The leg's id, given by the endpoint: a multiple of 256, so that the call has
    /// 255 ids for the legs that it opens itself.
    pub leg: LegId,
    /// The user part of the request URI: the number that was dialled.
    pub to: String,
    /// The caller's number, unless it is withheld or no number.
    pub from: Option<Private<PhoneNumber>>,
    /// The caller's user part, to present to agents; `None` when withheld.
    pub from_user: Option<Private<String>>,
    /// The agent who is calling, when the request came with an agent's credentials or contact.
    pub agent: Option<AgentName>,
    /// The Call-ID, for the record.
    pub call_id: String,
    /// Where the request came from.
    pub source: SocketAddr,
    /// The leg whose place an agent's phone wants to take (RFC 3891): both sides of it talk.
    pub replaces: Option<LegId>,
    /// Who has sent the call on to us, where it was sent on.
    pub diverted: Option<Box<Diverted>>,
    /// The offer; `None` is a late offer.
    pub offer: Option<String>,
}

/// Who has sent a call on to us, and why. It is what the network says, and may be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diverted {
    /// The number that was dialled before, where it is one.
    pub number: Option<Private<PhoneNumber>>,
    /// Why it was sent on, in a word of RFC 5806: `user-busy`, `no-answer`, `unconditional` …
    pub why: &'static str,
}
