use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Binding, Device, Registrar};
use crate::base::{AgentName, Instant};
use crate::sip::Event;
use crate::sip::message::{NameAddr, Uri};
use crate::sip::transport::{Hop, Transport};

/// A phone that is to be asked whether it is there.
#[derive(Debug)]
pub(crate) struct Question {
    /// Whose it is.
    pub(crate) agent: AgentName,
    /// The way to it.
    pub(crate) number: u64,
    /// What it calls itself.
    pub(crate) uri: Uri,
    /// Where the question goes.
    pub(crate) hop: Hop,
    /// The proxies on the way.
    pub(crate) path: Vec<NameAddr>,
}

/// One way to a phone, as people and programs see it.
#[derive(Clone, Debug, PartialEq)]
pub struct PhoneLine {
    /// Whose it is.
    pub agent: AgentName,
    /// What the phone is, in its own words (`User-Agent`).
    pub software: Option<String>,
    /// How it is reached.
    pub transport: Transport,
    /// Where it registered from: the phone, its router, or the proxy before it.
    pub address: SocketAddr,
    /// Whether a proxy stands before it (RFC 3327).
    pub through_proxy: bool,
    /// How long its registration lasts from now.
    pub expires_in: Duration,
    /// Whether it answers when it is asked.
    pub reachable: Reachable,
    /// How long its last answer took.
    pub round_trip: Option<Duration>,
}

/// Whether a phone answers our OPTIONS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// It does.
    Yes,
    /// It did, and does no more.
    No,
    /// It has not been asked yet, or has never answered.
    Unknown,
}

impl Reachable {
    /// The word of it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Which phones there are, and whether they live.
impl Registrar {
    /// How many phones of an agent are to be called.
    pub(crate) fn phones(&self, agent: &AgentName) -> usize {
        self.devices(agent).count()
    }

    /// A phone of an agent; the first is the one that was registered last.
    pub(crate) fn phone(&self, agent: &AgentName, nth: usize) -> Option<&Binding> {
        self.devices(agent).nth(nth)
    }

    /// The phones of an agent by the last way to each, without those that answer no more
    /// unless there is no other.
    fn devices<'a>(&'a self, agent: &AgentName) -> impl Iterator<Item = &'a Binding> + use<'a> {
        let all = self.bindings.get(agent).map(Vec::as_slice).unwrap_or_default();
        let any = is_up(all);
        let is_meant = move |binding: &Binding| !(any && binding.life.is_lost());
        let is_last = move |(place, binding): &(usize, &Binding)| {
            let mut later = all[*place + 1..].iter().filter(move |later| is_meant(later));
            matches!(binding.device, Device::Unnamed(_)) || later.all(|later| later.device != binding.device)
        };
        let meant = all.iter().enumerate().rev().filter(move |(_, binding)| is_meant(binding));
        meant.filter(is_last).map(|(_, binding)| binding)
    }

    /// Which phone of an agent sends from there.
    pub(crate) fn device_at(&self, agent: &AgentName, source: SocketAddr) -> Option<Device> {
        let at = self.bindings.get(agent)?.iter().rev().find(|binding| binding.is_at(source));
        at.map(|binding| binding.device)
    }

    /// The way to a phone that is not where it was: nothing while that way is there still, or
    /// while there is no other.
    pub(crate) fn moved(&self, (agent, device): (&AgentName, Device), known: &Hop) -> Option<Hop> {
        let ways = || self.bindings.get(agent).into_iter().flatten().filter(|binding| binding.device == device);
        let is_same = |binding: &Binding| match known.connection {
            Some(_) => binding.hop.connection == known.connection,
            None => binding.hop.connection.is_none() && binding.hop.address == known.address,
        };
        if ways().any(is_same) {
            return None;
        }
        ways().next_back().filter(|binding| binding.path.is_empty()).map(|binding| binding.hop)
    }

    /// Another way to the phone that can't be reached by this one.
    pub(crate) fn other_way(&self, (agent, device): (&AgentName, Device), failed: &Hop) -> Option<&Binding> {
        let mut ways = self.bindings.get(agent)?.iter().rev();
        ways.find(|binding| binding.device == device && binding.hop != *failed)
    }

    /// The proxy before a phone says that its way to it is gone (430; RFC 5626, section 5.3).
    pub(crate) fn flow_failed(
        &mut self,
        (agent, device): (&AgentName, Device),
        hop: &Hop,
        events: &mut VecDeque<Event>,
    ) {
        let Some(mut bindings) = self.bindings.get(agent).cloned() else { return };
        let is_gone = |binding: &Binding| binding.device == device && binding.hop == *hop && !binding.path.is_empty();
        // One of those that the proxy holds: the one that was rung.
        if let Some(place) = bindings.iter().rposition(is_gone) {
            bindings.remove(place);
            self.keep(agent.clone(), bindings, events);
        }
    }

    /// When the next contact expires, or the next phone is asked.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// Forgets the contacts whose time `now` has reached, and has those asked that it is time for.
    pub(crate) fn expire(&mut self, now: Instant, events: &mut VecDeque<Event>) {
        while let Some(agent) = self.deadlines.pop(now) {
            let Some(bindings) = self.bindings.get_mut(&agent) else { continue };
            for binding in bindings.iter_mut().filter(|binding| binding.expires > now) {
                if binding.life.next.is_some_and(|next| next <= now) {
                    (binding.life.next, binding.life.asked) = (Some(now + self.ping), Some(now));
                    let (uri, path) = (binding.uri.for_request(), binding.path.clone());
                    let Binding { number, hop, .. } = *binding;
                    self.questions.push_back(Question { agent: agent.clone(), number, uri, hop, path });
                }
            }
            if bindings.iter().any(|binding| binding.expires <= now) {
                let mut bindings = bindings.clone();
                bindings.retain(|binding| binding.expires > now);
                self.keep(agent, bindings, events);
            } else {
                let next = deadline(bindings);
                self.deadlines.set(&agent, next);
            }
        }
    }

    /// The next phone that is to be asked.
    pub(crate) fn question(&mut self) -> Option<Question> {
        self.questions.pop_front()
    }

    /// What a phone says to a question: an answer of any kind, or none.
    pub(crate) fn answered(
        &mut self,
        now: Instant,
        (agent, number): (&AgentName, u64),
        is_there: bool,
        events: &mut VecDeque<Event>,
    ) {
        let Some(bindings) = self.bindings.get_mut(agent) else { return };
        let before = is_up(bindings);
        if let Some(binding) = bindings.iter_mut().find(|binding| binding.number == number) {
            let life = &mut binding.life;
            let took = life.asked.take().map(|asked| now.since(asked));
            if is_there {
                (life.round_trip, life.missed) = (took.or(life.round_trip), 0);
            } else {
                life.missed = life.missed.saturating_add(1);
            }
        }
        let up = is_up(bindings);
        if up != before {
            events.push_back(Event::Registered { agent: agent.clone(), up });
        }
    }

    /// Every phone, by agent.
    pub(crate) fn lines(&self, now: Instant) -> Vec<PhoneLine> {
        let mut all: Vec<_> = self.bindings.iter().collect();
        all.sort_by_key(|(agent, _)| *agent);
        let lines = all.into_iter().flat_map(|(agent, bindings)| bindings.iter().rev().map(move |own| (agent, own)));
        lines.map(|(agent, binding)| binding.line(now, agent)).collect()
    }
}

impl Binding {
    fn line(&self, now: Instant, agent: &AgentName) -> PhoneLine {
        let reachable = match self.life {
            life if life.is_lost() => Reachable::No,
            life if life.round_trip.is_some() => Reachable::Yes,
            _ => Reachable::Unknown,
        };
        PhoneLine {
            agent: agent.clone(),
            software: self.software.as_deref().map(str::to_owned),
            transport: self.hop.transport,
            address: self.source,
            through_proxy: !self.path.is_empty(),
            expires_in: self.expires.since(now),
            reachable,
            round_trip: self.life.round_trip,
        }
    }
}

/// Whether an agent can be reached by one of these.
pub(super) fn is_up(bindings: &[Binding]) -> bool {
    bindings.iter().any(|binding| !binding.life.is_lost())
}

/// When something is to be done about one of these.
pub(super) fn deadline(bindings: &[Binding]) -> Option<Instant> {
    let each = bindings.iter().flat_map(|binding| [Some(binding.expires), binding.life.next]);
    each.flatten().min()
}
