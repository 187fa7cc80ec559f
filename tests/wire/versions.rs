//! The versions of the flows: kept, shown, put back, and whole whatever happens.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::reload::{GREETING, OTHER_GREETING, edit, reload, said, service};
use super::service::{OPEN, Service};

const SOON: Duration = Duration::from_secs(20);
/// Recorded too.
const THIRD_GREETING: &str = "Bonjour, votre service public vous rappelle, comme vous l'avez demandé.";

/// A service whose files are watched, and that writes down what callers hear.
fn watched() -> Service {
    Service::of(OPEN, &[], "log: svi=debug\n")
}

/// What the program said, and how it ended.
struct Svi {
    code: Option<i32>,
    out: String,
    err: String,
}

/// `svi` with these arguments, to a running service.
fn svi(service: &Service, args: &[&str]) -> Svi {
    let http = service.http.to_string();
    let mut run = Command::new(env!("CARGO_BIN_EXE_svi"));
    run.env("USER", "amelie").env_remove("SUDO_USER").args(args).args(["--http", &http]);
    let out = run.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Svi { code: out.status.code(), out: text(&out.stdout), err: text(&out.stderr) }
}

fn get(service: &Service, path: &str) -> Value {
    serde_json::from_str(&service.get(path).1).unwrap_or_default()
}

fn on_disk(service: &Service) -> String {
    fs::read_to_string(service.path("flows/france-services/accueil.yaml")).unwrap()
}

/// Waits until this version runs.
fn until_version(service: &Service, version: u64) {
    let runs = || get(service, "/api/v1/flows")["version"] == version;
    service.until(&format!("version {version} runs"), SOON, runs);
}

#[test]
fn what_is_saved_runs_a_moment_later_however_an_editor_saves_it() {
    let service = watched();
    until_version(&service, 1);
    edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING)]);
    until_version(&service, 2);
    assert_eq!(said(&service, OTHER_GREETING), 1);
    let state = get(&service, "/api/v1/flows");
    assert_eq!((&state["how"], &state["differ"]), (&json!("watch"), &Value::Null), "{state}");
    assert!(state["by"].is_string(), "whose file it is: {state}");
    // In place, and in two pieces: the first half alone would be refused.
    let path = service.path("flows/france-services/accueil.yaml");
    let text = on_disk(&service).replace(OTHER_GREETING, THIRD_GREETING);
    let half = text.find("  menu:\n").unwrap();
    fs::write(&path, &text[..half]).unwrap();
    fs::write(&path, &text).unwrap();
    until_version(&service, 3);
    assert_eq!(service.metric("svi_flows_reloads_total{result=\"refused\"}"), 0.0, "a half was looked at");
    // A folder in the place of another, as a deployment does it.
    let (flows, new) = (service.path("flows"), service.path("flows.new"));
    fs::create_dir(&new).unwrap();
    fs::rename(flows.join("france-services"), new.join("france-services")).unwrap();
    let text = text.replace(THIRD_GREETING, GREETING);
    fs::write(new.join("france-services/accueil.yaml"), text).unwrap();
    fs::rename(&flows, service.path("flows.old")).unwrap();
    fs::rename(&new, &flows).unwrap();
    until_version(&service, 4);
    assert_eq!(said(&service, GREETING), 1);
}

#[test]
fn half_a_file_is_refused_until_the_rest_is_there() {
    let service = watched();
    let (path, whole) = (service.path("flows/france-services/accueil.yaml"), on_disk(&service));
    let whole = whole.replace(GREETING, OTHER_GREETING);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    service.until("it is refused", SOON, || service.metric("svi_flows_differ") == 1.0);
    let flows = svi(&service, &["flows"]);
    assert_eq!(flows.code, Some(1));
    assert!(flows.out.starts_with("version 1 runs since") && flows.err.contains("are not what runs"), "{}", flows.err);
    assert_eq!(said(&service, GREETING), 1);
    fs::write(&path, &whole).unwrap();
    until_version(&service, 2);
    assert_eq!((service.metric("svi_flows_differ"), svi(&service, &["flows"]).code), (0.0, Some(0)));
}

#[test]
fn where_the_settings_say_so_only_a_wish_reloads() {
    let service = service();
    edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING)]);
    service.until("it is seen", SOON, || get(&service, "/api/v1/flows")["differ"]["why"] == "not-loaded");
    assert_eq!(said(&service, GREETING), 1);
    assert_eq!(reload(&service).1["version"], 2);
    assert_eq!(get(&service, "/api/v1/flows")["differ"], Value::Null);
}

#[test]
fn versions_are_listed_shown_compared_and_put_back() {
    let service = service();
    for (from, to) in [(GREETING, OTHER_GREETING), (OTHER_GREETING, THIRD_GREETING)] {
        edit(&service, "accueil.yaml", &[(from, to)]);
        let done = svi(&service, &["reload"]);
        assert_eq!(done.code, Some(0), "{}", done.err);
        assert!(done.out.contains("changed france-services/accueil.yaml +1 -1"), "{}", done.out);
    }
    let versions = svi(&service, &["flows", "versions"]).out;
    let lines: Vec<&str> = versions.lines().collect();
    assert_eq!(lines.len(), 3, "{versions}");
    assert!(lines[0].trim_start().starts_with("3 *") && lines[0].contains("api (amelie)"), "{versions}");
    assert!(lines[2].contains("start") && lines[2].contains("new france-services/accueil.yaml"), "{versions}");
    let shown = svi(&service, &["flows", "show", "1", "france-services/accueil.yaml"]).out;
    assert!(shown.contains(GREETING), "{shown}");
    let diff = svi(&service, &["flows", "diff", "3", "1"]).out;
    assert!(diff.contains(&format!("-    say: \"{GREETING}\"\n+    say: \"{THIRD_GREETING}\"")), "{diff}");
    assert!(svi(&service, &["flows", "diff", "2"]).out.contains(OTHER_GREETING));
    assert_eq!(svi(&service, &["flows", "show", "9"]).code, Some(1));

    // Twice back is two versions back, on the disk too.
    for (greeting, to) in [(OTHER_GREETING, "rollback (amelie) to 2"), (GREETING, "rollback (amelie) to 1")] {
        let back = svi(&service, &["rollback"]);
        assert_eq!(back.code, Some(0), "{}", back.err);
        assert!(on_disk(&service).contains(greeting), "{}", back.out);
        assert!(svi(&service, &["flows", "versions"]).out.contains(to));
        assert_eq!(said(&service, greeting), 1);
    }
    assert_eq!(svi(&service, &["rollback"]).code, Some(1), "there is nothing before the first");
    let back = svi(&service, &["rollback", "3"]);
    assert_eq!((back.code, on_disk(&service).contains(THIRD_GREETING)), (Some(0), true), "{}", back.err);
    assert_eq!(reload(&service).1, json!({ "result": "unchanged" }), "disk and service agree");
}

#[test]
fn what_is_on_the_disk_alone_is_not_lost_by_a_rollback() {
    let service = watched();
    edit(&service, "accueil.yaml", &[("then: menu", "then: nirgends")]);
    service.until("it is refused", SOON, || service.metric("svi_flows_differ") == 1.0);
    let refused = svi(&service, &["rollback"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("--keep") && on_disk(&service).contains("nirgends"), "{}", refused.err);
    // What was before the broken file is what runs.
    let back = svi(&service, &["rollback", "--keep"]);
    assert_eq!(back.code, Some(0), "{}", back.err);
    assert!(!on_disk(&service).contains("nirgends"));
    assert_eq!(service.metric("svi_flows_differ"), 0.0);
    let kept = svi(&service, &["flows", "show", "2"]).out;
    assert!(kept.contains("nirgends"), "{kept}");
    let versions = get(&service, "/api/v1/flows/versions");
    let how: Vec<&str> = versions["versions"].as_array().unwrap().iter().filter_map(|v| v["how"].as_str()).collect();
    assert_eq!((how, &versions["runs"]), (vec!["rollback", "kept", "start"], &json!(3)), "{versions}");
    assert_eq!(svi(&service, &["rollback", "2"]).code, Some(1), "a version with an error is refused");
    fs::remove_dir_all(service.path("flows")).unwrap();
    let back = svi(&service, &["rollback"]);
    assert_eq!((back.code, on_disk(&service).contains(GREETING)), (Some(0), true), "all that runs: {}", back.err);
}

#[test]
fn a_service_that_is_killed_between_keeping_and_giving_has_the_new_flows_after_it() {
    let mut service = watched();
    until_version(&service, 1);
    service.kill();
    service.restart(OPEN, &[("SVI_DIE_AT", "version-kept")]);
    until_version(&service, 1);
    edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING)]);
    service.until_ended(SOON);
    service.restart(OPEN, &[]);
    until_version(&service, 2);
    assert_eq!(said(&service, OTHER_GREETING), 1);
    let versions = get(&service, "/api/v1/flows/versions");
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2, "kept once: {versions}");
}

/// Wherever it is cut off, the disk and the service have the version after the restart.
#[test]
fn a_rollback_that_a_kill_cuts_off_is_finished_at_the_start() {
    for place in ["version-kept:2", "files-written"] {
        let mut service = watched();
        until_version(&service, 1);
        service.kill();
        service.restart(OPEN, &[("SVI_DIE_AT", place)]);
        until_version(&service, 1);
        edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING)]);
        until_version(&service, 2);
        service.post("/api/v1/flows/rollback", "");
        service.until_ended(SOON);
        service.restart(OPEN, &[]);
        until_version(&service, 3);
        assert!(on_disk(&service).contains(GREETING), "{place}");
        assert_eq!(said(&service, GREETING), 1, "{place}");
        assert_eq!(reload(&service).1, json!({ "result": "unchanged" }), "{place}");
    }
}

#[test]
fn a_service_that_is_started_with_a_broken_file_answers_with_what_ran_last() {
    let mut service = watched();
    edit(&service, "accueil.yaml", &[(GREETING, OTHER_GREETING)]);
    until_version(&service, 2);
    service.kill();
    edit(&service, "accueil.yaml", &[("then: menu", "then: nirgends")]);
    service.restart(OPEN, &[]);
    until_version(&service, 2);
    assert_eq!(said(&service, OTHER_GREETING), 1);
    assert_eq!(service.get("/readyz"), (200, r#"{"flows":{"differ":"refused"},"ready":true}"#.to_owned()));
    assert!(service.log().contains("version 2, which ran last, answers instead"), "{}", service.log());
    edit(&service, "accueil.yaml", &[("then: nirgends", "then: menu"), (OTHER_GREETING, GREETING)]);
    until_version(&service, 3);
    assert_eq!(service.get("/readyz").1, r#"{"ready":true}"#);
}
