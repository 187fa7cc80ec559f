use std::net::SocketAddr;
use std::time::Duration;

use crate::base::{Chance, Instant};
use crate::media::{Codec, FRAME};
use crate::rtp::{HEADER_BYTES, Header, later};

/// The one RTP stream that a leg sends: numbering and time go on across prompts,
/// silence, keys and a bridge.
#[derive(Debug)]
pub(super) struct Outgoing {
    ssrc: u32,
    /// What it is called next, should a peer have the same name; each once, so that our own
    /// sound that comes back changes it no more than that.
    spare: Vec<u32>,
    /// The name that was given up last, until that is told; and what had been sent by then.
    former: Option<u32>,
    earlier: (u64, u64),
    /// The number of the next packet.
    sequence: u16,
    /// The timestamp of the next sample.
    timestamp: u32,
    /// Steps of the timestamp for each sample at 8 kHz.
    steps: u32,
    /// When the last packet was due; `None` before the first.
    sent_at: Option<Instant>,
    /// Whether the next packet starts a talk spurt.
    spurt: bool,
    mapping: Option<Mapping>,
    pub(super) packets: u64,
    pub(super) octets: u64,
}

/// A packet on its way out: a header of its own beside a payload that is borrowed from
/// the clip or from the packet that came in.
#[derive(Debug, PartialEq)]
pub(super) struct Outbound<'a> {
    pub(super) header: [u8; HEADER_BYTES],
    pub(super) payload: &'a [u8],
    pub(super) target: SocketAddr,
}

/// Room for a payload that has to be written: a key, a mix, another codec.
pub(super) type Scratch = [u8; 2_048];

/// How the numbering of a bridged peer is ours.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
}

/// Names that a stream may take in the place of its first.
const NAMES: usize = 3;
/// A pause in sending that is longer than this moves the timestamp by itself.
const PAUSE: Duration = Duration::from_millis(40);

impl Outgoing {
    pub(super) fn new(chance: &mut Chance) -> Self {
        Self {
            ssrc: chance.u32(),
            spare: (0..NAMES).map(|_| chance.u32()).collect(),
            former: None,
            earlier: (0, 0),
            sequence: chance.u32() as u16,
            timestamp: chance.u32(),
            steps: 1,
            sent_at: None,
            spurt: true,
            mapping: None,
            packets: 0,
            octets: 0,
        }
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Timestamps go on at a codec's clock; at another one it is another source
    /// (RFC 7160, section 4.1), numbered on.
    pub(super) fn set_clock(&mut self, codec: Codec) {
        if self.steps != codec.steps() {
            self.steps = codec.steps();
            self.mapping = None;
            self.ssrc = if self.packets > 0 { !self.ssrc } else { self.ssrc };
        }
    }

    /// A peer sends by this name. If it is ours, we take another (RFC 3550, section 8.2): the
    /// numbering goes on, and a cipher, which takes the name in, repeats nothing.
    pub(super) fn meet(&mut self, theirs: u32) {
        while theirs == self.ssrc {
            let Some(next) = self.spare.pop() else { return };
            self.former.get_or_insert(self.ssrc);
            (self.ssrc, self.earlier, self.spurt) = (next, (self.packets, self.octets), true);
        }
    }

    /// The name that was given up, said once.
    pub(super) fn take_former(&mut self) -> Option<u32> {
        self.former.take()
    }

    /// Packets and octets by the present name.
    pub(super) fn sent(&self) -> (u64, u64) {
        (self.packets - self.earlier.0, self.octets - self.earlier.1)
    }

    /// Whether a packet went in this time before now.
    pub(super) fn has_sent_within(&self, now: Instant, time: Duration) -> bool {
        self.sent_at.is_some_and(|sent| now.since(sent) < time)
    }

    /// The next packet carries the marker.
    pub(super) fn start_spurt(&mut self) {
        self.spurt = true;
    }

    /// Forgets how a peer's numbering was mapped: it has moved, or another comes.
    pub(super) fn unmap(&mut self) {
        self.mapping = None;
    }

    /// The header of our own next packet of so many samples.
    pub(super) fn frame(&mut self, now: Instant, payload_type: u8, samples: usize) -> Header {
        self.catch_up(now);
        self.mapping = None;
        let timestamp = self.timestamp;
        self.timestamp = timestamp.wrapping_add(samples as u32 * self.steps);
        let marker = std::mem::take(&mut self.spurt);
        self.number(payload_type, marker, timestamp, now)
    }

    /// 20 ms wait for a longer packet: what is sent later is no pause.
    pub(super) fn collected(&mut self, now: Instant) {
        self.catch_up(now);
        self.sent_at = Some(now);
    }

    /// The header of 20 ms of a key; the timestamp is that of the press, which is
    /// returned with it and given back for the packets that follow the first.
    pub(super) fn key(&mut self, now: Instant, payload_type: u8, pressed: Option<u32>) -> Header {
        self.catch_up(now);
        self.mapping = None;
        let timestamp = pressed.unwrap_or(self.timestamp);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32 * self.steps);
        self.number(payload_type, pressed.is_none(), timestamp, now)
    }

    /// The header of a bridged packet: the peer's numbering, moved so that it goes on
    /// from ours. Its losses and its order stay visible. `samples` at 8 kHz follow it.
    pub(super) fn relayed(&mut self, now: Instant, theirs: &Header, payload_type: u8, samples: u32) -> Header {
        let mapping = match self.mapping {
            Some(mapping) if mapping.ssrc == theirs.ssrc => mapping,
            Some(_) | None => {
                self.catch_up(now);
                self.spurt = true;
                Mapping {
                    ssrc: theirs.ssrc,
                    sequence: self.sequence.wrapping_sub(theirs.sequence),
                    timestamp: self.timestamp.wrapping_sub(theirs.timestamp),
                }
            }
        };
        self.mapping = Some(mapping);
        let sequence = theirs.sequence.wrapping_add(mapping.sequence);
        let timestamp = theirs.timestamp.wrapping_add(mapping.timestamp);
        let after = timestamp.wrapping_add(samples * self.steps);
        if sequence == self.sequence || later(sequence, self.sequence) {
            self.sequence = sequence.wrapping_add(1);
        }
        if after.wrapping_sub(self.timestamp) < 0x8000_0000 {
            self.timestamp = after;
        }
        self.sent_at = Some(now);
        let marker = theirs.marker | std::mem::take(&mut self.spurt);
        Header { payload_type, marker, sequence, timestamp, ssrc: self.ssrc }
    }

    /// Writes a header beside its payload and counts the packet; `None` for a payload
    /// type that can't be.
    pub(super) fn outbound<'a>(
        &mut self,
        header: &Header,
        payload: &'a [u8],
        target: SocketAddr,
    ) -> Option<Outbound<'a>> {
        let mut bytes = [0; HEADER_BYTES];
        header.write(&[], &mut bytes)?;
        self.packets += 1;
        self.octets += payload.len() as u64;
        Some(Outbound { header: bytes, payload, target })
    }

    /// The timestamp of this moment, for a sender report.
    pub(super) fn timestamp_at(&self, now: Instant) -> u32 {
        let since = self.sent_at.map_or(Duration::ZERO, |sent| now.since(sent));
        self.timestamp.wrapping_add(samples(since).wrapping_sub(FRAME as u32).wrapping_mul(self.steps))
    }

    /// After a pause, the timestamp is where it would be had we sent on.
    fn catch_up(&mut self, now: Instant) {
        let Some(sent) = self.sent_at else { return };
        let pause = now.since(sent);
        if pause > PAUSE {
            let silent = samples(pause).saturating_sub(FRAME as u32);
            self.timestamp = self.timestamp.wrapping_add(silent.wrapping_mul(self.steps));
            self.spurt = true;
        }
    }

    fn number(&mut self, payload_type: u8, marker: bool, timestamp: u32, now: Instant) -> Header {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        self.sent_at = Some(now);
        Header { payload_type, marker, sequence, timestamp, ssrc: self.ssrc }
    }
}

fn samples(duration: Duration) -> u32 {
    (duration.as_micros() / 125) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::START + Duration::from_millis(ms)
    }

    fn outgoing() -> Outgoing {
        Outgoing { ssrc: 5, sequence: 65_535, timestamp: u32::MAX - 159, ..Outgoing::new(&mut Chance::seeded(1)) }
    }

    fn line(header: &Header) -> (u16, u32, bool) {
        (header.sequence, header.timestamp, header.marker)
    }

    #[test]
    fn numbering_goes_on_across_the_turn_and_the_first_packet_is_marked() {
        let mut out = outgoing();
        assert_eq!(line(&out.frame(at(0), 8, FRAME)), (65_535, u32::MAX - 159, true));
        assert_eq!(line(&out.frame(at(20), 8, FRAME)), (0, 0, false));
        assert_eq!(line(&out.frame(at(45), 8, FRAME)), (1, 160, false));
    }

    #[test]
    fn a_pause_moves_the_timestamp_but_not_the_numbering() {
        let mut out = outgoing();
        out.frame(at(0), 8, FRAME);
        assert_eq!(line(&out.frame(at(1_000), 8, FRAME)), (0, 49 * 160, true));
    }

    #[test]
    fn a_key_keeps_its_timestamp_while_time_goes_on() {
        let mut out = outgoing();
        out.frame(at(0), 8, FRAME);
        let first = out.key(at(20), 101, None);
        assert_eq!(line(&first), (0, 0, true));
        assert_eq!(line(&out.key(at(40), 101, Some(first.timestamp))), (1, 0, false));
        assert_eq!(line(&out.frame(at(60), 8, FRAME)), (2, 320, false));
    }

    #[test]
    fn a_bridged_stream_goes_on_from_ours_and_keeps_its_losses() {
        let mut out = outgoing();
        out.frame(at(0), 8, FRAME);
        let theirs = |sequence, timestamp| Header { payload_type: 0, marker: false, sequence, timestamp, ssrc: 77 };
        assert_eq!(line(&out.relayed(at(20), &theirs(1_000, 5_000), 8, 160)), (0, 0, true));
        assert_eq!(line(&out.relayed(at(60), &theirs(1_002, 5_320), 8, 160)), (2, 320, false));
        assert_eq!(line(&out.relayed(at(61), &theirs(1_001, 5_160), 8, 160)), (1, 160, false));
        assert_eq!(line(&out.frame(at(80), 8, FRAME)), (3, 480, false));
        assert_eq!(line(&out.relayed(at(100), &theirs(1_003, 5_480), 8, 160)), (4, 640, true));
        let other = Header { ssrc: 78, ..theirs(9, 9) };
        assert_eq!(line(&out.relayed(at(120), &other, 8, 160)), (5, 800, true));
    }

    #[test]
    fn opus_has_six_steps_for_each_sample_and_another_clock_is_another_source() {
        let mut out = outgoing();
        out.set_clock(Codec::Opus);
        assert_eq!(out.ssrc(), 5, "nothing was sent before");
        let first = out.frame(at(0), 96, FRAME).timestamp;
        out.packets = 1;
        assert_eq!(out.frame(at(20), 96, FRAME).timestamp.wrapping_sub(first), 960);
        assert_eq!(out.key(at(40), 97, None).timestamp.wrapping_sub(first), 1_920);
        assert_eq!(out.frame(at(1_060), 96, FRAME).timestamp.wrapping_sub(first), 53 * 960, "after a pause");
        let theirs = Header { payload_type: 0, marker: false, sequence: 7, timestamp: 5_000, ssrc: 77 };
        let relayed = out.relayed(at(1_080), &theirs, 96, FRAME as u32).timestamp;
        assert_eq!(relayed.wrapping_sub(first), 54 * 960);
        assert_eq!(out.frame(at(1_100), 96, FRAME).timestamp.wrapping_sub(relayed), 960);
        out.set_clock(Codec::Opus);
        assert_eq!(out.ssrc(), 5);
        out.set_clock(Codec::G722);
        assert_eq!(out.ssrc(), !5);
    }
}
