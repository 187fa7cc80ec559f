//! From a master's rate down to 8 kHz: a low-pass, then every n-th sample.

use std::f64::consts::PI;

use super::RATE;

/// Up to here the voice passes, in Hz: the band of the telephone.
const PASS: f64 = 3_400.0;
/// From here nothing passes, in Hz: what lies above would fold back into the voice.
const STOP: f64 = 4_000.0;
/// How far down what does not pass lies, in dB.
const ATTENUATION: f64 = 65.0;

/// Samples at `factor` times 8 kHz, at 8 kHz.
pub(super) fn decimate(samples: &[i16], factor: usize) -> Vec<i16> {
    if factor <= 1 {
        return samples.to_vec();
    }
    let taps = low_pass(f64::from(RATE) * factor as f64);
    let half = taps.len() / 2;
    (0..samples.len() / factor)
        .map(|i| {
            let middle = i * factor;
            let first = middle.saturating_sub(half);
            let skipped = first + half - middle;
            let window = &samples[first..samples.len().min(middle + half + 1)];
            let sum: f32 = window.iter().zip(&taps[skipped..]).map(|(&s, &t)| f32::from(s) * t).sum();
            sum.round() as i16
        })
        .collect()
}

/// A windowed sinc with Kaiser's window, of odd length and unit gain.
fn low_pass(rate: f64) -> Vec<f32> {
    let beta = 0.1102 * (ATTENUATION - 8.7);
    let width = 2.0 * PI * (STOP - PASS) / rate;
    let half = ((ATTENUATION - 7.95) / (2.285 * width) / 2.0).ceil() as i32;
    let cut = (STOP + PASS) / 2.0 / rate;
    let taps: Vec<f64> = (-half..=half)
        .map(|n| {
            let x = 2.0 * cut * f64::from(n);
            let sinc = if n == 0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            let at = f64::from(n) / f64::from(half);
            sinc * bessel(beta * (1.0 - at * at).max(0.0).sqrt()) / bessel(beta)
        })
        .collect();
    let gain: f64 = taps.iter().sum();
    taps.into_iter().map(|tap| (tap / gain) as f32).collect()
}

/// The modified Bessel function of the first kind and order zero, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// The level after decimation of a sine of `hz` Hz, in dB against what went in.
    fn gain(hz: f64, factor: usize) -> f64 {
        let rate = f64::from(RATE) * factor as f64;
        let samples: Vec<i16> =
            (0..8_000 * factor).map(|i| ((TAU * hz * i as f64 / rate).sin() * 30_000.0).round() as i16).collect();
        let out = decimate(&samples, factor);
        assert_eq!(out.len(), 8_000);
        let middle = &out[1_000..7_000];
        let power: f64 = middle.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / middle.len() as f64;
        10.0 * (power.max(1e-9) / (30_000.0_f64.powi(2) / 2.0)).log10()
    }

    #[test]
    fn the_voice_passes_and_what_would_fold_back_does_not() {
        for factor in [2, 3, 4, 6] {
            for hz in [100.0, 300.0, 1_000.0, 2_500.0, 3_300.0] {
                assert!(gain(hz, factor).abs() < 0.1, "{factor} {hz}: {}", gain(hz, factor));
            }
            for hz in [4_050.0, 4_700.0, 5_500.0, 7_000.0, 7_900.0] {
                assert!(gain(hz, factor) < -50.0, "{factor} {hz}: {}", gain(hz, factor));
            }
        }
    }

    #[test]
    fn short_sounds_are_no_trouble() {
        for length in 0..20 {
            assert_eq!(decimate(&vec![100; length], 6).len(), length / 6);
        }
    }
}
