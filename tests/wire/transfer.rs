//! Agents' phones send callers on.

use std::time::Duration;

use super::baresip::Phone;
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(30);

/// Only amina answers the queue's callers.
const QUEUE: &str = "agents: { members: [amina], wrap_up: 1s, at_closing: serve }\n";

#[test]
fn an_agent_sends_a_caller_to_a_colleague_and_gets_back_whom_nobody_takes() {
    let service = Service::of(OPEN, &[("queues.yaml", QUEUE)], "whisper: false\n");
    let amina = Phone::agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    // Nobody is at bruno's phone: the talk goes on.
    amina.command("transfer", &format!("sip:bruno@{}", service.sip));
    service.until_log("handing on by amina failed 486", SOON);
    assert!(!service.log().contains("talk ended amina"), "{}", service.log());
    let bruno = Phone::agent(&service, "bruno", 700);
    amina.command("transfer", &format!("sip:bruno@{}", service.sip));
    service.until_log("connected bruno", SOON);
    service.until("amina's phone is hung up", SOON, || amina.log().contains("session closed"));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((record["agent"].as_str(), record["ending"]["by"].as_str()), (Some("bruno"), Some("caller")));
    assert_eq!(times(record, "amina hands on to agent bruno"), 2, "{:?}", story(record));
    assert_eq!(times(record, "handed on by amina"), 1, "{:?}", story(record));
    drop(bruno);
}
