use std::fmt;

use audio_codec::Decoder as _;
use audio_codec::g722::{Bitrate, G722Decoder};
use opus_pure::OpusDecoder;

use super::{Codec, RATE};

/// Turns the packets of one voice into samples at 8 kHz, in whatever codec they come, and
/// their timestamps into places among those samples.
///
/// G.722 is decoded without its upper band, and Opus at this rate: mixing, recording and
/// listening for keys need no more than the telephone has.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    /// The last timestamp with its codec's steps and source, and its place.
    clock: Option<(Source, u32, u32)>,
}

/// Whose timestamps, and how many steps they have for each sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Source {
    ssrc: u32,
    steps: u32,
}

/// What a codec keeps from packet to packet.
#[derive(Default)]
enum State {
    /// Nothing, as G.711.
    #[default]
    None,
    G722(Box<G722Decoder>),
    Opus(Box<OpusDecoder>),
}

/// Room for the samples of a packet.
pub type Samples = [i16; LONGEST];
/// Samples of the longest packet that is decoded: 256 ms; that of Opus has 120.
pub(super) const LONGEST: usize = 2_048;
/// Samples that Opus makes up for what was lost: 120 ms. What comes after fades in anyway.
const MOST_MADE: usize = 960;
/// Opus makes up whole pieces of 2.5 ms.
const PIECE: usize = RATE as usize / 400;

impl Decoder {
    /// The place of a timestamp of a source: samples at 8 kHz, which turn at 2³² as
    /// timestamps do. Places of one source are as far apart as its timestamps.
    pub fn place(&mut self, codec: Codec, ssrc: u32, timestamp: u32) -> u32 {
        let source = Source { ssrc, steps: codec.steps() };
        let (timestamp, place) = match self.clock {
            Some((known, last, place)) if known == source => {
                // What is no whole sample is left for the next packet, so that it never adds up.
                let ahead = (timestamp.wrapping_sub(last) as i32).div_euclid(source.steps as i32);
                let last = last.wrapping_add_signed(ahead.wrapping_mul(source.steps as i32));
                (last, place.wrapping_add_signed(ahead))
            }
            Some(_) | None => (timestamp / source.steps * source.steps, timestamp / source.steps),
        };
        self.clock = Some((source, timestamp, place));
        place
    }

    /// Decodes a packet; how many samples it has. One that can't be decoded has none.
    pub fn decode(&mut self, codec: Codec, payload: &[u8], out: &mut Samples) -> usize {
        match codec.law() {
            Some(law) => {
                for (sample, &byte) in out.iter_mut().zip(payload) {
                    *sample = law.decode(byte);
                }
                payload.len().min(LONGEST)
            }
            None => self.decode_on(codec, payload, out),
        }
    }

    /// Makes up for samples that were lost before a packet, by what came before and by what
    /// the packet says of them, as far as its codec can; how many of them, the last ones.
    pub fn make_up(&mut self, lost: usize, codec: Codec, next: &[u8], out: &mut Samples) -> usize {
        let State::Opus(decoder) = &mut self.state else { return 0 };
        let wanted = lost.min(MOST_MADE) / PIECE * PIECE;
        if codec != Codec::Opus || wanted == 0 {
            return 0;
        }
        decoder.decode_fec_s16(next, wanted, &mut out[..wanted]).map_or(0, |made| made.min(wanted))
    }

    /// Decodes a packet of a codec that goes on from the packets before.
    fn decode_on(&mut self, codec: Codec, payload: &[u8], out: &mut Samples) -> usize {
        match (codec, &mut self.state) {
            (Codec::G722, State::G722(_)) | (Codec::Opus, State::Opus(_)) => {}
            (Codec::Opus, state) => {
                *state = OpusDecoder::new(RATE as i32, 1).map_or(State::None, |decoder| State::Opus(Box::new(decoder)));
            }
            (_, state) => {
                let decoder = G722Decoder::with_options(Bitrate::Mode1_64000, false, true);
                *state = State::G722(Box::new(decoder));
            }
        }
        match &mut self.state {
            State::None => 0,
            State::G722(decoder) => {
                let most = payload.len().min(LONGEST);
                decoder.decode_into(&payload[..most], &mut out[..]).unwrap_or(0)
            }
            // An empty packet would ask it to make something up.
            State::Opus(_) if payload.is_empty() => 0,
            State::Opus(decoder) => decoder.decode_s16(payload, MOST_MADE, &mut out[..MOST_MADE]).unwrap_or(0),
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::G722(_) => "G722",
            Self::Opus(_) => "Opus",
        })
    }
}

/// How long the sound of a packet lasts, in samples at 8 kHz; nothing where it can't be told.
pub fn lasts(codec: Codec, payload: &[u8]) -> usize {
    if codec.is_bytes() {
        payload.len().min(LONGEST)
    } else {
        opus_pure::packet::samples(payload, RATE as i32).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests;
