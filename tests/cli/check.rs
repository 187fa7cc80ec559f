//! `svi check`, and the help of every subcommand.

use super::run::{edited, svi};

/// Three mistakes on three lines: a step that is not there, a key given twice, a word
/// that is nearly a step kind.
const MISTAKES: &[(&str, &str)] =
    &[("go: infos", "go: info"), ("- key: 3", "- key: 2"), ("    tell: [appointments]", "    tel: [appointments]")];

#[test]
fn the_shipped_flows_are_good() {
    let ran = svi(&["check", "flows"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("nothing to mend"), "{}", ran.err);
}

#[test]
fn every_mistake_is_framed_on_its_line_with_a_suggestion_in_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let own = edited(dir.path(), MISTAKES);
    let ran = svi(&["check", own.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for shown in [
        "accueil.yaml:22:13",
        "go: info",
        "did you mean `infos`",
        "accueil.yaml:23:14",
        "accueil.yaml:33:5",
        "tel: [appointments]",
        "did you mean `tell`",
    ] {
        assert!(ran.err.contains(shown), "{shown} is not in\n{}", ran.err);
    }
}

#[test]
fn json_has_code_path_line_and_column_of_each() {
    let dir = tempfile::tempdir().unwrap();
    let own = edited(dir.path(), MISTAKES);
    let ran = svi(&["check", "--format", "json", own.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let found = ran.json();
    let found: Vec<String> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            assert!(d["path"].as_str().unwrap().ends_with("france-services/accueil.yaml"), "{d}");
            assert!(!d["message"].as_str().unwrap().is_empty(), "{d}");
            format!("{} {}:{}", d["code"].as_str().unwrap(), d["line"], d["column"])
        })
        .collect();
    for expected in ["unknown-step 22:13", "duplicate-key 23:14", "unknown-key 33:5"] {
        assert!(found.iter().any(|f| f == expected), "{expected} is not in {found:?}");
    }
}

#[test]
fn what_is_not_there_could_not_be_checked() {
    let ran = svi(&["check", "no/such/folder"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no/such/folder"), "{}", ran.err);
    let empty = tempfile::tempdir().unwrap();
    let ran = svi(&["check", empty.path().to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("holds no service"), "{}", ran.err);
}

#[test]
fn a_sentence_without_audio_names_its_step_and_its_words() {
    let dir = tempfile::tempdir().unwrap();
    let own = edited(dir.path(), &[("Bonjour. France services", "Bienvenue à tous. France services")]);
    let ran = svi(&["check", "--format", "json", own.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let found = ran.json();
    let [only] = found.as_array().unwrap().as_slice() else { panic!("one finding: {found}") };
    assert_eq!(only["line"], 9, "{only}");
    let text = only.to_string();
    assert!(text.contains("bonjour") && text.contains("Bienvenue à tous"), "{text}");
}

#[test]
fn every_subcommand_shows_an_example() {
    let prompts = [&["prompts", "render"][..], &["prompts", "check"]];
    for command in
        [&["serve"][..], &["check"], &["explain"], &["simulate"], &["call"], &["report"]].into_iter().chain(prompts)
    {
        let ran = svi(&[command, &["--help"]].concat());
        assert_eq!(ran.code, 0);
        let (_, example) = ran.out.split_once("Example").unwrap_or_else(|| panic!("no example in\n{}", ran.out));
        assert!(example.contains(&format!("svi {}", command.join(" "))), "{}", ran.out);
    }
}
