use std::collections::HashMap;
use std::sync::Arc;

use super::past::Past;
use crate::base::{AgentName, Instant, LegId, give_back};
use crate::sip::deadlines::Deadlines;
use crate::sip::dialog::Leg;
use crate::sip::message::Headers;
use crate::sip::refer::Replaces;
use crate::sip::transport::Hop;

/// Every leg, by its id, by our tag and by the INVITE that opened it.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    /// In boxes, so that the table's free places cost little.
    all: HashMap<LegId, Box<Slot>>,
    by_tag: HashMap<String, LegId>,
    by_origin: HashMap<Origin, LegId>,
    /// How many each agent's phones have.
    by_agent: HashMap<AgentName, u32>,
    deadlines: Deadlines<LegId>,
    past: Past,
}

#[derive(Debug)]
struct Slot {
    leg: Leg,
    origin: Option<Origin>,
}

/// What the copies of one INVITE have in common, whichever way they come (RFC 3261, section
/// 8.2.2.2): its number, the caller's tag and the Call-ID, in one text that its holders share.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin(Arc<str>);

impl Origin {
    /// The origin of an INVITE, or of its CANCEL.
    pub(crate) fn of(headers: &Headers) -> Self {
        // Neither a number nor a tag holds a line end.
        Self(format!("{}\n{}\n{}", headers.cseq, headers.from.tag().unwrap_or_default(), headers.call_id).into())
    }
}

impl Legs {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Where every leg is reached, and where it spoke from.
    pub(crate) fn hops(&self) -> impl Iterator<Item = Hop> {
        let dialogs = self.all.values().map(|slot| &slot.leg.dialog);
        dialogs.flat_map(|dialog| [dialog.hop(), dialog.source()])
    }

    /// Whether the id is taken.
    pub(crate) fn has(&self, id: LegId) -> bool {
        self.all.contains_key(&id)
    }

    /// Adds a leg; `origin` is the peer's INVITE, if a peer opened it.
    pub(crate) fn insert(&mut self, leg: Leg, origin: Option<Origin>) {
        let id = leg.id;
        self.by_tag.insert(leg.dialog.tag().to_owned(), id);
        if let Some(origin) = &origin {
            self.by_origin.insert(origin.clone(), id);
        }
        if let Some(owner) = &leg.owner {
            *self.by_agent.entry(owner.agent.clone()).or_default() += 1;
        }
        self.all.insert(id, Box::new(Slot { leg, origin }));
        self.settle(id);
    }

    /// The leg of an id.
    pub(crate) fn get_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.all.get_mut(&id).map(|slot| &mut slot.leg)
    }

    /// The leg that a message belongs to: our tag found it, the rest agrees.
    pub(crate) fn of_request(&self, headers: &Headers) -> Option<LegId> {
        let id = *self.by_tag.get(headers.to.tag()?)?;
        self.all.get(&id).filter(|slot| slot.leg.dialog.owns(headers)).map(|_| id)
    }

    /// The leg that a peer names to have its place taken: we are asked, so that our tag is `to-tag`.
    pub(crate) fn of_replaces(&self, replaces: &Replaces) -> Option<LegId> {
        let id = *self.by_tag.get(&replaces.to_tag)?;
        let dialog = &self.all.get(&id)?.leg.dialog;
        let same = dialog.call_id == replaces.call_id && dialog.remote.tag() == Some(replaces.from_tag.as_str());
        same.then_some(id)
    }

    /// Whether an INVITE has opened a leg: one that is there, or was a moment ago.
    pub(crate) fn knows(&self, origin: &Origin) -> bool {
        self.by_origin.contains_key(origin) || self.past.has(origin)
    }

    /// Whether a request is of a leg that we have opened, and has come back to us.
    pub(crate) fn is_ours(&self, headers: &Headers) -> bool {
        let leg = headers.from.tag().and_then(|tag| self.all.get(self.by_tag.get(tag)?));
        leg.is_some_and(|slot| slot.leg.dialog.call_id == headers.call_id)
    }

    /// Lets time pass for what is over.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.past.expire(now);
    }

    /// The leg that an INVITE has opened already.
    pub(crate) fn of_origin(&self, origin: &Origin) -> Option<LegId> {
        self.by_origin.get(origin).copied()
    }

    /// After anything has happened to a leg: notes its deadline, or forgets it when it is over.
    pub(crate) fn settle(&mut self, id: LegId) {
        let Some(slot) = self.all.get(&id) else { return };
        if !slot.leg.is_over() {
            self.deadlines.set(&id, slot.leg.timers.next().map(|(at, _)| at));
            return;
        }
        self.deadlines.set(&id, None);
        if let Some(slot) = self.all.remove(&id) {
            self.by_tag.remove(slot.leg.dialog.tag());
            if let Some(origin) = &slot.origin {
                self.by_origin.remove(origin);
                self.past.add(origin);
            }
            self.disown(&slot.leg);
        }
        give_back(&mut self.all);
        give_back(&mut self.by_tag);
        give_back(&mut self.by_origin);
    }

    /// Whether a phone of an agent has any.
    pub(crate) fn has_of(&self, agent: &AgentName) -> bool {
        self.by_agent.contains_key(agent)
    }

    fn disown(&mut self, leg: &Leg) {
        let agent = leg.owner.as_ref().map(|owner| &owner.agent);
        if let Some((agent, count)) = agent.and_then(|agent| Some((agent, self.by_agent.get_mut(agent)?))) {
            *count -= 1;
            if *count == 0 {
                self.by_agent.remove(agent);
            }
        }
    }

    /// The earliest deadline.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// The next leg whose deadline `now` has reached.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<LegId> {
        self.deadlines.pop(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_small() {
        assert!(size_of::<Slot>() <= 784, "{}: each call has one or two", size_of::<Slot>());
    }
}
