use crate::media::FRAME;

/// Puts rounds of 20 ms together into packets of another length, for a peer that asked for
/// one (`a=ptime`): the mean pace is that length, the moments are those of our rounds.
#[derive(Debug)]
pub(super) struct Packing {
    waiting: [u8; FRAME + MOST],
    filled: usize,
    /// Bytes, and samples, of a packet.
    size: usize,
}

/// Bytes of a millisecond.
const MILLI: usize = 8;
/// The longest packet: 60 ms.
const MOST: usize = 60 * MILLI;

impl Packing {
    /// For packets of so many milliseconds; `None` where they are those of our rounds.
    pub(super) fn new(packet_ms: u8) -> Option<Box<Self>> {
        let size = (usize::from(packet_ms) * MILLI).clamp(10 * MILLI, MOST);
        (size != FRAME).then(|| Box::new(Self { waiting: [0; FRAME + MOST], filled: 0, size }))
    }

    /// Takes 20 ms.
    pub(super) fn push(&mut self, frame: &[u8]) {
        let end = self.filled + frame.len();
        if let Some(room) = self.waiting.get_mut(self.filled..end) {
            room.copy_from_slice(frame);
            self.filled = end;
        }
    }

    /// Moves the next packet to `out`, when there is a whole one; its length.
    pub(super) fn pop(&mut self, out: &mut [u8]) -> Option<usize> {
        let size = self.size;
        if self.filled < size {
            return None;
        }
        out.get_mut(..size)?.copy_from_slice(&self.waiting[..size]);
        self.waiting.copy_within(size..self.filled, 0);
        self.filled -= size;
        Some(size)
    }

    /// Drops what is no whole packet.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The packets of each of six rounds, and what was sent in all.
    fn packets(packet_ms: u8) -> (Vec<usize>, Vec<u8>) {
        let mut packing = Packing::new(packet_ms).unwrap();
        let (mut counts, mut sent, mut out) = (Vec::new(), Vec::new(), [0; 600]);
        for round in 0..6_u8 {
            packing.push(&[round; FRAME]);
            let before = sent.len();
            while let Some(length) = packing.pop(&mut out) {
                assert_eq!(length, usize::from(packet_ms) * 8);
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
        assert!(Packing::new(20).is_none());
    }
}
