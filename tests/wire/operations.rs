//! What an operator sees: the greeting, health, metrics, draining, refusals.

use std::process::Command;
use std::time::Duration;

use super::service::{OPEN, Service};
use super::sipp::Sipp;

#[test]
fn health_readiness_and_metrics_answer() {
    let service = Service::start(OPEN);
    assert_eq!(service.get("/healthz").0, 200);
    assert_eq!(service.get("/readyz").0, 200);
    let (status, body) = service.get("/metrics");
    assert_eq!(status, 200);
    assert!(body.contains("svi_calls_active") && body.contains("svi_media_skipped_rounds_total"), "{body}");
}

#[test]
fn what_only_the_start_needed_is_let_go_and_callers_are_answered_as_before() {
    let service = Service::start(OPEN);
    let (mut most, mut now) = (0, 0);
    service.until("the memory at rest is less than the start's", Duration::from_secs(20), || {
        now = service.memory_kib();
        most = most.max(now);
        now < most * 4 / 5
    });
    println!("{most} KiB after the start, then {now}");
    Sipp::new(&service, "answer", "100").args(&["-m", "1"]).start().succeed();
}

#[test]
fn the_greeting_says_what_is_answered_where_and_how_to_try_it() {
    let service = Service::start(OPEN);
    // Its lines come one by one.
    let mut all = String::new();
    service.until("it is said how to try it", Duration::from_secs(10), || {
        all.extend(service.greeting.try_iter().map(|line| line + "\n"));
        all.contains("call sip:")
    });
    assert!(all.contains("100") && all.contains("200"), "{all}");
    assert!(all.contains(&service.sip.to_string()) && all.contains(&service.http.to_string()), "{all}");
}

#[test]
fn sigterm_lets_the_call_end_and_takes_no_new_one() {
    let mut service = Service::start(OPEN);
    let caller = Sipp::new(&service, "answer", "100").args(&["-m", "1"]).start();
    service.until("a call is up", Duration::from_secs(10), || service.metric("svi_calls_active") == 1.0);
    service.until("sound is sent", Duration::from_secs(5), || service.metric("svi_media_sent_total") > 0.0);
    service.terminate();
    service.until("it is draining", Duration::from_secs(5), || service.get("/readyz").0 == 503);
    Sipp::new(&service, "full", "100").run();
    caller.succeed();
    assert_eq!(service.exit_code(Duration::from_secs(10)), Some(0), "{}", service.log());
    assert_eq!(service.records().len(), 1);
}

#[test]
fn a_broken_flow_is_refused_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_svi"))
        .args(["serve", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--flows"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("holds no service"), "{out:?}");
}
