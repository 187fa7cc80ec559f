//! The trunks: which one a call goes out by, which ones are there, and where we are registered.
//!
//! What does not live here: sending anything, and what a call does with a refusal (the endpoint).

mod meter;
mod pulse;
mod registration;
mod settings;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub use meter::Caps;
pub(crate) use meter::Meter;
pub(crate) use pulse::Pulse;
pub use pulse::PulseState;
pub(crate) use registration::{Answered, Registration};
pub use registration::{Registered, RegistrationNews};
pub use settings::{Trunk, Written, is_listed};

use super::dialog::Access;
use super::event::Later;
use super::transport::Hop;
use crate::base::{Chance, Instant, LegId, PhoneNumber};

/// Every trunk with what is known of it, in the order of the settings.
#[derive(Debug)]
pub(crate) struct Trunks {
    all: Vec<Carrier>,
    /// What goes out by all of them.
    total: Meter,
    /// Which calls are up by which.
    up: HashMap<LegId, usize>,
}

/// One trunk with what is known of it.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) trunk: Trunk,
    /// What its challenges are answered with.
    pub(crate) access: Arc<Access>,
    pub(crate) pulse: Option<Pulse>,
    pub(crate) registration: Option<Registration>,
    /// The Call-ID and the last number of our REGISTERs and OPTIONS.
    pub(crate) asked: (String, u32),
    meter: Meter,
    /// Until when it wants no calls (Retry-After of its 503).
    rests: Option<Instant>,
    /// When it was told last that it sends calls that are not for us.
    told: Option<Instant>,
}

/// A place that a call may go out by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) trunk: usize,
    pub(crate) hop: Hop,
}

/// Why a call can't go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoExit {
    pub(crate) status: u16,
    pub(crate) later: Option<Later>,
}

/// A trunk as the log, the API and the command line show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkState {
    /// Its name.
    pub name: Arc<str>,
    /// Where its requests go.
    pub hops: Vec<Hop>,
    /// Whether it answers; `None` when it is not asked.
    pub pulse: Option<PulseState>,
    /// Where our registration is; `None` when we don't register.
    pub registered: Option<Registered>,
    /// For how many seconds it wants no calls.
    pub rests: Option<u64>,
    /// Calls that are out by it.
    pub calls: u32,
    /// Those that went out within the last hour.
    pub last_hour: usize,
    /// Its caps.
    pub caps: Caps,
}

impl Trunks {
    pub(crate) fn new(trunks: Vec<Trunk>, caps: Caps, chance: &mut Chance) -> Self {
        let all = trunks.into_iter().map(|trunk| Carrier::new(trunk, chance)).collect();
        Self { all, total: Meter::new(caps), up: HashMap::new() }
    }

    pub(crate) fn get(&self, nth: usize) -> Option<&Carrier> {
        self.all.get(nth)
    }

    pub(crate) fn get_mut(&mut self, nth: usize) -> Option<&mut Carrier> {
        self.all.get_mut(nth)
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = (usize, &mut Carrier)> {
        self.all.iter_mut().enumerate()
    }

    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|carrier| &*carrier.trunk.name == name)
    }

    /// Where a call to a number may go out now, the best place first: by the longest prefix,
    /// then in the order of the settings; each trunk at all of its addresses.
    pub(crate) fn exits(&self, now: Instant, number: &PhoneNumber) -> Result<VecDeque<Exit>, NoExit> {
        if self.all.is_empty() {
            return Err(NoExit { status: 503, later: None });
        }
        let fitting = self.fitting(number);
        if fitting.is_empty() {
            return Err(NoExit { status: 403, later: None });
        }
        let there: Vec<usize> = fitting.into_iter().filter(|nth| self.all[*nth].is_usable(now)).collect();
        let room = |nth: &usize| self.all[*nth].meter.has_room(now).and_then(|()| self.total.has_room(now));
        let exits: VecDeque<Exit> =
            there.iter().filter(|nth| room(nth).is_ok()).flat_map(|nth| self.at(*nth)).collect();
        if exits.is_empty() {
            let waits = there.iter().filter_map(|nth| room(nth).err()).min();
            return Err(NoExit { status: 503, later: waits.map(|wait| Later::Capped(seconds(wait))) });
        }
        Ok(exits.into_iter().take(EXITS).collect())
    }

    /// Where a call to a number may have gone out, at whatever time.
    pub(crate) fn ever(&self, number: &PhoneNumber) -> Vec<Exit> {
        self.fitting(number).into_iter().flat_map(|nth| self.at(nth)).take(EXITS).collect()
    }

    fn fitting(&self, number: &PhoneNumber) -> Vec<usize> {
        let fits = |(nth, carrier): (usize, &Carrier)| Some((carrier.trunk.fits(number)?, nth));
        let mut fitting: Vec<(usize, usize)> = self.all.iter().enumerate().filter_map(fits).collect();
        fitting.sort_by_key(|(fits, _)| std::cmp::Reverse(*fits));
        fitting.into_iter().map(|(_, nth)| nth).collect()
    }

    fn at(&self, trunk: usize) -> impl Iterator<Item = Exit> + '_ {
        self.all[trunk].trunk.hops.iter().map(move |hop| Exit { trunk, hop: *hop })
    }

    /// Whether a call that has failed elsewhere may go on by this one.
    pub(crate) fn may_take(&self, now: Instant, exit: Exit, number: &PhoneNumber) -> bool {
        self.get(exit.trunk).is_some_and(|carrier| {
            carrier.trunk.allows(number) && carrier.is_usable(now) && carrier.meter.has_room(now).is_ok()
        })
    }

    /// A call goes out, or goes on by another trunk.
    pub(crate) fn begin(&mut self, now: Instant, leg: LegId, trunk: usize) {
        match self.up.insert(leg, trunk) {
            Some(before) if before == trunk => return,
            Some(before) => self.all[before].meter.end(),
            None => self.total.begin(now),
        }
        self.all[trunk].meter.begin(now);
    }

    /// A call is over.
    pub(crate) fn end(&mut self, leg: LegId) {
        if let Some(trunk) = self.up.remove(&leg) {
            self.all[trunk].meter.end();
            self.total.end();
        }
    }

    /// Whether no call is out.
    pub(crate) fn is_idle(&self) -> bool {
        self.up.is_empty()
    }

    /// Whether what comes from an address, or with these names in its certificate, is of a trunk.
    pub(crate) fn is_of_one(&self, ip: IpAddr, names: &[String]) -> bool {
        self.of(ip, names).next().is_some()
    }

    fn of<'a>(&'a self, ip: IpAddr, names: &'a [String]) -> impl Iterator<Item = &'a Carrier> {
        let named = move |carrier: &Carrier| names.iter().any(|name| name.eq_ignore_ascii_case(&carrier.trunk.domain));
        self.all.iter().filter(move |carrier| carrier.trunk.is_at(ip) || named(carrier))
    }

    /// The number that is called by an INVITE of a trunk: one to the account with which we
    /// have registered is for whom its `To` names.
    pub(crate) fn called<'a>(
        &self,
        (ip, names): (IpAddr, &[String]),
        dialled: Option<&'a str>,
        to: Option<&'a str>,
    ) -> Option<&'a str> {
        let is_account = self.of(ip, names).any(|carrier| {
            carrier.registration.is_some() && dialled.is_some_and(|user| user == carrier.trunk.username)
        });
        let number = to.filter(|to| is_account && PhoneNumber::parse(to).is_ok());
        number.or(dialled)
    }

    /// The trunk that sends a call to a number which is not one of its own.
    pub(crate) fn misdirected(&self, (ip, names): (IpAddr, &[String]), dialled: &str) -> Option<usize> {
        let mut of = self.of(ip, names).peekable();
        let first = of.peek()?.trunk.name.clone();
        if of.any(|carrier| carrier.trunk.takes(dialled)) { None } else { self.named(&first) }
    }

    /// Whether it is to be told that a trunk sends what is not for us: once a minute.
    pub(crate) fn may_tell(&mut self, now: Instant, trunk: usize) -> bool {
        let Some(carrier) = self.all.get_mut(trunk) else { return false };
        let may = carrier.told.is_none_or(|told| now.since(told) >= TOLD);
        if may {
            carrier.told = Some(now);
        }
        may
    }

    /// A trunk wants no calls for a while.
    pub(crate) fn rest(&mut self, now: Instant, trunk: usize, wait: u32) {
        if let Some(carrier) = self.all.get_mut(trunk) {
            carrier.rests = Some(now + Duration::from_secs(wait.into()).min(REST));
        }
    }

    /// The account of the trunk at an address.
    pub(crate) fn access_at(&self, address: SocketAddr) -> Option<Arc<Access>> {
        let at = |carrier: &&Carrier| carrier.trunk.hops.iter().any(|hop| hop.address == address);
        self.all.iter().find(at).map(|carrier| Arc::clone(&carrier.access))
    }

    /// When one of them has something to ask.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.all.iter().filter(|carrier| !carrier.trunk.hops.is_empty()).flat_map(Carrier::deadlines).flatten().min()
    }

    /// Whether every registration has been given back.
    pub(crate) fn have_left(&self) -> bool {
        self.all.iter().filter_map(|carrier| carrier.registration.as_ref()).all(Registration::has_left)
    }

    /// All of them as they are now.
    pub(crate) fn states(&self, now: Instant) -> Vec<TrunkState> {
        self.all.iter().map(|carrier| carrier.state(now)).collect()
    }
}

impl Carrier {
    fn new(trunk: Trunk, chance: &mut Chance) -> Self {
        Self {
            access: Arc::new(Access { username: trunk.username.clone(), secret: trunk.secret.clone() }),
            pulse: trunk.keep_alive.map(Pulse::new),
            registration: trunk.register.map(Registration::new),
            asked: (chance.token(16), 0),
            meter: Meter::new(trunk.caps),
            rests: None,
            told: None,
            trunk,
        }
    }

    /// Whether calls go out by it: it is not known to be gone, and wants them.
    fn is_usable(&self, now: Instant) -> bool {
        let is_down = self.pulse.as_ref().is_some_and(|pulse| pulse.state() == PulseState::Down);
        !is_down && self.rests.is_none_or(|until| until <= now)
    }

    fn deadlines(&self) -> [Option<Instant>; 2] {
        [self.pulse.as_ref().map(Pulse::deadline), self.registration.as_ref().and_then(Registration::deadline)]
    }

    fn state(&self, now: Instant) -> TrunkState {
        let (calls, last_hour) = self.meter.counts(now);
        TrunkState {
            name: Arc::clone(&self.trunk.name),
            hops: self.trunk.hops.clone(),
            pulse: self.pulse.as_ref().map(Pulse::state),
            registered: self.registration.as_ref().map(|registration| registration.state(now)),
            rests: self.rests.filter(|until| *until > now).map(|until| until.since(now).as_secs()),
            calls,
            last_hour,
            caps: self.trunk.caps,
        }
    }
}

/// Whole seconds, and none too few.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// Places that one call is tried at: two trunks with two addresses each.
const EXITS: usize = 4;
/// The longest that a trunk is left alone because it said so: a wrong figure must not close it for a day.
const REST: Duration = Duration::from_secs(300);
/// How often it is told that a trunk sends what is not for us.
const TOLD: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
