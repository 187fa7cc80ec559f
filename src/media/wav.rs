use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use hound::{SampleFormat, WavReader};

use super::master::resampled;
use super::resample::Decimator;
use super::{Clip, Law, Master, RATE, Wide};
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
    /// It can't be brought to another rate.
    #[error("{0}")]
    Resample(String),
    /// It is longer than any prompt.
    #[error("it lasts {0} s, at most {max} s can be kept", max = limits::CLIP_SECONDS)]
    Length(u32),
}

impl Clip {
    /// Reads a WAV file: 16-bit PCM, mono or stereo (mixed down), at 8, 16, 24, 32 or
    /// 48 kHz (filtered and decimated to 8 kHz). It goes through the file piece by
    /// piece, so that reading takes little more memory than the clip.
    ///
    /// # Errors
    /// [`WavError`] when the file is of another kind.
    pub fn from_wav(name: impl Into<Arc<str>>, file: impl Read) -> Result<Self, WavError> {
        let mut reader = playable(file)?;
        let channels = usize::from(reader.spec().channels);
        let factor = (reader.spec().sample_rate / RATE) as usize;
        let length = reader.duration() as usize / factor;
        let (mut pcma, mut pcmu) = (Vec::with_capacity(length), Vec::with_capacity(length));
        let mut encode = |sample| {
            pcma.push(Law::A.encode(sample));
            pcmu.push(Law::Mu.encode(sample));
        };
        let mut decimator = Decimator::new(factor);
        let mut piece = Vec::with_capacity(PIECE);
        let mut samples = reader.samples::<i16>();
        loop {
            piece.clear();
            for sample in samples.by_ref().take(PIECE) {
                piece.push(sample?);
            }
            if piece.is_empty() {
                break;
            }
            if channels == 2 {
                mix(&mut piece);
            }
            decimator.push(&piece, &mut encode);
        }
        decimator.finish(&mut encode);
        Ok(Self { name: name.into(), samples: pcma.len(), pcma: pcma.into(), pcmu: pcmu.into(), wide: Wide::default() })
    }

    /// The sound of a WAV file that [`Self::from_wav`] can read, at 16 kHz, for [`Self::widen`].
    ///
    /// # Errors
    /// [`WavError`] when the file is of another kind.
    pub fn wide_sound(file: impl Read) -> Result<Vec<i16>, WavError> {
        let mut reader = playable(file)?;
        let spec = reader.spec();
        let mut samples = reader.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
        if spec.channels == 2 {
            mix(&mut samples);
        }
        if spec.sample_rate == Master::RATE {
            return Ok(samples);
        }
        let floats = samples.iter().map(|&sample| f32::from(sample) / 32_768.0).collect();
        let floats = resampled(floats, spec.sample_rate).map_err(|error| WavError::Resample(error.to_string()))?;
        Ok(floats.iter().map(|sample| (sample * 32_768.0) as i16).collect())
    }

    /// Looks whether [`Self::from_wav`] could read a file, by its header and its length alone.
    ///
    /// # Errors
    /// What it would say.
    pub fn check_wav(mut file: impl Read + Seek) -> Result<(), WavError> {
        let bytes = file.seek(SeekFrom::End(0)).map_err(hound::Error::from)?;
        file.rewind().map_err(hound::Error::from)?;
        let reader = playable(file)?;
        let samples = u64::from(reader.len()) * 2;
        let begin = reader.into_inner().stream_position().map_err(hound::Error::from)?;
        if begin + samples > bytes {
            return Err(WavError::Unreadable(hound::Error::FormatError("the samples end too soon")));
        }
        Ok(())
    }
}

/// Samples taken at once, of all channels.
const PIECE: usize = 8_192;

/// A file whose header says that it can be played.
fn playable<R: Read>(file: R) -> Result<WavReader<R>, WavError> {
    let reader = WavReader::new(file)?;
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
    Ok(reader)
}

/// Two channels into one, in place.
fn mix(samples: &mut Vec<i16>) {
    for at in 0..samples.len() / 2 {
        samples[at] = ((i32::from(samples[2 * at]) + i32::from(samples[2 * at + 1])) / 2) as i16;
    }
    samples.truncate(samples.len() / 2);
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;
    use std::io::Cursor;

    use hound::{WavSpec, WavWriter};

    use super::super::ToneDetector;
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
            let clip = Clip::from_wav("la", &*wav(channels, rate, 16, 1)).unwrap();
            assert_eq!(clip.samples, 8_000);
            let wide = Clip::wide_sound(&*wav(channels, rate, 16, 1)).unwrap();
            let loudest = wide[2_000..14_000].iter().map(|s| s.unsigned_abs()).max().unwrap();
            assert!(wide.len().abs_diff(16_000) < 100 && (15_900..16_900).contains(&loudest), "{rate}: {loudest}");
            for law in [Law::A, Law::Mu] {
                let samples: Vec<i16> = clip.law(law).iter().map(|&b| law.decode(b)).collect();
                assert_eq!(ToneDetector::share(440.0, &samples), 1.0, "{rate}");
                let mut detector = ToneDetector::new(440.0);
                let level = samples[2_000..].iter().find_map(|&s| detector.push(s)).unwrap().level;
                assert!((level - -6.0).abs() < 0.3, "{rate}: {level}");
            }
        }
    }

    #[test]
    fn what_can_not_be_played_is_said() {
        let said = |bytes: &[u8]| {
            let said = Clip::from_wav("x", bytes).unwrap_err().to_string();
            assert_eq!(Clip::check_wav(Cursor::new(bytes)).unwrap_err().to_string(), said);
            said
        };
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
        assert!(matches!(Clip::from_wav("x", &*cut), Err(WavError::Unreadable(_))));
        assert!(matches!(Clip::check_wav(Cursor::new(&cut)), Err(WavError::Unreadable(_))));
        assert!(Clip::check_wav(Cursor::new(wav(2, 48_000, 16, 1))).is_ok());
    }
}
