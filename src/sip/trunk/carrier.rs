//! One trunk with what is known of it: whether each of its addresses is there, our
//! registration, and what goes out by it.

use std::sync::Arc;
use std::time::Duration;

use super::{Meter, Pulse, PulseState, Registration, Trunk, TrunkState};
use crate::base::Instant;
use crate::sip::dialog::Access;
use crate::sip::transport::Hop;

/// The name of a trunk for as long as the service runs; no other gets it when it is taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrunkId(pub(super) u32);

/// One trunk with what is known of it.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) id: TrunkId,
    /// What the answers to its REGISTERs are for: another after its account was changed.
    pub(crate) registers_as: TrunkId,
    pub(crate) trunk: Trunk,
    /// What its challenges are answered with.
    pub(crate) access: Arc<Access>,
    /// Its addresses, in the order of [`Trunk::hops`].
    pub(crate) places: Vec<Place>,
    pub(crate) registration: Option<Registration>,
    /// Where we have asked for a registration last, and where one was granted.
    pub(super) asked_at: Option<Hop>,
    pub(super) granted_at: Option<Hop>,
    /// The Call-ID and the last number of our REGISTERs and OPTIONS.
    pub(crate) asked: (String, u32),
    pub(super) meter: Meter,
    /// Until when it wants no calls (Retry-After of its 503).
    pub(super) rests: Option<Instant>,
    /// When it was told last that it sends calls that are not for us.
    pub(super) told: Option<Instant>,
    /// How many places it has had.
    had: u32,
}

/// One address of a trunk.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) hop: Hop,
    pub(crate) pulse: Option<Pulse>,
    /// Which of all the places that the trunk has had.
    pub(crate) nth: u32,
    /// Until when it is tried after the others, because it has failed a call.
    late: Option<Instant>,
}

impl Place {
    fn is_down(&self) -> bool {
        self.pulse.as_ref().is_some_and(|pulse| pulse.state() == PulseState::Down)
    }

    fn is_late(&self, now: Instant) -> bool {
        self.late.is_some_and(|until| until > now)
    }
}

impl Carrier {
    /// One of which nothing is known yet; its requests outside of calls have this Call-ID.
    pub(super) fn new(id: TrunkId, trunk: Trunk, call_id: String) -> Self {
        let mut carrier = Self {
            id,
            registers_as: id,
            access: access(&trunk),
            places: Vec::new(),
            registration: trunk.register.map(Registration::new),
            asked_at: None,
            granted_at: None,
            asked: (call_id, 0),
            meter: Meter::new(trunk.caps),
            rests: None,
            told: None,
            had: 0,
            trunk,
        };
        carrier.place();
        carrier
    }

    /// It is at these addresses from now on. What is known of those that stay is kept; we
    /// register anew where we were at another.
    pub(super) fn locate(&mut self, now: Instant, hops: Vec<Hop>) {
        self.trunk.hops = hops;
        self.place();
        let stays = self.granted_at.or(self.asked_at).is_none_or(|at| self.trunk.hops.contains(&at));
        if let Some(registration) = self.registration.as_mut().filter(|_| !stays) {
            registration.renew(now);
        }
    }

    fn place(&mut self) {
        let mut before = std::mem::take(&mut self.places);
        for hop in &self.trunk.hops {
            let known = before.iter().position(|place| place.hop == *hop);
            let place = known.map(|nth| before.remove(nth)).unwrap_or_else(|| {
                self.had = self.had.wrapping_add(1);
                Place { hop: *hop, pulse: self.trunk.keep_alive.map(Pulse::new), nth: self.had, late: None }
            });
            self.places.push(place);
        }
    }

    /// How often it is asked from now on.
    pub(super) fn keep_alive(&mut self, every: Option<Duration>) {
        self.trunk.keep_alive = every;
        for place in &mut self.places {
            place.pulse = every.map(|every| place.pulse.take().map_or(Pulse::new(every), |pulse| pulse.every(every)));
        }
    }

    /// Whether it is there: one address that answers is enough.
    pub(crate) fn pulse(&self) -> Option<PulseState> {
        let states = || self.places.iter().filter_map(|place| place.pulse.as_ref()).map(Pulse::state);
        self.trunk.keep_alive?;
        Some(match (states().any(|state| state == PulseState::Up), states().all(|state| state == PulseState::Down)) {
            (true, _) => PulseState::Up,
            (false, true) if states().next().is_some() => PulseState::Down,
            (false, _) => PulseState::Unknown,
        })
    }

    /// Whether calls go out by it: it is found, not known to be gone, and wants them.
    pub(super) fn is_usable(&self, now: Instant) -> bool {
        self.places.iter().any(|place| !place.is_down()) && self.rests.is_none_or(|until| until <= now)
    }

    /// Its addresses that may take a call: first those that have not failed one a moment ago.
    pub(super) fn open(&self, now: Instant) -> Vec<Hop> {
        let mut open: Vec<&Place> = self.places.iter().filter(|place| !place.is_down()).collect();
        open.sort_by_key(|place| place.is_late(now));
        open.into_iter().map(|place| place.hop).collect()
    }

    /// An address has failed a call.
    pub(super) fn postpone(&mut self, now: Instant, hop: Hop) {
        for place in self.places.iter_mut().filter(|place| place.hop == hop) {
            place.late = Some(now + LATE);
        }
    }

    /// Where we register now: where we are registered, and after a failure at the next address.
    pub(crate) fn registrar(&mut self) -> Option<Hop> {
        let failures = self.registration.as_ref().map_or(0, Registration::failures) as usize;
        let leaves = self.registration.as_ref().is_some_and(Registration::is_leaving);
        let granted = self.granted_at.filter(|at| leaves || failures == 0 && self.trunk.hops.contains(at));
        let failed = self.asked_at.filter(|_| failures > 0);
        let next = self.trunk.hops.iter().position(|hop| Some(*hop) == failed).map_or(0, |nth| nth + 1);
        let next = self.trunk.hops.get(next % self.trunk.hops.len().max(1)).copied();
        self.asked_at = granted.or(next);
        self.asked_at
    }

    /// Our registration is granted where it was asked for.
    pub(crate) fn granted(&mut self) {
        self.granted_at = self.asked_at;
    }

    /// Whether a registration that has failed may be asked for elsewhere at once: the trunk is
    /// no more where it was asked for, or not all of its addresses were tried (RFC 3263, section 4.3).
    pub(crate) fn has_elsewhere(&self) -> bool {
        let failures = self.registration.as_ref().map_or(0, Registration::failures) as usize;
        let moved = self.asked_at.is_some_and(|at| !self.trunk.hops.contains(&at));
        moved || !failures.is_multiple_of(self.trunk.hops.len().max(1))
    }

    /// When there is something to ask.
    pub(super) fn deadlines(&self) -> impl Iterator<Item = Instant> + '_ {
        let registration = self.registration.as_ref().filter(|_| self.is_found()).and_then(Registration::deadline);
        self.places.iter().filter_map(|place| place.pulse.as_ref()).map(Pulse::deadline).chain(registration)
    }

    /// Whether there is an address to ask: one that is left is asked where we were registered.
    pub(crate) fn is_found(&self) -> bool {
        let leaves = self.registration.as_ref().is_some_and(Registration::is_leaving);
        !self.trunk.hops.is_empty() || leaves && self.granted_at.is_some()
    }

    pub(super) fn state(&self, now: Instant) -> TrunkState {
        let (calls, last_hour) = self.meter.counts(now);
        TrunkState {
            name: Arc::clone(&self.trunk.name),
            domain: self.trunk.domain.clone(),
            hops: self.trunk.hops.clone(),
            pulse: self.pulse(),
            registered: self.registration.as_ref().map(|registration| registration.state(now)),
            rests: self.rests.filter(|until| *until > now).map(|until| until.since(now).as_secs()),
            calls,
            last_hour,
            caps: self.trunk.caps,
        }
    }
}

/// The account of a trunk.
pub(super) fn access(trunk: &Trunk) -> Arc<Access> {
    Arc::new(Access { username: trunk.username.clone(), secret: trunk.secret.clone() })
}

/// An address that has failed a call is tried after the others for so long.
const LATE: Duration = Duration::from_secs(60);
