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
    let citizen = Phone::secret_citizen(&service, "srtp-mand", 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
}

/// Both phones agree on their keys by a handshake (`dtls_srtp`): the citizen's begins it as we
/// answer, and so does the agent's, which answers our offer.
#[test]
fn caller_and_agent_hear_each_other_encrypted_with_keys_of_a_handshake() {
    let service = Service::of(OPEN, &[], "rtp: { srtp: required, keys: [dtls, sdes] }\n");
    let agent = Phone::agent_with(&service, "amina", 600, ";mediaenc=dtls_srtp");
    let citizen = Phone::secret_citizen(&service, "dtls_srtp", 1000);
    citizen.ask_for_an_agent(&service, 1);
    talk(&service, &agent, &citizen);
    for phone in [&agent, &citizen] {
        assert!(phone.log().contains("verified sha-256 fingerprint OK"), "{}", phone.log());
    }
}

/// The citizen hears the menu in G.722 or Opus alone and presses 0 there; the agent's phone
/// has G.711 alone.
#[test]
fn caller_and_agent_hear_each_other_in_codecs_that_the_other_has_not() {
    for (module, codec, name) in [("g722", "G722/16000/1", "G722"), ("opus", "opus/48000/2", "opus")] {
        let service = Service::start(OPEN);
        let agent = Phone::agent(&service, "amina", 600);
        let citizen = Phone::citizen_speaking(&service, module, codec, 1000);
        citizen.ask_for_an_agent(&service, 1);
        talk(&service, &agent, &citizen);
        let heard = samples(&citizen.heard().unwrap());
        let loud = |part: &[i16]| part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / part.len() as f64;
        assert!(loud(&heard[4_000..12_000]).sqrt() > 300.0, "the menu is heard in {name}");
        assert!(citizen.log().contains(name), "{}", citizen.log());
    }
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

#[test]
fn an_agent_s_phone_is_shown_with_what_it_answers() {
    let service = Service::of(OPEN, &[], "sip: { ping: 1s }\n");
    let _amina = Phone::manual_agent(&service, "amina", 600);
    let line = |agent: &str| {
        let shown: serde_json::Value = serde_json::from_str(&service.get("/api/v1/agents").1).unwrap();
        let mut agents = shown["agents"].as_array().unwrap().iter();
        agents.find(|line| line["agent"] == agent).cloned().unwrap()
    };
    let reachable = || line("amina")["phones"][0]["reachable"] == "yes";
    service.until("the phone has answered", Duration::from_secs(20), reachable);
    let phone = line("amina")["phones"][0].clone();
    assert_eq!((&phone["transport"], &phone["proxy"]), (&"udp".into(), &false.into()), "{phone}");
    assert!(phone["software"].as_str().unwrap().starts_with("baresip"), "{phone}");
    assert!(phone["address"].as_str().unwrap().starts_with("127.0.0.1:"), "{phone}");
    assert!(phone["round_trip_ms"].is_u64() && phone["expires_in"].as_u64().unwrap() > 0, "{phone}");
    assert_eq!((&line("amina")["state"], &line("bruno")["phones"]), (&"available".into(), &serde_json::json!([])));
}
