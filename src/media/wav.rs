use std::io::Cursor;
use std::sync::Arc;

use hound::{SampleFormat, WavReader};

use super::resample::decimate;
use super::{Clip, RATE};
use crate::base::limits;

/// Why a WAV file can't be played.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// The file is no WAV, or is cut short.
    #[error("it can't be read as WAV: {0}")]
    Unreadable(#[from] hound::Error),
    /// Its samples are of another format.
    #[error("its samples are {bits}-bit {format}, 16-bit PCM is needed")]
    Format {
        /// Bits per sample.
        bits: u16,
        /// `float` or `PCM`.
        format: &'static str,
    },
    /// It has more than two channels.
    #[error("it has {0} channels, one or two are needed")]
    Channels(u16),
    /// Its rate is no small multiple of 8 kHz.
    #[error("its rate is {0} Hz, one of 8000, 16000, 24000, 32000 and 48000 is needed")]
    Rate(u32),
    /// It is longer than any prompt.
    #[error("it lasts {0} s, at most {max} s can be kept", max = limits::CLIP_SECONDS)]
    Length(u32),
}

impl Clip {
    /// Reads a WAV file: 16-bit PCM, mono or stereo (mixed down), at 8, 16, 24, 32 or
    /// 48 kHz (filtered and decimated to 8 kHz).
    ///
    /// # Errors
    /// [`WavError`] when the file is of another kind.
    pub fn from_wav(name: impl Into<Arc<str>>, bytes: &[u8]) -> Result<Self, WavError> {
        let mut reader = WavReader::new(Cursor::new(bytes))?;
        let spec = reader.spec();
        if spec.sample_format != SampleFormat::Int || spec.bits_per_sample != 16 {
            let format = if spec.sample_format == SampleFormat::Float { "float" } else { "PCM" };
            return Err(WavError::Format { bits: spec.bits_per_sample, format });
        }
        if !matches!(spec.channels, 1 | 2) {
            return Err(WavError::Channels(spec.channels));
        }
        if !matches!(spec.sample_rate, 8_000 | 16_000 | 24_000 | 32_000 | 48_000) {
            return Err(WavError::Rate(spec.sample_rate));
        }
        let seconds = reader.duration() / spec.sample_rate;
        if seconds > limits::CLIP_SECONDS {
            return Err(WavError::Length(seconds));
        }
        let samples = reader.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
        let mono = if spec.channels == 2 { mixed(&samples) } else { samples };
        let factor = (spec.sample_rate / RATE) as usize;
        Ok(Self::from_samples(name, &decimate(&mono, factor)))
    }
}

fn mixed(stereo: &[i16]) -> Vec<i16> {
    stereo.chunks_exact(2).map(|pair| ((i32::from(pair[0]) + i32::from(pair[1])) / 2) as i16).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use hound::{WavSpec, WavWriter};

    use super::super::{Codec, ToneDetector};
    use super::*;

    fn wav(channels: u16, sample_rate: u32, bits_per_sample: u16, seconds: u32) -> Vec<u8> {
        let spec = WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec).unwrap();
        for i in 0..sample_rate * seconds {
            let loud = f64::from((1_i32 << (bits_per_sample - 1)) - 1) * 0.5;
            let sample = ((TAU * 440.0 * f64::from(i) / f64::from(sample_rate)).sin() * loud) as i32;
            for _ in 0..channels {
                writer.write_sample(sample).unwrap();
            }
        }
        writer.finalize().unwrap();
        file.into_inner()
    }

    #[test]
    fn every_rate_and_stereo_become_the_same_tone() {
        for (channels, rate) in [(1, 8_000), (2, 8_000), (1, 16_000), (1, 24_000), (1, 32_000), (2, 48_000)] {
            let clip = Clip::from_wav("la", &wav(channels, rate, 16, 1)).unwrap();
            assert_eq!(clip.samples, 8_000);
            for codec in [Codec::Pcma, Codec::Pcmu] {
                let samples: Vec<i16> = clip.payload(codec).iter().map(|&b| codec.decode(b)).collect();
                assert_eq!(ToneDetector::share(440.0, &samples), 1.0, "{rate}");
                let mut detector = ToneDetector::new(440.0);
                let level = samples[2_000..].iter().find_map(|&s| detector.push(s)).unwrap().level;
                assert!((level - -6.0).abs() < 0.3, "{rate}: {level}");
            }
        }
    }

    #[test]
    fn what_can_not_be_played_is_said() {
        let said = |bytes: &[u8]| Clip::from_wav("x", bytes).unwrap_err().to_string();
        insta::assert_snapshot!([
            said(&wav(1, 16_000, 8, 1)),
            said(&wav(3, 16_000, 16, 1)),
            said(&wav(1, 22_050, 16, 1)),
            said(b"RIFF"),
            said(&wav(1, 8_000, 16, limits::CLIP_SECONDS + 1)),
        ].join("\n"), @r"
        its samples are 8-bit PCM, 16-bit PCM is needed
        it has 3 channels, one or two are needed
        its rate is 22050 Hz, one of 8000, 16000, 24000, 32000 and 48000 is needed
        it can't be read as WAV: Failed to read enough bytes.
        it lasts 601 s, at most 600 s can be kept
        ");
        let mut cut = wav(1, 8_000, 16, 1);
        cut.truncate(1_001);
        assert!(matches!(Clip::from_wav("x", &cut), Err(WavError::Unreadable(_))));
    }
}
