use std::time::Duration;

use super::Header;
use super::rtcp::Heard;
use crate::base::Instant;

/// What a receiver counts about one peer's stream (RFC 3550, appendix A.1, A.3, A.8).
#[derive(Clone, Debug)]
pub struct Reception {
    /// Steps of the timestamps in a second.
    clock: u32,
    stream: Option<Stream>,
    /// Packets received, of every stream of the peer.
    received: u64,
    /// Packets lost of streams that were replaced by another SSRC or numbering.
    lost_before: u64,
    /// Holes in the numbering: what was lost in a row is one.
    holes: u64,
    last: Option<Instant>,
    longest_gap: Duration,
    /// The estimate of the jitter, in steps of the timestamps.
    jitter: f64,
}

/// One numbering of packets.
#[derive(Clone, Copy, Debug)]
struct Stream {
    ssrc: u32,
    first: u64,
    highest: u64,
    received: u64,
    /// The number that would prove a new numbering (A.1).
    suspect: Option<u16>,
    transit: Option<i64>,
    /// Expected and received when the last report was made (A.3).
    reported: (u64, u64),
}

/// A jump ahead that is still a loss (A.1).
const MOST_DROPPED: u16 = 3_000;
/// A step back that is still a late packet (A.1).
const MOST_MISORDERED: u16 = 100;
/// Steps in a second of what no codec was agreed on for.
const CLOCK: u32 = 8_000;

impl Default for Reception {
    fn default() -> Self {
        Self {
            clock: CLOCK,
            stream: None,
            received: 0,
            lost_before: 0,
            holes: 0,
            last: None,
            longest_gap: Duration::ZERO,
            jitter: 0.0,
        }
    }
}

impl Reception {
    /// Timestamps have so many steps in a second from now on.
    pub fn set_clock(&mut self, clock: u32) {
        if clock != self.clock {
            self.jitter *= f64::from(clock) / f64::from(self.clock);
            self.clock = clock;
            self.pause();
        }
    }

    /// Counts a packet. `timed` tells whether its timestamp is that of its first
    /// sample, so that it says something about jitter: telephone events do not.
    pub fn receive(&mut self, now: Instant, header: &Header, timed: bool) {
        if let Some(last) = self.last {
            self.longest_gap = self.longest_gap.max(now.since(last));
        }
        self.last = Some(now);
        self.received += 1;
        match &mut self.stream {
            Some(stream) if stream.ssrc == header.ssrc => {
                let before = stream.highest;
                if stream.number(header.sequence) {
                    self.holes += u64::from(stream.highest > before + 1);
                } else {
                    self.lost_before += stream.lost();
                    *stream = Stream::new(header);
                }
            }
            other => {
                self.lost_before += other.map_or(0, |stream| stream.lost());
                *other = Some(Stream::new(header));
            }
        }
        if timed && let Some(stream) = &mut self.stream {
            stream.time(now, (header.timestamp, self.clock), &mut self.jitter);
        }
    }

    /// The peer was told to be silent or to move: the time until its next packet is no gap.
    pub fn pause(&mut self) {
        self.last = None;
        if let Some(stream) = &mut self.stream {
            stream.transit = None;
        }
    }

    /// Packets received.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Packets that never came, by sequence number; duplicates count against it.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.stream.map_or(0, |stream| stream.lost())
    }

    /// The share of the packets that never came, 0 to 1.
    pub fn loss(&self) -> f64 {
        let lost = self.lost() as f64;
        lost / (lost + self.received as f64).max(1.0)
    }

    /// How long a loss lasts in the mean, against how long it would at random (BurstR of
    /// ITU-T G.107, section 3.5): 1 or more.
    pub fn burst(&self) -> f64 {
        let mean = self.lost() as f64 / self.holes.max(1) as f64;
        (mean * (1.0 - self.loss())).max(1.0)
    }

    /// Interarrival jitter in milliseconds.
    pub fn jitter_ms(&self) -> f64 {
        self.jitter * 1_000.0 / f64::from(self.clock)
    }

    /// The longest time between two packets in a row.
    pub fn longest_gap(&self) -> Duration {
        self.longest_gap
    }

    /// The block for an RTCP report; the fraction lost is that since the last call.
    pub fn report(&mut self) -> Option<Heard> {
        let jitter = self.jitter as u32;
        let stream = self.stream.as_mut()?;
        let (expected, received) = (stream.expected(), stream.received);
        let expected_now = expected - stream.reported.0;
        let lost_now = expected_now.saturating_sub(received - stream.reported.1);
        stream.reported = (expected, received);
        let fraction_lost = (lost_now * 256).checked_div(expected_now).unwrap_or(0).min(255) as u8;
        Some(Heard {
            ssrc: stream.ssrc,
            fraction_lost,
            lost: stream.lost().min(0x7F_FFFF) as u32,
            highest_sequence: stream.highest as u32,
            jitter,
        })
    }
}

impl Stream {
    fn new(header: &Header) -> Self {
        let first = u64::from(header.sequence);
        Self { ssrc: header.ssrc, first, highest: first, received: 1, suspect: None, transit: None, reported: (0, 0) }
    }

    /// Counts a sequence number; false when a new numbering has begun.
    fn number(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        let is_late = ahead != 0 && ahead > u16::MAX - MOST_MISORDERED;
        if ahead < MOST_DROPPED {
            self.highest += u64::from(ahead);
        } else if !is_late {
            if self.suspect == Some(sequence) {
                return false;
            }
            self.suspect = Some(sequence.wrapping_add(1));
            return true;
        }
        self.suspect = None;
        self.received += 1;
        true
    }

    fn expected(&self) -> u64 {
        self.highest - self.first + 1
    }

    fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    fn time(&mut self, now: Instant, (timestamp, clock): (u32, u32), jitter: &mut f64) {
        let arrival = (now.since_start().as_nanos() * u128::from(clock) / 1_000_000_000) as i64;
        let transit = arrival.wrapping_sub(i64::from(timestamp));
        if let Some(before) = self.transit {
            // Both wrap at 2³² steps: the difference is taken in that ring.
            let difference = f64::from((transit.wrapping_sub(before) as i32).unsigned_abs());
            // A stream that starts its clock anew says nothing about jitter.
            if difference < f64::from(clock) {
                *jitter += (difference - *jitter) / 16.0;
            }
        }
        self.transit = Some(transit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(reception: &mut Reception, at_ms: u64, sequence: u16, timestamp: u32, ssrc: u32) {
        let header = Header { payload_type: 8, marker: false, sequence, timestamp, ssrc };
        reception.receive(Instant::START + Duration::from_millis(at_ms), &header, true);
    }

    #[test]
    fn loss_is_counted_across_the_turn_of_the_sequence_and_a_late_packet_is_no_loss() {
        let mut reception = Reception::default();
        for (i, sequence) in [65_533, 65_534, 0, 65_535, 1, 4].into_iter().enumerate() {
            receive(&mut reception, i as u64 * 20, sequence, i as u32 * 160, 1);
        }
        assert_eq!((reception.received(), reception.lost()), (6, 2));
    }

    #[test]
    fn loss_at_random_is_no_burst_and_loss_in_a_row_is() {
        let heard = |kept: &dyn Fn(u16) -> bool| {
            let mut reception = Reception::default();
            for sequence in (0..1_000).filter(|&sequence| kept(sequence)) {
                receive(&mut reception, u64::from(sequence) * 20, sequence, u32::from(sequence) * 160, 1);
            }
            (reception.loss(), reception.burst())
        };
        assert_eq!(heard(&|_| true), (0.0, 1.0));
        let (loss, burst) = heard(&|sequence| sequence % 20 != 7);
        assert!((loss - 0.05).abs() < 0.001 && burst == 1.0, "{loss} {burst}");
        let (loss, burst) = heard(&|sequence| sequence % 100 < 50 || sequence % 100 >= 55);
        assert!((loss - 0.05).abs() < 0.001 && (burst - 4.75).abs() < 0.01, "{loss} {burst}");
    }

    #[test]
    fn a_new_source_or_a_new_numbering_is_no_loss() {
        let mut reception = Reception::default();
        receive(&mut reception, 0, 10, 0, 1);
        receive(&mut reception, 20, 12, 320, 1);
        receive(&mut reception, 40, 40_000, 0, 2);
        receive(&mut reception, 60, 40_001, 160, 2);
        receive(&mut reception, 80, 5, 160, 2);
        receive(&mut reception, 100, 6, 160, 2);
        assert_eq!((reception.received(), reception.lost()), (6, 1));
    }

    #[test]
    fn a_steady_stream_has_no_jitter_and_a_shaky_one_has_that_of_the_formula() {
        let mut steady = Reception::default();
        for i in 0..100_u16 {
            receive(&mut steady, u64::from(i) * 20, i, u32::MAX.wrapping_add(u32::from(i) * 160), 1);
        }
        assert_eq!(steady.jitter_ms(), 0.0);
        assert_eq!(steady.longest_gap(), Duration::from_millis(20));
        let mut shaky = Reception::default();
        for i in 0..1_000_u16 {
            receive(&mut shaky, u64::from(i) * 20 + u64::from(i % 2) * 5, i, u32::from(i) * 160, 1);
        }
        assert!((shaky.jitter_ms() - 5.0).abs() < 0.1, "{}", shaky.jitter_ms());
    }

    #[test]
    fn the_longest_gap_leaves_out_a_pause() {
        let mut reception = Reception::default();
        receive(&mut reception, 0, 0, 0, 1);
        receive(&mut reception, 70, 1, 160, 1);
        reception.pause();
        receive(&mut reception, 9_000, 2, 320, 1);
        assert_eq!(reception.longest_gap(), Duration::from_millis(70));
    }

    #[test]
    fn a_report_tells_the_fraction_since_the_last_one() {
        let mut reception = Reception::default();
        for sequence in [0, 1, 3] {
            receive(&mut reception, u64::from(sequence) * 20, sequence, u32::from(sequence) * 160, 9);
        }
        let report = reception.report().unwrap();
        assert_eq!((report.fraction_lost, report.lost, report.highest_sequence), (64, 1, 3));
        receive(&mut reception, 80, 4, 640, 9);
        assert_eq!(reception.report().unwrap().fraction_lost, 0);
        assert_eq!(Reception::default().report(), None);
    }
}
