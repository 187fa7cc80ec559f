//! Agents' phones send callers on.

use std::time::Duration;

use super::baresip::Phone;
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(30);

/// Only amina answers the queue's callers.
const QUEUE: &str = "agents: { members: [amina], wrap_up: 1s, at_closing: serve }\n";

#[test]
fn an_agent_sends_a_caller_to_a_colleague() {
    let service = Service::of(OPEN, &[("queues.yaml", QUEUE)], "whisper: false\n");
    let [amina, bruno] = [("amina", 600), ("bruno", 700)].map(|(name, tone)| Phone::agent(&service, name, tone));
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    amina.command("transfer", &format!("sip:bruno@{}", service.sip));
    service.until_log("connected bruno", SOON);
    service
        .until("amina is free again", SOON, || service.log().matches("agent=amina state=\"available\"").count() == 2);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((record["agent"].as_str(), record["ending"]["by"].as_str()), (Some("bruno"), Some("caller")));
    let told =
        ["amina hands on to agent bruno", "handed on by amina", "talk ended amina"].map(|line| times(record, line));
    assert_eq!(told, [1, 1, 1], "{:?}", story(record));
    drop((amina, bruno));
}
