use std::time::Duration;

use super::RATE;
use super::spread::Spread;
use crate::base::Instant;

/// What a listener's jitter buffer would have done with a stream that is passed on or not heard at
/// all: how long it would have waited, as ours does ([`Playout`](super::Playout)), and what
/// would have come too late for it.
#[derive(Clone, Debug, Default)]
pub struct Deadline {
    spread: Spread,
    is_known: bool,
    /// How long is waited for at present, in samples.
    wait: u32,
    packets: u64,
    late: u64,
    /// What was waited for in all, to know the mean.
    waited: u64,
}

/// The wait is reckoned anew after so many packets.
const PACKETS: u64 = 16;
/// What may come later than the wait: the round in which it is asked for, 20 ms.
const ROUND: u32 = 160;
/// An offset that is so far from the others is another numbering: 400 ms.
const LEAP: i32 = 3_200;

impl Deadline {
    /// A packet of sound came, its timestamp in samples at 8 kHz.
    pub fn push(&mut self, now: Instant, timestamp: u32) {
        let offset = ((now.since_start().as_nanos() / 125_000) as u32).wrapping_sub(timestamp);
        let later = offset.wrapping_sub(self.spread.fastest()) as i32;
        if !self.is_known || later.abs() >= LEAP {
            (self.spread, self.is_known) = (Spread::default(), true);
        } else if self.spread.is_stale(now) {
            self.spread.forget();
        } else {
            self.late += u64::from(later > (self.wait + ROUND) as i32);
        }
        self.spread.push(now, offset);
        if self.packets.is_multiple_of(PACKETS) {
            self.wait = self.spread.wait();
        }
        self.packets += 1;
        self.waited += u64::from(self.wait);
    }

    /// Packets that came too late.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// How long a packet waited in the mean.
    pub fn wait(&self) -> Duration {
        let samples = self.waited.checked_div(self.packets).unwrap_or(0) + u64::from(ROUND);
        Duration::from_micros(samples * 1_000_000 / u64::from(RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Chance;

    /// A minute of packets, each of which takes so many ms; the timestamps turn in the middle.
    fn minute(mut takes: impl FnMut(u64) -> u64) -> (u64, u128) {
        let mut deadline = Deadline::default();
        let mut packets: Vec<(u64, u32)> =
            (0..3_000_u64).map(|n| (n * 20 + takes(n), (u32::MAX - 240_000).wrapping_add(n as u32 * 160))).collect();
        packets.sort_unstable();
        for (ms, timestamp) in packets {
            deadline.push(Instant::START + Duration::from_millis(ms), timestamp);
        }
        (deadline.late(), deadline.wait().as_millis())
    }

    #[test]
    fn an_even_stream_waits_little_and_nothing_is_late() {
        assert_eq!(minute(|_| 40), (0, 25));
    }

    #[test]
    fn an_uneven_stream_waits_and_what_comes_later_than_nearly_all_is_lost_for_it() {
        let mut chance = Chance::seeded(3);
        let (late, wait) = minute(|_| 30 + chance.below(60) as u64);
        assert!(late < 30 && (60..90).contains(&wait), "{late} {wait}");
        // One in a hundred takes 150 ms more: it is not waited for.
        let (late, wait) = minute(|n| if n % 100 == 50 { 190 } else { 40 });
        assert!((28..=30).contains(&late) && wait < 35, "{late} {wait}");
    }

    #[test]
    fn a_rest_and_another_numbering_are_not_late() {
        let mut deadline = Deadline::default();
        for (from_ms, from) in [(0, 0_u32), (600_000, 4_800_500), (610_000, 77)] {
            for n in 0..100_u32 {
                deadline.push(Instant::START + Duration::from_millis(from_ms + u64::from(n) * 20), from + n * 160);
            }
        }
        assert_eq!(deadline.late(), 0);
    }
}
