use std::f64::consts::TAU;

use super::RATE;

/// Says, block by block, whether one tone is there and how loud (Goertzel's filter).
#[derive(Clone, Debug)]
pub struct ToneDetector {
    coefficient: f64,
    block: usize,
    seen: usize,
    state: (f64, f64),
    energy: f64,
}

/// What one block holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// The level of the tone in dB below the loudest sine (0 is the loudest).
    pub level: f64,
    /// The part of the block's power that is the tone, 0 to 1.
    pub purity: f64,
}

impl Tone {
    /// Whether the tone is heard: most of the power, and above −45 dB.
    pub fn is_present(self) -> bool {
        self.purity > 0.5 && self.level > -45.0
    }
}

impl ToneDetector {
    /// Looks for `hz` Hz in blocks of 50 ms, which tells tones 40 Hz apart.
    pub fn new(hz: f64) -> Self {
        let block = RATE as usize / 20;
        Self { coefficient: 2.0 * (TAU * hz / f64::from(RATE)).cos(), block, seen: 0, state: (0.0, 0.0), energy: 0.0 }
    }

    /// Takes a sample at 8 kHz; a [`Tone`] at the end of each block.
    pub fn push(&mut self, sample: i16) -> Option<Tone> {
        let x = f64::from(sample) / f64::from(i16::MAX);
        self.energy += x * x;
        self.state = (x + self.coefficient * self.state.0 - self.state.1, self.state.0);
        self.seen += 1;
        if self.seen < self.block {
            return None;
        }
        let (s1, s2) = self.state;
        let magnitude = (s1 * s1 + s2 * s2 - self.coefficient * s1 * s2).max(0.0);
        let n = self.block as f64;
        // A sine of amplitude a has magnitude (a n / 2)² and energy a² n / 2.
        let amplitude = 2.0 * magnitude.sqrt() / n;
        let purity = if self.energy > 0.0 { (2.0 * magnitude / (n * self.energy)).min(1.0) } else { 0.0 };
        (self.seen, self.state, self.energy) = (0, (0.0, 0.0), 0.0);
        Some(Tone { level: 20.0 * amplitude.max(1e-9).log10(), purity })
    }

    /// The share of blocks of these samples in which the tone is heard, 0 to 1.
    pub fn share(hz: f64, samples: &[i16]) -> f64 {
        let mut detector = Self::new(hz);
        let blocks: Vec<Tone> = samples.iter().filter_map(|&s| detector.push(s)).collect();
        let heard = blocks.iter().filter(|tone| tone.is_present()).count();
        heard as f64 / blocks.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Clip, Law};
    use super::*;

    fn samples(hz: f64, level: f64) -> Vec<i16> {
        let clip = Clip::tone(hz, level, Duration::from_secs(1));
        clip.pcma.iter().map(|&b| Law::A.decode(b)).collect()
    }

    #[test]
    fn a_tone_is_heard_at_its_level_and_no_other_is() {
        let sound = samples(440.0, -10.0);
        let mut detector = ToneDetector::new(440.0);
        let tone = sound.iter().find_map(|&s| detector.push(s)).unwrap();
        assert!((tone.level - -13.14).abs() < 0.2, "{tone:?}");
        assert!(tone.purity > 0.99, "{tone:?}");
        assert_eq!(ToneDetector::share(440.0, &sound), 1.0);
        for other in [400.0, 480.0, 1_000.0] {
            assert_eq!(ToneDetector::share(other, &sound), 0.0, "{other}");
        }
    }

    #[test]
    fn silence_and_a_whisper_are_no_tone() {
        assert_eq!(ToneDetector::share(440.0, &[0; 8_000]), 0.0);
        assert_eq!(ToneDetector::share(440.0, &samples(440.0, -55.0)), 0.0);
    }
}
