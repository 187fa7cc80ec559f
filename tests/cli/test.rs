//! `svi test`: the calls beside a flow, made and compared.

use std::fs;
use std::path::{Path, PathBuf};

use super::run::{edited, svi};

const CALLS: &str = r#"at: "2026-11-24 10:00"
tests:
  une carte d'identité:
    call:
      - presses: 1
      - hears: "Il faut une photo ancienne…"   # on purpose
      - ends: agent
  zéro:
    call:
      - presses: 0
      - ends: agent
"#;

/// A service of its own with this file of tests.
fn own(dir: &Path, calls: &str) -> (PathBuf, PathBuf) {
    let service = edited(dir, &[]);
    fs::create_dir(service.join("tests")).unwrap();
    let file = service.join("tests/accueil.yaml");
    fs::write(&file, calls).unwrap();
    (service, file)
}

#[test]
fn the_shipped_services_hold_what_their_tests_say_and_every_step_is_tested() {
    let ran = svi(&["test", "flows", "--coverage", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for flow in ran.json()["coverage"].as_array().unwrap() {
        assert_eq!(flow["steps"]["percent"], 100, "{flow}");
    }
}

#[test]
fn a_difference_names_the_file_the_line_and_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let (service, file) = own(dir.path(), CALLS);
    let ran = svi(&["test", service.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("2 tests, 1 failed"), "{}", ran.err);
    for shown in [
        "FAIL  une carte d'identité",
        "ok    zéro",
        "expected  »  Il faut une photo ‹ancienne",
        "found  »  Il faut une photo ‹récente",
        &format!("{}:6: - hears:", file.display()),
    ] {
        assert!(ran.out.contains(shown), "{shown} is not in\n{}", ran.out);
    }
}

#[test]
fn an_update_keeps_what_is_right_and_the_comments() {
    let dir = tempfile::tempdir().unwrap();
    let (service, file) = own(dir.path(), CALLS);
    let ran = svi(&["test", service.to_str().unwrap(), "--update"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("expected"), "the difference is shown first: {}", ran.out);
    let expected =
        CALLS.replace("Il faut une photo ancienne…", "Il faut une photo récente et un justificatif de domicile.");
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    assert_eq!(svi(&["test", file.to_str().unwrap()]).code, 0);
}

#[test]
fn junit_has_a_case_for_each_test_and_its_difference() {
    let dir = tempfile::tempdir().unwrap();
    let (service, _) = own(dir.path(), CALLS);
    let ran = svi(&["test", service.to_str().unwrap(), "--format", "junit"]);
    assert_eq!(ran.code, 1);
    for shown in [
        "<testsuite name=\"france-services\" tests=\"2\" failures=\"1\">",
        "name=\"zéro\"",
        "<failure message=\"une carte d'identité",
        "expected",
    ] {
        assert!(ran.out.contains(shown), "{shown} is not in\n{}", ran.out);
    }
    assert_eq!(ran.out.matches("<testcase").count(), 2);
}

#[test]
fn one_test_is_chosen_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (service, _) = own(dir.path(), CALLS);
    let ran = svi(&["test", service.to_str().unwrap(), "--only", "zéro"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.err.contains("1 test, all passed"), "{}", ran.err);
    let none = svi(&["test", service.to_str().unwrap(), "--only", "nobody's"]);
    assert_eq!(none.code, 2, "{}", none.err);
}

#[test]
fn what_no_test_takes_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let (service, _) = own(dir.path(), CALLS);
    let ran = svi(&["test", service.to_str().unwrap(), "--only", "zéro", "--coverage"]);
    for shown in ["no test comes to  rendez-vous", "no test takes     menu: key 3 → rendez-vous", "ways out ("] {
        assert!(ran.out.contains(shown), "{shown} is not in\n{}", ran.out);
    }
}

#[test]
fn a_mistake_in_a_test_is_framed_as_one_in_a_flow() {
    let dir = tempfile::tempdir().unwrap();
    let (service, _) = own(dir.path(), &CALLS.replace("ends: agent", "end: agent"));
    let ran = svi(&["test", service.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("did you mean `ends`?"), "{}", ran.err);
}
