use super::{Codec, Concealer, Content, JitterBuffer, RATE};

/// Turns packets, as they come, into samples in the order in which they were spoken, so
/// that the samples last as long as the call sounded: what is lost is concealed and fades
/// to silence, what the peer did not send is silence.
#[derive(Debug)]
pub struct Unpacker {
    waiting: JitterBuffer<Piece>,
    /// The timestamp that the next sample should have, and the number of the next packet.
    next: Option<(u32, u16)>,
    concealer: Concealer,
}

#[derive(Debug)]
struct Piece {
    sequence: u16,
    timestamp: u32,
    sound: Option<(Codec, Box<[u8]>)>,
}

/// Packets that one missing packet is waited for: 160 ms.
const WINDOW: usize = 8;
/// The longest silence that is made for a gap in the timestamps: 10 s. What jumps
/// further, or back, goes on where the samples are.
const LONGEST_GAP: u32 = 10 * RATE;

impl Default for Unpacker {
    fn default() -> Self {
        Self { waiting: JitterBuffer::new(WINDOW), next: None, concealer: Concealer::default() }
    }
}

impl Unpacker {
    /// Takes a packet as it came, and adds the samples whose turn it is. What is no sound
    /// is to be given too: without it, its number would be a loss.
    pub fn push(&mut self, sequence: u16, timestamp: u32, content: Content<'_>, out: &mut Vec<i16>) {
        let sound = match content {
            Content::Sound(codec, payload) => Some((codec, payload.into())),
            Content::Noise(_) | Content::Nothing => None,
        };
        self.waiting.push(sequence, Piece { sequence, timestamp, sound });
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
        let after = piece.sequence.wrapping_add(1);
        let Some((codec, payload)) = &piece.sound else {
            self.next = self.next.map(|(timestamp, _)| (timestamp, after));
            return;
        };
        if let Some((timestamp, sequence)) = self.next {
            let gap = piece.timestamp.wrapping_sub(timestamp);
            let start = out.len();
            if (1..=LONGEST_GAP).contains(&gap) {
                out.resize(start + gap as usize, 0);
                let made = &mut out[start..];
                if sequence == piece.sequence { self.concealer.paused(made) } else { self.concealer.conceal(made) }
            }
        }
        let start = out.len();
        out.extend(payload.iter().map(|&byte| codec.decode(byte)));
        self.concealer.heard(&mut out[start..]);
        self.next = Some((piece.timestamp.wrapping_add(payload.len() as u32), after));
    }
}
