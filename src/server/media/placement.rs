use std::collections::HashMap;

use super::seat::Place;
use crate::base::LegId;

/// Which worker each leg lives on: the one of its call's other legs, so that what is
/// bridged stays on one thread; the one with the fewest legs for a new call. A leg
/// never moves.
#[derive(Debug)]
pub(super) struct Placement {
    calls: HashMap<u64, Placed>,
    /// Legs of each worker.
    load: Vec<usize>,
}

/// One call's legs.
#[derive(Debug)]
struct Placed {
    desk: usize,
    legs: Vec<LegId>,
}

impl Placement {
    /// For so many workers, at least one.
    pub(super) fn new(workers: usize) -> Self {
        Self { calls: HashMap::new(), load: vec![0; workers.max(1)] }
    }

    /// Finds a worker for a leg that is opened.
    pub(super) fn add(&mut self, leg: LegId) -> usize {
        let fewest = (0..self.load.len()).min_by_key(|&desk| self.load[desk]).unwrap_or(0);
        let placed = self.calls.entry(call(leg)).or_insert(Placed { desk: fewest, legs: Vec::with_capacity(2) });
        if !placed.legs.contains(&leg) {
            placed.legs.push(leg);
            self.load[placed.desk] += 1;
        }
        placed.desk
    }

    /// Forgets a leg that is closed; where it was.
    pub(super) fn remove(&mut self, leg: LegId) -> Option<usize> {
        let placed = self.calls.get_mut(&call(leg))?;
        let index = placed.legs.iter().position(|&known| known == leg)?;
        placed.legs.swap_remove(index);
        let desk = placed.desk;
        self.load[desk] -= 1;
        if placed.legs.is_empty() {
            self.calls.remove(&call(leg));
        }
        Some(desk)
    }

    /// Where an open leg is.
    pub(super) fn of(&self, leg: LegId) -> Option<Place> {
        let placed = self.calls.get(&call(leg)).filter(|placed| placed.legs.contains(&leg))?;
        Some(Place { leg, desk: placed.desk })
    }
}

/// A call's legs have numbers that differ in the last eight bits.
fn call(leg: LegId) -> u64 {
    leg.0 >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calls_legs_share_a_worker_and_calls_are_spread_by_what_is_there_now() {
        let mut placement = Placement::new(2);
        let legs = [256, 512, 768, 257, 1_024].map(LegId);
        assert_eq!(legs.map(|leg| placement.add(leg)), [0, 1, 0, 0, 1]);
        for gone in [256, 257, 768] {
            assert_eq!(placement.remove(LegId(gone)), Some(0));
        }
        assert_eq!([1_280, 1_536, 1_792].map(|leg| placement.add(LegId(leg))), [0, 0, 0]);
        assert_eq!(placement.of(LegId(512)), Some(Place { leg: LegId(512), desk: 1 }));
        assert_eq!((placement.of(LegId(257)), placement.remove(LegId(257))), (None, None));
    }

    #[test]
    fn a_leg_that_is_opened_twice_counts_once() {
        let mut placement = Placement::new(1);
        placement.add(LegId(256));
        placement.add(LegId(256));
        placement.remove(LegId(256));
        assert_eq!((placement.load, placement.calls.len()), (vec![0], 0));
    }
}
