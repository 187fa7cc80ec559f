//! The trunks: which one a call goes out by, which ones are there, and where we are registered.
//!
//! What does not live here: sending anything, and what a call does with a refusal (the endpoint).

mod carrier;
mod change;
mod locate;
mod meter;
mod pulse;
mod registration;
mod settings;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use carrier::{Carrier, TrunkId};
pub use locate::{NamedServer, NamedService, in_turn, places, usual_places};
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
use super::us::Way;
use crate::base::{Chance, Instant, LegId, PhoneNumber};

/// Every trunk with what is known of it, in the order of the settings.
#[derive(Debug)]
pub(crate) struct Trunks {
    all: Vec<Carrier>,
    /// Those that were taken away, while our registrations are given back.
    left: Vec<Carrier>,
    /// What goes out by all of them.
    total: Meter,
    /// Which calls are up by which.
    up: HashMap<LegId, TrunkId>,
    /// How many there have been.
    had: u32,
}

/// A place that a call may go out by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    pub(crate) trunk: TrunkId,
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
    /// Its host, as the settings name it.
    pub domain: String,
    /// Where its requests go; none while its name is not found.
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
        let mut new = Self { all: Vec::new(), left: Vec::new(), total: Meter::new(caps), up: HashMap::new(), had: 0 };
        for trunk in trunks {
            let carrier = Carrier::new(new.next_id(), trunk, chance.token(16));
            new.all.push(carrier);
        }
        new
    }

    fn next_id(&mut self) -> TrunkId {
        self.had += 1;
        TrunkId(self.had)
    }

    pub(crate) fn get(&self, id: TrunkId) -> Option<&Carrier> {
        self.all.iter().find(|carrier| carrier.id == id)
    }

    /// A trunk, or one that was taken away and is being left.
    pub(crate) fn get_mut(&mut self, id: TrunkId) -> Option<&mut Carrier> {
        self.all_mut().find(|carrier| carrier.id == id)
    }

    /// The trunk whose REGISTER was answered.
    pub(crate) fn registrar(&mut self, id: TrunkId) -> Option<&mut Carrier> {
        self.all_mut().find(|carrier| carrier.registers_as == id)
    }

    /// Every trunk, and those that are being left.
    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut Carrier> {
        self.all.iter_mut().chain(&mut self.left)
    }

    pub(crate) fn named(&self, name: &str) -> Option<TrunkId> {
        self.all.iter().find(|carrier| &*carrier.trunk.name == name).map(|carrier| carrier.id)
    }

    /// Our addresses on the way to each of them.
    pub(crate) fn ways(&self) -> Vec<Way> {
        self.all.iter().flat_map(|carrier| carrier.trunk.ways.iter().copied()).collect()
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
        let there: Vec<&Carrier> = fitting.into_iter().filter(|carrier| carrier.is_usable(now)).collect();
        let room = |carrier: &Carrier| carrier.meter.has_room(now).and_then(|()| self.total.has_room(now));
        let free: Vec<&Carrier> = there.iter().copied().filter(|carrier| room(carrier).is_ok()).collect();
        if free.is_empty() {
            let waits = there.into_iter().filter_map(|carrier| room(carrier).err()).min();
            return Err(NoExit { status: 503, later: waits.map(|wait| Later::Capped(seconds(wait))) });
        }
        // So that one with many addresses leaves a place for the next.
        let each = if free.len() > 1 { EXITS / 2 } else { EXITS };
        let of = |carrier: &Carrier| {
            let trunk = carrier.id;
            carrier.open(now).into_iter().take(each).map(move |hop| Exit { trunk, hop })
        };
        Ok(free.into_iter().flat_map(of).take(EXITS).collect())
    }

    /// Where a call to a number may have gone out, at whatever time.
    pub(crate) fn ever(&self, number: &PhoneNumber) -> Vec<Exit> {
        let of = |carrier: &'_ Carrier| {
            let trunk = carrier.id;
            carrier.trunk.hops.clone().into_iter().map(move |hop| Exit { trunk, hop })
        };
        self.fitting(number).into_iter().flat_map(of).take(PAST_EXITS).collect()
    }

    fn fitting(&self, number: &PhoneNumber) -> Vec<&Carrier> {
        let fitting = self.all.iter().filter_map(|carrier| Some((carrier.trunk.fits(number)?, carrier)));
        let mut fitting: Vec<(usize, &Carrier)> = fitting.collect();
        fitting.sort_by_key(|(fits, _)| std::cmp::Reverse(*fits));
        fitting.into_iter().map(|(_, carrier)| carrier).collect()
    }

    /// Whether a call that has failed elsewhere may go on by this one.
    pub(crate) fn may_take(&self, now: Instant, exit: Exit, number: &PhoneNumber) -> bool {
        self.get(exit.trunk).is_some_and(|carrier| {
            carrier.trunk.allows(number) && carrier.is_usable(now) && carrier.meter.has_room(now).is_ok()
        })
    }

    /// A call goes out, or goes on by another trunk.
    pub(crate) fn begin(&mut self, now: Instant, leg: LegId, trunk: TrunkId) {
        match self.up.insert(leg, trunk) {
            Some(before) if before == trunk => return,
            Some(before) => self.ended(before),
            None => self.total.begin(now),
        }
        if let Some(carrier) = self.get_mut(trunk) {
            carrier.meter.begin(now);
        }
    }

    /// A call is over.
    pub(crate) fn end(&mut self, leg: LegId) {
        if let Some(trunk) = self.up.remove(&leg) {
            self.ended(trunk);
            self.total.end();
        }
    }

    /// A trunk has one call less, if it is still there.
    fn ended(&mut self, trunk: TrunkId) {
        if let Some(carrier) = self.get_mut(trunk) {
            carrier.meter.end();
        }
    }

    /// A place has failed a call.
    pub(crate) fn postpone(&mut self, now: Instant, Exit { trunk, hop }: Exit) {
        if let Some(carrier) = self.get_mut(trunk) {
            carrier.postpone(now, hop);
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
    pub(crate) fn misdirected(&self, (ip, names): (IpAddr, &[String]), dialled: &str) -> Option<TrunkId> {
        let mut of = self.of(ip, names).peekable();
        let first = of.peek()?.trunk.name.clone();
        if of.any(|carrier| carrier.trunk.takes(dialled)) { None } else { self.named(&first) }
    }

    /// Whether it is to be told that a trunk sends what is not for us: once a minute.
    pub(crate) fn may_tell(&mut self, now: Instant, trunk: TrunkId) -> bool {
        let Some(carrier) = self.get_mut(trunk) else { return false };
        let may = carrier.told.is_none_or(|told| now.since(told) >= TOLD);
        if may {
            carrier.told = Some(now);
        }
        may
    }

    /// A trunk wants no calls for a while.
    pub(crate) fn rest(&mut self, now: Instant, trunk: TrunkId, wait: u32) {
        if let Some(carrier) = self.get_mut(trunk) {
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
        self.all.iter().chain(&self.left).flat_map(Carrier::deadlines).min()
    }

    /// Whether every registration has been given back.
    pub(crate) fn have_left(&self) -> bool {
        let all = self.all.iter().chain(&self.left);
        all.filter_map(|carrier| carrier.registration.as_ref()).all(Registration::has_left)
    }

    /// All of them as they are now.
    pub(crate) fn states(&self, now: Instant) -> Vec<TrunkState> {
        self.all.iter().map(|carrier| carrier.state(now)).collect()
    }
}

/// Whole seconds, and none too few.
fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// Places that one call is tried at: two trunks with two addresses each.
pub(crate) const EXITS: usize = 4;
/// Places at which a call of an earlier run is looked for.
const PAST_EXITS: usize = 8;
/// The longest that a trunk is left alone because it said so: a wrong figure must not close it for a day.
const REST: Duration = Duration::from_secs(300);
/// How often it is told that a trunk sends what is not for us.
const TOLD: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
