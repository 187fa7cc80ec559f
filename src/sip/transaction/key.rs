use std::fmt::Write;
use std::sync::Arc;

use crate::sip::message::{Method, Request, Response, Via};

/// What tells one transaction from another (RFC 3261, sections 17.1.3 and 17.2.3), in one
/// text that its holders share: there are tens of thousands.
///
/// Ours have a branch of our making, which is enough beside the method. A peer's branch
/// belongs to the address that it says it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Arc<str>);

impl Key {
    /// The server transaction that a request belongs to; an ACK belongs to its INVITE.
    pub(super) fn of_request(request: &Request) -> Self {
        Self::server(request, if request.method == Method::Ack { &Method::Invite } else { &request.method })
    }

    /// The server transaction of the INVITE that a CANCEL is about.
    pub(super) fn of_invite(cancel: &Request) -> Self {
        Self::server(cancel, &Method::Invite)
    }

    /// The client transaction that one of our requests opens.
    pub(super) fn of_own(request: &Request) -> Self {
        let branch = request.headers.via.first().map_or("", branch);
        Self::client(branch, &request.method)
    }

    /// The client transaction that a response belongs to.
    pub(super) fn of_response(response: &Response) -> Option<Self> {
        let via = response.headers.via.first()?;
        Some(Self::client(branch(via), &response.headers.cseq_method))
    }

    // The branch comes last, and what is before it holds no blank: no two keys read the same.

    fn client(branch: &str, method: &Method) -> Self {
        Self(["ours ", method.as_str(), " ", branch].concat().into())
    }

    fn server(request: &Request, method: &Method) -> Self {
        let headers = &request.headers;
        let via = headers.via.first();
        let mut key = String::with_capacity(USUAL);
        key.extend([method.as_str(), " "]);
        if let Some(via) = via {
            key.extend(via.host.chars().map(|c| c.to_ascii_lowercase()));
            let _ = write!(key, ":{} ", via.port.unwrap_or(5060));
        }
        match via.map(branch) {
            // The cookie alone names nothing: all requests of its sender would be one.
            Some(branch) if branch.starts_with(COOKIE) && branch.len() > COOKIE.len() => key.push_str(branch),
            // A peer of RFC 2543: the branch tells nothing, so the headers that stay the same do.
            other => {
                let from = headers.from.tag().unwrap_or_default();
                let _ = write!(key, "{} {} {from} {}", other.unwrap_or_default(), headers.call_id, headers.cseq);
            }
        }
        Self(key.into())
    }
}

/// Room for the key of a usual request.
const USUAL: usize = 96;

/// What every branch made after RFC 3261 starts with.
pub(crate) const COOKIE: &str = "z9hG4bK";

fn branch(via: &Via) -> &str {
    via.params.value("branch").unwrap_or_default()
}
