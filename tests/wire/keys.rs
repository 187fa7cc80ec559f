//! Keys, however a phone sends them, and how fast they stop the voice.

use std::time::Duration;

use super::baresip::Phone;
use super::raw::{Event, PRESS, Packet, RawCall};
use super::service::{OPEN, Service, story, times};
use super::sipp::Sipp;

const SOON: Duration = Duration::from_secs(10);

#[test]
fn keys_by_sip_info_lead_through_the_menus() {
    let service = Service::start(OPEN);
    Sipp::new(&service, "info", "200").run();
    let record = &service.records_of(1)[0];
    for step in ["step principal", "step sejour", "step etrangers"] {
        assert_eq!(times(record, step), 1, "{:?}", story(record));
    }
    assert_eq!(times(record, "key"), 2);
}

#[test]
fn a_key_that_comes_by_info_and_by_rtp_is_one_key() {
    let service = Service::start(OPEN);
    let mut call = RawCall::dial(&service, "100", 101);
    call.press(2, &PRESS, 1);
    call.listen(Duration::from_millis(500));
    assert_eq!(call.info('2'), 200);
    call.listen(Duration::from_secs(1));
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "key"), 1, "{:?}", story(record));
}

#[test]
fn the_payload_type_for_keys_is_the_caller_s_choice() {
    let service = Service::start(OPEN);
    let mut call = RawCall::dial(&service, "100", 96);
    assert!(call.answer.contains("a=rtpmap:96 telephone-event/8000"), "{}", call.answer);
    call.listen(Duration::from_millis(500));
    call.press(2, &PRESS, 1);
    call.listen(Duration::from_secs(1));
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "step infos"), 1, "{:?}", story(record));
}

#[test]
fn a_phone_without_events_reaches_an_agent_by_the_tones_of_0() {
    let service = Service::start(OPEN);
    let agent = Phone::agent(&service, "amina", 600);
    let mut call = RawCall::offering(&service, "100", "8", "");
    assert!(!call.answer.contains("telephone-event"), "{}", call.answer);
    call.listen(Duration::from_millis(300));
    call.press_tones(941.0, 1_336.0);
    service.until_log("connected amina", Duration::from_secs(20));
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!((&record["agent"], times(record, "key")), (&"amina".into(), 1), "{:?}", story(record));
    drop(agent);
}

/// Whatever of a press is lost or comes twice, it is one key.
#[test]
fn a_press_is_one_key_with_packets_doubled_or_lost() {
    let only_start = &PRESS[..3];
    let only_end = &PRESS[4..];
    let one_packet = [Event { duration: 480, end: false }];
    let cases: [(&str, &[Event], usize); 5] = [
        ("all twice", &PRESS, 2),
        ("end lost", only_start, 1),
        ("start lost", only_end, 1),
        ("end lost, the rest thrice", only_start, 3),
        ("one packet", &one_packet, 1),
    ];
    let service = Service::start(OPEN);
    for (n, (what, packets, copies)) in cases.into_iter().enumerate() {
        let mut call = RawCall::dial(&service, "200", 101);
        call.listen(Duration::from_millis(300));
        // Two presses of the same key: two levels of menus, never one or three.
        call.press(1, packets, copies);
        call.listen(Duration::from_millis(400));
        call.press(1, packets, copies);
        call.listen(Duration::from_millis(800));
        call.hang_up();
        let record = &service.records_of(n + 1)[n];
        assert_eq!(times(record, "key"), 2, "{what}: {:?}", story(record));
        assert_eq!(times(record, "step sejour-premiere"), 1, "{what}: {:?}", story(record));
    }
}

/// PCMA's silence.
fn is_silent(packet: &Packet) -> bool {
    packet.payload.iter().all(|byte| *byte == 0xd5)
}

/// Speech from its first sound on.
fn from_first_sound(packets: Vec<Packet>) -> Vec<Packet> {
    packets.into_iter().skip_while(is_silent).collect()
}

/// The welcome is heard once whole, to know its packets; then a key is pressed in its
/// midst, and the packets of it that still come are counted: 40 ms are two. Packets are
/// counted, not milliseconds, so that a busy machine does not matter.
#[test]
fn the_voice_stops_within_40_ms_of_the_first_packet_of_a_key() {
    let service = Service::start(OPEN);
    let call = RawCall::dial(&service, "100", 101);
    let whole = from_first_sound(call.listen(Duration::from_secs(3)));
    call.hang_up();
    assert!(whole.len() > 100, "the welcome was heard: {} packets", whole.len());
    for after in [30, 45, 60, 75] {
        let mut call = RawCall::dial(&service, "100", 101);
        let mut heard = Vec::new();
        while heard.len() < after {
            heard.extend(call.hear().filter(|packet| !heard.is_empty() || !is_silent(packet)));
        }
        // What waits in our own socket was sent before the key.
        heard.extend(call.heard_already());
        call.press(2, &PRESS[..1], 1);
        let before = heard.len();
        heard.extend(call.listen(Duration::from_millis(400)));
        call.hang_up();
        let same = heard.iter().zip(&whole).take_while(|(a, b)| a.payload == b.payload).count();
        assert!(same >= before, "the welcome is the same every time: {same} of {before} packets");
        assert!(same <= before + 2, "{} packets of the welcome came after the key", same - before);
        assert!(heard.len() > before + 5, "the call goes on");
        let steady = heard.windows(2).all(|w| w[1].sequence == w[0].sequence.wrapping_add(1));
        assert!(steady, "no packet is left out where one prompt gives way to the next");
    }
}

/// Muted phones send nothing. They are asked whether they live, and may stay.
#[test]
fn a_silent_phone_that_answers_options_stays_in_the_call() {
    let service = Service::with(OPEN, "limits: { media_silence: 2s }\n");
    let call = RawCall::dial(&service, "100", 101);
    for _ in 0..2 {
        let asked = call.request(SOON).expect("the phone is asked");
        assert!(asked.starts_with("OPTIONS ") && asked.contains(";tag=raw"), "asked within the dialog: {asked}");
        call.accept(&asked);
    }
    assert_eq!(service.metric("svi_calls_active"), 1.0);
    call.hang_up();
    assert_eq!(service.records_of(1)[0]["ending"]["by"], "caller");
}

#[test]
fn a_silent_phone_that_answers_nothing_is_given_up() {
    let service = Service::with(OPEN, "limits: { media_silence: 2s }\n");
    let call = RawCall::dial(&service, "100", 101);
    let asked = call.request(SOON).expect("the phone is asked");
    assert!(asked.starts_with("OPTIONS "), "{asked}");
    let record = &service.records_of(1)[0];
    assert_eq!(record["ending"], serde_json::json!({"by": "peer", "why": "dead-peer"}));
    service.until("no call is up", SOON, || service.metric("svi_calls_active") == 0.0);
}
