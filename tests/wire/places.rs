//! What becomes of a caller's place: cut off, too long, closing time, a relay service.

use std::time::{Duration, Instant};

use super::baresip::Phone;
use super::media::call;
use super::service::{OPEN, Service, story, times};

const SOON: Duration = Duration::from_secs(45);

fn dial_again(service: &Service, phone: &Phone) {
    phone.command("dial", &format!("sip:100@{}", service.sip));
    service.until("the call is up", SOON, || phone.log().matches("Call established").count() == 2);
    phone.command("sndcode", "0");
}

#[test]
fn who_is_cut_off_and_phones_again_has_the_old_place() {
    let service = Service::start(OPEN);
    let _amina = Phone::agent(&service, "amina", 600);
    let talking = Phone::citizen(&service, 1000);
    talking.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    let joined = |place: usize| service.log().matches(&format!("joined france-services/agents at {place}")).count();
    let first = Phone::caller(&service, "first", "0698765432", 1100);
    first.ask_for_an_agent(&service, 2);
    service.until("the first waits", SOON, || joined(1) == 2);
    let second = Phone::caller(&service, "second", "0711223344", 1200);
    second.ask_for_an_agent(&service, 3);
    service.until("the second waits behind", SOON, || joined(2) == 1);
    first.command("hangup", "");
    service.records_of(1);
    dial_again(&service, &first);
    service.until("the first has the old place", SOON, || joined(1) == 3);
    assert_eq!(joined(2), 1, "and is not behind the second");
}

#[test]
fn who_has_waited_for_as_long_as_anybody_does_goes_on_in_the_flow() {
    let queue = "agents: { members: [amina], when_empty: wait, max_wait: 4s, at_closing: serve }\n";
    let service = Service::of(OPEN, &[("queues.yaml", queue)], "");
    call(&service, "100", &["--keys", "1s:0", "--seconds", "14"]);
    let record = &service.records_of(1)[0];
    let told = ["refused france-services/agents too-long", "step calme"].map(|line| times(record, line));
    assert_eq!(told, [1, 1], "{:?}", story(record));
}

#[test]
fn at_closing_time_who_waits_is_told_and_whose_agent_rings_is_served() {
    let queue = "agents: { members: [amina], ring: 3m, at_closing: tell }\n";
    let service = Service::of("2026-11-24T16:59:20", &[("queues.yaml", queue)], "");
    let began = Instant::now();
    let amina = Phone::manual_agent(&service, "amina", 600);
    let rung = Phone::caller(&service, "rung", "0698765432", 1100);
    rung.ask_for_an_agent(&service, 1);
    service.until_log("ringing amina", SOON);
    let waits = Phone::caller(&service, "waits", "0711223344", 1200);
    waits.ask_for_an_agent(&service, 2);
    service.until_log("joined france-services/agents at 2", SOON);
    service.until("the doors have closed", 2 * SOON, || began.elapsed() > Duration::from_secs(45));
    amina.command("accept", "");
    service.until_log("connected amina", SOON);
    for phone in [&rung, &waits] {
        phone.command("hangup", "");
    }
    for record in service.records_of(2) {
        let served = record["agent"] == "amina";
        assert_eq!(times(&record, "step ferme"), usize::from(!served), "{:?}", story(&record));
    }
}

#[test]
fn a_relay_service_for_deaf_callers_is_led_straight_to_an_agent() {
    let service = Service::start(OPEN);
    let _amina = Phone::agent(&service, "amina", 600);
    let relay = Phone::caller(&service, "relay", "0978000000", 1000);
    relay.command("dial", &format!("sip:100@{}", service.sip));
    service.until_log("connected amina", SOON);
    relay.command("hangup", "");
    let record = &service.records_of(1)[0];
    let asked = ["step bonjour", "step menu", "step agents"].map(|step| times(record, step));
    assert_eq!(asked, [0, 0, 1], "no key was pressed and no menu heard: {:?}", story(record));
}
