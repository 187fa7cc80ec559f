//! How the signalling task gathers under load.

use std::time::Duration;

use crate::base::Instant;

/// Whether the next turn begins at once or a moment later.
///
/// Waking a thread costs more than most of what it is woken for. While much comes, a turn
/// is followed by a rest of [`REST`] in which the next gathers: a wave of callers then costs
/// a waking for several messages. With little to do there is no rest, and nothing is later.
#[derive(Debug)]
pub(super) struct Pace {
    window: Instant,
    taken: usize,
    is_busy: bool,
}

impl Pace {
    /// At rest from `now` on.
    pub(super) fn new(now: Instant) -> Self {
        Self { window: now, taken: 0, is_busy: false }
    }

    /// A turn has taken so many messages, and whether there may be more; until when to rest.
    pub(super) fn rest(&mut self, now: Instant, turn: Turn) -> Option<Instant> {
        self.taken += turn.taken;
        if now.since(self.window) >= WINDOW {
            self.is_busy = self.taken >= MANY;
            (self.window, self.taken) = (now, 0);
        }
        (self.is_busy && !turn.has_more).then(|| now + REST)
    }
}

/// What one turn took.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Turn {
    /// Datagrams, messages and events.
    pub(super) taken: usize,
    /// Something was left for the next turn.
    pub(super) has_more: bool,
}

/// How long it is looked at what comes.
const WINDOW: Duration = Duration::from_millis(20);
/// As much in one [`WINDOW`] is much: two thousand a second.
const MANY: usize = 40;
/// Too short to be noticed in a set-up, or after a key.
const REST: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::START + Duration::from_millis(ms)
    }

    fn turn(taken: usize) -> Turn {
        Turn { taken, has_more: false }
    }

    #[test]
    fn a_turn_is_followed_by_a_rest_while_much_comes() {
        let mut pace = Pace::new(at(0));
        assert_eq!(pace.rest(at(1), turn(39)), None, "nothing is known yet");
        assert_eq!(pace.rest(at(20), turn(1)), Some(at(25)));
        assert_eq!(pace.rest(at(22), turn(3)), Some(at(27)));
        assert_eq!(pace.rest(at(40), turn(3)), None, "six in 20 ms are few");
    }

    #[test]
    fn what_is_left_over_is_taken_at_once() {
        let mut pace = Pace::new(at(0));
        pace.rest(at(20), turn(200));
        assert_eq!(pace.rest(at(21), Turn { taken: 64, has_more: true }), None);
        assert!(pace.rest(at(22), turn(10)).is_some());
    }
}
