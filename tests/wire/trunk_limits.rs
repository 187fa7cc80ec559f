//! How many calls go out, and when: our own caps, and what trunks and citizens say of later.

use std::time::Duration;

use super::peer::{Peer, header};
use super::service::{OPEN, Service, free};

const SOON: Duration = Duration::from_secs(20);
const QUEUE: &str = "agents: { members: [amina, bruno], wrap_up: 1s, at_closing: serve }\n";
const CITIZENS: [&str; 3] = ["0611111111", "0622222222", "0633333333"];

/// Two providers in this order, with more settings of each, and two agents at phones made by
/// hand, who are free: citizens are called first.
fn two(first: &str, second: &str) -> (Service, [Peer; 2], [Peer; 2]) {
    let at = [free(), free()];
    let settings = format!(
        "whisper: false\ncallbacks: {{ first: citizen }}\ntrunks:\n\
         - {{ name: first, address: \"{}\", {first} }}\n- {{ name: second, address: \"{}\", {second} }}\n",
        at[0], at[1]
    );
    let service = Service::of(OPEN, &[("queues.yaml", QUEUE)], &settings);
    let agents = ["amina", "bruno"].map(|name| Peer::agent(&service, name));
    let [first, second] = [("first", at[0]), ("second", at[1])].map(|(name, at)| Peer::at(&service, name, at));
    (service, [first, second], agents)
}

/// An agent asks for a callback of a number.
fn ask(service: &Service, number: &str) {
    let wish = format!("{{\"number\": \"{number}\", \"queue\": \"france-services/agents\"}}");
    let (status, body) = service.post("/api/v1/callbacks/by-agent", &wish);
    assert_eq!(status, 201, "{body}");
}

/// How often a ticket's citizen has been called, and in how many seconds it is due.
fn ticket(service: &Service, id: u32) -> (u64, i64) {
    let (status, body) = service.get(&format!("/api/v1/callbacks/{id}"));
    assert_eq!(status, 200, "{body}");
    let ticket: serde_json::Value = serde_json::from_str(&body).unwrap();
    let millis = |key: &str| ticket[key].as_i64().unwrap_or_else(|| panic!("no {key} in {ticket}"));
    (ticket["attempts"].as_u64().unwrap(), (millis("due") - millis("asked")) / 1_000)
}

/// What `svi trunks` says of each.
fn trunks(service: &Service) -> serde_json::Value {
    let trunks: serde_json::Value = serde_json::from_str(&service.get("/api/v1/trunks").1).unwrap();
    trunks["trunks"].clone()
}

#[test]
fn a_callback_beyond_the_caps_is_made_later_and_costs_no_attempt() {
    let (service, [mut first, mut second], _agents) = two("at_once: 1", "per_hour: 1");
    ask(&service, CITIZENS[0]);
    let ringing = first.hear("INVITE sip:+33611111111@");
    first.reply(&ringing, "180 Ringing", "");
    ask(&service, CITIZENS[1]);
    let busy = second.hear("INVITE sip:+33622222222@");
    second.reply(&busy, "486 Busy Here", "Retry-After: 7200\r\n");
    service.until("who is busy is called again when she has said", SOON, || ticket(&service, 2).1 >= 7_200);
    assert_eq!(ticket(&service, 2).0, 1, "she was called");

    ask(&service, CITIZENS[2]);
    service.until("no line is free", SOON, || service.metric("svi_outgoing_capped_total") >= 1.0);
    service.until("the call is made when a line may be", SOON, || ticket(&service, 3).1 >= 30);
    let (attempts, due) = ticket(&service, 3);
    assert!(attempts == 0 && due <= 90, "{attempts} attempts, due in {due} s");
    assert!(service.log().contains("as many as `at_once` or `per_hour` allows"), "{}", service.log());
    let shown = trunks(&service);
    assert_eq!((&shown[0]["calls"], &shown[0]["at_once"]), (&1.into(), &1.into()), "{shown}");
    assert_eq!((&shown[1]["last_hour"], &shown[1]["per_hour"]), (&1.into(), &1.into()), "{shown}");
}

#[test]
fn a_trunk_that_wants_no_calls_for_a_while_has_none() {
    let (service, [mut first, mut second], _agents) = two("prefixes: [\"+336\"]", "prefixes: [\"+33\"]");
    ask(&service, CITIZENS[0]);
    let invite = first.hear("INVITE sip:+33611111111@");
    first.reply(&invite, "503 Service Unavailable", "Retry-After: 120\r\n");
    let next = second.hear("INVITE sip:+33611111111@");
    assert_eq!(header(&next, "Call-ID"), header(&invite, "Call-ID"), "it is the same call");
    second.reply(&next, "486 Busy Here", "");
    ask(&service, CITIZENS[1]);
    let next = second.hear("INVITE sip:+33622222222@");
    second.reply(&next, "486 Busy Here", "");
    let shown = trunks(&service);
    assert!(shown[0]["rests_for"].as_u64().is_some_and(|seconds| (60..=120).contains(&seconds)), "{shown}");
    assert_eq!((&shown[0]["last_hour"], &shown[1]["last_hour"]), (&1.into(), &2.into()), "{shown}");
}

#[test]
fn a_call_of_which_a_trunk_says_nothing_goes_on_by_the_next_and_is_called_off_when_it_wakes() {
    let (service, [mut first, mut second], _agents) = two("prefixes: [\"+336\"]", "prefixes: [\"+33\"]");
    ask(&service, CITIZENS[0]);
    let silent = first.hear("INVITE sip:+33611111111@");
    let next = second.hear("INVITE sip:+33611111111@");
    second.reply(&next, "180 Ringing", "");
    first.reply(&silent, "180 Ringing", "");
    let cancel = first.hear("CANCEL ");
    assert_eq!(header(&cancel, "Via"), header(&silent, "Via"), "{cancel}");
    first.reply(&cancel, "200 OK", "");
    first.reply(&silent, "487 Request Terminated", "");
    second.pick_up(&next);
    let out = |nth: usize| trunks(&service)[nth]["calls"].as_u64();
    service.until("the call is out by the second alone", SOON, || (out(0), out(1)) == (Some(0), Some(1)));
    assert_eq!(service.metric("svi_trunk_failures_total{trunk=\"first\"}"), 1.0);
}
