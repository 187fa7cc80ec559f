//! What a stranger's requests are answered with, and calls of ours that are sent back.

use std::time::Duration;

use super::peer::Peer;
use super::raw::{PRESS, RawCall};
use super::service::{CLOSED, OPEN, Service, free, story};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn each_request_gets_the_answer_of_its_rfc() {
    let service = Service::start(OPEN);
    for (scenario, number) in [
        ("options", "100"),
        ("no-flow", "999"),
        ("unknown-method", "100"),
        ("not-allowed", "100"),
        ("require", "100"),
        ("no-codec", "100"),
        ("session", "100"),
    ] {
        Sipp::new(&service, scenario, number).run();
    }
}

#[test]
fn a_full_service_says_when_to_come_back() {
    let service = Service::with(OPEN, "limits: { calls: 1 }\n");
    let first = Sipp::new(&service, "answer", "100").args(&["-m", "1"]).start();
    service.until("the line is taken", Duration::from_secs(10), || service.metric("svi_calls_active") == 1.0);
    Sipp::new(&service, "full", "100").run();
    first.succeed();
}

/// The shipped flow, which says that it is closed before it answers.
fn closed() -> String {
    include_str!("../../flows/france-services/accueil.yaml")
        .replace("start: bonjour", "answer: when-needed\nstart: bonjour")
        .replace(
            "    closed: ferme\n  menu:",
            "    closed: dit\n  dit:\n    tell: [hours, contact]\n    then: fin\n  menu:",
        )
}

const AGENTS: &str = "agents: [{ name: amina, password: secret }, { name: bruno, password: secret }]\n";

#[test]
fn who_hears_that_it_is_closed_is_not_charged_for_it() {
    let service = Service::silent(CLOSED, &[("accueil.yaml", &closed())], AGENTS);
    Sipp::new(&service, "early", "100").run();
    let record = &service.records_of(1)[0];
    assert_eq!((&record["answered"], record["ending"]["why"].as_str()), (&serde_json::Value::Null, Some("flow-end")));
    assert_eq!(record["reason"], "Q.850 16");
}

/// Nothing was asked for: the 183 need not be acknowledged, and sound comes all the same.
#[test]
fn who_hangs_up_while_it_is_said_before_the_answer_has_heard_it_for_nothing() {
    let service = Service::of_agents(CLOSED, &[("accueil.yaml", &closed())], AGENTS);
    let mut caller = Peer::stranger(&service);
    let (call, invite) = caller.call("100", "", true);
    let progress = caller.hear("SIP/2.0 183 ");
    assert!(progress.contains("m=audio ") && !progress.contains("\r\nRequire:"), "{progress}");
    assert!(caller.hears_sound(), "it is said before the answer");
    let head = invite.split("Content-Type").next().unwrap();
    caller.send(
        &(head.replace("INVITE sip:", "CANCEL sip:").replace("1 INVITE", "1 CANCEL") + "Content-Length: 0\r\n\r\n"),
    );
    assert!(caller.answer_to(&call, "CANCEL").starts_with("SIP/2.0 200 "));
    assert!(caller.answer_to(&call, "INVITE").starts_with("SIP/2.0 487 "));
    let record = &service.records_of(1)[0];
    assert_eq!(
        (&record["answered"], &record["ending"]["by"]),
        (&serde_json::Value::Null, &"caller".into()),
        "{record}"
    );
}

/// The provider's switch sends our call back to us, by itself or by a number that is led here.
#[test]
fn a_call_of_ours_that_the_provider_sends_back_is_a_loop_and_the_caller_waits_on() {
    let at = free();
    let settings = format!(
        "agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\nwhisper: false\n\
         trunk: {{ address: \"{at}\", presented: \"+33143124567\" }}\n"
    );
    let service = Service::of_agents(OPEN, &[], &settings);
    let mut provider = Peer::at(&service, "provider", at);
    let mut caller = RawCall::dial(&service, "100", 101);
    caller.listen(Duration::from_millis(300));
    caller.press(0, &PRESS, 1);
    let ours = provider.hear("INVITE sip:+33611111111@");
    let via = format!("\r\nVia: SIP/2.0/UDP {at};branch=z9hG4bKback;rport\r\nVia:");
    let back = ours.replacen("INVITE sip:+33611111111@", "INVITE sip:+33143124567@", 1).replacen("\r\nVia:", &via, 1);
    provider.send(&back);
    let refusal = provider.hear("SIP/2.0 482 ");
    assert!(refusal.contains("branch=z9hG4bKback"), "{refusal}");
    provider.reply(&ours, "482 Loop Detected", "");
    service.until_log("missed amina", SOON);
    caller.hang_up();
    let records = service.records_of(1);
    assert_eq!(records.len(), 1, "the call that came back is none: {:?}", story(&records[0]));
}
