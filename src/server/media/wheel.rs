use std::time::Duration;

use crate::base::Instant;

/// The slots of a round and who sends in which, by absolute deadlines: a slot that
/// begins late moves none of those after it.
#[derive(Debug)]
pub(super) struct Wheel {
    start: Instant,
    /// The number of the next slot since the start.
    next: u64,
    members: [Vec<usize>; SLOTS],
}

/// Slots of a round.
pub(super) const SLOTS: usize = 10;
/// How long a slot lasts.
pub(super) const SLOT: Duration = Duration::from_millis(2);
/// How long a round lasts: the 20 ms of a packet.
pub(super) const ROUND: Duration = Duration::from_millis(20);

impl Wheel {
    pub(super) fn new(now: Instant) -> Self {
        Self { start: now, next: 0, members: Default::default() }
    }

    /// Puts a leg into the slot with the fewest; that slot's number.
    pub(super) fn add(&mut self, leg: usize) -> usize {
        let slot = (0..SLOTS).min_by_key(|&slot| self.members[slot].len()).unwrap_or(0);
        self.members[slot].push(leg);
        slot
    }

    /// Takes a leg out of its slot.
    pub(super) fn remove(&mut self, leg: usize, slot: usize) {
        self.members[slot].retain(|&member| member != leg);
    }

    /// When the next slot begins.
    pub(super) fn due(&self) -> Instant {
        self.start + SLOT * u32::try_from(self.next % ROUNDS_PER_TURN).unwrap_or(0)
    }

    /// Turns to the next slot; when it was due, and its number in the round.
    pub(super) fn turn(&mut self) -> (Instant, usize) {
        let due = self.due();
        let slot = (self.next % SLOTS as u64) as usize;
        self.next += 1;
        if self.next == ROUNDS_PER_TURN {
            self.start += SLOT * u32::try_from(ROUNDS_PER_TURN).unwrap_or(0);
            self.next = 0;
        }
        (due, slot)
    }

    /// Leaves out the whole rounds for which it is too late, so that no leg sends
    /// more than one packet to catch up; how many those are.
    pub(super) fn skip_missed(&mut self, now: Instant) -> u64 {
        let behind = now.since(self.due()).as_micros() as u64 / SLOT.as_micros() as u64;
        let rounds = (behind / SLOTS as u64).saturating_sub(1);
        self.start += SLOT * u32::try_from(rounds * SLOTS as u64).unwrap_or(u32::MAX);
        rounds
    }

    /// Begins anew after a time without legs.
    pub(super) fn restart(&mut self, now: Instant) {
        self.start = now;
        self.next = 0;
    }

    /// The legs that send in a slot.
    pub(super) fn members(&self, slot: usize) -> &[usize] {
        &self.members[slot]
    }
}

/// Slots after which the start is moved on, so that counting never ends: an hour.
const ROUNDS_PER_TURN: u64 = 1_800_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: u64) -> Instant {
        Instant::START + Duration::from_micros(micros)
    }

    #[test]
    fn legs_are_spread_evenly_and_stay_so() {
        let mut wheel = Wheel::new(Instant::START);
        let slots: Vec<usize> = (0..35).map(|leg| wheel.add(leg)).collect();
        let sizes: Vec<usize> = (0..SLOTS).map(|slot| wheel.members(slot).len()).collect();
        assert_eq!(sizes, [4, 4, 4, 4, 4, 3, 3, 3, 3, 3]);
        for leg in [5, 15, 25] {
            wheel.remove(leg, slots[leg]);
        }
        assert_eq!(wheel.add(99), 5);
    }

    #[test]
    fn deadlines_do_not_drift_however_late_a_slot_is() {
        let mut wheel = Wheel::new(Instant::START);
        for number in 0..25 {
            assert_eq!(wheel.turn(), (at(number * 2_000), (number % 10) as usize));
        }
        wheel.next = ROUNDS_PER_TURN - 1;
        assert_eq!(wheel.turn().1, 9);
        assert_eq!(wheel.turn(), (at(ROUNDS_PER_TURN * 2_000), 0));
    }

    #[test]
    fn a_late_wheel_catches_up_one_packet_for_each_leg_at_most() {
        for late in 0..200_000 {
            let now = at(late);
            let mut wheel = Wheel::new(Instant::START);
            wheel.skip_missed(now);
            let mut sent = [0; SLOTS];
            while wheel.due() <= now {
                sent[wheel.turn().1] += 1;
            }
            assert!(sent.iter().all(|&packets| packets <= 2), "{late}: {sent:?}");
        }
        let mut wheel = Wheel::new(Instant::START);
        assert_eq!(wheel.skip_missed(at(39_999)), 0);
        assert_eq!(wheel.skip_missed(at(100_000)), 4);
        assert_eq!(wheel.due(), at(80_000));
    }
}
