//! From whatever a studio or a speech engine gives to the masters that prompts are kept as.

use std::io::{Cursor, Read};
use std::time::Duration;

use audioadapter_buffers::direct::InterleavedSlice;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rubato::{Fft, FixedSync, Resampler};

use super::loudness::{Level, frames, level, limit, ratio};
use crate::base::limits;

/// A prompt as it is kept: 16 kHz, mono, 16 bits, its silences cut, at the level that
/// all prompts share.
#[derive(Clone, Debug, PartialEq)]
pub struct Master {
    samples: Vec<f32>,
}

/// Why a recording can't become a prompt.
#[derive(Debug, thiserror::Error)]
pub enum MasterError {
    /// The file is no WAV, or is cut short.
    #[error("it can't be read as WAV: {0}")]
    Unreadable(#[from] hound::Error),
    /// It has another rate than recordings have.
    #[error("its rate is {0} Hz; record at 16,000 to 192,000 Hz")]
    Rate(u32),
    /// It is longer than a prompt may be.
    #[error("it lasts {0} s, at most {max} s can be kept", max = limits::CLIP_SECONDS)]
    Length(u64),
    /// Nobody speaks in it.
    #[error("nothing is heard in it ({0:.0} dBFS at its loudest)")]
    Silent(f64),
    /// The recording was too loud for its own scale.
    #[error("it is clipped at {places} places, first at {first:.2} s: record it again, less loud")]
    Clipped {
        /// How many runs of samples at the edge of the scale.
        places: usize,
        /// Where the first one is, in seconds.
        first: f64,
    },
    /// It can't be brought to another rate.
    #[error("it can't be resampled: {0}")]
    Resample(String),
}

impl Master {
    /// Samples in a second.
    pub const RATE: u32 = 16_000;

    /// Makes a master of a WAV file: integers of 8 to 32 bits or floats, any number of
    /// channels (mixed down), 16 to 192 kHz; 8 kHz is taken too, though it is the
    /// telephone's sound already.
    ///
    /// # Errors
    /// [`MasterError`] when nobody should hear it.
    pub fn from_wav(file: impl Read) -> Result<Self, MasterError> {
        let (samples, rate) = read(file)?;
        if let Some((places, first)) = clipped(&samples) {
            return Err(MasterError::Clipped { places, first: first as f64 / f64::from(rate) });
        }
        let samples = trimmed(&resampled(samples, rate)?)?;
        Ok(Self { samples: at_level(samples) })
    }

    /// The bytes of its WAV file.
    ///
    /// # Errors
    /// When it is too long for a WAV file, which [`Self::from_wav`] never gives.
    pub fn to_wav(&self) -> Result<Vec<u8>, hound::Error> {
        let spec =
            WavSpec { channels: 1, sample_rate: Self::RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec)?;
        for sample in &self.samples {
            writer.write_sample((sample * 32_767.0).round() as i16)?;
        }
        writer.finalize()?;
        Ok(file.into_inner())
    }

    /// How long it lasts.
    pub fn length(&self) -> Duration {
        Duration::from_secs_f64(self.samples.len() as f64 / f64::from(Self::RATE))
    }

    /// How loud it is.
    pub fn level(&self) -> Level {
        level(&self.samples, Self::RATE)
    }
}

/// All samples from -1 to 1, mixed down to one channel, with their rate.
fn read(file: impl Read) -> Result<(Vec<f32>, u32), MasterError> {
    let mut reader = WavReader::new(file)?;
    let spec = reader.spec();
    if spec.sample_rate != 8_000 && !(16_000..=192_000).contains(&spec.sample_rate) {
        return Err(MasterError::Rate(spec.sample_rate));
    }
    let seconds = u64::from(reader.duration()) / u64::from(spec.sample_rate);
    if seconds > u64::from(limits::CLIP_SECONDS) {
        return Err(MasterError::Length(seconds));
    }
    let all: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        SampleFormat::Int => {
            let scale = 2.0f32.powi(i32::from(spec.bits_per_sample) - 1);
            reader.samples::<i32>().map(|s| s.map(|s| s as f32 / scale)).collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels.max(1));
    let mono = all.chunks(channels).map(|frame| {
        let sum: f32 = frame.iter().filter(|s| s.is_finite()).sum();
        sum / channels as f32
    });
    Ok((mono.collect(), spec.sample_rate))
}

/// How often, and where first, several samples in a row lie at the edge of the scale.
fn clipped(samples: &[f32]) -> Option<(usize, usize)> {
    let (mut places, mut first, mut run) = (0, 0, 0);
    for (i, sample) in samples.iter().enumerate() {
        run = if sample.abs() >= EDGE { run + 1 } else { 0 };
        if run == IN_A_ROW {
            if places == 0 {
                first = i;
            }
            places += 1;
        }
    }
    (places > 0).then_some((places, first))
}

pub(super) fn resampled(samples: Vec<f32>, rate: u32) -> Result<Vec<f32>, MasterError> {
    if rate == Master::RATE || samples.is_empty() {
        return Ok(samples);
    }
    let wrong = |error: &dyn std::fmt::Display| MasterError::Resample(error.to_string());
    let mut resampler = Fft::<f32>::new(rate as usize, Master::RATE as usize, CHUNK, 1, FixedSync::Both)
        .map_err(|error| wrong(&error))?;
    let input = InterleavedSlice::new(&samples, 1, samples.len()).map_err(|error| wrong(&error))?;
    let output = resampler.process_all(&input, samples.len(), None).map_err(|error| wrong(&error))?;
    Ok(output.take_data())
}

/// Without the silence around, but for a moment on both sides that swells and fades.
fn trimmed(samples: &[f32]) -> Result<Vec<f32>, MasterError> {
    let size = (Master::RATE / 100) as usize;
    let levels = frames(samples, size);
    let loudest = levels.iter().copied().fold(0.0f64, f64::max);
    if loudest < ratio(FAINTEST) {
        return Err(MasterError::Silent(20.0 * loudest.max(1e-9).log10()));
    }
    let heard = |level: &f64| *level > loudest * ratio(QUIET);
    let start = levels.iter().position(heard).unwrap_or(0) * size;
    let end = (levels.iter().rposition(heard).map_or(levels.len(), |last| last + 1) * size).min(samples.len());
    let (lead, tail) = (samples_in(LEAD), samples_in(TAIL));
    let at = |i: usize| i.checked_sub(lead).and_then(|i| samples.get(i)).copied().unwrap_or(0.0);
    let mut cut: Vec<f32> = (start..end + lead + tail).map(at).collect();
    let length = cut.len();
    for (i, sample) in cut.iter_mut().enumerate() {
        let from_end = length - 1 - i;
        if i < lead {
            *sample *= i as f32 / lead as f32;
        } else if from_end < tail {
            *sample *= from_end as f32 / tail as f32;
        }
    }
    Ok(cut)
}

/// At the level of all prompts where someone speaks, and no peak above the ceiling.
fn at_level(samples: Vec<f32>) -> Vec<f32> {
    let active = level(&samples, Master::RATE).active;
    let gain = ratio(ACTIVE - active) as f32;
    limit(samples.into_iter().map(|s| s * gain).collect(), ratio(PEAK) as f32, samples_in(LOOK_AHEAD))
}

fn samples_in(time: Duration) -> usize {
    (time.as_millis() as usize * Master::RATE as usize) / 1000
}

/// The active level of every prompt, in dB of full scale.
const ACTIVE: f64 = -20.0;
/// No sample is louder, in dB of full scale.
const PEAK: f64 = -3.0;
/// What never gets louder than this is no speech, in dB of full scale.
const FAINTEST: f64 = -55.0;
/// At the edges, so far below the loudest moment is silence, in dB.
const QUIET: f64 = -42.0;
/// A sample from here on is at the edge of its scale.
const EDGE: f32 = 0.999;
/// So many in a row are heard as a crackle.
const IN_A_ROW: usize = 4;
const LEAD: Duration = Duration::from_millis(40);
const TAIL: Duration = Duration::from_millis(60);
const LOOK_AHEAD: Duration = Duration::from_millis(5);
/// The resampler's piece, in samples.
const CHUNK: usize = 1024;

#[cfg(test)]
mod tests;
