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
        "accueil.yaml:34:5",
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
    let report = ran.json();
    let errors = report["findings"].as_array().unwrap().iter().filter(|d| d["severity"] == "error").count();
    assert_eq!((&report["version"], &report["errors"]), (&1.into(), &errors.into()), "{report}");
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| {
            assert_eq!(d["rule"]["url"], format!("docs/rules.md#{}", d["code"].as_str().unwrap()));
            assert!(d["path"].as_str().unwrap().ends_with("france-services/accueil.yaml"), "{d}");
            assert!(!d["message"].as_str().unwrap().is_empty(), "{d}");
            format!("{} {}:{}", d["code"].as_str().unwrap(), d["line"], d["column"])
        })
        .collect();
    for expected in ["unknown-step 22:13", "duplicate-key 23:14", "unknown-key 34:5"] {
        assert!(found.iter().any(|f| f == expected), "{expected} is not in {found:?}");
    }
}

#[test]
fn github_marks_each_line_and_the_exit_code_is_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let own = edited(dir.path(), MISTAKES);
    let ran = svi(&["check", "--format", "github", own.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let line = ran.out.lines().find(|l| l.contains("title=unknown-step")).unwrap();
    assert!(line.starts_with("::error file=") && line.contains(",line=22,col=13,"), "{line}");
    assert!(line.ends_with("::there is no step `info`%0Adid you mean `infos`?"), "{line}");
}

#[test]
fn a_finding_that_is_allowed_is_listed_with_its_reason_and_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let allow = "limits: { choices: 2 }\nallow: { menu-too-wide: \"trois démarches distinctes, essai jusqu'en mars\" }\nstart: bonjour";
    let own = edited(dir.path(), &[("start: bonjour", allow)]);
    let ran = svi(&["check", own.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for shown in ["note[menu-too-wide]", "allowed, because: trois démarches distinctes", "1 allowed", "nothing to mend"]
    {
        assert!(ran.err.contains(shown), "{shown} is not in\n{}", ran.err);
    }
    let json = svi(&["check", "--format", "json", own.to_str().unwrap()]).json();
    assert_eq!((&json["allowed"], &json["findings"][0]["severity"]), (&1.into(), &"note".into()));
    assert!(json["findings"][0]["allowed"].as_str().unwrap().starts_with("trois démarches"), "{json}");
}

#[test]
fn the_compliance_report_is_written_as_a_page_and_as_json() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let ran = svi(&["check", "flows", "--report", &at("report.html"), "--report", &at("report.json")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let page = std::fs::read_to_string(at("report.html")).unwrap();
    assert!(page.contains("Rapport de conformité") && page.contains("France services de Montreuil"), "{page}");
    let json = std::fs::read_to_string(at("report.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["version"], 1);
    let direct = json["commitments"].as_array().unwrap().iter().find(|c| c["id"] == "agent-direct").unwrap();
    assert_eq!((&direct["verdict"], &direct["rules"][0]), (&"proved".into(), &"no-agent-path".into()));
    let other = svi(&["check", "flows", "--report", &at("report.pdf")]);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("`.html` or `.json`"), "{}", other.err);
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
    let [only] = found["findings"].as_array().unwrap().as_slice() else { panic!("one finding: {found}") };
    assert_eq!(only["line"], 9, "{only}");
    let text = only.to_string();
    assert!(text.contains("bonjour") && text.contains("Bienvenue à tous"), "{text}");
}

#[test]
fn every_subcommand_shows_an_example() {
    let prompts = [&["prompts", "render"][..], &["prompts", "check"]];
    for command in [&["serve"][..], &["check"], &["explain"], &["simulate"], &["test"], &["call"], &["report"]]
        .into_iter()
        .chain(prompts)
    {
        let ran = svi(&[command, &["--help"]].concat());
        assert_eq!(ran.code, 0);
        let (_, example) = ran.out.split_once("Example").unwrap_or_else(|| panic!("no example in\n{}", ran.out));
        assert!(example.contains(&format!("svi {}", command.join(" "))), "{}", ran.out);
    }
}
