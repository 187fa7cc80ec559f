//! Trunks while the service runs: found elsewhere, changed in the settings, added, taken away.

use std::sync::Arc;

use super::carrier::access;
use super::{Caps, Carrier, Registration, Trunk, TrunkId, Trunks};
use crate::base::{Chance, Instant, limits};
use crate::sip::transport::Hop;
use crate::sip::us::Way;

impl Trunks {
    /// A trunk was found at these places; `ways` are our addresses on the way to each.
    pub(crate) fn locate(&mut self, now: Instant, name: &str, (hops, ways): (Vec<Hop>, Vec<Way>)) {
        if let Some(carrier) = self.all.iter_mut().find(|carrier| &*carrier.trunk.name == name) {
            carrier.trunk.ways = ways;
            carrier.locate(now, hops);
        }
    }

    /// These are the trunks from now on. One whose name stays keeps what is known of it, and
    /// its calls count on; who is left is told that we are no more to be called.
    pub(crate) fn renew(&mut self, now: Instant, (trunks, caps): (Vec<Trunk>, Caps), chance: &mut Chance) {
        let mut before = std::mem::take(&mut self.all);
        for trunk in trunks {
            let known = before.iter().position(|carrier| carrier.trunk.name == trunk.name);
            let carrier = match known.map(|nth| before.remove(nth)) {
                Some(mut carrier) => {
                    let fresh = (self.next_id(), chance.token(16));
                    self.left.extend(carrier.change(now, trunk, fresh));
                    carrier
                }
                None => Carrier::new(self.next_id(), trunk, chance.token(16)),
            };
            self.all.push(carrier);
        }
        self.left.extend(before);
        self.total.cap(caps);
        self.leave(now);
    }

    /// Gives back the registrations of who is left.
    fn leave(&mut self, now: Instant) {
        for carrier in &mut self.left {
            carrier.keep_alive(None);
            if let Some(registration) = carrier.registration.as_mut().filter(|own| !own.is_leaving()) {
                registration.leave(now);
            }
        }
        let too_many = self.left.len().saturating_sub(limits::TRUNKS);
        self.left.drain(..too_many);
        self.forget_left();
    }

    /// How many are being left.
    #[cfg(test)]
    pub(crate) fn left_behind(&self) -> usize {
        self.left.len()
    }

    /// Forgets those that have been left.
    pub(crate) fn forget_left(&mut self) {
        self.left.retain(|carrier| carrier.registration.as_ref().is_some_and(|own| !own.has_left()));
    }
}

impl Carrier {
    /// Goes by other settings from now on. Where the account is another, what is left of the
    /// one before comes back, under a name of its own: its registration is to be given back.
    fn change(&mut self, now: Instant, trunk: Trunk, (id, call_id): (TrunkId, String)) -> Option<Self> {
        let stays = self.trunk.username == trunk.username && self.trunk.domain == trunk.domain;
        let (lasts, other_password) = (trunk.register, self.trunk.secret != trunk.secret);
        let mut left = None;
        match (self.registration.as_mut(), lasts) {
            (Some(_), Some(lasts)) if !stays => {
                left = self.registration.replace(Registration::after(now, lasts));
            }
            (Some(_), None) => left = self.registration.take(),
            (None, Some(lasts)) => self.registration = Some(Registration::new(lasts)),
            (Some(own), Some(lasts)) if self.trunk.register != Some(lasts) => own.lasts(now, lasts),
            (Some(own), Some(_)) if other_password => own.renew(now),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let left = left.map(|registration| {
            let mut left = Self::new(id, Trunk { keep_alive: None, ..self.trunk.clone() }, call_id);
            (left.registration, left.access) = (Some(registration), Arc::clone(&self.access));
            std::mem::swap(&mut left.asked, &mut self.asked);
            std::mem::swap(&mut left.registers_as, &mut self.registers_as);
            (left.asked_at, left.granted_at) = (self.asked_at.take(), self.granted_at.take());
            left
        });
        self.access = access(&trunk);
        self.meter.cap(trunk.caps);
        self.keep_alive(trunk.keep_alive);
        self.trunk = trunk;
        self.locate(now, self.trunk.hops.clone());
        left
    }
}
