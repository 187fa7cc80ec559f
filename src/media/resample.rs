//! From a master's rate down to 8 kHz: a low-pass, then every n-th sample; and from 8 kHz
//! up to 16 kHz: a sample between any two.

use std::f64::consts::PI;

use super::{FRAME, RATE};

/// Up to here the voice passes, in Hz: the band of the telephone.
const PASS: f64 = 3_400.0;
/// From here nothing passes, in Hz: what lies above would fold back into the voice.
const STOP: f64 = 4_000.0;
/// How far down what does not pass lies, in dB.
const ATTENUATION: f64 = 65.0;

/// Turns samples at a multiple of 8 kHz into samples at 8 kHz, as they come: it holds
/// no more of them than its filter sees at once and the piece that is being taken.
#[derive(Debug)]
pub(super) struct Decimator {
    factor: usize,
    /// The filter; empty at 8 kHz, where nothing is filtered.
    taps: Vec<f32>,
    /// What the next samples are made of.
    window: Vec<f32>,
    /// How many samples the window's first one has before it.
    first: usize,
    /// How many samples have been made.
    made: usize,
}

impl Decimator {
    /// For samples at `factor` times 8 kHz.
    pub(super) fn new(factor: usize) -> Self {
        let taps = if factor > 1 { low_pass(f64::from(RATE) * factor as f64) } else { Vec::new() };
        Self { factor, taps, window: Vec::new(), first: 0, made: 0 }
    }

    /// Takes a piece and gives `out` what can be made now.
    pub(super) fn push(&mut self, piece: &[i16], out: &mut impl FnMut(i16)) {
        if self.taps.is_empty() {
            piece.iter().for_each(|&sample| out(sample));
            return;
        }
        self.window.extend(piece.iter().map(|&sample| f32::from(sample)));
        let seen = self.first + self.window.len();
        while self.made * self.factor + self.taps.len() / 2 < seen {
            out(self.next());
        }
        let done = (self.made * self.factor).saturating_sub(self.taps.len() / 2).min(seen) - self.first;
        self.window.drain(..done);
        self.first += done;
    }

    /// Gives the rest: as if silence followed.
    pub(super) fn finish(mut self, out: &mut impl FnMut(i16)) {
        let total = (self.first + self.window.len()) / self.factor;
        while !self.taps.is_empty() && self.made < total {
            out(self.next());
        }
    }

    fn next(&mut self) -> i16 {
        let half = self.taps.len() / 2;
        let middle = self.made * self.factor;
        let start = middle.saturating_sub(half);
        let skipped = start + half - middle;
        let end = self.window.len().min(middle + half + 1 - self.first);
        self.made += 1;
        dot(&self.window[start - self.first..end], &self.taps[skipped..]).round() as i16
    }
}

/// Turns samples at 8 kHz into samples at 16 kHz, as they come, 1 ms later.
#[derive(Debug)]
pub(super) struct Doubler {
    /// What each sample beside the one that is made is worth, the nearest first.
    taps: [f32; BESIDE],
    /// What came last, then the piece that is being taken.
    window: [f32; BEFORE + FRAME],
}

/// Samples on either side that one in between is made of.
const BESIDE: usize = 8;
const BEFORE: usize = 2 * BESIDE - 1;

impl Default for Doubler {
    fn default() -> Self {
        let mut taps = [0.0; BESIDE];
        for (i, tap) in taps.iter_mut().enumerate() {
            let away = i as f64 + 0.5;
            let sinc = (PI * away).sin() / (PI * away);
            *tap = (sinc * (PI * away / (2.0 * BESIDE as f64 + 1.0)).cos().powi(2)) as f32;
        }
        let gain: f32 = 2.0 * taps.iter().sum::<f32>();
        taps.iter_mut().for_each(|tap| *tap /= gain);
        Self { taps, window: [0.0; BEFORE + FRAME] }
    }
}

impl Doubler {
    /// Takes at most 20 ms and writes twice as many samples to `out`.
    pub(super) fn double(&mut self, samples: &[i16], out: &mut [i16]) {
        let count = samples.len().min(FRAME);
        for (place, &sample) in self.window[BEFORE..].iter_mut().zip(samples) {
            *place = f32::from(sample);
        }
        for (pair, window) in out.chunks_exact_mut(2).zip(self.window.windows(BEFORE + 1)).take(count) {
            let (before, after) = window.split_at(BESIDE);
            let between = self.taps.iter().zip(before.iter().rev().zip(after));
            pair[0] = before[BESIDE - 1] as i16;
            pair[1] = between.map(|(tap, (one, other))| tap * (one + other)).sum::<f32>().round() as i16;
        }
        self.window.copy_within(count..count + BEFORE, 0);
    }
}

/// The sum of the products, in lanes that the processor can work on at once.
fn dot(samples: &[f32], taps: &[f32]) -> f32 {
    let (samples, rest) = samples.as_chunks::<LANES>();
    let (taps, taps_rest) = taps.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (samples, taps) in samples.iter().zip(taps) {
        for lane in 0..LANES {
            sums[lane] += samples[lane] * taps[lane];
        }
    }
    let rest: f32 = match taps.get(samples.len()) {
        // Where the sound ends within the filter, taps are left over.
        Some(next) => rest.iter().zip(next).map(|(sample, tap)| sample * tap).sum(),
        None => rest.iter().zip(taps_rest).map(|(sample, tap)| sample * tap).sum(),
    };
    sums.iter().sum::<f32>() + rest
}

const LANES: usize = 8;

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

    /// The samples at 8 kHz, taken in pieces of so many.
    fn decimated(samples: &[i16], factor: usize, piece: usize) -> Vec<i16> {
        let (mut decimator, mut out) = (Decimator::new(factor), Vec::new());
        samples.chunks(piece.max(1)).for_each(|piece| decimator.push(piece, &mut |sample| out.push(sample)));
        decimator.finish(&mut |sample| out.push(sample));
        out
    }

    /// The level after decimation of a sine of `hz` Hz, in dB against what went in.
    fn gain(hz: f64, factor: usize) -> f64 {
        let rate = f64::from(RATE) * factor as f64;
        let samples: Vec<i16> =
            (0..8_000 * factor).map(|i| ((TAU * hz * i as f64 / rate).sin() * 30_000.0).round() as i16).collect();
        let out = decimated(&samples, factor, samples.len());
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
            assert_eq!(decimated(&vec![100; length], 6, length).len(), length / 6);
        }
    }

    #[test]
    fn the_size_of_the_pieces_changes_nothing() {
        let samples: Vec<i16> = (0..5_000).map(|i: i32| (i * i % 20_011 - 10_000) as i16).collect();
        for factor in [1, 2, 3, 6] {
            let whole = decimated(&samples, factor, samples.len());
            for piece in [1, 7, 160, 1_000] {
                assert_eq!(decimated(&samples, factor, piece), whole, "{factor} {piece}");
            }
        }
    }

    #[test]
    fn doubled_the_voice_stays_and_nothing_is_heard_above_it() {
        for hz in [200.0, 1_000.0, 3_000.0] {
            let samples: Vec<i16> =
                (0..4_000).map(|i| ((TAU * hz * f64::from(i) / 8_000.0).sin() * 20_000.0) as i16).collect();
            let (mut doubler, mut out) = (Doubler::default(), vec![0; 8_000]);
            for (piece, out) in samples.chunks(100).zip(out.chunks_mut(200)) {
                doubler.double(piece, out);
            }
            // The same sine, 1 ms later: what is not it has folded up.
            let off = |(i, &sample): (usize, &i16)| {
                (f64::from(sample) - (TAU * hz * (i as f64 - 16.0) / 16_000.0).sin() * 20_000.0).abs()
            };
            let worst = out.iter().enumerate().skip(100).map(off).fold(0.0, f64::max);
            assert!(worst < 300.0, "{hz}: {worst}");
        }
    }
}
