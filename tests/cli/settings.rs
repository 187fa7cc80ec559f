//! Mistakes in the settings file are told as those of flows are.

use std::fs;

use super::run::svi;

/// `svi serve` with a settings file that must be refused.
fn refused(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("svi.yaml");
    fs::write(&path, text).unwrap();
    let ran = svi(&["serve", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--config", path.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    ran.err
}

#[test]
fn an_unknown_key_is_refused_with_a_suggestion() {
    let told = refused("sip:\n  lisen: 0.0.0.0:5060\n");
    for shown in ["svi.yaml:2:3", "lisen", "did you mean `listen`"] {
        assert!(told.contains(shown), "{shown} is not in\n{told}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let told = refused("agnets: []\nlimits: { calls: beaucoup }\nagents:\n  - { name: amina }\n");
    for shown in ["svi.yaml:1:1", "did you mean `agents`", "svi.yaml:2:18", "svi.yaml:4:", "can't be reached"] {
        assert!(told.contains(shown), "{shown} is not in\n{told}");
    }
}

#[test]
fn a_settings_file_that_is_named_must_be_there() {
    let ran = svi(&["serve", "--config", "no/such/file.yaml"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("no/such/file.yaml"), "{}", ran.err);
}
