use super::{Codec, JitterBuffer, RATE};

/// Turns packets, as they come, into samples in the order in which they were spoken;
/// what is lost is silence, so that the samples last as long as the call sounded.
#[derive(Debug)]
pub struct Unpacker {
    waiting: JitterBuffer<Piece>,
    /// The timestamp that the next sample should have.
    next: Option<u32>,
}

#[derive(Debug)]
struct Piece {
    timestamp: u32,
    codec: Codec,
    payload: Box<[u8]>,
}

/// Packets that one missing packet is waited for: 160 ms.
const WINDOW: usize = 8;
/// The longest silence that is made for a gap in the timestamps: 10 s. What jumps
/// further, or back, goes on where the samples are.
const LONGEST_GAP: u32 = 10 * RATE;

impl Default for Unpacker {
    fn default() -> Self {
        Self { waiting: JitterBuffer::new(WINDOW), next: None }
    }
}

impl Unpacker {
    /// Takes a packet's payload as it came, and adds the samples whose turn it is.
    pub fn push(&mut self, sequence: u16, timestamp: u32, (codec, payload): (Codec, &[u8]), out: &mut Vec<i16>) {
        self.waiting.push(sequence, Piece { timestamp, codec, payload: payload.into() });
        while let Some(piece) = self.waiting.pop() {
            self.decode(&piece, out);
        }
    }

    /// Adds what is left.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        while let Some(piece) = self.waiting.take() {
            self.decode(&piece, out);
        }
    }

    fn decode(&mut self, piece: &Piece, out: &mut Vec<i16>) {
        let gap = self.next.map_or(0, |next| piece.timestamp.wrapping_sub(next));
        if gap <= LONGEST_GAP {
            out.resize(out.len() + gap as usize, 0);
        }
        out.extend(piece.payload.iter().map(|&byte| piece.codec.decode(byte)));
        self.next = Some(piece.timestamp.wrapping_add(piece.payload.len() as u32));
    }
}
