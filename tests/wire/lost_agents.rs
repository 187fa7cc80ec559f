//! Agents who can't be had, or not any longer: no caller loses the place.

use std::time::Duration;

use super::baresip::Phone;
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(30);

#[test]
fn an_agent_who_rejects_gives_the_caller_to_the_next() {
    let service = Service::start(OPEN);
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina's phone rings", SOON, || amina.log().contains("Incoming call"));
    let _bruno = Phone::agent(&service, "bruno", 700);
    amina.command("hangup", "");
    service.until_log("missed amina rejected", SOON);
    service.until_log("connected bruno", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "bruno");
    assert_eq!(
        times(record, "joined france-services/agents at 1"),
        1,
        "the caller was never out of the queue: {:?}",
        story(record)
    );
}

#[test]
fn a_lone_agent_who_rejects_is_rung_again_for_the_same_caller() {
    let service = Service::start(OPEN);
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina's phone rings", SOON, || amina.log().contains("Incoming call"));
    amina.command("hangup", "");
    service.until_log("missed amina rejected", SOON);
    service.until("amina's phone rings again", SOON, || amina.log().matches("Incoming call").count() == 2);
    amina.command("accept", "");
    service.until_log("connected amina", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina");
    assert_eq!(times(record, "ringing amina"), 2);
    assert_eq!(
        times(record, "joined france-services/agents at 1"),
        1,
        "the caller was never out of the queue: {:?}",
        story(record)
    );
}

/// The phone dies in mid-talk, without a BYE. Its silence is noticed, it is asked by
/// OPTIONS for as long as the RFC says (32 s), and then its caller is the first in the
/// queue again, before somebody who joined during the talk.
#[test]
fn the_caller_of_an_agent_who_vanishes_is_first_in_the_queue_again() {
    let service = Service::with(OPEN, "limits: { media_silence: 2s }\nlog: svi=debug\n");
    let amina = Phone::agent(&service, "amina", 600);
    let first = Phone::citizen(&service, 1000);
    first.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    let second = Phone::caller(&service, "second", "0698765432", 1200);
    second.ask_for_an_agent(&service, 2);
    service.until_log("joined france-services/agents at 1", SOON);
    service
        .until("the second waits", SOON, || service.log().matches("joined france-services/agents at 1").count() == 2);
    amina.vanish();
    service.until_log("talk ended amina", Duration::from_secs(60));
    service.until("the first waits again", SOON, || {
        service.log().matches("joined france-services/agents at 1").count() == 3
    });
    service.until_log("told rank 2", SOON);
    let _bruno = Phone::agent(&service, "bruno", 700);
    service.until_log("connected bruno", SOON);
    second.command("hangup", "");
    let record = service.records_of(1)[0].clone();
    assert_eq!(record["agent"], serde_json::Value::Null, "the second still waited: {:?}", story(&record));
    let told: Vec<u64> =
        record["told_ranks"].as_array().unwrap().iter().filter_map(serde_json::Value::as_u64).collect();
    assert_eq!(told, [1, 2], "the first came back before the second, who was told so");
    first.command("hangup", "");
    let record = service.records_of(2)[1].clone();
    assert_eq!(record["agent"], "bruno", "{:?}", story(&record));
    assert_eq!(record["ending"]["by"], "caller");
    assert_eq!(times(&record, "connected amina"), 1);
}

#[test]
fn when_the_last_agent_unregisters_who_waits_is_told_the_truth() {
    let service = Service::with(OPEN, "log: svi=debug\n");
    let amina = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina's phone rings", SOON, || amina.log().contains("Incoming call"));
    amina.command("quit", "");
    service.until_log("agent=amina up=false", SOON);
    service.until_log("agent=amina state=\"offline\"", SOON);
    service.until_log("refused france-services/agents nobody", SOON);
    // Hours and another contact are told.
    service.until_log("step ferme", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"]["by"], "caller", "{:?}", story(record));
}

/// A minute is the shortest registration that is granted; this test lasts that long.
#[test]
fn an_agent_whose_registration_runs_out_is_gone() {
    let service = Service::with(OPEN, "log: svi=debug\n");
    Phone::agent(&service, "amina", 600).vanish();
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("ringing amina", SOON);
    service.until_log("agent=amina up=false", Duration::from_secs(75));
    service.until_log("refused france-services/agents nobody", Duration::from_secs(40));
    service.until_log("step ferme", SOON);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"]["by"], "caller", "{:?}", story(record));
}
