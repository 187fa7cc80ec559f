//! Agents at baresip phones: who is rung, and what both sides hear.

use std::time::Duration;

use super::baresip::Phone;
use super::media::{samples, share_of_tone};
use super::service::{OPEN, Service};

#[test]
fn caller_and_agent_hear_each_other() {
    let service = Service::start(OPEN);
    let agent = Phone::agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
}

/// Both phones speak encrypted alone (`srtp-mand`), and so does the service.
#[test]
fn caller_and_agent_hear_each_other_encrypted() {
    let service = Service::of(OPEN, &[], "rtp: { srtp: required }\n");
    let agent = Phone::agent_with(&service, "amina", 600, ";mediaenc=srtp-mand");
    let citizen = Phone::secret_citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
}

/// The citizen, whose tone is 1000 Hz, has asked for amina, whose tone is 600 Hz; both hear the other's.
pub(crate) fn talk(service: &Service, agent: &Phone, citizen: &Phone) {
    service.until("they talk", Duration::from_secs(40), || service.log().contains("connected amina"));
    let talked = std::time::Instant::now();
    service.until("they have talked for three seconds", Duration::from_secs(10), || {
        talked.elapsed() > Duration::from_secs(3)
    });
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina");
    assert_eq!(record["ending"]["by"], "caller");
    // What comes before is the music, or how long the caller has waited.
    for (phone, who, tone) in [(agent, "agent", 1000.0), (citizen, "citizen", 600.0)] {
        let recorded = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
        // A recording has no length before it is closed.
        service.until("the phone has closed its recording", Duration::from_secs(20), || !recorded().is_empty());
        let heard = recorded();
        let share = share_of_tone(&heard[heard.len().saturating_sub(16_000)..], tone);
        assert!(share > 0.7, "the {who} heard the other's tone in {share:.2} of the last two seconds");
    }
}

#[test]
fn the_agent_who_hangs_up_leaves_the_caller_who_gives_a_mark() {
    let service = Service::start(OPEN);
    let agent = Phone::agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("they talk", Duration::from_secs(40), || service.log().contains("connected amina"));
    agent.command("hangup", "");
    service.until_log("talk ended amina", Duration::from_secs(20));
    citizen.command("sndcode", "4");
    let record = &service.records_of(1)[0];
    assert_eq!(record["survey"], serde_json::json!([{"step": "avis", "mark": 4}]));
    assert_eq!(record["ending"], serde_json::json!({"by": "flow", "why": "flow-end"}));
}

#[test]
fn an_agent_who_does_not_answer_gives_the_caller_to_the_next() {
    let service = Service::start(OPEN);
    let silent = Phone::manual_agent(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until("amina is rung", Duration::from_secs(40), || service.log().contains("ringing amina"));
    let bruno = Phone::agent(&service, "bruno", 700);
    service.until("amina has missed it", Duration::from_secs(40), || service.log().contains("missed amina no-answer"));
    service.until("bruno has it", Duration::from_secs(20), || service.log().contains("connected bruno"));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "bruno");
    drop((silent, bruno));
}

#[test]
fn an_agent_s_phones_ring_together_and_the_one_that_is_picked_up_has_the_call() {
    let service = Service::start(OPEN);
    let desk = Phone::manual_agent(&service, "amina", 600);
    let laptop = Phone::second_phone(&service, "amina", 600);
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    for phone in [&desk, &laptop] {
        service.until("both phones ring", Duration::from_secs(40), || phone.log().contains("Incoming call"));
    }
    laptop.command("accept", "");
    service.until_log("connected amina", Duration::from_secs(20));
    service.until("the other phone rings no more", Duration::from_secs(10), || desk.log().contains("closed"));
    assert!(laptop.log().contains("Call established") && !desk.log().contains("Call established"));
    laptop.command("hangup", "");
    service.until_log("talk ended amina", Duration::from_secs(20));
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!(record["agent"], "amina");
}
