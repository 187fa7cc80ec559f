//! How loud a voice is, and a limiter.

/// How loud a recording is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The level where someone speaks, in dB of full scale: the root mean square of the
    /// frames of 20 ms that are not 30 dB below the loudest, in the spirit of the active
    /// speech level of ITU-T P.56.
    pub active: f64,
    /// The loudest sample, in dB of full scale.
    pub peak: f64,
    /// Samples at the very edge of the scale.
    pub clipped: usize,
}

/// Measures samples from -1 to 1 at a rate in Hz.
pub fn level(samples: &[f32], rate: u32) -> Level {
    let levels = frames(samples, (rate / 50).max(1) as usize);
    let loudest = levels.iter().copied().fold(0.0f64, f64::max);
    let active: Vec<f64> = levels.into_iter().filter(|l| *l > 0.0 && *l >= loudest * ratio(GATE)).collect();
    let power = active.iter().map(|l| l * l).sum::<f64>() / active.len().max(1) as f64;
    let peak = samples.iter().map(|s| f64::from(s.abs())).fold(0.0f64, f64::max);
    let clipped = samples.iter().filter(|s| s.abs() >= 32_767.0 / 32_768.0).count();
    Level { active: decibels(power.sqrt()), peak: decibels(peak), clipped }
}

/// The root mean square of each frame of so many samples; the last one may be shorter.
pub(super) fn frames(samples: &[f32], size: usize) -> Vec<f64> {
    let power = |frame: &[f32]| frame.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / frame.len() as f64;
    samples.chunks(size).map(|frame| power(frame).sqrt()).collect()
}

/// Keeps every sample below a ceiling: the gain comes down before a peak and back
/// after it, over `reach` samples on each side, so that nothing is cut off.
pub(super) fn limit(mut samples: Vec<f32>, ceiling: f32, reach: usize) -> Vec<f32> {
    if samples.iter().all(|s| s.abs() <= ceiling) {
        return samples;
    }
    let wanted: Vec<f32> = samples.iter().map(|s| (ceiling / s.abs().max(1e-9)).min(1.0)).collect();
    let around = |i: usize, of: &[f32]| i.saturating_sub(reach)..(i + reach + 1).min(of.len());
    let lowest: Vec<f32> =
        (0..wanted.len()).map(|i| wanted[around(i, &wanted)].iter().copied().fold(1.0, f32::min)).collect();
    for (i, sample) in samples.iter_mut().enumerate() {
        let near = &lowest[around(i, &lowest)];
        *sample *= near.iter().sum::<f32>() / near.len() as f32;
    }
    samples
}

/// A ratio of amplitudes, from dB.
pub(super) fn ratio(decibels: f64) -> f64 {
    10f64.powf(decibels / 20.0)
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.max(1e-9).log10()
}

/// Frames so far below the loudest are pauses, in dB.
const GATE: f64 = -30.0;
