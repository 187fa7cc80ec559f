use std::collections::VecDeque;
use std::fmt;

use opus_pure::Repacketizer;

use super::outgoing::Scratch;
use crate::media::{Codec, FRAME, lasts};

/// Puts rounds of 20 ms together into packets of another length, for a peer that asked for
/// one (`a=ptime`): the mean pace is that length, the moments are those of our rounds.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it lives in a box of its own")]
pub(super) enum Packing {
    /// Of a codec with a byte for each sample.
    Bytes {
        waiting: [u8; FRAME + MOST],
        filled: usize,
        /// Bytes, and samples, of a packet.
        size: usize,
    },
    /// Of Opus, whose frames stay whole.
    Frames {
        waiting: VecDeque<Box<[u8]>>,
        joined: Joined,
        /// Frames of a packet.
        count: usize,
        /// Samples of a frame.
        frame: usize,
    },
}

/// Where frames are put together.
#[derive(Default)]
pub(super) struct Joined {
    frames: Repacketizer,
    packet: Vec<u8>,
}

/// Bytes of a millisecond.
const MILLI: usize = 8;
/// The longest packet: 60 ms.
const MOST: usize = 60 * MILLI;

impl Packing {
    /// For packets of so many milliseconds; `None` where they are those of our rounds.
    pub(super) fn new(codec: Codec, packet_ms: u8) -> Option<Box<Self>> {
        let size = (usize::from(packet_ms) * MILLI).clamp(10 * MILLI, MOST);
        if size == FRAME {
            return None;
        }
        Some(Box::new(if codec.is_bytes() {
            Self::Bytes { waiting: [0; FRAME + MOST], filled: 0, size }
        } else {
            let frame = if size.is_multiple_of(FRAME) { FRAME } else { FRAME / 2 };
            Self::Frames { waiting: VecDeque::new(), joined: Joined::default(), count: size / frame, frame }
        }))
    }

    /// Samples of what is pushed at once: 20 ms, or 10 where packets are no multiple of it
    /// and frames can't be cut.
    pub(super) fn frame(&self) -> usize {
        match self {
            Self::Bytes { .. } => FRAME,
            Self::Frames { frame, .. } => *frame,
        }
    }

    /// Takes [`Self::frame`].
    pub(super) fn push(&mut self, payload: &[u8]) {
        match self {
            Self::Bytes { waiting, filled, .. } => {
                let end = *filled + payload.len();
                if let Some(room) = waiting.get_mut(*filled..end) {
                    room.copy_from_slice(payload);
                    *filled = end;
                }
            }
            // Two rounds' frames at the most wait beside those of a packet.
            Self::Frames { waiting, count, .. } if waiting.len() < *count + 4 => waiting.push_back(payload.into()),
            Self::Frames { .. } => {}
        }
    }

    /// Moves the next packet to `out`, when there is a whole one: its bytes, and its samples.
    pub(super) fn pop(&mut self, out: &mut Scratch) -> Option<(usize, usize)> {
        match self {
            Self::Bytes { waiting, filled, size } => {
                let size = *size;
                if *filled < size {
                    return None;
                }
                out.get_mut(..size)?.copy_from_slice(&waiting[..size]);
                waiting.copy_within(size..*filled, 0);
                *filled -= size;
                Some((size, size))
            }
            Self::Frames { waiting, joined, count, .. } => {
                if waiting.len() < *count {
                    return None;
                }
                joined.join(waiting, *count, out)
            }
        }
    }

    /// Drops what is no whole packet.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Bytes { filled, .. } => *filled = 0,
            Self::Frames { waiting, .. } => waiting.clear(),
        }
    }
}

impl Joined {
    /// Puts the first frames together, at most `count`; fewer where one is of another kind,
    /// such as one that a clip has and one that was made for the telephone's band.
    fn join(&mut self, waiting: &mut VecDeque<Box<[u8]>>, count: usize, out: &mut Scratch) -> Option<(usize, usize)> {
        self.frames.clear();
        for taken in 0..count {
            let frame = waiting.front()?;
            if self.frames.cat(frame).is_err() {
                if taken == 0 {
                    waiting.pop_front();
                }
                break;
            }
            waiting.pop_front();
        }
        self.packet.clear();
        self.frames.out_into(&mut self.packet).ok()?;
        out.get_mut(..self.packet.len())?.copy_from_slice(&self.packet);
        Some((self.packet.len(), lasts(Codec::Opus, &self.packet)))
    }
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Joined")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Encoder;

    /// The packets of each of six rounds, and what was sent in all.
    fn packets(packet_ms: u8) -> (Vec<usize>, Vec<u8>) {
        let mut packing = Packing::new(Codec::Pcma, packet_ms).unwrap();
        let (mut counts, mut sent, mut out) = (Vec::new(), Vec::new(), [0; 2_048]);
        for round in 0..6_u8 {
            packing.push(&[round; FRAME]);
            let before = sent.len();
            while let Some((length, samples)) = packing.pop(&mut out) {
                assert_eq!((length, samples), (usize::from(packet_ms) * 8, length));
                sent.extend(&out[..length]);
            }
            counts.push((sent.len() - before) / (usize::from(packet_ms) * 8));
        }
        (counts, sent)
    }

    #[test]
    fn packets_of_every_length_go_at_their_pace_and_lose_nothing() {
        let all: Vec<u8> = (0..6).flat_map(|round| [round; FRAME]).collect();
        for (packet_ms, expected) in
            [(10, [2, 2, 2, 2, 2, 2]), (30, [0, 1, 1, 0, 1, 1]), (40, [0, 1, 0, 1, 0, 1]), (60, [0, 0, 1, 0, 0, 1])]
        {
            let (counts, sent) = packets(packet_ms);
            assert_eq!(counts, expected, "{packet_ms} ms");
            assert!(sent == all, "{packet_ms} ms");
        }
        assert!(Packing::new(Codec::Pcma, 20).is_none() && Packing::new(Codec::Opus, 20).is_none());
    }

    #[test]
    fn frames_of_opus_go_together_into_packets_of_every_length() {
        for packet_ms in [10_usize, 30, 40, 50, 60] {
            let mut packing = Packing::new(Codec::Opus, packet_ms as u8).unwrap();
            let mut encoder = Encoder::live(Codec::Opus).unwrap();
            let (mut out, mut total) = ([0; 2_048], 0);
            for round in 0..30 {
                for piece in [round * 50_i16; FRAME].chunks(packing.frame()) {
                    let mut room = [0; 400];
                    let length = encoder.encode(piece, &mut room);
                    packing.push(&room[..length]);
                }
                while let Some((length, samples)) = packing.pop(&mut out) {
                    assert_eq!((samples, lasts(Codec::Opus, &out[..length])), (packet_ms * 8, packet_ms * 8));
                    total += samples;
                }
            }
            assert_eq!(total, 600 / packet_ms * packet_ms * 8, "{packet_ms} ms");
        }
    }
}
