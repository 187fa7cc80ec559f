use crate::sip::message::{Method, Request, Response, Via};

/// What tells one transaction from another (RFC 3261, sections 17.1.3 and 17.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// Ours: the branch is of our making, so it is enough beside the method.
    Client { branch: String, method: Method },
    /// A peer's: its branch belongs to the address that it says it is.
    Server { branch: String, sent_by: String, method: Method },
}

impl Key {
    /// The server transaction that a request belongs to; an ACK belongs to its INVITE.
    pub(super) fn of_request(request: &Request) -> Self {
        let method = if request.method == Method::Ack { Method::Invite } else { request.method.clone() };
        Self::server(request, method)
    }

    /// The server transaction of the INVITE that a CANCEL is about.
    pub(super) fn of_invite(cancel: &Request) -> Self {
        Self::server(cancel, Method::Invite)
    }

    /// The client transaction that one of our requests opens.
    pub(super) fn of_own(request: &Request) -> Self {
        let branch = request.headers.via.first().map_or(String::new(), |via| branch(via).to_owned());
        Self::Client { branch, method: request.method.clone() }
    }

    /// The client transaction that a response belongs to.
    pub(super) fn of_response(response: &Response) -> Option<Self> {
        let via = response.headers.via.first()?;
        Some(Self::Client { branch: branch(via).to_owned(), method: response.headers.cseq_method.clone() })
    }

    fn server(request: &Request, method: Method) -> Self {
        let headers = &request.headers;
        let via = headers.via.first();
        let sent_by =
            via.map_or(String::new(), |via| format!("{}:{}", via.host.to_ascii_lowercase(), via.port.unwrap_or(5060)));
        let branch = match via.map(branch) {
            Some(branch) if branch.starts_with(COOKIE) => branch.to_owned(),
            // A peer of RFC 2543: the branch tells nothing, so the headers that stay the same do.
            other => {
                let from = headers.from.tag().unwrap_or_default();
                format!("{} {} {from} {}", other.unwrap_or_default(), headers.call_id, headers.cseq)
            }
        };
        Self::Server { branch, sent_by, method }
    }
}

/// What every branch made after RFC 3261 starts with.
pub(crate) const COOKIE: &str = "z9hG4bK";

fn branch(via: &Via) -> &str {
    via.params.value("branch").unwrap_or_default()
}
