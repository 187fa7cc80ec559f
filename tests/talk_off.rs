//! Speech, music and noise are no keys: what is heard of the repository's own prompts and
//! music, and of sound made from them. The figures are in docs/performance.md.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]
#![allow(clippy::print_stdout, reason = "the figures of the note")]
#![allow(clippy::disallowed_methods, reason = "the cost of a packet is measured by the machine's clock")]

use std::f64::consts::TAU;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use svi::base::{Chance, Digit};
use svi::media::{Clip, KeyTones, Law};

fn heard(sound: &[i16]) -> String {
    let mut tones = KeyTones::default();
    sound.chunks(160).filter_map(|packet| tones.push(packet.iter().copied())).map(Digit::as_char).collect()
}

/// The clips of a folder of the repository, as samples at 8 kHz, one after the other.
fn clips(folder: &str, most: usize) -> Vec<i16> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts").join(folder);
    let mut files: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "wav"));
    files.sort();
    let clip = |path: &PathBuf| Clip::from_wav("", File::open(path).unwrap()).unwrap().pcma;
    files.iter().take(most).flat_map(clip).map(|byte| Law::A.decode(byte)).collect()
}

/// A voice that speaks faster and higher, or slower and lower.
fn pitched(sound: &[i16], factor: f64) -> Vec<i16> {
    (0..(sound.len() as f64 / factor) as usize - 1)
        .map(|i| {
            let at = i as f64 * factor;
            let (one, part) = (at as usize, at.fract());
            let next = f64::from(sound[(one + 1).min(sound.len() - 1)]);
            (f64::from(sound[one]) * (1.0 - part) + next * part) as i16
        })
        .collect()
}

/// Several who talk at once.
fn babble(sound: &[i16], voices: usize) -> Vec<i16> {
    let apart = sound.len() / voices;
    (0..sound.len())
        .map(|i| {
            let sum: i32 = (0..voices).map(|voice| i32::from(sound[(i + voice * apart) % sound.len()])).sum();
            (sum / 2).clamp(-32_768, 32_767) as i16
        })
        .collect()
}

/// Chords of three with harmonics, in the range of the keys, a note each 120 ms.
fn chords(seconds: usize, chance: &mut Chance) -> Vec<i16> {
    let mut sound = Vec::with_capacity(seconds * 8_000);
    while sound.len() < seconds * 8_000 {
        let notes: Vec<f64> = (0..3).map(|_| 220.0 * 2.0_f64.powf(chance.below(36) as f64 / 12.0)).collect();
        sound.extend((0..960).map(|t| {
            let t = t as f64 / 8_000.0;
            let note = |hz: &f64| (1..4).map(|n| (TAU * hz * f64::from(n) * t).sin() / f64::from(n * n)).sum::<f64>();
            (notes.iter().map(note).sum::<f64>() * 5_000.0 * (-6.0 * t).exp()) as i16
        }));
    }
    sound
}

/// Sound that is no key, with the kind of each part.
fn others(hour: bool) -> Vec<(&'static str, Vec<i16>)> {
    let mut chance = Chance::seeded(9);
    let most = if hour { usize::MAX } else { 15 };
    let (french, english, music) = (clips("fr", most), clips("en", most), clips("music", 3));
    let mut noise = |samples: usize| (0..samples).map(|_| (chance.below(12_001) as i32 - 6_000) as i16).collect();
    let (white, loud): (Vec<i16>, Vec<i16>) = (noise(french.len()), noise(if hour { 4_800_000 } else { 8_000 }));
    let noisy = french.iter().zip(white.iter().cycle()).map(|(&s, &n)| s.saturating_add(n / 20)).collect();
    let mut all = vec![
        ("babble of four", babble(&french, 4)),
        ("speech in noise", noisy),
        ("noise", loud),
        ("music", music),
        ("chords", chords(if hour { 600 } else { 10 }, &mut chance)),
    ];
    if hour {
        all.push(("babble of two", babble(&english, 2)));
    }
    all.extend([("French speech", french), ("English speech", english)]);
    all
}

/// The whole of it is two hours: `SVI_HOUR=1 cargo test --test talk_off -- --nocapture`.
#[test]
fn speech_music_and_noise_are_no_keys() {
    let hour = std::env::var_os("SVI_HOUR").is_some();
    let (mut seconds, mut all) = (0, String::new());
    for (kind, sound) in others(hour) {
        let keys = heard(&sound);
        println!("{kind}: {} s, {} keys {keys}", sound.len() / 8_000, keys.len());
        seconds += sound.len() / 8_000;
        all.push_str(&keys);
    }
    assert_eq!(all, "", "keys that nobody pressed");
    assert!(if hour { seconds >= 3_600 } else { seconds >= 60 }, "{seconds}");
}

/// Voices that no engine has: higher, lower, faster and slower ones, four hours of them.
#[test]
#[ignore = "takes minutes"]
fn voices_at_other_pitches_hardly_ever_press_a_key() {
    let (mut seconds, mut all) = (0, String::new());
    for sound in ["fr", "en"].map(|language| clips(language, usize::MAX)) {
        for factor in [0.8, 0.85, 0.9, 1.1, 1.18, 1.25, 1.4, 1.6] {
            let keys = heard(&pitched(&sound, factor));
            println!("at {factor}: {} keys {keys}", keys.len());
            seconds += (sound.len() as f64 / factor) as usize / 8_000;
            all.push_str(&keys);
        }
    }
    assert!(all.len() <= 1 + seconds / 10_000, "{all} in {seconds} s");
}

/// What a packet costs: `cargo test --release --test talk_off -- --nocapture --ignored`.
#[test]
#[ignore = "a measurement"]
#[allow(clippy::disallowed_methods, reason = "what is measured takes real time")]
fn a_packet_costs() {
    let sound = clips("fr", 100);
    let began = Instant::now();
    let keys = heard(&sound);
    let took = began.elapsed().as_secs_f64() * 1e6 / (sound.len() as f64 / 160.0);
    println!("{took:.2} µs a packet of 20 ms, {} keys", keys.len());
}
