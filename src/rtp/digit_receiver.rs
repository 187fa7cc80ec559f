use std::time::Duration;

use super::{Packet, TelephoneEvent, later};
use crate::base::{Digit, Instant};

/// Turns telephone-event packets into key presses: one per press, told at the first
/// packet of it that comes, whichever that is.
///
/// A press is known by its RTP timestamp (RFC 4733, section 2.2). Phones that break
/// the rule are read by what their packets can only mean: a timestamp that never
/// changes, by a duration that starts again; a timestamp that moves while the key is
/// held, by a duration that goes on; a press of over eight seconds, by segments that
/// join (section 2.5.1.3).
#[derive(Clone, Debug, Default)]
pub struct DigitReceiver {
    current: Option<Press>,
}

/// The press that was heard last.
#[derive(Clone, Copy, Debug)]
struct Press {
    ssrc: u32,
    timestamp: u32,
    sequence: u16,
    code: u8,
    duration: u16,
    ended: bool,
    heard: Instant,
}

/// Two packets of one press that are further apart than this are two presses, where
/// nothing else tells: the repeated last packets come within 60 ms of each other.
const APART: Duration = Duration::from_millis(200);

/// No packet is later than this: what then comes out of order was numbered anew.
const LATEST: Duration = Duration::from_secs(2);

/// What one packet of 60 ms lasts at 48 kHz, the fastest clock.
const PACKET: u16 = 2_880;
/// A segment of a long press is full at this duration, less one packet.
const SEGMENT_FULL: u16 = u16::MAX - PACKET;

impl DigitReceiver {
    /// Takes a telephone-event packet; a key when it is the first of a press.
    pub fn receive(&mut self, now: Instant, packet: &Packet<'_>) -> Option<Digit> {
        let event = TelephoneEvent::parse(packet.payload)?;
        let meaning = self.current.map_or(Meaning::New, |press| press.read(now, packet, event));
        let header = packet.header;
        match meaning {
            Meaning::Late => return None,
            Meaning::New => {}
            Meaning::Same => {
                let press = self.current.as_mut().expect("invariant: the same press was there before");
                press.ended |= event.end;
                if later(header.sequence, press.sequence) {
                    press.sequence = header.sequence;
                    press.timestamp = header.timestamp;
                    press.duration = event.duration;
                    press.heard = now;
                }
                return None;
            }
        }
        self.current = Some(Press {
            ssrc: header.ssrc,
            timestamp: header.timestamp,
            sequence: header.sequence,
            code: event.code,
            duration: event.duration,
            ended: event.end,
            heard: now,
        });
        event.digit()
    }
}

/// What a packet says about the press that was heard last.
enum Meaning {
    New,
    Same,
    Late,
}

impl Press {
    fn read(&self, now: Instant, packet: &Packet<'_>, event: TelephoneEvent) -> Meaning {
        let header = packet.header;
        if header.ssrc != self.ssrc || (header.timestamp != self.timestamp && now.since(self.heard) >= LATEST) {
            return Meaning::New;
        }
        let moved = header.timestamp.wrapping_sub(self.timestamp);
        let newer = later(header.sequence, self.sequence);
        if moved == 0 {
            if newer && self.starts_again(now, packet, event) { Meaning::New } else { Meaning::Same }
        } else if !newer || (moved >= 0x8000_0000 && now.since(self.heard) < APART) {
            Meaning::Late
        } else if self.goes_on(now, moved, packet, event) {
            Meaning::Same
        } else {
            Meaning::New
        }
    }

    /// Under an unchanged timestamp, a newer packet of another key, or one that has
    /// lasted less than the press had, is another press.
    fn starts_again(&self, now: Instant, packet: &Packet<'_>, event: TelephoneEvent) -> bool {
        let restarted = !event.end && event.duration < self.duration;
        let ended_long_ago = self.ended && now.since(self.heard) >= APART;
        event.code != self.code || (restarted && (self.ended || packet.header.marker)) || ended_long_ago
    }

    /// Under a changed timestamp, the same key that goes on from where it was.
    fn goes_on(&self, now: Instant, moved: u32, packet: &Packet<'_>, event: TelephoneEvent) -> bool {
        if event.code != self.code || packet.header.marker || now.since(self.heard) >= APART {
            return false;
        }
        let next_segment =
            !self.ended && self.duration >= SEGMENT_FULL && moved.abs_diff(u32::from(u16::MAX)) <= u32::from(PACKET);
        let repeated_end = self.ended && event.end && event.duration == self.duration;
        let moving_stamp = !self.ended && event.duration > self.duration;
        next_segment || repeated_end || moving_stamp
    }
}

#[cfg(test)]
mod tests {
    use super::super::Header;
    use super::*;

    /// One packet: at (ms), sequence, marker, timestamp, key, end, duration.
    type Row = (u64, u16, bool, u32, u8, bool, u16);

    fn heard(rows: &[Row]) -> String {
        let mut receiver = DigitReceiver::default();
        let mut keys = String::new();
        for &(at, sequence, marker, timestamp, code, end, duration) in rows {
            let payload = TelephoneEvent { code, end, volume: 10, duration }.bytes();
            let header = Header { payload_type: 101, marker, sequence, timestamp, ssrc: 1 };
            let now = Instant::START + Duration::from_millis(at);
            keys.extend(receiver.receive(now, &Packet { header, payload: &payload }).map(Digit::as_char));
        }
        keys
    }

    /// A press as a good phone sends it: five packets and two repeats of the last.
    fn press(at: u64, sequence: u16, timestamp: u32, code: u8) -> Vec<Row> {
        (0..7)
            .map(|i| {
                let lasted = (i + 1).min(5);
                (at + u64::from(i) * 20, sequence.wrapping_add(i), i == 0, timestamp, code, i >= 4, lasted * 160)
            })
            .collect()
    }

    #[test]
    fn a_press_is_one_key_at_its_first_packet() {
        let rows = press(0, 10, 1_000, 5);
        assert_eq!(heard(&rows[..1]), "5");
        assert_eq!(heard(&rows), "5");
    }

    #[test]
    fn a_lost_start_or_a_lost_end_loses_no_key_and_adds_none() {
        let rows = press(0, 10, 1_000, 5);
        assert_eq!(heard(&rows[3..]), "5");
        assert_eq!(heard(&rows[6..]), "5");
        let no_end: Vec<_> = [&rows[..4], &press(200, 20, 2_600, 5)[..]].concat();
        assert_eq!(heard(&no_end), "55");
        let no_start_after_no_end: Vec<_> = [&rows[..4], &press(200, 20, 2_600, 5)[1..]].concat();
        assert_eq!(heard(&no_start_after_no_end), "55");
    }

    #[test]
    fn every_single_loss_and_every_swap_of_neighbours_keeps_the_keys() {
        let all = [press(0, 65_530, 1_000, 1), press(200, 4, 2_600, 1), press(400, 20, 4_200, 2)].concat();
        for lost in 0..all.len() {
            let mut rows = all.clone();
            rows.remove(lost);
            assert_eq!(heard(&rows), "112", "without packet {lost}");
        }
        for first in 0..all.len() - 1 {
            let mut rows = all.clone();
            rows.swap(first, first + 1);
            assert_eq!(heard(&rows), "112", "packets {first} and {} swapped", first + 1);
        }
    }

    #[test]
    fn a_late_packet_of_an_older_press_is_nothing() {
        let mut rows = press(0, 10, 1_000, 1);
        rows.extend(press(200, 20, 2_600, 2));
        rows.push((420, 14, false, 1_000, 1, true, 800));
        rows.push((440, 26, false, 2_600, 2, true, 800));
        assert_eq!(heard(&rows), "12");
    }

    #[test]
    fn a_press_of_twenty_seconds_is_one_key() {
        let mut rows = Vec::new();
        for i in 0..1_000_u32 {
            let lasted = (i + 1) * 160;
            let segment = lasted / 65_535;
            let duration = (lasted - segment * 65_535) as u16;
            let timestamp = 1_000 + segment * 65_535;
            rows.push((u64::from(i) * 20, i as u16, i == 0, timestamp, 0, i == 999, duration.max(1)));
        }
        assert_eq!(heard(&rows), "0");
    }

    #[test]
    fn a_phone_whose_timestamp_never_changes_is_understood() {
        let mut rows = press(0, 10, 7, 1);
        rows.extend(press(300, 20, 7, 1));
        rows.extend(press(600, 30, 7, 2));
        assert_eq!(heard(&rows), "112");
        let unmarked: Vec<_> = rows.iter().map(|&(at, s, _, t, c, e, d)| (at, s, false, t, c, e, d)).collect();
        assert_eq!(heard(&unmarked), "112");
        let last_packets_only: Vec<_> = rows.iter().copied().filter(|row| row.5).collect();
        assert_eq!(heard(&last_packets_only), "112");
    }

    #[test]
    fn a_phone_whose_timestamp_moves_while_the_key_is_held_sends_one_key() {
        let mut rows = press(0, 10, 1_000, 3);
        for (i, row) in rows.iter_mut().enumerate() {
            row.3 += i as u32 * 160;
        }
        assert_eq!(heard(&rows), "3");
    }

    #[test]
    fn a_phone_that_numbers_its_packets_anew_is_still_heard() {
        let mut rows = press(0, 30_000, 100_000, 1);
        rows.extend(press(5_000, 10, 50, 2));
        assert_eq!(heard(&rows), "12");
    }

    #[test]
    fn events_that_are_no_keys_are_nothing() {
        assert_eq!(heard(&press(0, 1, 1, 16)), "");
        let mut rows = press(0, 1, 1_000, 12);
        rows.extend(press(200, 10, 2_600, 4));
        assert_eq!(heard(&rows), "4");
    }
}
