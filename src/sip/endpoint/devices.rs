use std::collections::{HashMap, VecDeque};

use super::Endpoint;
use crate::base::{Instant, LegId};
use crate::sip::{Command, Event, Identity, Reason, Target};

/// The phones of one agent, which ring together: whoever called hears of one leg, and the
/// first phone that answers is that leg.
#[derive(Debug, Default)]
pub(super) struct Devices {
    groups: HashMap<LegId, Group>,
    /// The leg that each phone's own leg stands for.
    of: HashMap<LegId, LegId>,
    last: u64,
}

#[derive(Debug)]
struct Group {
    /// The phones' legs that are not over.
    legs: Vec<LegId>,
    /// The phone that has answered.
    taken: Option<LegId>,
    /// The refusal that says most.
    status: u16,
}

/// What follows from an event.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// What whoever called is told.
    pub(super) event: Option<Event>,
    /// The phones that need ring no more.
    pub(super) over: Vec<LegId>,
}

impl Devices {
    /// Whether nobody has more than one phone rung.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Legs for so many phones: the first has the id that is asked for, the others their own.
    pub(super) fn open(&mut self, leg: LegId, phones: usize) -> Vec<LegId> {
        let more = (1..phones).map(|nth| LegId(FIRST + self.last + nth as u64));
        let legs: Vec<LegId> = std::iter::once(leg).chain(more).collect();
        self.last += phones as u64;
        self.of.extend(legs.iter().map(|own| (*own, leg)));
        self.groups.insert(leg, Group { legs: legs.clone(), taken: None, status: 0 });
        legs
    }

    /// Those whom a command for a leg is for: the phone that has answered, or all that ring;
    /// nothing where the leg is one phone's.
    pub(super) fn meant(&self, leg: LegId) -> Option<Vec<LegId>> {
        let group = self.groups.get(&leg)?;
        Some(group.taken.map_or_else(|| group.legs.clone(), |taken| vec![taken]))
    }

    /// The leg of the phone that talks as this one.
    pub(super) fn talks(&self, leg: LegId) -> LegId {
        self.groups.get(&leg).and_then(|group| group.taken).unwrap_or(leg)
    }

    /// The leg that a phone's own leg stands for.
    pub(super) fn stands_for(&self, own: LegId) -> LegId {
        self.of.get(&own).copied().unwrap_or(own)
    }

    /// What an event of a phone means for whoever called.
    pub(super) fn hear(&mut self, mut event: Event) -> Heard {
        let own = event.leg();
        let Some((own, leg)) = own.and_then(|own| Some((own, *self.of.get(&own)?))) else {
            return Heard { event: Some(event), over: Vec::new() };
        };
        let Some(group) = self.groups.get_mut(&leg) else { return Heard::default() };
        if event.is_last() {
            self.of.remove(&own);
            group.legs.retain(|other| *other != own);
        }
        let mut over = Vec::new();
        let tells = match (&event, group.taken) {
            (_, Some(taken)) if taken == own => true,
            // Two have picked up at once.
            (Event::Answered { .. }, Some(_)) => {
                over.push(own);
                false
            }
            (_, Some(_)) => false,
            (Event::Answered { .. }, None) => {
                group.taken = Some(own);
                over.extend(group.legs.iter().filter(|other| **other != own));
                true
            }
            (Event::Failed { status, .. }, None) => {
                group.status = telling(group.status, *status);
                // Who declines on one phone declines (RFC 3261, section 16.7, step 5).
                if *status >= 600 {
                    over.extend(&group.legs);
                }
                group.legs.is_empty()
            }
            (_, None) => true,
        };
        if let (Event::Failed { status, .. }, None) = (&mut event, group.taken) {
            *status = group.status;
        }
        if group.legs.is_empty() {
            self.groups.remove(&leg);
        }
        Heard { event: tells.then(|| event.of(leg)), over }
    }
}

impl Endpoint {
    /// Places a call: to an agent at every phone that is registered.
    pub(super) fn call_phones(&mut self, now: Instant, leg: LegId, (to, from): (&Target, &Identity), sdp: &str) {
        let phones = if let Target::Agent(agent) = to { self.registrar.phones(agent) } else { 1 };
        let legs = if phones > 1 { self.devices.open(leg, phones) } else { vec![leg] };
        for (nth, own) in legs.into_iter().enumerate() {
            self.call(now, (own, nth), (to, from), (sdp, None), Vec::new());
        }
    }

    /// Does what is asked of a leg to the phones that it stands for.
    pub(super) fn obey_devices(&mut self, now: Instant, command: Command) {
        let Some(meant) = command.leg().and_then(|leg| self.devices.meant(leg)) else { return self.obey(now, command) };
        for own in meant {
            self.obey(now, command.clone().of(own));
        }
    }

    /// Lets whoever called several phones hear of one leg.
    pub(super) fn settle_devices(&mut self, now: Instant) {
        if self.devices.is_empty() {
            return;
        }
        let mut told = VecDeque::new();
        while let Some(event) = self.stack.events.pop_front() {
            let Heard { event, over } = self.devices.hear(event);
            told.extend(event);
            for own in over {
                self.with(own, |leg, stack| {
                    leg.reason = Some(Reason::ELSEWHERE);
                    leg.end(now, stack);
                });
            }
        }
        self.stack.events = told;
    }
}

/// Of two refusals the one that says more: no to all phones, then busy, then any other than
/// that nobody was there.
fn telling(one: u16, other: u16) -> u16 {
    let says = |status: u16| match status {
        600.. => 4,
        486 => 3,
        0 => 0,
        408 | 480 | 487 => 1,
        _ => 2,
    };
    if says(other) > says(one) { other } else { one }
}

/// The ids of further phones' legs: no call counts so far.
const FIRST: u64 = 1 << 56;

#[cfg(test)]
mod tests {
    use super::*;

    const LEG: LegId = LegId(256);

    fn failed(leg: LegId, status: u16) -> Event {
        Event::Failed { leg, status, later: None }
    }

    fn answered(leg: LegId) -> Event {
        Event::Answered { leg, sdp: "v=0".into() }
    }

    fn two() -> (Devices, LegId) {
        let mut devices = Devices::default();
        let legs = devices.open(LEG, 2);
        assert_eq!((legs.len(), legs[0]), (2, LEG));
        (devices, legs[1])
    }

    #[test]
    fn the_first_phone_that_answers_has_the_call_and_the_other_stops_ringing() {
        let (mut devices, second) = two();
        assert_eq!(devices.meant(LEG), Some(vec![LEG, second]));
        let ringing = |leg| Event::Ringing { leg, to_tag: None };
        assert_eq!(devices.hear(ringing(second)), Heard { event: Some(ringing(LEG)), over: vec![] });
        assert_eq!(devices.hear(answered(second)), Heard { event: Some(answered(LEG)), over: vec![LEG] });
        assert_eq!(devices.meant(LEG), Some(vec![second]));
        assert_eq!(devices.hear(failed(LEG, 487)), Heard::default(), "its end is no news");
        let ended = |leg| Event::Ended { leg, why: crate::sip::DialogEnd::Bye };
        assert_eq!(devices.hear(ended(second)).event, Some(ended(LEG)));
        assert!(devices.is_empty() && devices.groups.is_empty());
    }

    #[test]
    fn of_two_who_pick_up_at_once_one_is_hung_up_on() {
        let (mut devices, second) = two();
        devices.hear(answered(LEG));
        assert_eq!(devices.hear(answered(second)), Heard { event: None, over: vec![second] });
    }

    #[test]
    fn a_call_has_failed_when_every_phone_has_and_the_refusal_that_says_most_is_told() {
        for (first, then, told) in [(480, 486, 486), (486, 408, 486), (500, 480, 500), (487, 487, 487)] {
            let (mut devices, second) = two();
            assert_eq!(devices.hear(failed(second, first)), Heard::default());
            assert_eq!(devices.hear(failed(LEG, then)).event, Some(failed(LEG, told)));
            assert!(devices.is_empty());
        }
    }

    #[test]
    fn who_declines_on_one_phone_declines_on_all() {
        let (mut devices, second) = two();
        assert_eq!(devices.hear(failed(LEG, 603)), Heard { event: None, over: vec![second] });
        assert_eq!(devices.hear(failed(second, 487)).event, Some(failed(LEG, 603)));
    }

    #[test]
    fn legs_of_one_phone_are_as_they_are() {
        let mut devices = Devices::default();
        assert_eq!(devices.hear(answered(LEG)).event, Some(answered(LEG)));
        assert_eq!(devices.meant(LEG), None);
    }
}
