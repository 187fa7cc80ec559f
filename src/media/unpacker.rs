use super::decoder::LONGEST;
use super::{Codec, Concealer, Content, Decoder, JitterBuffer, RATE};

/// Turns packets, as they come, into samples in the order in which they were spoken, so
/// that the samples last as long as the call sounded: what is lost is concealed and fades
/// to silence, what the peer did not send is silence.
#[derive(Debug)]
pub struct Unpacker {
    waiting: JitterBuffer<Piece>,
    decoder: Decoder,
    /// The place that the next sample should have, and the number of the next packet.
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

/// A recording has one source: what leaps goes on where the samples are.
const SOURCE: u32 = 0;

impl Default for Unpacker {
    fn default() -> Self {
        let (decoder, concealer) = (Decoder::default(), Concealer::default());
        Self { waiting: JitterBuffer::new(WINDOW), decoder, next: None, concealer }
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
            self.next = self.next.map(|(place, _)| (place, after));
            return;
        };
        let place = self.decoder.place(*codec, SOURCE, piece.timestamp);
        let mut sound = [0; LONGEST];
        if let Some((next, sequence)) = self.next {
            let gap = place.wrapping_sub(next);
            let start = out.len();
            if (1..=LONGEST_GAP).contains(&gap) {
                out.resize(start + gap as usize, 0);
                let is_loss = sequence != piece.sequence;
                let made = if is_loss { self.decoder.make_up(gap as usize, *codec, payload, &mut sound) } else { 0 };
                let (missing, rest) = out[start..].split_at_mut(gap as usize - made);
                if is_loss && made == 0 {
                    self.concealer.conceal(missing)
                } else {
                    self.concealer.paused(missing)
                }
                rest.copy_from_slice(&sound[..made]);
                self.concealer.heard(rest);
            }
        }
        let length = self.decoder.decode(*codec, payload, &mut sound);
        let start = out.len();
        out.extend_from_slice(&sound[..length]);
        self.concealer.heard(&mut out[start..]);
        self.next = Some((place.wrapping_add(length as u32), after));
    }
}
