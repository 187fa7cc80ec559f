use std::net::IpAddr;

use crate::base::Chance;
use crate::sip::message::{Contact, Headers, Method, NameAddr, Request, Response, Scheme, Uri};
use crate::sip::transport::Hop;
use crate::sip::us::{Us, hop_to};

/// Both ends of a dialog and the way between them (RFC 3261, section 12).
///
/// Ours exists from the INVITE on; the remote tag comes with the answer.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    /// The Call-ID.
    pub(crate) call_id: String,
    /// Our side, with our tag.
    pub(crate) local: NameAddr,
    /// Their side, with their tag once it is known.
    pub(crate) remote: NameAddr,
    /// The sequence number of our last request.
    pub(crate) local_cseq: u32,
    /// The sequence number of their last request.
    pub(crate) remote_cseq: Option<u32>,
    target: Uri,
    routes: Vec<NameAddr>,
    reach: Reach,
}

/// How the peer is reached when no proxy stays in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At its Contact; here when that can't be: a name, or a private address seen from outside.
    Contact(Hop),
    /// Always here: a registered phone is reached the way that it registered.
    Here(Hop),
}

/// Whether a request comes in its turn (RFC 3261, section 12.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The next one.
    InOrder,
    /// Older than one that has been seen.
    Late,
}

impl Dialog {
    /// The dialog that a peer's INVITE opens.
    pub(crate) fn of_invite(invite: &Request, tag: &str, source: Hop) -> Self {
        let headers = &invite.headers;
        let mut local = headers.to.clone();
        local.params.set("tag", Some(tag.to_owned()));
        Self {
            call_id: headers.call_id.clone(),
            local,
            remote: headers.from.clone(),
            local_cseq: 0,
            remote_cseq: Some(headers.cseq),
            target: headers
                .contact
                .first()
                .map_or_else(|| headers.from.uri.clone(), |contact| contact.uri.for_request()),
            routes: headers.record_route.clone(),
            reach: Reach::Contact(source),
        }
    }

    /// The dialog that our INVITE may open.
    pub(crate) fn of_own(invite: &Request, reach: Reach) -> Self {
        let headers = &invite.headers;
        Self {
            call_id: headers.call_id.clone(),
            local: headers.from.clone(),
            remote: headers.to.clone(),
            local_cseq: headers.cseq,
            remote_cseq: None,
            target: invite.uri.clone(),
            routes: Vec::new(),
            reach,
        }
    }

    /// The dialog of one 2xx to our INVITE: a fork has several.
    pub(crate) fn of_answer(invite: &Request, answer: &Response, reach: Reach) -> Self {
        let mut dialog = Self::of_own(invite, reach);
        dialog.remote = answer.headers.to.clone();
        dialog.routes = answer.headers.record_route.iter().rev().cloned().collect();
        dialog.refresh(&answer.headers);
        dialog
    }

    /// Our tag.
    pub(crate) fn tag(&self) -> &str {
        self.local.tag().unwrap_or_default()
    }

    /// How the peer is reached.
    pub(crate) fn reach(&self) -> Reach {
        self.reach
    }

    /// The peer is reached here from now on, where no proxy stays in the path.
    pub(crate) fn move_to(&mut self, hop: Hop) {
        self.reach = match self.reach {
            Reach::Contact(_) => Reach::Contact(hop),
            Reach::Here(_) => Reach::Here(hop),
        };
    }

    /// The peer speaks over another connection than before, from the same machine: it has
    /// connected anew, and is reached there.
    pub(crate) fn speaks_over(&mut self, from: &Hop) {
        let known = self.reach.hop();
        let is_same = known.transport == from.transport && known.address.ip() == from.address.ip();
        if is_same && known.connection.is_some() && from.connection.is_some() && self.routes.is_empty() {
            self.move_to(Hop { connection: from.connection, ..known });
        }
    }

    /// Where a peer's INVITE came from, whatever it says of itself.
    pub(crate) fn source(&self) -> Hop {
        self.reach.hop()
    }

    /// Whether a request belongs here: our tag led to it.
    pub(crate) fn owns(&self, request: &Headers) -> bool {
        self.call_id == request.call_id && self.remote.tag() == request.from.tag()
    }

    /// Notes a request's sequence number.
    pub(crate) fn take_turn(&mut self, cseq: u32) -> Turn {
        if self.remote_cseq.is_some_and(|last| cseq <= last) {
            return Turn::Late;
        }
        self.remote_cseq = Some(cseq);
        Turn::InOrder
    }

    /// Takes the peer's new address from a re-INVITE, an UPDATE or the answer to one.
    pub(crate) fn refresh(&mut self, headers: &Headers) {
        if let Some(contact) = headers.contact.first() {
            self.target = contact.uri.for_request();
        }
    }

    /// Our next request within the dialog.
    pub(crate) fn request(&mut self, method: Method, us: &Us, chance: &mut Chance) -> (Request, Hop) {
        self.local_cseq = self.local_cseq.wrapping_add(1);
        self.build(method, self.local_cseq, us, chance)
    }

    /// The ACK of a 2xx (RFC 3261, section 13.2.2.4).
    pub(crate) fn ack(&self, cseq: u32, us: &Us, chance: &mut Chance) -> (Request, Hop) {
        self.build(Method::Ack, cseq, us, chance)
    }

    fn build(&self, method: Method, cseq: u32, us: &Us, chance: &mut Chance) -> (Request, Hop) {
        let mut uri = self.target.clone();
        let mut route = self.routes.clone();
        // A strict router wants to see itself in the request URI (section 12.2.1.1).
        if let Some(first) = route.first().filter(|first| !first.uri.is_loose_router()).cloned() {
            route.remove(0);
            route.push(NameAddr { display: None, uri, params: Default::default() });
            uri = first.uri;
        }
        let needs_contact = matches!(method, Method::Invite | Method::Update | Method::Notify);
        let (hop, user) = (self.hop(), self.local.uri.user.as_deref());
        let headers = Headers {
            via: vec![us.via(&hop, chance)],
            from: self.local.clone(),
            to: self.remote.clone(),
            call_id: self.call_id.clone(),
            cseq,
            cseq_method: method.clone(),
            contact: Contact::List(if needs_contact {
                vec![us.contact(&hop, user, self.scheme())]
            } else {
                Vec::new()
            }),
            route,
            record_route: Vec::new(),
            max_forwards: Some(70),
            other: Vec::new(),
        };
        (Request { method, uri, headers, body: Vec::new() }, hop)
    }

    /// The next hop of our requests. A connection that leads to the same machine, or to a
    /// peer that no proxy stands before, is used for as long as it is up.
    pub(crate) fn hop(&self) -> Hop {
        let known = self.reach.hop();
        let means_something = |hop: &Hop| !is_private(hop.address.ip()) || is_private(known.address.ip());
        let wanted = match (self.routes.first(), self.reach) {
            (Some(first), _) => hop_to(&first.uri),
            (None, Reach::Here(_)) => None,
            (None, Reach::Contact(_)) => hop_to(&self.target).filter(means_something),
        };
        let Some(wanted) = wanted else {
            return match self.reach {
                Reach::Here(hop) => hop,
                Reach::Contact(source) => source.by_connection_alone(),
            };
        };
        let is_same_machine = wanted.address.ip() == known.address.ip();
        if known.connection.is_some() && (self.routes.is_empty() || is_same_machine) {
            return Hop { address: wanted.address, ..known };
        }
        let has_door = wanted.transport == known.transport && wanted.address.is_ipv4() == known.address.is_ipv4();
        Hop { door: known.door.filter(|_| has_door), ..wanted }
    }

    /// The scheme of our Contact: `sips:` where one of the dialog's addresses has it (RFC
    /// 3261, sections 8.1.1.8 and 12.1.1).
    pub(crate) fn scheme(&self) -> Scheme {
        let is_secure = [&self.target, &self.local.uri].iter().any(|uri| uri.scheme == Scheme::Sips);
        if is_secure { Scheme::Sips } else { Scheme::Sip }
    }
}

impl Reach {
    fn hop(self) -> Hop {
        match self {
            Self::Contact(hop) | Self::Here(hop) => hop,
        }
    }
}

/// Whether an address means nothing outside its own network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified(),
    }
}
