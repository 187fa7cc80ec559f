use std::time::Duration;

use crate::base::Instant;

/// How unevenly packets come: the fastest of late, and how much longer than it nearly all
/// the others take.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    /// The smallest offset of arrival from timestamp in this window and the one before.
    smallest: [Option<u32>; 2],
    window_ends: Instant,
    /// How many packets, of late, took how much longer; in steps of [`STEP`].
    steps: [f32; STEPS],
}

/// 5 ms in samples.
const STEP: u32 = 40;
const STEPS: usize = 32;
/// The fastest packet is forgotten after one to two of these, so that a peer's clock that
/// goes slower than ours is followed.
const WINDOW: Duration = Duration::from_secs(2);
/// What each packet leaves of those before it: half is left after five seconds.
const KEPT: f32 = 0.9972;
/// The share of packets that may come too late.
const TOO_LATE: f32 = 0.02;

impl Default for Spread {
    fn default() -> Self {
        Self { smallest: [None; 2], window_ends: Instant::START, steps: [0.0; STEPS] }
    }
}

impl Spread {
    /// Whether nothing has come for so long that the fastest packet says nothing any more: the
    /// peer's clock is elsewhere by now.
    pub(super) fn is_stale(&self, now: Instant) -> bool {
        now >= self.window_ends + WINDOW
    }

    /// Forgets the fastest packet, and keeps how uneven the others were.
    pub(super) fn forget(&mut self) {
        self.smallest = [None; 2];
    }

    /// A packet came: its arrival less its timestamp, both in samples.
    pub(super) fn push(&mut self, now: Instant, offset: u32) {
        if now >= self.window_ends {
            self.smallest = [None, self.smallest[0].or(self.smallest[1])];
            self.window_ends = now + WINDOW;
        }
        let smaller = |known: u32| if (offset.wrapping_sub(known) as i32) < 0 { offset } else { known };
        self.smallest[0] = Some(self.smallest[0].map_or(offset, smaller));
        let later = offset.wrapping_sub(self.fastest());
        let step = ((later / STEP) as usize).min(STEPS - 1);
        for count in &mut self.steps {
            *count *= KEPT;
        }
        self.steps[step] += 1.0;
    }

    /// The offset of the fastest packet of the last two to four seconds.
    pub(super) fn fastest(&self) -> u32 {
        match self.smallest {
            [Some(one), Some(other)] if (other.wrapping_sub(one) as i32) < 0 => other,
            [Some(one), _] => one,
            [None, other] => other.unwrap_or(0),
        }
    }

    /// How long after the fastest all but few come, in samples: 40 to 1 280.
    pub(super) fn wait(&self) -> u32 {
        let all: f32 = self.steps.iter().sum();
        let mut later = 0.0;
        for (step, count) in self.steps.iter().enumerate().rev() {
            later += count;
            if later > all * TOO_LATE {
                return (step as u32 + 1) * STEP;
            }
        }
        STEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_waits_for_nearly_all_and_forgets() {
        let mut spread = Spread::default();
        let mut now = Instant::START;
        let mut come = |spread: &mut Spread, offset: u32| {
            now += Duration::from_millis(20);
            spread.push(now, offset.wrapping_add(u32::MAX - 100));
        };
        (0..500).for_each(|_| come(&mut spread, 0));
        assert_eq!(spread.wait(), 40);
        (0..500).for_each(|i| come(&mut spread, (i % 5) * 80));
        assert_eq!(spread.wait(), 360, "the slowest of five take 40 ms");
        (0..500).for_each(|i| come(&mut spread, if i % 100 == 0 { 800 } else { 0 }));
        assert_eq!(spread.wait(), 360, "one in a hundred is not waited for, and those before count still");
        (0..2_000).for_each(|_| come(&mut spread, 0));
        assert_eq!(spread.wait(), 40);
    }

    #[test]
    fn a_way_that_becomes_longer_is_the_fastest_after_some_seconds() {
        let mut spread = Spread::default();
        for i in 0..400_u64 {
            let offset = if i < 100 { 10 } else { 500 };
            spread.push(Instant::START + Duration::from_millis(i * 20), offset);
        }
        assert_eq!(spread.fastest(), 500);
    }
}
