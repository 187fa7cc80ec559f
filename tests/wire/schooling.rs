//! What a service has learned from its records, told to real callers.

use std::time::Duration;

use svi::call::Record;

use super::baresip::Phone;
use super::past::{DAY, MINUTE, MONDAY, Past};
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(30);
const TALK: u64 = 290;

/// Weeks before [`OPEN`] with two agents at work from nine to noon: twelve calls in each half
/// hour, which wait seven minutes and talk nearly five; on Monday from ten to eleven five, which wait one.
fn weeks(count: i64) -> Vec<Record> {
    let mut calls = Vec::new();
    for day in (1..=count).flat_map(|week| (0..5).map(move |day| day - 7 * week)) {
        for half_hour in 0..6 {
            let quiet = day.rem_euclid(7) == 0 && (2..4).contains(&half_hour);
            let (many, waited) = if quiet { (5, 60) } else { (12, 420) };
            for n in 0..many {
                let at = MONDAY + day * DAY + half_hour * 30 * MINUTE + n * 30 * MINUTE / many;
                let agent = if n % 2 == 0 { "amina" } else { "bruno" };
                let past = Past::came(calls.len() as u64, at, None).answered(waited, TALK, agent);
                calls.push(past.ended(waited + TALK));
            }
        }
    }
    calls
}

/// The shipped flow, busy as soon as anybody waits.
fn busy(past: &[Record]) -> Service {
    let shipped = include_str!("../../flows/france-services/accueil.yaml");
    let flow = shipped.replace("when: { wait: 2m, waiting: 5 }", "when: { wait: 2m, waiting: 1 }");
    assert_ne!(flow, shipped);
    Service::with_past(OPEN, &[("accueil.yaml", &flow)], past)
}

/// One caller talks with amina, the only agent who is there, and another waits and
/// presses 1 to hear when it is quiet.
fn ask_for_quiet_hours(service: &Service) -> serde_json::Value {
    service.until_log("quiet hours are known", SOON);
    let _amina = Phone::agent(service, "amina", 600);
    let talking = Phone::citizen(service, 1000);
    talking.ask_for_an_agent(service, 1);
    service.until_log("connected amina", SOON);
    let waiting = Phone::caller(service, "waiting", "0698765432", 1100);
    waiting.ask_for_an_agent(service, 2);
    service.until("the second waits", SOON, || service.log().matches("joined france-services/agents").count() == 2);
    // Keys count as typed ahead at first.
    service.until_log("heard words=\"♪ attente\"", SOON);
    waiting.command("sndcode", "1");
    service.until_log("L'attente est d'habitude", SOON);
    waiting.command("hangup", "");
    service.records_of(1)[0].clone()
}

#[test]
fn who_waits_is_told_the_quiet_hours_that_three_weeks_of_records_have_taught() {
    let service = busy(&weeks(3));
    let record = ask_for_quiet_hours(&service);
    assert_eq!(times(&record, "took quiet-hours"), 1, "{:?}", story(&record));
    let told = "L'attente est d'habitude de moins de deux minutes le lundi, de dix heures à onze heures";
    assert!(service.log().contains(told), "{}", service.log());
    // The first caller after the restart who waits is told how long: a talk takes five minutes.
    let waits = record["told_waits"].as_array().unwrap();
    assert!(!waits.is_empty(), "{:?}", story(&record));
    let expected = waits[0]["expected_ms"].as_u64().unwrap();
    assert!((150_000..450_000).contains(&expected), "{waits:?}");
}

#[test]
fn who_waits_is_told_the_card_s_quiet_hours_where_two_weeks_have_taught_none() {
    let service = busy(&weeks(2));
    ask_for_quiet_hours(&service);
    assert!(service.log().contains("L'attente est d'habitude plus courte"), "{}", service.log());
}
