use std::net::{IpAddr, SocketAddr};

use super::message::{NameAddr, Params, Scheme, Uri, Via};
use super::transaction::COOKIE;
use super::transport::{Hop, Transport};
use crate::base::Chance;

/// What we say we can do, in `Allow`.
pub(crate) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, REFER, REGISTER";

/// How we name ourselves on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Us {
    /// The address that peers reach us at.
    pub(crate) address: SocketAddr,
}

impl Us {
    /// A new `Via`, with a branch of its own and a question for the port that it is seen from (RFC 3581).
    pub(crate) fn via(&self, transport: Transport, chance: &mut Chance) -> Via {
        let branch = branch(chance);
        Via {
            transport: transport.name().to_owned(),
            host: host(self.address.ip()),
            port: Some(self.address.port()),
            params: Params(vec![("branch".into(), Some(branch)), ("rport".into(), None)]),
        }
    }

    /// Our URI for a user.
    pub(crate) fn uri(&self, user: Option<&str>) -> Uri {
        uri_at(user, self.address)
    }

    /// Our `Contact` for a user.
    pub(crate) fn contact(&self, user: Option<&str>) -> NameAddr {
        NameAddr { display: None, uri: self.uri(user), params: Params::default() }
    }
}

/// A new branch for a `Via`.
pub fn branch(chance: &mut Chance) -> String {
    format!("{COOKIE}{}", chance.token(16))
}

/// The SIP URI of a user at an address.
pub(crate) fn uri_at(user: Option<&str>, address: SocketAddr) -> Uri {
    Uri::sip(user, host(address.ip()), Some(address.port()))
}

/// An address as a URI's host.
pub(crate) fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// The address in a host, if it is one and not a name: nothing is looked up in a packet's path.
pub(crate) fn ip(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// The hop to a URI whose host is an address.
pub(crate) fn hop_to(uri: &Uri) -> Option<Hop> {
    match uri.scheme {
        Scheme::Sip => Some(Hop::udp(SocketAddr::new(ip(&uri.host)?, uri.port.unwrap_or(5060)))),
        Scheme::Sips | Scheme::Tel => None,
    }
}
