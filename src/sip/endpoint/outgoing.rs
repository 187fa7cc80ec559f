use std::sync::Arc;

use super::Endpoint;
use crate::base::{Instant, LegId, limits};
use crate::sip::dialog::{Access, Leg, Reach};
use crate::sip::message::{Contact, Headers, Method, NameAddr, Params, Request, Uri};
use crate::sip::reply::put_sdp;
use crate::sip::transport::{Hop, Transport};
use crate::sip::us::{ALLOW, hop_to};
use crate::sip::{Event, Identity, Target};

/// Where a call goes, and under which name.
struct Destination {
    uri: Uri,
    hop: Hop,
    reach: Reach,
    from: NameAddr,
    access: Option<Arc<Access>>,
}

/// A call to outside.
impl Endpoint {
    pub(super) fn call(&mut self, now: Instant, id: LegId, to: &Target, from: &Identity, sdp: &str) {
        let status = if self.legs.has(id) || self.legs.len() >= limits::SIP_DIALOGS {
            503
        } else {
            match self.destination(to, from) {
                Ok(destination) => {
                    let (hop, reach, access) = (destination.hop, destination.reach, destination.access.clone());
                    let invite = self.invite(destination, sdp);
                    match Leg::call(now, &mut self.stack, id, (invite, hop), reach, access) {
                        Some(leg) => {
                            self.legs.insert(leg, None);
                            return;
                        }
                        None => 503,
                    }
                }
                Err(status) => status,
            }
        };
        self.stack.events.push_back(Event::Failed { leg: id, status });
    }

    fn destination(&self, to: &Target, from: &Identity) -> Result<Destination, u16> {
        match to {
            Target::Agent(name) => {
                let binding = self.registrar.latest(name).ok_or(480_u16)?;
                Ok(Destination {
                    uri: binding.uri.clone(),
                    hop: Hop::udp(binding.source),
                    reach: Reach::Here(binding.source),
                    from: self.presented(from),
                    access: None,
                })
            }
            Target::Trunk(number) => {
                let trunk = self.trunk.as_ref().ok_or(503_u16)?;
                if !trunk.allows(number) {
                    return Err(403);
                }
                let uri = |user: &str| Uri::sip(Some(user), trunk.domain.clone(), None);
                Ok(Destination {
                    uri: uri(number.international().as_str()),
                    hop: Hop::udp(trunk.address),
                    reach: Reach::Contact(trunk.address),
                    from: NameAddr {
                        display: from.display.clone(),
                        uri: uri(trunk.presented.as_str()),
                        params: Params::default(),
                    },
                    access: self.trunk_access.clone(),
                })
            }
            Target::Uri(text) => {
                let uri = Uri::parse(text).map_err(|_| 404_u16)?;
                let hop = hop_to(&uri).ok_or(404_u16)?;
                let reach = Reach::Contact(hop.address);
                Ok(Destination { uri, hop, reach, from: self.presented(from), access: None })
            }
        }
    }

    /// The `From` of a call; anonymous without a user (RFC 3323, section 4.1.1.3).
    fn presented(&self, from: &Identity) -> NameAddr {
        let (display, uri) = match &from.user {
            Some(user) => (from.display.clone(), self.stack.us.uri(Some(user.reveal()))),
            None => {
                let display = from.display.clone().unwrap_or_else(|| "Anonymous".to_owned());
                (Some(display), Uri::sip(Some("anonymous"), "anonymous.invalid", None))
            }
        };
        NameAddr { display, uri, params: Params::default() }
    }

    fn invite(&mut self, destination: Destination, sdp: &str) -> Request {
        let Destination { uri, mut from, .. } = destination;
        from.params.set("tag", Some(self.stack.chance.token(16)));
        let user = from.uri.user.clone();
        let mut headers = Headers {
            via: vec![self.stack.us.via(Transport::Udp, &mut self.stack.chance)],
            from,
            to: NameAddr { display: None, uri: uri.clone(), params: Params::default() },
            call_id: self.stack.chance.token(16),
            cseq: 1,
            cseq_method: Method::Invite,
            contact: Contact::List(vec![self.stack.us.contact(user.as_deref())]),
            route: Vec::new(),
            record_route: Vec::new(),
            max_forwards: Some(70),
            other: vec![("Allow".to_owned(), ALLOW.to_owned()), ("User-Agent".to_owned(), "svi".to_owned())],
        };
        let mut body = Vec::new();
        put_sdp(&mut headers, &mut body, sdp);
        Request { method: Method::Invite, uri, headers, body }
    }
}
