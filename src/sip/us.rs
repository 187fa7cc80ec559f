use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::message::{NameAddr, Params, Scheme, Uri, Via};
use super::sdp::{self, Lacking};
use super::transaction::COOKIE;
use super::transport::{Hop, Transport};
use crate::base::Chance;

/// What we say we can do, in `Allow`.
pub(crate) const ALLOW: &str = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK, REFER, REGISTER";

/// One of the addresses that we listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// What is spoken there.
    pub transport: Transport,
    /// Where it is bound; an unspecified address stands for all of its family.
    pub bound: SocketAddr,
    /// What peers are told instead, where they see us at another address.
    pub advertised: Option<SocketAddr>,
}

impl Door {
    /// A door for datagrams that peers reach where it is bound.
    pub fn udp(bound: SocketAddr) -> Self {
        Self { transport: Transport::Udp, bound, advertised: None }
    }
}

/// Our address on a network: what is told to peers there, when a door stands for all addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// An address of the network.
    pub network: IpAddr,
    /// How many of its first bits all addresses of the network have; 0 is everywhere.
    pub bits: u8,
    /// Our own.
    pub ours: IpAddr,
}

impl Way {
    /// Whether it leads to an address.
    fn leads_to(&self, peer: IpAddr) -> bool {
        match (self.network, peer) {
            (IpAddr::V4(network), IpAddr::V4(peer)) => {
                let differ = network.to_bits() ^ peer.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(peer)) => {
                let differ = network.to_bits() ^ peer.to_bits();
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

/// How we name ourselves on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Us {
    doors: Vec<Door>,
    ways: Vec<Way>,
    /// Those to the trunks, which may move.
    to_trunks: Vec<Way>,
}

impl Us {
    /// Reachable at these doors; the first of a kind is the one that requests of ours leave by.
    pub(crate) fn new(doors: Vec<Door>, ways: Vec<Way>) -> Self {
        Self { doors, ways, to_trunks: Vec::new() }
    }

    /// These are our addresses on the way to the trunks from now on.
    pub(crate) fn lead(&mut self, to_trunks: Vec<Way>) {
        self.to_trunks = to_trunks;
    }

    /// A new `Via`, with a branch of its own and a question for the port that it is seen from (RFC 3581).
    pub(crate) fn via(&self, hop: &Hop, chance: &mut Chance) -> Via {
        let branch = branch(chance);
        let address = self.address(hop);
        let mut params = Params(vec![("branch".into(), Some(branch)), ("rport".into(), None)]);
        // Whom we connect to with our certificate may call us over the same connection (RFC 5923).
        if hop.transport == Transport::Tls && hop.connection.is_none() {
            params.set("alias", None);
        }
        Via { transport: hop.transport.name().to_owned(), host: host(address.ip()), port: Some(address.port()), params }
    }

    /// Our URI for a user, as whoever is at the hop can reach it.
    pub(crate) fn uri(&self, hop: &Hop, user: Option<&str>) -> Uri {
        let address = self.address(hop);
        Uri::sip(user, host(address.ip()), Some(address.port()))
    }

    /// Our `Contact` for a user, with the scheme that the dialog's addresses have (RFC 3261, section 12.1.1).
    pub(crate) fn contact(&self, hop: &Hop, user: Option<&str>, scheme: Scheme) -> NameAddr {
        let mut uri = self.uri(hop, user);
        match (scheme, hop.transport) {
            (Scheme::Sips, _) => uri.scheme = Scheme::Sips,
            (_, Transport::Udp) => {}
            (_, transport) => uri.params.set("transport", Some(transport.word().to_owned())),
        }
        NameAddr { display: None, uri, params: Params::default() }
    }

    /// The hop with the door that it leaves by.
    pub(crate) fn leaving(&self, hop: Hop) -> Hop {
        let door = hop.door.or_else(|| u8::try_from(self.door(&hop)?).ok());
        Hop { door, ..hop }
    }

    /// An SDP of ours with the address at which whoever is at the hop reaches us.
    pub(crate) fn placed<'a>(&self, hop: &Hop, sdp: &'a str) -> Cow<'a, str> {
        let is_ipv4 = match sdp::lacking(sdp) {
            None => return sdp.into(),
            Some(Lacking::Ipv4) => true,
            Some(Lacking::Either) => hop.address.is_ipv4(),
        };
        self.media_address(hop, is_ipv4).map_or(sdp.into(), |ours| sdp::place(sdp, ours).into())
    }

    /// Our address for sound, as whoever is at the hop can reach it; `None` where we have
    /// none of the family.
    fn media_address(&self, hop: &Hop, is_ipv4: bool) -> Option<IpAddr> {
        let fits = |ip: &IpAddr| ip.is_ipv4() == is_ipv4;
        let own = Some(self.address(hop).ip()).filter(fits);
        let elsewhere: IpAddr = if is_ipv4 { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        own.or_else(|| {
            let doors = self.doors.iter().filter(|door| fits(&door.bound.ip()));
            doors.map(|door| self.address_at(door, elsewhere).ip()).find(fits)
        })
    }

    /// Our address as whoever is at the hop can reach it.
    fn address(&self, hop: &Hop) -> SocketAddr {
        let door = hop.door.map(usize::from).or_else(|| self.door(hop)).and_then(|door| self.doors.get(door));
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, hop.transport.port()));
        door.map_or(nowhere, |door| self.address_at(door, hop.address.ip()))
    }

    fn address_at(&self, door: &Door, peer: IpAddr) -> SocketAddr {
        if let Some(advertised) = door.advertised {
            return advertised;
        }
        if !door.bound.ip().is_unspecified() {
            return door.bound;
        }
        let ways = self.ways.iter().chain(&self.to_trunks);
        let nearest = ways.filter(|way| way.leads_to(peer)).max_by_key(|way| way.bits);
        let ours = nearest.map(|way| way.ours).filter(|ours| ours.is_ipv4() == door.bound.is_ipv4());
        let here: IpAddr = if door.bound.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        SocketAddr::new(ours.unwrap_or(here), door.bound.port())
    }

    /// The door that a request of ours leaves by: one of the transport and the family, else
    /// of the family, through which we are reached at least over another transport.
    fn door(&self, hop: &Hop) -> Option<usize> {
        let family = |door: &Door| door.bound.is_ipv4() == hop.address.is_ipv4();
        let exact = self.doors.iter().position(|door| door.transport == hop.transport && family(door));
        exact.or_else(|| self.doors.iter().position(family))
    }
}

/// A new branch for a `Via`.
pub fn branch(chance: &mut Chance) -> String {
    format!("{COOKIE}{}", chance.token(16))
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

/// The hop to a URI whose host is an address (RFC 3263, section 4.1): by the transport that
/// it names, else by datagrams; a `sips:` URI encrypted or not at all.
pub(crate) fn hop_to(uri: &Uri) -> Option<Hop> {
    let named = match uri.params.value("transport") {
        Some(word) => Some(Transport::of_word(word)?),
        None => None,
    };
    let transport = match (uri.scheme, named) {
        (Scheme::Sip, named) => named.unwrap_or(Transport::Udp),
        (Scheme::Sips, None | Some(Transport::Tcp | Transport::Tls)) => Transport::Tls,
        (Scheme::Sips, Some(Transport::Udp)) | (Scheme::Tel, _) => return None,
    };
    let address = SocketAddr::new(ip(&uri.host)?, uri.port.unwrap_or(transport.port()));
    Some(Hop { grows: transport == Transport::Udp && named.is_none(), ..Hop::by(transport, address) })
}

#[cfg(test)]
mod tests;
