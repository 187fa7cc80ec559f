use std::f64::consts::TAU;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::encoder::LARGEST;
use super::{Codec, Encoder, FRAME, Law, RATE};

/// The level of the loudest sine in dBm0: 3.14 in A-law, 3.17 in µ-law (G.711, table 1).
pub(super) const LOUDEST: f64 = 3.15;

/// A sound, encoded once for each codec and shared by everyone who hears it.
#[derive(Debug)]
pub struct Clip {
    /// What it says, for logs.
    pub name: Arc<str>,
    /// Its length in samples at 8 kHz.
    pub samples: usize,
    /// G.711 A-law, one byte per sample.
    pub pcma: Box<[u8]>,
    /// G.711 µ-law, one byte per sample.
    pub pcmu: Box<[u8]>,
    /// In the codecs that few speak, once somebody does.
    pub wide: Wide,
}

/// A clip in the codecs with a wider band than the telephone's: empty until it is encoded
/// for the first who speaks one ([`Clip::widen`]). Until then it is played to them in the
/// telephone's band.
#[derive(Debug, Default)]
pub struct Wide {
    g722: OnceLock<Box<[u8]>>,
    opus: OnceLock<Frames>,
}

/// Frames of 20 ms, whatever their lengths.
#[derive(Debug)]
struct Frames {
    bytes: Box<[u8]>,
    /// Where each one ends.
    ends: Box<[u32]>,
}

impl Clip {
    /// A clip of samples at 8 kHz.
    pub fn from_samples(name: impl Into<Arc<str>>, samples: &[i16]) -> Self {
        Self {
            name: name.into(),
            samples: samples.len(),
            pcma: samples.iter().map(|&s| Law::A.encode(s)).collect(),
            pcmu: samples.iter().map(|&s| Law::Mu.encode(s)).collect(),
            wide: Wide::default(),
        }
    }

    /// A sine of `hz` Hz at `level` dBm0 (the loudest sine is at 3.15), for tests of the line and for `svi call`.
    pub fn tone(hz: f64, level: f64, duration: Duration) -> Self {
        let peak = f64::from(i16::MAX) * 10_f64.powf((level - LOUDEST) / 20.0);
        let samples: Vec<i16> = (0..duration.as_micros() / 125)
            .map(|i| ((TAU * hz * i as f64 / f64::from(RATE)).sin() * peak) as i16)
            .collect();
        Self::from_samples(format!("tone {hz} Hz"), &samples)
    }

    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples as u64 * 125)
    }

    /// Its bytes for a law, one per sample.
    pub fn law(&self, law: Law) -> &[u8] {
        match law {
            Law::A => &self.pcma,
            Law::Mu => &self.pcmu,
        }
    }

    /// What it has for a codec, one byte per sample; nothing for Opus, and nothing yet for
    /// G.722 that it has not been encoded in.
    pub fn bytes(&self, codec: Codec) -> Option<&[u8]> {
        match codec.law() {
            Some(law) => Some(self.law(law)),
            None => self.wide.g722.get().filter(|_| codec == Codec::G722).map(|bytes| &**bytes),
        }
    }

    /// The frame of Opus that begins at a sample; nothing where it has not been encoded.
    pub fn opus_frame(&self, at: usize) -> Option<&[u8]> {
        let frames = self.wide.opus.get()?;
        let index = at / FRAME;
        let start = index.checked_sub(1).map_or(Some(0), |before| frames.ends.get(before).copied())?;
        frames.bytes.get(start as usize..*frames.ends.get(index)? as usize)
    }

    /// Whether it is there in a codec.
    pub fn is_in(&self, codec: Codec) -> bool {
        match codec {
            Codec::Pcma | Codec::Pcmu => true,
            Codec::G722 => self.wide.g722.get().is_some(),
            Codec::Opus => self.wide.opus.get().is_some(),
        }
    }

    /// Encodes it in a codec from its sound at 16 kHz. The whole of it takes about one percent
    /// of its length with Opus, a tenth of that with G.722: not for a thread that is waited for.
    pub fn widen(&self, codec: Codec, sound: &[i16]) {
        let Some(mut encoder) = Encoder::once(codec) else { return };
        // As long as it is in G.711, to the sample.
        let mut pieces = sound.chunks(2 * FRAME);
        let mut frame = [0; 2 * FRAME];
        let mut next = || {
            let piece = pieces.next().unwrap_or_default();
            frame[..piece.len()].copy_from_slice(piece);
            frame[piece.len()..].fill(0);
            frame
        };
        let (mut bytes, mut ends, mut out) = (Vec::new(), Vec::new(), [0; LARGEST]);
        for _ in 0..self.samples.div_ceil(FRAME) {
            let length = encoder.encode(&next(), &mut out);
            bytes.extend_from_slice(&out[..length]);
            ends.push(bytes.len() as u32);
        }
        if codec.is_bytes() {
            bytes.truncate(self.samples);
            // Somebody else may have been quicker; both are the same.
            let _ = self.wide.g722.set(bytes.into());
        } else {
            let _ = self.wide.opus.set(Frames { bytes: bytes.into(), ends: ends.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decoder;
    use super::*;

    #[test]
    fn a_clip_has_a_byte_per_sample_in_both_laws() {
        let clip = Clip::tone(440.0, -10.0, Duration::from_millis(1_500));
        assert_eq!((clip.samples, clip.pcma.len(), clip.pcmu.len()), (12_000, 12_000, 12_000));
        assert_eq!(clip.duration(), Duration::from_millis(1_500));
    }

    #[test]
    fn a_clip_is_as_long_in_every_codec_and_sounds_the_same() {
        use super::super::ToneDetector;
        let clip = Clip::tone(440.0, -10.0, Duration::from_millis(1_010));
        let wide: Vec<i16> =
            (0..16_160).map(|i| ((TAU * 440.0 * f64::from(i) / 16_000.0).sin() * 7_000.0) as i16).collect();
        for codec in [Codec::G722, Codec::Opus] {
            assert!(!clip.is_in(codec) && clip.bytes(codec).is_none() && clip.opus_frame(0).is_none());
            clip.widen(codec, &wide);
            assert!(clip.is_in(codec));
            let (mut decoder, mut out, mut heard) = (Decoder::default(), [0; _], Vec::new());
            let mut hear = |payload: &[u8]| {
                let length = decoder.decode(codec, payload, &mut out);
                heard.extend_from_slice(&out[..length]);
            };
            match codec.is_bytes() {
                true => clip.bytes(codec).unwrap().chunks(FRAME).for_each(&mut hear),
                false => (0..).map_while(|n| clip.opus_frame(n * FRAME)).for_each(&mut hear),
            }
            assert_eq!(heard.len(), if codec.is_bytes() { 8_080 } else { 8_160 });
            assert!(ToneDetector::share(440.0, &heard[400..7_900]) > 0.95, "{codec:?}");
            let loudest = heard[400..7_900].iter().map(|s| i32::from(*s).abs()).max().unwrap();
            assert!((6_000..8_400).contains(&loudest), "{codec:?}: {loudest}");
        }
        assert_eq!(clip.bytes(Codec::G722).unwrap().len(), clip.samples);
    }
}
