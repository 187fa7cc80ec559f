use std::net::SocketAddr;
use std::time::Duration;

use crate::base::{Chance, Instant};
use crate::media::{Codec, FRAME};
use crate::rtp::{HEADER_BYTES, Header};

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
    /// Which of the numbers before it are taken, the newest lowest. A cipher that is given one
    /// twice gives both packets away (RFC 3711, section 9.1).
    taken: u128,
    /// The timestamp of the next sample.
    timestamp: u32,
    /// Steps of the timestamp for each sample at 8 kHz.
    steps: u32,
    /// When the last packet was due; `None` before the first.
    sent_at: Option<Instant>,
    /// How long it lasts, in samples.
    lasts: u32,
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
    /// The number that would prove that the peer has begun another numbering.
    suspect: Option<u16>,
}

/// Names that a stream may take in the place of its first.
const NAMES: usize = 3;
/// The first number is not below this, so that a packet from before it has a number, and not in
/// the upper half: who hears us from after a turn on alone could not decipher us (RFC 3711,
/// section 3.3.1).
const FIRST: u16 = 0x100;
/// A pause of more than this after the last packet's end moves the timestamp by itself: 20 ms.
const PAUSE: u32 = FRAME as u32;
/// Numbers that are passed on as lost: a jump further ahead is another numbering, as it is in
/// [`Reception`](crate::rtp::Reception).
const MOST_LOST: u16 = 3_000;

impl Outgoing {
    pub(super) fn new(chance: &mut Chance) -> Self {
        Self {
            ssrc: chance.u32(),
            spare: (0..NAMES).map(|_| chance.u32()).collect(),
            former: None,
            earlier: (0, 0),
            sequence: FIRST + chance.below(usize::from(0x8000 - FIRST)) as u16,
            taken: u128::MAX,
            timestamp: chance.u32(),
            steps: 1,
            sent_at: None,
            lasts: FRAME as u32,
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
            if self.packets > 0 {
                // All 2³² come before one comes again.
                self.ssrc = self.ssrc.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            }
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
        (self.sent_at, self.lasts) = (Some(now), FRAME as u32);
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
    ///
    /// `None` for what came twice, or so late that its number is ours, and for what is numbered
    /// quite otherwise, until a second packet goes on from there.
    pub(super) fn relayed(&mut self, now: Instant, theirs: &Header, payload_type: u8, samples: u32) -> Option<Header> {
        let mapping = match self.mapping {
            Some(mapping) if mapping.ssrc == theirs.ssrc && mapping.suspect != Some(theirs.sequence) => mapping,
            Some(_) | None => self.map(now, theirs),
        };
        let sequence = theirs.sequence.wrapping_add(mapping.sequence);
        let (ahead, behind) = (sequence.wrapping_sub(self.sequence), self.sequence.wrapping_sub(sequence));
        if ahead < MOST_LOST {
            self.advance(ahead + 1);
        } else {
            let taken = 1_u128.checked_shl(u32::from(behind) - 1);
            let suspect = if taken.is_none() { Some(theirs.sequence.wrapping_add(1)) } else { None };
            self.mapping = Some(Mapping { suspect, ..mapping });
            let taken = taken.filter(|taken| self.taken & taken == 0)?;
            self.taken |= taken;
        }
        self.mapping = Some(Mapping { suspect: None, ..mapping });
        let timestamp = theirs.timestamp.wrapping_add(mapping.timestamp);
        let after = timestamp.wrapping_add(samples * self.steps);
        if after.wrapping_sub(self.timestamp) < 0x8000_0000 {
            self.timestamp = after;
        }
        (self.sent_at, self.lasts) = (Some(now), samples.max(FRAME as u32));
        let marker = theirs.marker | std::mem::take(&mut self.spurt);
        Some(Header { payload_type, marker, sequence, timestamp, ssrc: self.ssrc })
    }

    /// A peer's numbering goes on from ours.
    fn map(&mut self, now: Instant, theirs: &Header) -> Mapping {
        self.catch_up(now);
        self.spurt = true;
        Mapping {
            ssrc: theirs.ssrc,
            sequence: self.sequence.wrapping_sub(theirs.sequence),
            timestamp: self.timestamp.wrapping_sub(theirs.timestamp),
            suspect: None,
        }
    }

    /// A bridged packet is not for who hears us: it leaves no hole in the numbering, which would
    /// be a loss.
    pub(super) fn pass_over(&mut self, theirs: &Header) {
        if let Some(mapping) = &mut self.mapping
            && mapping.ssrc == theirs.ssrc
            && theirs.sequence.wrapping_add(mapping.sequence) == self.sequence
        {
            mapping.sequence = mapping.sequence.wrapping_sub(1);
        }
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
        self.timestamp.wrapping_add(samples(since).wrapping_sub(self.lasts).wrapping_mul(self.steps))
    }

    /// After a pause, the timestamp is where it would be had we sent on.
    fn catch_up(&mut self, now: Instant) {
        let Some(sent) = self.sent_at else { return };
        let silent = samples(now.since(sent)).saturating_sub(self.lasts);
        if silent > PAUSE {
            self.timestamp = self.timestamp.wrapping_add(silent.wrapping_mul(self.steps));
            self.spurt = true;
        }
    }

    fn number(&mut self, payload_type: u8, marker: bool, timestamp: u32, now: Instant) -> Header {
        let sequence = self.sequence;
        self.advance(1);
        (self.sent_at, self.lasts) = (Some(now), FRAME as u32);
        Header { payload_type, marker, sequence, timestamp, ssrc: self.ssrc }
    }

    /// The next number is so many further on; the one before it is taken.
    fn advance(&mut self, by: u16) {
        self.sequence = self.sequence.wrapping_add(by);
        self.taken = self.taken.checked_shl(by.into()).unwrap_or(0) | 1;
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

    fn theirs(sequence: u16, timestamp: u32) -> Header {
        Header { payload_type: 0, marker: false, sequence, timestamp, ssrc: 77 }
    }

    #[test]
    fn a_bridged_stream_goes_on_from_ours_and_keeps_its_losses() {
        let mut out = outgoing();
        out.frame(at(0), 8, FRAME);
        let mut relayed = |ms, theirs: Header| line(&out.relayed(at(ms), &theirs, 8, 160).unwrap());
        assert_eq!(relayed(20, theirs(1_000, 5_000)), (0, 0, true));
        assert_eq!(relayed(60, theirs(1_002, 5_320)), (2, 320, false));
        assert_eq!(relayed(61, theirs(1_001, 5_160)), (1, 160, false));
        assert_eq!(line(&out.frame(at(80), 8, FRAME)), (3, 480, false));
        let mut relayed = |ms, theirs: Header| line(&out.relayed(at(ms), &theirs, 8, 160).unwrap());
        assert_eq!(relayed(100, theirs(1_003, 5_480)), (4, 640, true));
        assert_eq!(relayed(120, Header { ssrc: 78, ..theirs(9, 9) }), (5, 800, true));
    }

    #[test]
    fn no_number_goes_twice_whatever_the_peer_s_are() {
        let mut out = outgoing();
        out.frame(at(0), 8, FRAME);
        let mut relayed = |ms, sequence: u16| {
            let header = theirs(sequence, u32::from(sequence) * 160);
            out.relayed(at(ms), &header, 8, 160).map(|header| header.sequence)
        };
        assert_eq!(relayed(20, 1_000), Some(0));
        assert_eq!(relayed(21, 999), None, "it is from before the bridge, and 65 535 is ours");
        assert_eq!((relayed(40, 1_001), relayed(41, 1_001)), (Some(1), None), "it came twice");
        assert_eq!((relayed(60, 1_004), relayed(61, 1_003), relayed(62, 1_003)), (Some(4), Some(3), None));
        // A phone that begins anew by the same name is heard from its second packet on.
        assert_eq!([30_000, 30_001, 30_002].map(|sequence| relayed(80, sequence)), [None, Some(5), Some(6)]);
        assert_eq!([7, 8].map(|sequence| relayed(100, sequence)), [None, Some(7)]);
        // One packet that has gone astray changes nothing.
        assert_eq!([50_000, 9, 10].map(|sequence| relayed(120, sequence)), [None, Some(8), Some(9)]);
    }

    proptest::proptest! {
        #[test]
        fn no_number_goes_twice_in_any_order(steps in proptest::collection::vec((0..4_u8, 0..200_u16), 1..300)) {
            let mut out = outgoing();
            let (mut sent, mut sequence) = (std::collections::HashSet::new(), 65_000_u16);
            for (kind, by) in steps {
                let number = match kind {
                    0 => Some(out.frame(at(0), 8, FRAME)),
                    1 => { out.pass_over(&theirs(sequence, 0)); None }
                    2 => { sequence = sequence.wrapping_add(by); out.relayed(at(0), &theirs(sequence, 0), 8, 160) }
                    _ => out.relayed(at(0), &theirs(sequence.wrapping_sub(by), 0), 8, 160),
                };
                if let Some(header) = number {
                    proptest::prop_assert!(sent.insert(header.sequence), "{} twice", header.sequence);
                }
            }
        }
    }

    #[test]
    fn what_is_not_for_the_listener_leaves_no_hole() {
        let mut out = outgoing();
        let mut relayed = |sequence| out.relayed(at(0), &theirs(sequence, 0), 8, 160).unwrap().sequence;
        assert_eq!(relayed(10), 65_535);
        out.pass_over(&theirs(11, 0));
        let mut relayed = |sequence| out.relayed(at(0), &theirs(sequence, 0), 8, 160).unwrap().sequence;
        assert_eq!((relayed(12), relayed(14)), (0, 2), "a loss stays one");
    }

    #[test]
    fn packets_of_60_ms_are_no_pauses() {
        let mut out = outgoing();
        out.relayed(at(0), &theirs(1, 0), 8, 480);
        assert_eq!(line(&out.key(at(60), 101, None)), (0, 320, true), "it begins where the sound ends");
    }

    #[test]
    fn the_first_number_is_far_from_a_turn() {
        for seed in 0..1_000 {
            assert!((FIRST..0x8000).contains(&Outgoing::new(&mut Chance::seeded(seed)).sequence));
        }
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
        let relayed = out.relayed(at(1_080), &theirs(7, 5_000), 96, FRAME as u32).unwrap().timestamp;
        assert_eq!(relayed.wrapping_sub(first), 54 * 960);
        assert_eq!(out.frame(at(1_100), 96, FRAME).timestamp.wrapping_sub(relayed), 960);
        out.set_clock(Codec::Opus);
        assert_eq!(out.ssrc(), 5);
        let mut names = vec![5];
        for codec in [Codec::G722, Codec::Opus, Codec::Pcma] {
            out.set_clock(codec);
            assert!(!names.contains(&out.ssrc()), "a name that comes again would repeat numbers");
            names.push(out.ssrc());
        }
    }
}
