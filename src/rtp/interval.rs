use std::time::Duration;

use crate::base::{Chance, Instant};

/// When the next RTCP report goes (RFC 3550, section 6.3 and appendix A.7), between the
/// two of a telephone call.
///
/// The share of the bandwidth never makes it longer for two: compounds of 108 bytes in
/// 5 % of 80 kbit/s could go every half second. So the minimum holds: 5 s, half of it
/// before the first, times 0.5 to 1.5 by chance, and over e − 3/2, because the timer
/// is reconsidered when it runs out.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    last: Instant,
    next: Instant,
    minimum: Duration,
}

/// The least mean time between reports (section 6.2).
const MINIMUM: Duration = Duration::from_secs(5);
/// What reconsideration makes longer is taken off before (section 6.3.1).
const COMPENSATION: f64 = std::f64::consts::E - 1.5;
/// The steps of chance in one interval.
const STEPS: usize = 10_000;

impl Interval {
    /// From the moment that the stream begins.
    pub fn new(now: Instant, chance: &mut Chance) -> Self {
        let minimum = MINIMUM / 2;
        Self { last: now, next: now + drawn(minimum, chance), minimum }
    }

    /// Whether a report goes now. When it says so, the next one is planned (section 6.3.6).
    pub fn is_due(&mut self, now: Instant, chance: &mut Chance) -> bool {
        if now < self.next {
            return false;
        }
        let reconsidered = self.last + drawn(self.minimum, chance);
        if reconsidered > now {
            self.next = reconsidered;
            return false;
        }
        self.minimum = MINIMUM;
        self.last = now;
        self.next = now + drawn(MINIMUM, chance);
        true
    }
}

fn drawn(minimum: Duration, chance: &mut Chance) -> Duration {
    let factor = 0.5 + chance.below(STEPS + 1) as f64 / STEPS as f64;
    minimum.mul_f64(factor / COMPENSATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of reports in so many seconds, looked at every 20 ms.
    fn moments(seed: u64, seconds: u64) -> Vec<f64> {
        let mut chance = Chance::seeded(seed);
        let mut interval = Interval::new(Instant::START, &mut chance);
        let looks = (0..seconds * 50).map(|round| Instant::START + Duration::from_millis(round * 20));
        looks.filter(|&now| interval.is_due(now, &mut chance)).map(|now| now.since_start().as_secs_f64()).collect()
    }

    #[test]
    fn reports_are_five_seconds_apart_in_the_mean_and_never_in_step() {
        let moments = moments(1, 20_000);
        let apart: Vec<f64> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let mean = apart.iter().sum::<f64>() / apart.len() as f64;
        assert!((4.7..5.3).contains(&mean), "{mean}");
        // 5 s × 0.5 ÷ 1.218 at least, and × 1.5 at most, in rounds of 20 ms.
        assert!(apart.iter().all(|seconds| (2.05..=6.18).contains(seconds)), "{apart:?}");
    }

    #[test]
    fn the_first_report_comes_in_half_the_time() {
        let firsts: Vec<f64> = (0..500).map(|seed| moments(seed, 4)[0]).collect();
        assert!(firsts.iter().all(|seconds| (1.02..=3.1).contains(seconds)), "{firsts:?}");
        let mean = firsts.iter().sum::<f64>() / firsts.len() as f64;
        assert!((2.3..2.7).contains(&mean), "{mean}");
    }
}
