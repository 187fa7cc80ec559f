//! Keys at the limits of Q.24. That speech and music are none is in `tests/talk_off.rs`.

use std::f64::consts::TAU;

use super::super::{Clip, Law};
use super::*;
use crate::base::Chance;

const ALL: &str = "123456789*0#";
const RUNS: u64 = 8;

/// How a key is pressed.
#[derive(Clone, Copy, Debug)]
struct Press {
    /// Of each tone, in dBm0.
    level: f64,
    /// What the column is louder than the row, in dB.
    twist: f64,
    /// Both frequencies are off by this part.
    off: f64,
    ms: usize,
    pause_ms: usize,
    /// Noise beside it, in dB below the fainter tone.
    noise: Option<f64>,
}

const USUAL: Press = Press { level: -10.0, twist: 0.0, off: 0.0, ms: 80, pause_ms: 80, noise: None };

fn amplitude(level: f64) -> f64 {
    32_767.0 * 10.0_f64.powf((level - LOUDEST) / 20.0)
}

/// Keys as they sound on an A-law line, beginning anywhere in a block.
fn pressed(keys: &str, press: Press, seed: u64) -> Vec<i16> {
    let mut chance = Chance::seeded(seed);
    let mut sound = vec![0.0; 300 + chance.below(BLOCK)];
    for key in keys.chars() {
        let place = KEYS.iter().position(|&k| char::from(k) == key).unwrap();
        let (low, high) =
            (amplitude(press.level - press.twist.max(0.0)), amplitude(press.level + press.twist.min(0.0)));
        let turn =
            |hz: f32, t: usize| (TAU * f64::from(hz) * (1.0 + press.off) * t as f64 / 8_000.0 + seed as f64).sin();
        sound.extend((0..press.ms * 8).map(|t| low * turn(TONES[place / 4], t) + high * turn(TONES[4 + place % 4], t)));
        sound.extend(vec![0.0; press.pause_ms * 8]);
    }
    if let Some(below) = press.noise {
        let peak = amplitude(press.level - press.twist.abs() - below) * 1.5_f64.sqrt();
        sound.iter_mut().for_each(|sample| *sample += (chance.below(20_001) as f64 / 10_000.0 - 1.0) * peak);
    }
    sound.extend([0.0; 400]);
    let line = |sample: &f64| Law::A.decode(Law::A.encode(sample.clamp(-32_767.0, 32_767.0) as i16));
    sound.iter().map(line).collect()
}

fn heard(sound: &[i16]) -> String {
    let mut tones = KeyTones::default();
    sound.chunks(160).filter_map(|packet| tones.push(packet.iter().copied())).map(Digit::as_char).collect()
}

/// Which part of so many runs of all keys was heard as it was pressed.
fn share(press: Press) -> f64 {
    let right: usize = (0..RUNS).map(|seed| usize::from(heard(&pressed(ALL, press, seed)) == ALL)).sum();
    right as f64 / RUNS as f64
}

#[test]
fn every_key_is_heard_once_at_every_level_twist_and_offset_that_is_asked_for() {
    for level in [-3.0, -10.0, -20.0, -25.0, -30.0] {
        assert_eq!(share(Press { level, ..USUAL }), 1.0, "{level} dBm0");
    }
    for twist in [-8.0, -6.0, -4.0, 4.0, 6.0, 8.0] {
        assert_eq!(share(Press { twist, ..USUAL }), 1.0, "{twist} dB of twist");
    }
    for off in [-0.018, -0.015, 0.015, 0.018] {
        assert_eq!(share(Press { off, ..USUAL }), 1.0, "{off} off");
    }
    for (ms, pause_ms) in [(40, 40), (50, 40), (40, 60), (100, 100), (500, 40)] {
        assert_eq!(share(Press { ms, pause_ms, ..USUAL }), 1.0, "{ms} ms, then {pause_ms}");
    }
    let hard = Press { level: -25.0, twist: 6.0, off: 0.015, ms: 50, pause_ms: 40, noise: None };
    assert_eq!(share(hard), 1.0, "all of it at once");
}

#[test]
fn keys_are_heard_through_noise() {
    for (noise, ms) in [(20.0, 40), (15.0, 60), (12.0, 100)] {
        assert!(share(Press { noise: Some(noise), ms, ..USUAL }) >= 0.85, "{noise} dB, {ms} ms");
    }
}

#[test]
fn what_is_too_short_too_faint_off_or_twisted_is_no_key() {
    for wrong in [
        Press { ms: 20, ..USUAL },
        Press { level: -45.0, ..USUAL },
        Press { off: 0.035, ..USUAL },
        Press { off: -0.035, ..USUAL },
        Press { twist: 15.0, ..USUAL },
        Press { twist: -15.0, ..USUAL },
    ] {
        assert_eq!(heard(&pressed(ALL, wrong, 1)), "", "{wrong:?}");
    }
}

#[test]
fn a_press_that_is_interrupted_for_a_moment_is_one_and_the_same_key_again_is_two() {
    let one = |gap: usize, seed| {
        let mut sound = pressed("5", Press { ms: 200, ..USUAL }, seed);
        sound[1_100..1_100 + gap].fill(0);
        heard(&sound)
    };
    for seed in 0..RUNS {
        assert_eq!((one(0, seed), one(40, seed), one(80, seed)), ("5".into(), "5".into(), "5".into()), "{seed}");
        assert_eq!(heard(&pressed("1100", Press { ms: 50, pause_ms: 40, ..USUAL }, seed)), "1100");
    }
}

#[test]
fn one_tone_alone_and_a_dial_tone_are_no_key() {
    for hz in [350.0, 425.0, 440.0, 697.0, 852.0, 1_209.0, 1_477.0, 2_100.0] {
        let clip = Clip::tone(hz, -10.0, std::time::Duration::from_secs(1));
        assert_eq!(heard(&clip.pcma.iter().map(|&b| Law::A.decode(b)).collect::<Vec<_>>()), "", "{hz} Hz");
    }
}
