use std::f32::consts::TAU;

use super::clip::LOUDEST;
use crate::base::Digit;

/// Hears keys that are pressed as tones (ITU-T Q.23) in sound at 8 kHz, by the measures of
/// Q.24: each is told once, 26 to 32 ms after it began.
///
/// Blocks of 102 samples, half over each other, go through Goertzel's filter at the eight
/// frequencies. Blocks in a row that agree are a key when two tones and nothing else are
/// there, without harmonics, and when the phase moves on from block to block
/// as that of those very frequencies does: a voice hardly ever does all of it.
#[derive(Clone, Debug)]
pub struct KeyTones {
    /// The samples of the block that is being filled.
    block: [f32; BLOCK],
    filled: usize,
    /// What the last block had.
    last: Option<Hit>,
    /// Blocks in a row that had the same.
    agreed: u8,
    /// The key that is down.
    down: Option<Digit>,
    /// Blocks without it since.
    missed: u8,
}

/// Two tones in one block.
#[derive(Clone, Copy, Debug)]
struct Hit {
    digit: Digit,
    /// The phases of both at the block's end.
    phases: [f32; 2],
    /// Their powers.
    powers: [f32; 2],
    /// The power of the block.
    all: f32,
}

/// One frequency in one block.
#[derive(Clone, Copy, Debug, Default)]
struct Tone {
    power: f32,
    phase: f32,
}

/// 12.75 ms: a tone of 40 ms has four blocks of its own at least.
const BLOCK: usize = 102;
const HOP: usize = BLOCK / 2;
const RATE: f32 = 8_000.0;
/// Rows and columns of the keypad, in Hz (Q.23).
const TONES: [f32; 8] = [697.0, 770.0, 852.0, 941.0, 1_209.0, 1_336.0, 1_477.0, 1_633.0];
const KEYS: [u8; 16] = *b"123A456B789C*0#D";
/// The faintest tone, in dBm0: Q.24 asks for −25 at least.
const FAINTEST: f32 = -36.0;
/// One tone may be this much louder than the other, in dB, as a block shows it: Q.24, annex A,
/// asks for 8 at most, and what is seen of the fainter one beside the other is off by 2.
const TWIST: f32 = 10.5;
/// The two tones have this share of all power at least.
const PURE: f32 = 0.90;
/// The same as the filters show it: 1.8 % beside its place, a tone shows two thirds of its own.
const PURE_AS_SHOWN: f32 = 0.65;
/// Other rows, and other columns, are fainter by this factor; what a block of this length
/// shows beside a tone at 8 dB of twist is.
const CLEAR: f32 = 2.5;
/// A harmonic as strong as this is a voice's.
const HARMONIC: f32 = 0.03;
/// A block tells tones from each other that are this far apart, in Hz.
const APART: f32 = 250.0;
/// Q.24: 1.5 % off is the key, 3.5 % off is not.
const OFF: f32 = 0.022;
/// From one block to the next, a key's tones change less than this factor.
const STEADY: f32 = 2.5;
/// So many blocks must agree.
const ENOUGH: u8 = 4;
/// A key is up after so many blocks without it: 26 ms; an interruption of 10 ms has three.
const UP: u8 = 4;

impl Default for KeyTones {
    fn default() -> Self {
        Self { block: [0.0; BLOCK], filled: 0, last: None, agreed: 0, down: None, missed: 0 }
    }
}

impl KeyTones {
    /// Takes samples; a key that is known now to be pressed. Of two in one packet, which no
    /// thumb can do, the last.
    pub fn push(&mut self, samples: impl IntoIterator<Item = i16>) -> Option<Digit> {
        let mut pressed = None;
        for sample in samples {
            self.block[self.filled] = f32::from(sample);
            self.filled += 1;
            if self.filled == BLOCK {
                pressed = self.judge().or(pressed);
                self.block.copy_within(HOP.., 0);
                self.filled = BLOCK - HOP;
            }
        }
        pressed
    }

    /// What a block that is full says.
    fn judge(&mut self) -> Option<Digit> {
        let hit = self.hit();
        let goes_on = matches!((self.last, hit), (Some(last), Some(hit)) if last.goes_on(&hit));
        self.agreed = match hit {
            Some(_) if goes_on => self.agreed.saturating_add(1),
            Some(_) => 1,
            None => 0,
        };
        self.last = hit;
        if self.down.is_some() && self.down == hit.map(|hit| hit.digit) {
            self.missed = 0;
            return None;
        }
        self.missed = self.missed.saturating_add(1);
        if self.missed >= UP {
            self.down = None;
        }
        let digit = hit.filter(|_| self.agreed >= ENOUGH)?.digit;
        self.down = Some(digit);
        self.missed = 0;
        Some(digit)
    }

    /// The two tones of the block, if it has two and nothing else.
    fn hit(&self) -> Option<Hit> {
        let all: f32 = self.block.iter().map(|x| x * x).sum();
        // A sine of amplitude a has the energy a² n ÷ 2.
        let faintest = f32::from(i16::MAX) * 10.0_f32.powf((FAINTEST - LOUDEST as f32) / 20.0);
        let least = faintest * faintest / 2.0 * BLOCK as f32;
        if all < 2.0 * least {
            return None;
        }
        let tones = goertzel(&self.block, TONES);
        let (row, low) = strongest(&tones[..4])?;
        let (column, high) = strongest(&tones[4..])?;
        let twist = 10.0 * (high.power / low.power).log10();
        let is_key = low.power.min(high.power) >= least
            && twist.abs() <= TWIST
            && low.power + high.power >= PURE_AS_SHOWN * all
            && self.is_no_voice(TONES[row], low.power, TONES[4 + column])
            && self.is_no_voice(TONES[4 + column], high.power, TONES[row]);
        let digit = Digit::from_char(char::from(KEYS[row * 4 + column])).filter(|_| is_key)?;
        Some(Hit { digit, phases: [low.phase, high.phase], powers: [low.power, high.power], all })
    }

    /// Whether a tone has no second or third harmonic. Where one would be beside the other
    /// tone, as the second ones of rows are beside columns, a block of this length can't tell.
    fn is_no_voice(&self, hz: f32, power: f32, other: f32) -> bool {
        let mut harmonics = [2.0 * hz, 3.0 * hz].into_iter().filter(|harmonic| *harmonic < RATE / 2.0);
        harmonics.all(|harmonic| {
            (harmonic - other).abs() < APART || goertzel(&self.block, [harmonic])[0].power < HARMONIC * power
        })
    }
}

impl Hit {
    /// Whether the next block has the same key, as loud, its tones at their places, and
    /// nothing beside them.
    fn goes_on(&self, next: &Self) -> bool {
        let Some(key) = KEYS.iter().position(|key| char::from(*key) == next.digit.as_char()) else { return false };
        let mut both = 0.0;
        for (i, hz) in [TONES[key / 4], TONES[4 + key % 4]].into_iter().enumerate() {
            let ratio = next.powers[i] / self.powers[i];
            let moved = next.phases[i] - self.phases[i] - TAU * hz * HOP as f32 / RATE;
            let off = (moved / TAU - (moved / TAU).round()) * RATE / HOP as f32;
            if !(1.0 / STEADY..=STEADY).contains(&ratio) || off.abs() > OFF * hz {
                return false;
            }
            // A tone beside the filter's place shows less of itself.
            let turn = (TAU / 2.0 * off * BLOCK as f32 / RATE).abs().max(1e-3);
            both += next.powers[i] * (turn / turn.sin()).powi(2);
        }
        self.digit == next.digit && both >= PURE * next.all
    }
}

/// Energy and phase at these frequencies.
fn goertzel<const N: usize>(block: &[f32; BLOCK], hz: [f32; N]) -> [Tone; N] {
    let turns = hz.map(|hz| TAU * hz / RATE);
    let coefficients = turns.map(|turn| 2.0 * turn.cos());
    let (mut s1, mut s2) = ([0.0_f32; N], [0.0_f32; N]);
    for &x in block {
        for i in 0..N {
            let s0 = x + coefficients[i] * s1[i] - s2[i];
            s2[i] = s1[i];
            s1[i] = s0;
        }
    }
    let mut tones = [Tone::default(); N];
    for (i, tone) in tones.iter_mut().enumerate() {
        let (real, imaginary) = (s1[i] - s2[i] * turns[i].cos(), s2[i] * turns[i].sin());
        // A sine of amplitude a has (a n ÷ 2)² here: this makes it the energy a² n ÷ 2.
        tone.power = (real * real + imaginary * imaginary) * 2.0 / BLOCK as f32;
        tone.phase = imaginary.atan2(real);
    }
    tones
}

/// The strongest of four, with its place, where the others are much fainter.
fn strongest(tones: &[Tone]) -> Option<(usize, Tone)> {
    let (place, best) = tones.iter().copied().enumerate().max_by(|a, b| a.1.power.total_cmp(&b.1.power))?;
    let is_clear = tones.iter().enumerate().all(|(i, tone)| i == place || tone.power * CLEAR < best.power);
    is_clear.then_some((place, best))
}

#[cfg(test)]
mod tests;
