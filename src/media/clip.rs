use std::f64::consts::TAU;
use std::sync::Arc;
use std::time::Duration;

use super::g711;

/// Samples in a second, of both codecs.
pub const RATE: u32 = 8_000;
/// Samples, and bytes, of the 20 ms that one packet carries.
pub const FRAME: usize = 160;

/// The level of the loudest sine in dBm0: 3.14 in A-law, 3.17 in µ-law (G.711, table 1).
pub(super) const LOUDEST: f64 = 3.15;

/// An audio codec that a leg can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 A-law, payload type 8 (RFC 3551).
    Pcma,
    /// G.711 µ-law, payload type 0 (RFC 3551).
    Pcmu,
}

impl Codec {
    /// The byte of a silent sample.
    pub fn silence(self) -> u8 {
        match self {
            Self::Pcma => 0xD5,
            Self::Pcmu => 0xFF,
        }
    }

    /// 20 ms of silence.
    pub fn silent_frame(self) -> &'static [u8; FRAME] {
        match self {
            Self::Pcma => &[0xD5; FRAME],
            Self::Pcmu => &[0xFF; FRAME],
        }
    }

    /// The sample that a byte stands for.
    pub fn decode(self, byte: u8) -> i16 {
        g711::decode(self, byte)
    }

    /// The byte that stands for a sample.
    pub fn encode(self, sample: i16) -> u8 {
        g711::encode(self, sample)
    }
}

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
}

impl Clip {
    /// A clip of samples at 8 kHz.
    pub fn from_samples(name: impl Into<Arc<str>>, samples: &[i16]) -> Self {
        Self {
            name: name.into(),
            samples: samples.len(),
            pcma: samples.iter().map(|&s| Codec::Pcma.encode(s)).collect(),
            pcmu: samples.iter().map(|&s| Codec::Pcmu.encode(s)).collect(),
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

    /// Its bytes for a codec, one per sample.
    pub fn payload(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_has_a_byte_per_sample_in_both_codecs() {
        let clip = Clip::tone(440.0, -10.0, Duration::from_millis(1_500));
        assert_eq!((clip.samples, clip.pcma.len(), clip.pcmu.len()), (12_000, 12_000, 12_000));
        assert_eq!(clip.duration(), Duration::from_millis(1_500));
    }

    #[test]
    fn silence_decodes_to_the_smallest_sample() {
        for codec in [Codec::Pcma, Codec::Pcmu] {
            assert!(codec.decode(codec.silence()).abs() <= 8);
            assert!(codec.silent_frame().iter().all(|&b| b == codec.silence()));
        }
    }
}
