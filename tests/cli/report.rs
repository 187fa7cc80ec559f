//! `svi report`: what the records tell.

use std::path::Path;

use svi::call::Record;
use svi::server::clock;
use svi::speech::Wait;

use super::past::{DAY, MINUTE, MONDAY, Past, keep};
use super::run::{Ran, svi};

/// A Monday on which amina alone is there when twenty phone within half an hour, and a Tuesday.
fn two_days() -> Vec<Record> {
    let mut calls = Vec::new();
    for n in 0..20 {
        let came = Past::came(n, MONDAY + 30 * MINUTE + n as i64 * 90_000, Some(&format!("+3361234{n:04}")));
        let told = came.told(Wait::Under(5), [60, 150, 280]);
        calls.push(match n % 4 {
            0 => told.answered(200, 300, "amina").marked(505, 4).ended(510),
            1 => told.ended(320),
            _ => told.ended(100),
        });
    }
    // Who gave up at first phones again, and is answered.
    for n in 20..24 {
        let came =
            Past::came(n, MONDAY + 62 * MINUTE + (n as i64 - 20) * 240_000, Some(&format!("+3361234{:04}", n - 2)));
        calls.push(came.answered(10, 200, "amina").marked(215, 5).ended(220));
    }
    for n in 24..30 {
        let came = Past::came(n, MONDAY + DAY + n as i64 * 5 * MINUTE, None);
        calls.push(came.answered(15, 180, "bruno").ended(195));
    }
    calls
}

fn report(data: &Path, args: &[&str]) -> Ran {
    let ran = svi(&[&["report", "--data", data.to_str().unwrap()], args].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    ran
}

const WEEK: [&str; 4] = ["--from", "2026-11-23", "--to", "2026-11-29"];

fn kept() -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    keep(data.path(), &two_days());
    data
}

#[test]
fn the_report_tells_the_taux_and_what_would_raise_it() {
    let data = kept();
    let ran = report(data.path(), &[&WEEK[..], &["--service", "france-services"]].concat());
    insta::assert_snapshot!(ran.out);
}

#[test]
fn the_report_as_json_holds_everything_but_the_numbers() {
    let data = kept();
    let ran = report(data.path(), &[&WEEK[..], &["--format", "json"]].concat());
    assert!(!ran.out.contains("61234"), "{}", ran.out);
    let all = ran.json();
    let services = all["services"].as_array().unwrap();
    let names: Vec<_> = services.iter().map(|service| service["service"].as_str().unwrap()).collect();
    assert_eq!(names, ["france-services", "prefecture"]);
    let service = &services[0];
    assert_eq!((service["total"]["asked"].as_u64(), service["total"]["answered"].as_u64()), (Some(30), Some(15)));
    assert_eq!(service["queues"][0]["days"][1]["date"], "2026-11-24");
    assert_eq!(service["queues"][0]["short"]["half_hours"][0]["from"], "09:30");
    assert_eq!(service["repeats"]["again"], 2);
    assert_eq!(services[1]["total"]["asked"], 0);
}

#[test]
fn the_report_as_csv_has_a_line_for_each_queue_and_day() {
    let data = kept();
    let ran = report(data.path(), &[&WEEK[..], &["--format", "csv", "--queue", "agents"]].concat());
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.out);
    let columns = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == columns), "{}", ran.out);
    assert_eq!(lines[2], "france-services,france-services/agents,2026-11-24,6,6,1.0000,0,15,,0,,0,0,,,,");
    let none = report(data.path(), &[&WEEK[..], &["--format", "csv", "--queue", "agent"]].concat());
    assert_eq!(none.out.lines().count(), 1);
}

#[test]
fn without_days_the_last_seven_are_told() {
    let data = tempfile::tempdir().unwrap();
    let now = clock::wall().millis();
    let past = |call, days: i64| Past::came(call, now - days * DAY, None).answered(10, 60, "amina").ended(70);
    keep(data.path(), &[past(1, 0), past(2, 6), past(3, 7), past(4, 30)]);
    let ran = report(data.path(), &["--format", "json"]);
    assert_eq!(ran.json()["services"][0]["total"]["asked"], 2);
}

#[test]
fn a_service_that_is_gone_is_still_told_of() {
    let data = kept();
    let flows = tempfile::tempdir().unwrap();
    let ran = report(data.path(), &[&WEEK[..], &["--flows", flows.path().to_str().unwrap()]].concat());
    assert!(ran.err.contains("hint:"), "{}", ran.err);
    assert!(ran.out.starts_with("france-services, 2026-11-23"), "{}", ran.out);
}

#[test]
fn what_can_not_be_reported_is_said() {
    let data = kept();
    let data = data.path().to_str().unwrap();
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    for (args, word) in [
        (&["--data", data, "--from", "hier"][..], "`hier` is no day; write it as 2026-11-24"),
        (&["--data", data, "--from", "2026-11-30", "--to", "2026-11-01"], "is after"),
        (&["--data", data, "--service", "mairie"], "`france-services`, `prefecture`"),
        (&["--data", empty], "there is no database"),
        (&["--data", data, "--config", "no/such.yaml"], "no/such.yaml"),
    ] {
        let ran = svi(&[&["report"], args].concat());
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.err.contains(word), "{args:?}: {}", ran.err);
    }
    assert!(!Path::new(empty).join("svi.db").exists(), "a report makes no database");
}
