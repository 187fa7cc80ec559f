use std::time::Duration;

use super::rtcp::Block;
use crate::base::Instant;

/// What the peer says of the stream that we send it, and how far it is away (RFC 3550,
/// section 6.4.1).
#[derive(Clone, Debug, Default)]
pub struct FarEnd {
    /// Our last sender reports, the newest first: the middle of the NTP time in them,
    /// and when they went.
    sent: [Option<(u32, Instant)>; REMEMBERED],
    last: Option<Block>,
    /// Packets that we had sent when the last block came.
    sent_then: u64,
    round_trips: (Duration, u32),
    longest: Duration,
}

/// A report may be answered after the next one has gone.
const REMEMBERED: usize = 2;

impl FarEnd {
    /// A sender report of ours went now.
    pub fn on_sent(&mut self, now: Instant, middle: u32) {
        self.sent.rotate_right(1);
        self.sent[0] = Some((middle, now));
    }

    /// A report block about our stream came; we have sent `packets` so far.
    pub fn on_block(&mut self, now: Instant, block: Block, packets: u64) {
        let known = self.sent.iter().flatten().find(|(middle, _)| *middle == block.echo.sender_report);
        // A block that echoes nothing says 0 (section 6.4.1).
        if let Some((_, at)) = known.filter(|_| block.echo.sender_report != 0) {
            let held = Duration::from_secs_f64(f64::from(block.echo.delay) / 65_536.0);
            // Their clock may run a little faster than ours.
            let round_trip = now.since(*at).saturating_sub(held);
            self.round_trips = (self.round_trips.0 + round_trip, self.round_trips.1 + 1);
            self.longest = self.longest.max(round_trip);
        }
        self.sent_then = packets;
        self.last = Some(block);
    }

    /// Packets of ours that never came there, as the last report says; `None` before the first.
    pub fn lost(&self) -> Option<u64> {
        self.last.map(|block| u64::from(block.heard.lost))
    }

    /// The share of ours that never came there, 0 to 1.
    pub fn loss(&self) -> Option<f64> {
        Some((self.lost()? as f64 / self.sent_then.max(1) as f64).min(1.0))
    }

    /// The jitter there, in milliseconds, where our timestamps have so many steps in a second.
    pub fn jitter_ms(&self, clock: u32) -> Option<f64> {
        self.last.map(|block| f64::from(block.heard.jitter) * 1_000.0 / f64::from(clock))
    }

    /// The mean way there and back, without the time that the peer held the report.
    pub fn round_trip(&self) -> Option<Duration> {
        let (sum, count) = self.round_trips;
        (count > 0).then(|| sum / count)
    }

    /// The longest way there and back.
    pub fn longest_round_trip(&self) -> Option<Duration> {
        (self.round_trips.1 > 0).then_some(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rtcp::{Echo, Heard};
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::START + Duration::from_millis(ms)
    }

    fn block(sender_report: u32, held_ms: u32) -> Block {
        let heard = Heard { ssrc: 1, fraction_lost: 0, lost: 5, highest_sequence: 99, jitter: 16 };
        Block { heard, echo: Echo { sender_report, delay: held_ms * 65_536 / 1_000 } }
    }

    #[test]
    fn the_way_there_and_back_is_without_the_time_that_it_was_held() {
        let mut far = FarEnd::default();
        assert_eq!((far.round_trip(), far.lost(), far.loss()), (None, None, None));
        far.on_sent(at(1_000), 0xB705_2000);
        far.on_block(at(3_000), block(0xB705_2000, 1_880), 100);
        let ms = |far: &FarEnd| far.round_trip().unwrap().as_millis();
        assert_eq!(ms(&far), 120);
        far.on_sent(at(6_000), 0xB70A_2000);
        far.on_sent(at(11_000), 0xB70F_2000);
        far.on_block(at(11_030), block(0xB70A_2000, 4_950), 600);
        assert_eq!(ms(&far), 100, "an echo of the report before the last counts too: 80 ms");
        assert_eq!(far.longest_round_trip().unwrap().as_millis(), 120);
        assert_eq!((far.lost(), far.jitter_ms(8_000)), (Some(5), Some(2.0)));
        assert!((far.loss().unwrap() - 5.0 / 600.0).abs() < 1e-9);
    }

    #[test]
    fn what_echoes_nothing_of_ours_says_nothing_of_the_way() {
        let mut far = FarEnd::default();
        far.on_block(at(10), block(0, 0), 1);
        far.on_sent(at(1_000), 7);
        far.on_block(at(1_100), block(8, 10), 10);
        assert_eq!(far.round_trip(), None);
        // A peer that says it held the report for longer than the whole way: no negative time.
        far.on_block(at(1_100), block(7, 9_000), 10);
        assert_eq!(far.round_trip(), Some(Duration::ZERO));
    }
}
