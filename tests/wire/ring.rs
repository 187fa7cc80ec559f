//! Several phones at once, and what an agent hears before the caller.

use std::time::Duration;

use super::baresip::Phone;
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(30);

const RING_ALL: &str =
    "agents: { members: [amina, bruno], strategy: ring-all, ring: 20s, music: attente, at_closing: serve }\n";

#[test]
fn with_ring_all_the_first_answer_stops_the_other_phone() {
    let service = Service::of(OPEN, &[("queues.yaml", RING_ALL)], "");
    let amina = Phone::manual_agent(&service, "amina", 600);
    let bruno = Phone::manual_agent(&service, "bruno", 700);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    for phone in [&amina, &bruno] {
        service.until("both phones ring", SOON, || phone.log().contains("Incoming call"));
    }
    bruno.command("accept", "");
    service.until_log("connected bruno", SOON);
    service.until("amina's phone is still", SOON, || amina.log().contains("session closed"));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "bruno");
    let told = story(record);
    assert_eq!((times(record, "stopped amina"), times(record, "missed amina")), (1, 0), "{told:?}");
    let at =
        |line: &str| record["steps"].as_array().unwrap().iter().find(|s| s["what"] == line).unwrap()["at_ms"].clone();
    let (stopped, connected) = (at("stopped amina").as_u64().unwrap(), at("connected bruno").as_u64().unwrap());
    assert!(stopped <= connected, "amina's phone stops when bruno answers, before he hears the caller: {told:?}");
}

#[test]
fn an_agent_who_hangs_up_on_the_briefing_gives_the_caller_to_the_next() {
    let service = Service::of(OPEN, &[], "");
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina's phone rings", SOON, || amina.log().contains("Incoming call"));
    let _bruno = Phone::agent(&service, "bruno", 700);
    amina.command("accept", "");
    service.until("amina's phone is up", SOON, || amina.log().contains("Call established"));
    amina.command("hangup", "");
    service.until_log("connected bruno", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "bruno");
    assert_eq!(times(record, "missed amina rejected"), 1, "{:?}", story(record));
    assert_eq!(times(record, "joined france-services/agents at 1"), 1, "{:?}", story(record));
}

#[test]
fn an_agent_who_lets_callers_ring_is_on_a_pause_and_the_api_says_why() {
    let queue = "agents: { members: [amina, bruno], ring: 20s, pause_after: 1, when_empty: wait, at_closing: serve }\n";
    let service = Service::of(OPEN, &[("queues.yaml", queue)], "");
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina's phone rings", SOON, || amina.log().contains("Incoming call"));
    amina.command("hangup", "");
    service.until_log("agent=amina state=\"paused\" pause=\"unanswered\"", SOON);
    let list: serde_json::Value = serde_json::from_str(&service.get("/api/v1/agents").1).unwrap();
    let amina = &list["agents"][0];
    assert_eq!(
        (&amina["agent"], &amina["state"], &amina["pause"]),
        (&"amina".into(), &"paused".into(), &"unanswered".into())
    );
}
