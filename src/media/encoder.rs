use std::fmt;

use audio_codec::Encoder as _;
use audio_codec::g722::G722Encoder;
use opus_pure::{Application, Bandwidth, OpusEncoder, Signal};

use super::resample::Doubler;
use super::{Codec, FRAME, RATE};

/// Encodes a stream of sound, or a clip, in a codec whose frames build on those before.
///
/// Opus is for voice, at 20 kbit/s where it has 16,000 samples in a second and 14 kbit/s
/// where it has 8,000; each frame is sent, silence too (no DTX): who hears us must know
/// that we are there.
pub struct Encoder(Kind);

enum Kind {
    /// At 16,000 samples in a second; what comes at half of it goes through the doubler.
    G722(Box<G722Encoder>, Option<Box<Doubler>>),
    Opus(Box<OpusEncoder>),
}

/// How much work is spent on the frames of a stream, 0 to 10: they have to be made in time,
/// and what they are made of is the telephone's sound.
const LIVE: i32 = 2;
/// How much work is spent on a clip, which is encoded once.
const ONCE: i32 = 9;
/// The largest frame of Opus at these rates, with room: more than 100 kbit/s.
pub(super) const LARGEST: usize = 400;

impl Encoder {
    /// For a stream at 8,000 samples in a second; none for G.711, whose samples know nothing
    /// of each other ([`Law`](super::Law)).
    pub fn live(codec: Codec) -> Option<Self> {
        match codec {
            Codec::Pcma | Codec::Pcmu => None,
            Codec::G722 => Some(Self(Kind::G722(Box::new(G722Encoder::new()), Some(Box::default())))),
            Codec::Opus => Some(Self(Kind::Opus(opus(RATE, 14_000, LIVE)?))),
        }
    }

    /// For a clip at 16,000 samples in a second; none for G.711.
    pub(super) fn once(codec: Codec) -> Option<Self> {
        match codec {
            Codec::Pcma | Codec::Pcmu => None,
            Codec::G722 => Some(Self(Kind::G722(Box::new(G722Encoder::new()), None))),
            Codec::Opus => Some(Self(Kind::Opus(opus(2 * RATE, 20_000, ONCE)?))),
        }
    }

    /// Encodes 10 or 20 ms. How many bytes were written; none where `out` has no room, or
    /// the samples are of another number.
    pub fn encode(&mut self, samples: &[i16], out: &mut [u8]) -> usize {
        match &mut self.0 {
            Kind::G722(encoder, None) => encoder.encode_into(samples, out).unwrap_or(0),
            Kind::G722(encoder, Some(doubler)) => {
                let mut wide = [0; 2 * FRAME];
                let Some(wide) = wide.get_mut(..2 * samples.len()) else { return 0 };
                doubler.double(samples, wide);
                encoder.encode_into(wide, out).unwrap_or(0)
            }
            Kind::Opus(encoder) => {
                let most = out.len().min(LARGEST);
                encoder.encode_s16(samples, samples.len(), &mut out[..most]).unwrap_or(0)
            }
        }
    }
}

fn opus(rate: u32, bits: i32, work: i32) -> Option<Box<OpusEncoder>> {
    let mut encoder = Box::new(OpusEncoder::new(rate as i32, 1, Application::Voip).ok()?);
    encoder.bitrate_bps = bits;
    encoder.complexity = work;
    encoder.signal_type = Some(Signal::Voice);
    // Packets of one kind can be put together into longer ones.
    encoder.force_bandwidth = Some(if rate == RATE { Bandwidth::Narrowband } else { Bandwidth::Wideband });
    Some(encoder)
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::G722(..) => "Encoder(G722)",
            Kind::Opus(_) => "Encoder(Opus)",
        })
    }
}
