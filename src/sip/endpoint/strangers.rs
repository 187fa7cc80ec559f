use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::Event;
use crate::sip::guard::{Blame, Fault, Origin};
use crate::sip::message::{Method, Request};
use crate::sip::transport::Hop;

/// Who is not known and tries something.
impl Endpoint {
    /// Whether what comes from an address is read at all.
    pub(super) fn hears(&self, now: Instant, from: &Hop) -> bool {
        self.guard.hears(now, from.address.ip()) || self.knows(from)
    }

    /// Whether a request outside of dialogs is passed over, because of what came from there before.
    pub(super) fn passes_over(&self, now: Instant, from: &Hop, request: &Request) -> bool {
        // Nearly everybody: nothing of the request need be looked at.
        if !self.guard.watches(from.address.ip()) {
            return false;
        }
        let origin = match request.method {
            Method::Invite => Some(origin(from)),
            Method::Register => {
                let shown = self.registrar.origin(now, request, from.address);
                shown.map(|shown| if from.connection.is_some() { Origin::Proven } else { shown })
            }
            // Costs one answer, and tells nobody anything.
            _ => None,
        };
        origin.is_some_and(|origin| !self.guard.answers(now, from.address.ip(), origin)) && !self.knows(from)
    }

    /// Counts a fault of a stranger.
    pub(super) fn blame(&mut self, now: Instant, from: &Hop, fault: Fault, shown: Origin) {
        if self.knows(from) {
            return;
        }
        let (source, origin) = (from.address.ip(), if from.connection.is_some() { Origin::Proven } else { shown });
        match self.guard.blame(now, source, fault, origin) {
            Blame::Untold => {}
            Blame::Counted => self.stack.events.push_back(Event::Blamed { source, fault, origin }),
            Blame::Banned(ban) => {
                self.stack.events.extend([Event::Blamed { source, fault, origin }, Event::Banned(ban)]);
            }
        }
    }

    /// Refuses a call to a number that nothing answers.
    pub(super) fn no_such_number(&mut self, now: Instant, id: LegId) {
        let Some(from) = self.legs.get_mut(id).map(|leg| leg.dialog.source()) else { return };
        self.with(id, |leg, stack| leg.reject(now, stack, 404, None));
        self.blame(now, &from, Fault::Number, origin(&from));
    }

    /// A call from outside is answered: who sends such is no scanner.
    pub(super) fn welcome(&mut self, now: Instant, id: LegId) {
        let Some(from) = self.legs.get_mut(id).map(|leg| leg.dialog.source()) else { return };
        if !self.knows(&from) {
            self.guard.answered(now, from.address.ip());
        }
    }

    /// The trunk, whom the settings trust, and addresses where an agent's phone has registered.
    pub(super) fn knows(&self, from: &Hop) -> bool {
        self.trusts(from) || self.registrar.has_phone_at(from.address.ip())
    }
}

/// A connection is made with who has the address.
fn origin(from: &Hop) -> Origin {
    if from.connection.is_some() { Origin::Proven } else { Origin::Claimed }
}
