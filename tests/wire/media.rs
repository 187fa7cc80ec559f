//! What is heard, judged by recordings.

use std::process::Command;

use super::service::{OPEN, Service};
use svi::media::ToneDetector;

/// `svi call` to a number; its report.
pub(crate) fn call(service: &Service, number: &str, more: &[&str]) -> serde_json::Value {
    let to = format!("sip:{number}@{}", service.sip);
    let out = Command::new(env!("CARGO_BIN_EXE_svi")).args(["call", &to, "--json"]).args(more).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The samples of a WAV file, and their root mean square.
pub(crate) fn samples(path: &std::path::Path) -> Vec<i16> {
    let file = hound::WavReader::open(path).unwrap();
    // Phones record at their codec's rate, some with two channels: tones stay what they are.
    let step = file.spec().sample_rate as usize / 8_000 * usize::from(file.spec().channels);
    file.into_samples::<i16>().map(Result::unwrap).step_by(step).collect()
}

/// The share of a recording's blocks of 50 ms in which a tone is there.
pub(crate) fn share_of_tone(samples: &[i16], hertz: f64) -> f64 {
    let mut detector = ToneDetector::new(hertz);
    let blocks: Vec<_> = samples.iter().filter_map(|sample| detector.push(*sample)).collect();
    let with = blocks.iter().filter(|tone| tone.is_present()).count();
    with as f64 / blocks.len().max(1) as f64
}

#[test]
fn the_softphone_hears_speech_without_loss() {
    let service = Service::start(OPEN);
    let wav = service.path("heard.wav");
    let report = call(&service, "100", &["--seconds", "4", "--record", wav.to_str().unwrap()]);
    assert_eq!(report["answered"], true, "{report}");
    assert_eq!(report["media"]["lost"], 0, "{report}");
    assert!(report["media"]["received"].as_u64().unwrap() > 150, "{report}");
    let samples = samples(&wav);
    let energy = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    assert!(energy.sqrt() > 300.0, "what was heard is not silence: RMS {}", energy.sqrt());
}

#[test]
fn a_key_stops_the_prompt_and_leads_on() {
    let service = Service::start(OPEN);
    let report = call(&service, "100", &["--keys", "1s:2", "--seconds", "4"]);
    assert_eq!(report["answered"], true, "{report}");
    let record = &service.records_of(1)[0];
    let steps = record["steps"].as_array().unwrap();
    assert!(steps.iter().any(|s| s["what"] == "step infos"), "{record}");
}
