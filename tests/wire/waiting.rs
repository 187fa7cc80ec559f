//! Waiting: music, ranks, and an agent who puts the caller on hold.

use std::path::Path;
use std::time::Duration;

use super::baresip::Phone;
use super::media::{call, samples, share_of_tone};
use super::service::{OPEN, Service, story};

const SOON: Duration = Duration::from_secs(30);

/// Agents who are left in peace for a second only.
const QUICK_QUEUE: &str =
    "agents: { members: [amina, bruno], ring: 20s, wrap_up: 1s, music: attente, at_closing: serve }\n";

/// Lets a time pass, as a part of what is tested (a talk of three seconds).
fn pass(service: &Service, seconds: u64) {
    let began = std::time::Instant::now();
    service.until("time passes", Duration::from_secs(seconds + 5), || began.elapsed().as_secs() >= seconds);
}

/// The root mean square of each quarter of a second.
fn loudness(samples: &[i16]) -> Vec<f64> {
    let power = |block: &[i16]| block.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / block.len() as f64;
    samples.chunks_exact(2_000).map(|block| power(block).sqrt()).collect()
}

#[test]
fn who_waits_hears_music() {
    let service = Service::start(OPEN);
    let _amina = Phone::manual_agent(&service, "amina", 600);
    let wav = service.path("waiting.wav");
    let record = ["--keys", "1s:0", "--seconds", "16", "--record", wav.to_str().unwrap()];
    let report = call(&service, "100", &record);
    assert_eq!(report["answered"], true, "{report}");
    let heard = samples(&wav);
    let last = loudness(&heard[heard.len() - 4 * 8_000..]);
    assert!(last.iter().all(|rms| *rms > MUSIC), "music goes on without a gap: {last:?}");
}

/// What is quieter than this for a quarter of a second is no music.
const MUSIC: f64 = 60.0;

#[test]
fn who_waits_is_told_the_rank_and_again_when_it_has_changed() {
    let service = Service::of(OPEN, &[("queues.yaml", QUICK_QUEUE)], "");
    let _amina = Phone::agent(&service, "amina", 600);
    let talking = Phone::citizen(&service, 1000);
    talking.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    let first = Phone::caller(&service, "first", "0698765432", 1100);
    first.ask_for_an_agent(&service, 2);
    service.until("the first waits", SOON, || service.log().matches("joined france-services/agents at 1").count() == 2);
    let second = Phone::caller(&service, "second", "0711223344", 1200);
    second.ask_for_an_agent(&service, 3);
    service.until_log("joined france-services/agents at 2", SOON);
    talking.command("hangup", "");
    service.until("amina has the first", SOON, || service.log().matches("connected amina").count() == 2);
    // A change is not told sooner than 30 s after the last time.
    pass(&service, 31);
    second.command("hangup", "");
    let record = &service.records_of(2)[1];
    assert_eq!(record["rank"], 2);
    assert_eq!(record["told_ranks"], serde_json::json!([2, 1]), "{:?}", story(record));
    first.command("hangup", "");
    assert_eq!(service.records_of(3)[2]["told_ranks"], serde_json::json!([1]));
}

#[test]
fn hash_while_waiting_tells_the_place_again() {
    let service = Service::start(OPEN);
    let _amina = Phone::manual_agent(&service, "amina", 600);
    let report = call(&service, "100", &["--keys", "1s:0,9s:#", "--seconds", "13"]);
    assert_eq!(report["answered"], true, "{report}");
    let record = &service.records_of(1)[0];
    assert_eq!(record["told_ranks"], serde_json::json!([1, 1]), "{:?}", story(record));
}

#[test]
fn an_announcement_stops_the_moment_an_agent_answers() {
    let queue = "agents: { members: [amina], whisper: false, at_closing: serve }\n";
    let service = Service::of(OPEN, &[("queues.yaml", queue)], "");
    let _amina = Phone::agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    pass(&service, 4);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    let at =
        |line: &str| record["steps"].as_array().unwrap().iter().find(|s| s["what"] == line).unwrap()["at_ms"].as_u64();
    let (joined, connected) = (at("joined france-services/agents at 1"), at("connected amina"));
    let words = connected.unwrap() - joined.unwrap();
    assert!(words < 3_000, "amina answered while the first words were said: {words} ms");
    let recorded = || citizen.heard().map(|path| samples(&path)).unwrap_or_default();
    service.until("the phone has closed its recording", SOON, || !recorded().is_empty());
    let heard = stretches(&recorded(), 600.0);
    let shown: Vec<(bool, usize)> = heard.iter().map(|(tone, samples)| (*tone, samples.len())).collect();
    assert!(
        matches!(shown[..], [.., (true, 24_000..)]),
        "her voice alone, for the four seconds: {shown:?} (tone, samples)"
    );
}

/// The stretches of at least a second in which a tone is there (true) or not, with
/// the samples of each.
fn stretches(samples: &[i16], hertz: f64) -> Vec<(bool, Vec<i16>)> {
    let mut out: Vec<(bool, Vec<i16>)> = Vec::new();
    for second in samples.chunks_exact(4_000) {
        let there = share_of_tone(second, hertz) > 0.5;
        match out.last_mut() {
            Some((was, samples)) if *was == there => samples.extend_from_slice(second),
            _ => out.push((there, second.to_vec())),
        }
    }
    out.retain(|(_, samples)| samples.len() >= 8_000);
    out
}

#[test]
fn whom_an_agent_puts_on_hold_hears_music_and_then_the_agent_again() {
    let service = Service::start(OPEN);
    let amina = Phone::agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    pass(&service, 3);
    amina.command("hold", "");
    service.until_log("held by agent", SOON);
    pass(&service, 5);
    amina.command("resume", "");
    service.until_log("resumed by agent", SOON);
    pass(&service, 3);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"]["by"], "caller");
    let heard = samples(Path::new(&citizen.heard().expect("the citizen's phone has recorded")));
    let heard = stretches(&heard, 600.0);
    let [.., (true, _), (false, held), (true, _)] = heard.as_slice() else {
        let shown: Vec<(bool, usize)> = heard.iter().map(|(tone, samples)| (*tone, samples.len() / 8_000)).collect();
        panic!("the agent, something else, the agent again: {shown:?} (tone, seconds)");
    };
    let inner = &held[4_000..held.len() - 4_000];
    let music = loudness(inner);
    assert!(music.iter().all(|rms| *rms > MUSIC), "music while on hold: {music:?}");
}
