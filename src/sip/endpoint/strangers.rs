use std::net::{IpAddr, SocketAddr};

use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::Event;
use crate::sip::guard::{Blame, Fault, Origin};
use crate::sip::message::{Method, Request};

/// Who is not known and tries something.
impl Endpoint {
    /// Whether what comes from an address is read at all.
    pub(super) fn hears(&self, now: Instant, from: SocketAddr) -> bool {
        self.guard.hears(now, from.ip()) || self.knows(from.ip())
    }

    /// Whether a request outside of dialogs is passed over, because of what came from there before.
    pub(super) fn passes_over(&self, now: Instant, from: SocketAddr, request: &Request) -> bool {
        let origin = match request.method {
            Method::Invite => Some(Origin::Claimed),
            Method::Register => self.registrar.origin(now, request, from),
            // Costs one answer, and tells nobody anything.
            _ => None,
        };
        origin.is_some_and(|origin| !self.guard.answers(now, from.ip(), origin)) && !self.knows(from.ip())
    }

    /// Counts a fault of a stranger.
    pub(super) fn blame(&mut self, now: Instant, from: SocketAddr, fault: Fault, origin: Origin) {
        if self.knows(from.ip()) {
            return;
        }
        let source = from.ip();
        match self.guard.blame(now, source, fault, origin) {
            Blame::Untold => {}
            Blame::Counted => self.stack.events.push_back(Event::Blamed { source, fault }),
            Blame::Banned(ban) => {
                self.stack.events.extend([Event::Blamed { source, fault }, Event::Banned(ban)]);
            }
        }
    }

    /// Refuses a call to a number that nothing answers.
    pub(super) fn no_such_number(&mut self, now: Instant, id: LegId, from: SocketAddr) {
        self.with(id, |leg, stack| leg.reject(now, stack, 404, None));
        self.blame(now, from, Fault::Number, Origin::Claimed);
    }

    /// The trunk, and addresses where an agent's phone has registered.
    fn knows(&self, address: IpAddr) -> bool {
        self.trunk.as_ref().is_some_and(|trunk| trunk.address.ip() == address) || self.registrar.has_phone_at(address)
    }
}
