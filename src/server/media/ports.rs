use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::base::{Chance, Instant, limits};

/// The ports that legs can have: an even one of the range for RTP, the next for RTCP.
///
/// Which comes next can't be foreseen, so that nobody can wait at it; one that was
/// given back rests before it is taken again.
#[derive(Debug)]
pub(super) struct Ports {
    free: Vec<u16>,
    resting: VecDeque<(Instant, u16)>,
    returned: Receiver<(Instant, u16)>,
    chance: Chance,
}

impl Ports {
    /// The ports of a range, and where they are given back with the moment.
    pub(super) fn new(range: RangeInclusive<u16>, chance: Chance) -> (Self, Sender<(Instant, u16)>) {
        let (give_back, returned) = channel();
        let free = range.clone().filter(|port| port % 2 == 0 && port < range.end() && *port > 0).collect();
        (Self { free, resting: VecDeque::new(), returned, chance }, give_back)
    }

    /// Takes a free port; `None` when all are used or resting.
    pub(super) fn take(&mut self, now: Instant) -> Option<u16> {
        self.resting.extend(self.returned.try_iter());
        while let Some(&(since, port)) = self.resting.front()
            && now.since(since) >= limits::PORT_REST
        {
            self.resting.pop_front();
            self.free.push(port);
        }
        if self.free.is_empty() {
            return None;
        }
        let index = self.chance.below(self.free.len());
        Some(self.free.swap_remove(index))
    }

    /// Lets a port rest that somebody else on this machine holds.
    pub(super) fn rest(&mut self, now: Instant, port: u16) {
        self.resting.push_back((now, port));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_even_port_whose_neighbour_is_in_the_range_is_given_once() {
        let (mut ports, _) = Ports::new(10_001..=10_008, Chance::seeded(1));
        let mut taken: Vec<u16> = std::iter::from_fn(|| ports.take(Instant::START)).collect();
        taken.sort_unstable();
        assert_eq!(taken, [10_002, 10_004, 10_006]);
    }

    #[test]
    fn a_port_rests_before_it_is_taken_again() {
        let (mut ports, give_back) = Ports::new(10_000..=10_001, Chance::seeded(1));
        assert_eq!(ports.take(Instant::START), Some(10_000));
        let closed = Instant::START + Duration::from_secs(60);
        give_back.send((closed, 10_000)).unwrap();
        assert_eq!(ports.take(closed + (limits::PORT_REST - Duration::from_millis(1))), None);
        assert_eq!(ports.take(closed + limits::PORT_REST), Some(10_000));
    }

    #[test]
    fn the_order_of_ports_differs_from_start_to_start() {
        let order = |seed| {
            let (mut ports, _) = Ports::new(10_000..=10_999, Chance::seeded(seed));
            std::iter::from_fn(move || ports.take(Instant::START)).collect::<Vec<_>>()
        };
        assert_ne!(order(1), order(2));
        assert!(order(1).windows(2).filter(|pair| pair[1] == pair[0] + 2).count() < 20);
    }

    #[test]
    fn the_last_port_of_all_is_no_trouble() {
        let (mut ports, _) = Ports::new(65_534..=65_535, Chance::seeded(1));
        assert_eq!(ports.take(Instant::START), Some(65_534));
        let (mut ports, _) = Ports::new(0..=1, Chance::seeded(1));
        assert_eq!(ports.take(Instant::START), None);
    }
}
