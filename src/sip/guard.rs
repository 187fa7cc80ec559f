//! Who tries passwords or numbers is slowed, then banned.
//!
//! What is known of a source depends on how much its address proves. Credentials for a nonce
//! that was sent there, and whatever comes over a connection, come from where they say: after
//! too many faults of this kind nothing of that source is read. Anything else that comes in a
//! datagram may bear a forged address: after too many of those, only what may be forged is
//! passed over, so that no phone is locked out in another's name.

mod accounts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

pub(crate) use accounts::AccountTries;
use ipnet::IpNet;

use crate::base::{Instant, limits};

/// What is borne, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardRules {
    /// Faults of one source before it is banned.
    pub after: u32,
    /// The time in which they are counted.
    pub within: Duration,
    /// How long a ban lasts.
    pub lasts: Duration,
    /// Wrong passwords for one account, from everywhere, before those of strangers
    /// are looked at once in ten seconds only.
    pub per_account: u32,
    /// Who is never banned.
    pub never: Vec<IpNet>,
}

impl Default for GuardRules {
    fn default() -> Self {
        let (within, lasts) = (Duration::from_secs(600), Duration::from_secs(3600));
        Self { after: 10, within, lasts, per_account: 50, never: Vec::new() }
    }
}

/// What a stranger did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Credentials that are wrong; whether there is such an account makes no difference.
    Password,
    /// A call to a number that nothing answers.
    Number,
}

impl Fault {
    /// The word in logs and measures.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "wrong-password",
            Self::Number => "unknown-number",
        }
    }
}

/// How sure it is that something came from where it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The source has what only it was sent.
    Proven,
    /// A datagram says so.
    Claimed,
}

impl Origin {
    /// The word in logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Claimed => "claimed",
        }
    }
}

/// What of a source is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All that comes from there.
    Everything,
    /// Calls of strangers, and credentials that are not for a nonce of ours.
    Unproven,
}

impl Scope {
    /// The word in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Unproven => "unproven",
        }
    }
}

/// A source that is not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ban {
    /// The address; of IPv6 the first of the /64 that one subscriber has (RFC 6177).
    pub source: IpAddr,
    /// What is passed over.
    pub scope: Scope,
    /// The fault that was one too many.
    pub fault: Fault,
    /// How many there were.
    pub faults: u32,
    /// When it is heard again.
    pub until: Instant,
}

/// What came of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// It is counted.
    Counted,
    /// It was one too many.
    Banned(Ban),
    /// So many are told already that nobody need hear of this one.
    Untold,
}

/// Counts faults by source. The memory is bounded whoever sends from wherever.
#[derive(Debug)]
pub(crate) struct Guard {
    rules: GuardRules,
    sources: HashMap<IpAddr, Watched>,
    /// When each source is forgotten.
    ends: BTreeSet<(Instant, IpAddr)>,
    /// Where calls came from that were answered, and when the last one did.
    callers: HashMap<IpAddr, Instant>,
    told: Told,
}

#[derive(Debug)]
struct Watched {
    proven: Count,
    claimed: Count,
    ban: Option<Ban>,
    /// When it is forgotten.
    end: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    faults: u32,
    /// Until when no more of the same is answered.
    slow: Instant,
}

/// Faults that were told within a second.
#[derive(Debug)]
struct Told {
    since: Instant,
    count: u32,
}

impl Guard {
    /// A guard that has seen nobody.
    pub(crate) fn new(rules: GuardRules) -> Self {
        let told = Told { since: Instant::START, count: 0 };
        Self { rules, sources: HashMap::new(), ends: BTreeSet::new(), callers: HashMap::new(), told }
    }

    /// Whether anything from there is read at all.
    pub(crate) fn hears(&self, now: Instant, source: IpAddr) -> bool {
        // Nearly always nobody is watched, and each datagram comes by here.
        self.sources.is_empty() || self.scope(now, source) != Some(Scope::Everything)
    }

    /// Whether anything is held against a source.
    pub(crate) fn watches(&self, source: IpAddr) -> bool {
        self.sources.contains_key(&subscriber(source))
    }

    /// Whether a stranger's call or credentials are answered there: not while it is banned, and
    /// not in the pause after a fault, which doubles with each.
    pub(crate) fn answers(&self, now: Instant, source: IpAddr, origin: Origin) -> bool {
        let Some(watched) = self.sources.get(&subscriber(source)) else { return true };
        let (scope, proven) = (self.scope(now, source), now >= watched.proven.slow);
        match origin {
            Origin::Proven => scope != Some(Scope::Everything) && proven,
            Origin::Claimed => scope.is_none() && proven && now >= watched.claimed.slow,
        }
    }

    fn scope(&self, now: Instant, source: IpAddr) -> Option<Scope> {
        let ban = self.sources.get(&subscriber(source))?.ban?;
        (now < ban.until).then_some(ban.scope)
    }

    /// Remembers that a call from there was answered: an operator's proxy sends us wrong
    /// numbers too, and must never be shut out for them.
    pub(crate) fn answered(&mut self, now: Instant, source: IpAddr) {
        let source = subscriber(source);
        if self.callers.len() >= limits::CALLING_SOURCES && !self.callers.contains_key(&source) {
            self.callers.retain(|_, last| now.since(*last) < REMEMBERED);
            if self.callers.len() >= limits::CALLING_SOURCES {
                return;
            }
        }
        self.callers.insert(source, now);
    }

    /// Counts a fault; who is never banned has none.
    pub(crate) fn blame(&mut self, now: Instant, source: IpAddr, fault: Fault, origin: Origin) -> Blame {
        let never = self.rules.never.iter().any(|network| network.contains(&source));
        let source = subscriber(source);
        let calls = self.callers.get(&source).is_some_and(|last| now.since(*last) < REMEMBERED);
        if never || calls && fault == Fault::Number {
            return self.tell(now, Blame::Counted);
        }
        self.make_room(source);
        let GuardRules { after, within, lasts, .. } = self.rules;
        let none = Count { faults: 0, slow: now };
        let fresh = Watched { proven: none, claimed: none, ban: None, end: now + within };
        let watched = self.sources.entry(source).or_insert(fresh);
        let count = match origin {
            Origin::Proven => &mut watched.proven,
            Origin::Claimed => &mut watched.claimed,
        };
        count.faults += 1;
        let faults = count.faults;
        count.slow = count.slow.max(now + pause(faults));
        self.ends.remove(&(watched.end, source));
        let scope = if origin == Origin::Proven { Scope::Everything } else { Scope::Unproven };
        let ban = Ban { source, scope, fault, faults, until: now + lasts };
        let banned = faults >= after && watched.ban.is_none_or(|old| now >= old.until || scope < old.scope);
        if banned {
            watched.ban = Some(ban);
            watched.end = ban.until;
        }
        self.ends.insert((watched.end, source));
        self.tell(now, if banned { Blame::Banned(ban) } else { Blame::Counted })
    }

    /// The sources that are not heard, those that were banned last first.
    pub(crate) fn bans(&self, now: Instant) -> Vec<Ban> {
        let mut bans: Vec<Ban> = self.sources.values().filter_map(|watched| watched.ban).collect();
        bans.retain(|ban| now < ban.until);
        bans.sort_by_key(|ban| (std::cmp::Reverse(ban.until), ban.source));
        bans
    }

    /// Forgets what a source did; whether it was banned.
    pub(crate) fn lift(&mut self, now: Instant, source: IpAddr) -> bool {
        let source = subscriber(source);
        let Some(watched) = self.sources.remove(&source) else { return false };
        self.ends.remove(&(watched.end, source));
        watched.ban.is_some_and(|ban| now < ban.until)
    }

    /// When the next source is forgotten.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.ends.first().map(|(end, _)| *end)
    }

    /// Forgets the sources whose time `now` has reached.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((end, source)) = self.ends.first().copied().filter(|(end, _)| *end <= now) {
            self.ends.remove(&(end, source));
            self.sources.remove(&source);
        }
    }

    /// Lets the source go that would be forgotten first, where there is no room for one more.
    fn make_room(&mut self, source: IpAddr) {
        let full = self.sources.len() >= limits::WATCHED_SOURCES && !self.sources.contains_key(&source);
        if let Some((_, oldest)) = full.then(|| self.ends.pop_first()).flatten() {
            self.sources.remove(&oldest);
        }
    }

    /// What is told of a fault: a flood from many addresses fills no log.
    fn tell(&mut self, now: Instant, blame: Blame) -> Blame {
        if now.since(self.told.since) >= Duration::from_secs(1) {
            self.told = Told { since: now, count: 0 };
        }
        self.told.count += 1;
        if self.told.count > limits::FAULTS_TOLD { Blame::Untold } else { blame }
    }
}

/// The pause after so many faults: none after the first two, which are slips, then 1, 2, 4, … s.
fn pause(faults: u32) -> Duration {
    match faults.checked_sub(3) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(1 << more.min(5)),
    }
}

/// Who has had a call answered is no scanner for a month.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3600);

/// Who may have many addresses is known by what they have in common: the /64 of an IPv6
/// subscriber, and the IPv4 address behind a mapped one.
fn subscriber(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}
