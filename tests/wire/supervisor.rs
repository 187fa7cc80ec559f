//! A supervisor at a phone of her own: whom she hears, and who hears her.

use std::time::{Duration, Instant};

use super::baresip::Phone;
use super::media::samples;
use super::service::{OPEN, Service, story, times};
use svi::media::ToneDetector;

const SOON: Duration = Duration::from_secs(30);
const AGENTS: &str = "agents:\n  - { name: amina, password: secret, extension: \"21\" }\n  \
                      - { name: bruno, password: secret }\n  - { name: zoe, password: secret, role: supervisor }\n";
const CITIZEN: u32 = 1_000;
const AMINA: u32 = 600;
const ZOE: u32 = 1_900;

/// Seconds in which a tone is a good part of what is heard, perhaps beside others.
fn seconds_of(service: &Service, tone: u32, phone: &Phone) -> f64 {
    let heard = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
    // The phone writes how long the recording is when it closes it, a moment after the call.
    service.until("the phone has closed its recording", SOON, || !heard().is_empty());
    let mut detector = ToneDetector::new(f64::from(tone));
    let heard = heard();
    let blocks = heard.iter().filter_map(|sample| detector.push(*sample));
    blocks.filter(|tone| tone.purity > 0.15 && tone.level > -45.0).count() as f64 / 20.0
}

fn talking(service: &Service) -> (Phone, Phone, Phone) {
    let amina = Phone::agent(service, "amina", AMINA);
    let zoe = Phone::manual_agent(service, "zoe", ZOE);
    let citizen = Phone::citizen(service, CITIZEN);
    citizen.ask_for_an_agent(service, 1);
    service.until_log("connected amina", SOON);
    (amina, zoe, citizen)
}

/// Lets three seconds pass, as a part of what is tested.
fn pass(service: &Service) {
    let began = Instant::now();
    service.until("time passes", SOON, || began.elapsed() > Duration::from_secs(3));
}

#[test]
fn a_supervisor_listens_whispers_and_joins_in() {
    let service = Service::of_agents(OPEN, &[], &format!("{AGENTS}supervision: {{ allowed: true }}\n"));
    let (amina, zoe, citizen) = talking(&service);
    zoe.command("dial", &format!("sip:*2021@{}", service.sip));
    service.until_log("supervised by zoe listen", SOON);
    pass(&service);
    zoe.command("sndcode", "2");
    service.until_log("supervised by zoe whisper", SOON);
    pass(&service);
    zoe.command("sndcode", "3");
    service.until_log("supervised by zoe barge", SOON);
    pass(&service);
    citizen.command("hangup", "");
    service.until("zoe's phone is hung up", SOON, || zoe.log().contains("session closed"));
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "supervision ended zoe"), 1, "{:?}", story(record));
    let zoe_heard = [AMINA, CITIZEN].map(|tone| seconds_of(&service, tone, &zoe));
    assert!(zoe_heard.iter().all(|seconds| *seconds > 7.0), "zoe heard both: {zoe_heard:?}");
    let amina_heard = seconds_of(&service, ZOE, &amina);
    assert!((4.5..8.5).contains(&amina_heard), "amina heard zoe while she whispered and joined in: {amina_heard}");
    let citizen_heard = seconds_of(&service, ZOE, &citizen);
    assert!((1.5..5.0).contains(&citizen_heard), "the citizen heard zoe only when she joined in: {citizen_heard}");
    assert!(seconds_of(&service, 1_400, &amina) >= 0.15, "amina had notice by a tone");
    assert!(seconds_of(&service, 1_400, &citizen) >= 0.15, "and the citizen");
}

#[test]
fn a_supervisor_s_phone_is_rung_by_the_api_and_the_talk_goes_on_without_her() {
    let service = Service::of_agents(OPEN, &[], &format!("{AGENTS}supervision: {{ allowed: true }}\n"));
    let (_amina, zoe, citizen) = talking(&service);
    let (status, body) = service.post("/api/v1/supervise", r#"{"agent":"amina","supervisor":"zoe","mode":"whisper"}"#);
    assert_eq!(status, 202, "{body}");
    service.until("zoe's phone rings", SOON, || zoe.log().contains("Incoming call"));
    zoe.command("accept", "");
    service.until_log("supervised by zoe whisper", SOON);
    zoe.command("hangup", "");
    service.until_log("supervision ended zoe", SOON);
    pass(&service);
    citizen.command("hangup", "");
    let record = &service.records_of(1)[0];
    assert_eq!((&record["ending"]["by"], &record["agent"]), (&"caller".into(), &"amina".into()));
}

#[test]
fn who_is_no_supervisor_or_where_it_is_not_allowed_hears_nothing() {
    let service = Service::of_agents(OPEN, &[], &format!("{AGENTS}supervision: {{ allowed: true }}\n"));
    let bruno = Phone::manual_agent(&service, "bruno", 700);
    bruno.command("dial", &format!("sip:*2021@{}", service.sip));
    service.until("bruno is refused", SOON, || bruno.log().contains("403"));
    let strict = Service::of_agents(OPEN, &[], AGENTS);
    let zoe = Phone::manual_agent(&strict, "zoe", ZOE);
    zoe.command("dial", &format!("sip:*2021@{}", strict.sip));
    strict.until("zoe is refused", SOON, || zoe.log().contains("403"));
}
