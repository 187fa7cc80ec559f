//! What agents dial on their phones, and the same by the API.

use std::process::Command;
use std::time::Duration;

use super::baresip::Phone;
use super::media::{samples, share_of_tone};
use super::service::{OPEN, Service};

const SOON: Duration = Duration::from_secs(30);

/// The line of one agent, as the API tells it.
fn agent(service: &Service, name: &str) -> serde_json::Value {
    let (status, body) = service.get("/api/v1/agents");
    assert_eq!(status, 200, "{body}");
    let list: serde_json::Value = serde_json::from_str(&body).unwrap();
    let lines = list["agents"].as_array().unwrap();
    lines.iter().find(|line| line["agent"] == name).unwrap_or_else(|| panic!("{name}: {body}")).clone()
}

#[test]
fn an_agent_goes_on_a_pause_and_comes_back_by_codes() {
    let service = Service::with(OPEN, "pauses: [pause, repas]\n");
    let amina = Phone::manual_agent(&service, "amina", 600);
    assert_eq!(agent(&service, "amina")["state"], "available");
    amina.command("dial", &format!("sip:*132@{}", service.sip));
    service.until_log("dialled amina pause", SOON);
    service.until("amina's phone is hung up", SOON, || amina.log().contains("session closed"));
    assert_eq!(agent(&service, "amina")["state"], "paused");
    assert_eq!(agent(&service, "amina")["pause"], "repas");
    let heard = || amina.heard().map(|path| samples(&path)).unwrap_or_default();
    // The phone writes how long the recording is when it closes it, a moment after the call.
    service.until("the phone has closed its recording", SOON, || !heard().is_empty());
    assert!(share_of_tone(&heard(), 880.0) > 0.1, "the tone of what is done is heard");
    amina.command("dial", &format!("sip:*14@{}", service.sip));
    service.until_log("dialled amina resume", SOON);
    service.until("amina is back", SOON, || agent(&service, "amina")["state"] == "available");
    assert!(service.records().is_empty(), "these are no citizens' calls");
}

#[test]
fn an_agent_logs_out_and_in_and_cuts_the_wrap_up_short_by_codes() {
    let queue = "agents: { members: [amina], wrap_up: 10m, at_closing: serve }\n";
    let service = Service::of(OPEN, &[("queues.yaml", queue)], "");
    let amina = Phone::agent(&service, "amina", 600);
    let state = || agent(&service, "amina")["state"].clone();
    let dials = |code: &str, then: &str| {
        let before = amina.log().matches("session closed").count();
        amina.command("dial", &format!("sip:{code}@{}", service.sip));
        service.until(&format!("amina is {then} by {code}"), SOON, || state() == then);
        service.until("the line is free again", SOON, || amina.log().matches("session closed").count() > before);
    };
    dials("*12", "offline");
    dials("*11", "available");
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    service.until("amina has time to write it down", SOON, || state() == "wrap-up");
    dials("*15", "available");
}

#[test]
fn a_stranger_s_code_is_a_number_that_nobody_answers() {
    let service = Service::start(OPEN);
    let _amina = Phone::manual_agent(&service, "amina", 600);
    for (code, from) in [("*11", "0612345678"), ("*12", "amina"), ("*13", "amina"), ("*2021", "amina")] {
        let to = format!("sip:{code}@{}", service.sip);
        let out =
            Command::new(env!("CARGO_BIN_EXE_svi")).args(["call", &to, "--json", "--from", from]).output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(report["status"], 404, "{code} from {from}: {report}");
    }
    assert_eq!(agent(&service, "amina")["state"], "available");
}

#[test]
fn the_api_pauses_and_resumes_whom_it_knows() {
    let service = Service::with(OPEN, "pauses: [pause, repas]\n");
    let amina = Phone::manual_agent(&service, "amina", 600);
    let (status, body) = service.post("/api/v1/agents/amina/pause", r#"{"reason":"repas"}"#);
    assert_eq!(status, 200, "{body}");
    let line: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&line["state"], &line["pause"]), (&"paused".into(), &"repas".into()));
    // Nobody rings who is on a pause.
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("refused france-services/agents paused", SOON);
    assert!(!amina.log().contains("Incoming call"));
    assert_eq!(service.post("/api/v1/agents/amina/resume", "{}").0, 200);
    assert_eq!(agent(&service, "amina")["state"], "available");
    assert_eq!(service.post("/api/v1/agents/amina/logout", "{}").0, 200);
    assert_eq!(agent(&service, "amina")["state"], "offline");
    assert_eq!(service.post("/api/v1/agents/amina/login", "{}").0, 200);
    assert_eq!(agent(&service, "amina")["state"], "available");
    for (path, body, status) in [
        ("/api/v1/agents/personne/pause", "{}", 404),
        ("/api/v1/agents/amina/dance", "{}", 404),
        ("/api/v1/agents/amina/pause", r#"{"reason":"sieste"}"#, 422),
        ("/api/v1/agents/amina/pause", r#"{"why":"repas"}"#, 422),
        ("/api/v1/agents/amina/pause", "", 400),
        ("/api/v1/supervise", r#"{"agent":"amina","supervisor":"bruno"}"#, 403),
    ] {
        let (got, answer) = service.post(path, body);
        assert_eq!(got, status, "{path} {body}: {answer}");
    }
}

#[test]
fn the_api_is_for_this_machine_and_for_who_has_the_token() {
    let service = Service::with(OPEN, "http: { token: 0123456789abcdef0123 }\n");
    let elsewhere = "X-Forwarded-For: 192.0.2.7";
    let json = "Content-Type: application/json";
    let right = "Authorization: Bearer 0123456789abcdef0123";
    let get = |headers: &[&str]| service.request("GET /api/v1/agents", headers, "").0;
    assert_eq!((get(&[]), get(&[elsewhere]), get(&[elsewhere, right])), (200, 401, 200));
    assert_eq!(get(&[elsewhere, "Authorization: Bearer 0123456789abcdef0124"]), 401);
    let pause = |headers: &[&str]| service.request("POST /api/v1/agents/amina/pause", headers, "{}").0;
    assert_eq!(pause(&["Content-Type: text/plain"]), 415, "what a foreign page's form can send");
    assert_eq!(pause(&[elsewhere, json]), 401);
    assert_eq!(agent(&service, "amina")["pause"], serde_json::Value::Null);
    assert_eq!(pause(&[elsewhere, json, right]), 200);
    assert_eq!(agent(&service, "amina")["pause"], "pause");
    assert_eq!(service.get("/healthz").0, 200, "the pages stay open");
}

#[test]
fn the_command_line_shows_and_pauses_agents() {
    let service = Service::with(OPEN, "pauses: [pause, repas]\n");
    let svi = |args: &[&str]| {
        let http = service.http.to_string();
        let out = Command::new(env!("CARGO_BIN_EXE_svi")).arg("agents").args(args).args(["--http", &http]).output();
        let out = out.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (out.status.code(), text(&out.stdout), text(&out.stderr))
    };
    let (code, list, _) = svi(&[]);
    assert_eq!((code, list.lines().count()), (Some(0), 7), "{list}");
    assert!(list.lines().all(|line| line.contains(" offline ")), "{list}");
    let (code, line, _) = svi(&["pause", "amina", "--reason", "repas"]);
    assert!(code == Some(0) && line.starts_with("amina ") && line.trim_end().ends_with("repas"), "{line}");
    let (code, _, told) = svi(&["pause", "personne"]);
    assert!(code == Some(1) && told.contains("no such agent"), "{told}");
    assert_eq!(svi(&["pause"]).0, Some(2), "a name is missing");
}
