//! Callbacks asked for on the web, on the real service: the request, the page, the command
//! line, the agent who is rung first, and the citizen who is called through the trunk.

use std::process::Command;
use std::time::Duration;

use super::baresip::Phone;
use super::callback::{talks, trunk};
use super::service::{OPEN, Service, free};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(30);
const WEB: &str = "web: { callbacks: [{ queue: france-services/agents }] }\n";
const WISH: &str = r#"{"number": "06 11 11 11 11", "when": "soon", "consent": true, "reason": "une carte d'identité"}"#;

/// `svi callbacks …` against the service: what it printed.
fn svi(service: &Service, args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_svi"))
        .env_remove("SVI_TOKEN")
        .arg("callbacks")
        .args(args)
        .args(["--http", &service.http.to_string()])
        .output()
        .unwrap();
    String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
}

#[test]
fn who_asks_on_the_web_is_called_by_the_agent_who_is_rung_first() {
    let provider = free();
    let service = Service::of(OPEN, &[], &format!("{}{WEB}", trunk(provider)));
    let citizen = Sipp::at(&service, "trunk", provider).args(&["-m", "1"]).start();
    let amina = Phone::manual_agent(&service, "amina", 600);
    let (status, body) = service.post("/api/v1/callbacks", WISH);
    assert_eq!(status, 201, "{body}");
    let promise: serde_json::Value = serde_json::from_str(&body).unwrap();
    let code = format!("Callback-Code: {}", promise["code"].as_str().unwrap());
    let state = || {
        let (status, body) = service.request("GET /api/v1/callbacks/mine", &[&code], "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<serde_json::Value>(&body).unwrap()["state"].as_str().unwrap().to_owned()
    };
    service.until("the phone rings for the ticket", SOON, || amina.log().contains("Incoming call"));
    assert!(!service.log().contains("state=\"dialling\""), "the citizen is left in peace until the agent accepts");
    assert!(svi(&service, &[]).contains("+33611111111"), "the ticket is listed");
    amina.command("accept", "");
    service.until("the phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("sndcode", "1");
    talks(&service);
    service.until("the code shows the talk", SOON, || state() == "calling");
    amina.command("hangup", "");
    service.until_log("ended=\"talked\"", SOON);
    // SIPp has seen the citizen's number, the digest, the ACK, and the BYE, or fails here.
    citizen.succeed();
    service.until("the code shows the end", SOON, || state() == "called");
    let shown = svi(&service, &["show", "1"]);
    for line in ["state     done", "number    +33611111111", "reason    une carte d'identité", "why       talked"] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
    assert_eq!(service.metric("svi_web_callbacks_promised_total"), 1.0);
    let log = service.log();
    for private in ["611111111", "carte d'identité", promise["code"].as_str().unwrap()] {
        assert!(!log.contains(private), "`{private}` in the log:\n{log}");
    }
}

#[test]
fn what_was_promised_on_the_web_outlives_a_crash_with_its_codes_and_is_cancelled() {
    let mut service = Service::of(OPEN, &[], &format!("{}{WEB}", trunk(free())));
    let codes: Vec<String> = (0..2)
        .map(|_| {
            let (status, body) = service.post("/api/v1/callbacks", WISH);
            assert_eq!(status, 201, "{body}");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            format!("Callback-Code: {}", body["code"].as_str().unwrap())
        })
        .collect();
    service.crash(OPEN);
    for code in &codes {
        let (status, body) = service.request("GET /api/v1/callbacks/mine", &[code], "");
        assert!(status == 200 && body.contains("\"noted\""), "{body}");
    }
    assert_eq!(service.request("DELETE /api/v1/callbacks/mine", &[&codes[1]], "").0, 204);
    assert!(svi(&service, &["list", "--state", "open"]).contains("+33611111111"), "the first request stands");
    assert!(svi(&service, &["cancel", "1"]).contains("callback 1 is cancelled"));
    assert_eq!(svi(&service, &["list", "--state", "open"]), "");
    assert!(svi(&service, &["cancel", "1"]).contains("refused (409): this callback is over"));
    let json: serde_json::Value = serde_json::from_str(&svi(&service, &["list", "--json"])).unwrap();
    assert_eq!(json["callbacks"][0]["state"], "cancelled");
    assert!(service.request("GET /api/v1/callbacks/mine", &[&codes[0]], "").1.contains("\"cancelled\""));
}
