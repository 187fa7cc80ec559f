//! From a real call to a test of its flow.

use std::fs;
use std::process::{Command, Output};

use super::media::call;
use super::service::{OPEN, Service};

fn svi(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_svi")).args(args).output().unwrap()
}

/// No digit is in the record; the steps behind each key say which it was.
#[test]
fn a_real_call_becomes_a_test_that_passes() {
    let service = Service::of(OPEN, &[], "");
    call(&service, "100", &["--keys", "1s:1,5s:2,8s:0", "--seconds", "10"]);
    assert_eq!(service.records_of(1).len(), 1);
    let flow = service.path("flows/france-services");
    fs::create_dir(flow.join("tests")).unwrap();
    let (flow, test) = (flow.to_str().unwrap(), flow.join("tests/appel.yaml"));
    let records = service.path("data/records.jsonl");
    let record = ["--from-record", records.to_str().unwrap(), "--record", test.to_str().unwrap()];
    let out = svi(&[&["simulate", flow][..], &record].concat());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let written = fs::read_to_string(&test).unwrap();
    let keys: Vec<&str> = written.lines().filter_map(|line| line.trim().strip_prefix("- presses: ")).collect();
    assert_eq!(keys, ["1", "2", "0"], "{written}");
    assert!(written.contains("- hangs-up"), "{written}");
    let tested = svi(&["test", flow]);
    assert!(tested.status.success(), "{}\n{written}", String::from_utf8_lossy(&tested.stdout));
}
