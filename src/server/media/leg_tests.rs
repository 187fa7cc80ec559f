//! A leg without sockets: what it does at which moment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::kind::Kind;
use super::leg::{Leg, Received};
use super::outgoing::Outbound;
use super::seat::{Given, Place};
use crate::base::{Chance, Digit, Instant, LegId, PlayId, WallTime};
use crate::media::{Clip, Codec, Event, FRAME, KeysInSound, Law, Repeat, RtcpPort, Stream, Wide};
use crate::rtp::{HEADER_BYTES, Header, Packet, TelephoneEvent, rtcp};

mod names;
mod reports;

const PEER: &str = "192.0.2.1:4000";
const SILENCE: Duration = Duration::from_secs(30);

fn at(ms: u64) -> Instant {
    Instant::START + Duration::from_millis(ms)
}

fn peer() -> SocketAddr {
    PEER.parse().unwrap()
}

fn stream() -> Stream {
    let remote = peer();
    Stream {
        remote,
        codec: Codec::Pcma,
        payload_type: 8,
        event_payload_type: Some(101),
        send: true,
        receive: true,
        rtcp: RtcpPort::Next,
        event_clock: 8_000,
        packet_ms: 20,
        longest_ms: 255,
        secret: None,
    }
}

fn leg() -> Leg {
    let mut leg = Leg::new(at(0), LegId(1), &mut Chance::seeded(1));
    leg.connect(at(0), stream());
    leg
}

fn datagram(payload_type: u8, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let header = Header { payload_type, marker: false, sequence, timestamp: u32::from(sequence) * 160, ssrc: 9 };
    let mut bytes = vec![0; HEADER_BYTES + payload.len()];
    header.write(payload, &mut bytes).unwrap();
    bytes
}

/// The payload that the leg sends in this round.
fn sent(leg: &mut Leg, ms: u64) -> Option<Vec<u8>> {
    let mut buffer = [0; 2_048];
    let Outbound { payload, target, .. } = leg.send(at(ms), &mut buffer)?;
    assert_eq!(target, peer());
    Some(payload.to_vec())
}

fn clip(byte: u8, frames: usize) -> Vec<Arc<Clip>> {
    let bytes: Box<[u8]> = vec![byte; frames * FRAME].into();
    vec![Arc::new(Clip {
        name: "".into(),
        samples: bytes.len(),
        pcma: bytes.clone(),
        pcmu: bytes,
        wide: Wide::default(),
    })]
}

fn key() -> [u8; 4] {
    TelephoneEvent { code: 1, end: false, volume: 10, duration: 160 }.bytes()
}

#[test]
fn what_is_played_before_the_connection_is_heard_from_its_start() {
    let mut leg = Leg::new(at(0), LegId(1), &mut Chance::seeded(1));
    leg.play(PlayId(1), clip(7, 2), Repeat::Once, true);
    assert_eq!(sent(&mut leg, 0), None);
    assert_eq!(leg.news(at(0), SILENCE), None);
    leg.connect(at(500), stream());
    assert_eq!(sent(&mut leg, 520), Some(vec![7; FRAME]));
    assert_eq!(leg.news(at(520), SILENCE), None);
    assert_eq!(sent(&mut leg, 540), Some(vec![7; FRAME]));
    assert_eq!(leg.news(at(540), SILENCE), Some(Event::Finished { leg: LegId(1), play: PlayId(1) }));
    assert_eq!(leg.news(at(540), SILENCE), None);
    assert_eq!(sent(&mut leg, 560), Some(vec![0xD5; FRAME]));
}

#[test]
fn what_was_stopped_or_replaced_never_says_that_it_finished() {
    let mut leg = leg();
    leg.play(PlayId(1), clip(7, 1), Repeat::Once, true);
    leg.play(PlayId(2), clip(8, 9), Repeat::Once, true);
    assert_eq!(sent(&mut leg, 0), Some(vec![8; FRAME]));
    let Received::Heard { digit, .. } = leg.receive(at(10), peer(), &datagram(101, 1, &key())) else { panic!() };
    assert_eq!(digit, Digit::from_char('1'));
    assert_eq!(sent(&mut leg, 20), Some(vec![0xD5; FRAME]));
    assert_eq!(leg.news(at(20), SILENCE), None);
}

#[test]
fn music_goes_on_after_an_announcement_where_it_was() {
    let mut leg = leg();
    let music = [1, 2, 3].map(|byte| clip(byte, 1)).concat();
    leg.play(PlayId(1), music.clone(), Repeat::Forever, false);
    assert_eq!(sent(&mut leg, 0), Some(vec![1; FRAME]));
    leg.play(PlayId(2), clip(7, 1), Repeat::Once, false);
    assert_eq!(sent(&mut leg, 20), Some(vec![7; FRAME]));
    assert!(leg.news(at(20), SILENCE).is_some());
    leg.play(PlayId(3), music, Repeat::Resumed, false);
    assert_eq!(sent(&mut leg, 40), Some(vec![2; FRAME]));
}

#[test]
fn a_whisper_to_a_bridged_leg_covers_the_other_voice_until_it_ends() {
    let mut leg = leg();
    leg.hear(&[Place { leg: LegId(2), desk: 0 }]);
    let voice = datagram(8, 1, &[3; FRAME]);
    let packet = Packet::parse(&voice).unwrap();
    let mut buffer = [0; 2_048];
    assert!(leg.relay(at(0), &packet, Kind::Sound(Codec::Pcma), &mut buffer).is_some());
    leg.play(PlayId(1), clip(7, 1), Repeat::Once, false);
    assert_eq!(leg.relay(at(5), &packet, Kind::Sound(Codec::Pcma), &mut buffer), None);
    assert_eq!(sent(&mut leg, 20), Some(vec![7; FRAME]));
    assert!(leg.news(at(20), SILENCE).is_some());
    assert!(leg.relay(at(25), &packet, Kind::Sound(Codec::Pcma), &mut buffer).is_some());
}

#[test]
fn after_a_hold_the_numbering_goes_on_without_a_hole() {
    let mut leg = leg();
    leg.hear(&[Place { leg: LegId(2), desk: 0 }]);
    let number = |leg: &mut Leg, ms: u64, sequence: u16| {
        let voice = datagram(8, sequence, &[3; FRAME]);
        let (packet, mut buffer) = (Packet::parse(&voice).unwrap(), [0; 2_048]);
        let outbound = leg.relay(at(ms), &packet, Kind::Sound(Codec::Pcma), &mut buffer)?;
        Packet::parse(&outbound.header).map(|sent| (sent.header.sequence, sent.header.marker))
    };
    let (before, _) = number(&mut leg, 0, 1).unwrap();
    leg.connect(at(10), Stream { send: false, ..stream() });
    assert!((2..200).all(|sequence| number(&mut leg, u64::from(sequence) * 20, sequence).is_none()));
    leg.connect(at(4_000), stream());
    assert_eq!(number(&mut leg, 4_010, 200), Some((before.wrapping_add(1), true)));
}

#[test]
fn keys_for_a_peer_that_knows_no_events_do_not_stop_its_sound() {
    let mut leg = leg();
    leg.connect(at(0), Stream { event_payload_type: None, ..stream() });
    leg.send_digits(&[Digit::ZERO]);
    leg.hear(&[Place { leg: LegId(2), desk: 0 }]);
    let voice = datagram(8, 1, &[3; FRAME]);
    let packet = Packet::parse(&voice).unwrap();
    assert!(leg.relay(at(0), &packet, Kind::Sound(Codec::Pcma), &mut [0; 2_048]).is_some());
    assert_eq!(leg.relay(at(0), &packet, Kind::Key(8_000), &mut [0; 2_048]), None);
}

#[test]
fn a_key_whose_event_has_another_clock_is_pressed_anew() {
    for (ours, expected) in [(8_000, 160), (48_000, 960)] {
        let mut leg = leg();
        leg.connect(at(0), Stream { event_clock: ours, ..stream() });
        leg.hear(&[Place { leg: LegId(2), desk: 0 }]);
        let event = datagram(96, 1, &key());
        let (packet, mut buffer) = (Packet::parse(&event).unwrap(), [0; 2_048]);
        let given = Given { from: LegId(2), packet, kind: Kind::Key(8_000), digit: Digit::from_char('1') };
        let passed_on = leg.take(at(0), &given, false, &mut buffer).map(|out| out.payload.to_vec());
        let sent = passed_on.or_else(|| sent(&mut leg, 20)).unwrap();
        let sent = TelephoneEvent::parse(&sent).unwrap();
        assert_eq!((sent.code, sent.duration), (1, expected), "{ours}");
    }
}

#[test]
fn a_peer_on_hold_presses_keys_but_is_not_heard() {
    let mut leg = leg();
    leg.connect(at(0), Stream { receive: false, ..stream() });
    assert_eq!(leg.receive(at(0), peer(), &datagram(8, 1, &[3; FRAME])), Received::Nothing);
    assert!(matches!(leg.receive(at(0), peer(), &datagram(101, 2, &key())), Received::Heard { digit: Some(_), .. }));
    assert_eq!(leg.stats().received, 2);
}

#[test]
fn silence_counts_from_the_last_sign_of_life_of_either_kind() {
    let mut leg = leg();
    leg.receive(at(10_000), peer(), &datagram(8, 1, &[3; FRAME]));
    assert_eq!(leg.news(at(39_999), SILENCE), None);
    assert!(matches!(leg.news(at(40_000), SILENCE), Some(Event::Silent { lasted, .. }) if lasted == SILENCE));
    assert_eq!(leg.news(at(69_999), SILENCE), None);
    assert!(matches!(leg.news(at(70_000), SILENCE), Some(Event::Silent { lasted, .. }) if lasted == 2 * SILENCE));
    leg.receive_rtcp(at(90_000), "192.0.2.1:4001".parse().unwrap(), &rtcp::bye(1, "x").unwrap());
    leg.receive_rtcp(at(95_000), "192.0.2.66:4001".parse().unwrap(), &rtcp::bye(1, "x").unwrap());
    assert_eq!(leg.news(at(119_999), SILENCE), None);
    assert!(leg.news(at(120_000), SILENCE).is_some());
}

#[test]
fn nothing_is_sent_to_an_address_that_is_none() {
    for remote in ["0.0.0.0:4000", "192.0.2.1:0"] {
        let mut leg = leg();
        leg.connect(at(0), Stream { remote: remote.parse().unwrap(), ..stream() });
        assert_eq!(leg.send(at(0), &mut [0; 2_048]), None, "{remote}");
        assert_eq!(leg.goodbye("x"), None, "{remote}");
    }
}

proptest! {
    #[test]
    fn whatever_a_peer_sends_is_read_and_passed_on_without_a_panic(
        datagrams in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 0..200), any::<bool>(), any::<u16>()), 1..40),
    ) {
        let (mut one, mut other) = (leg(), leg());
        other.hear(&[Place { leg: LegId(1), desk: 0 }]);
        let mut buffer = [0; 2_048];
        for (i, (mut bytes, is_key, sequence)) in datagrams.into_iter().enumerate() {
            if bytes.len() >= HEADER_BYTES && sequence % 4 != 0 {
                bytes[0] = 0x80;
                bytes[1] = if is_key { 101 } else { 8 };
            }
            let now = at(i as u64 * 7);
            one.receive_rtcp(now, peer(), &bytes);
            if let Received::Heard { packet, kind, .. } = one.receive(now, peer(), &bytes)
                && let Some(outbound) = other.relay(now, &packet, kind, &mut buffer)
            {
                prop_assert_eq!(outbound.payload, packet.payload);
            }
            other.send(now, &mut buffer);
        }
    }
}

/// A packet of a key's two tones, as A-law.
fn tones(low: f64, high: f64, packet: u16) -> [u8; FRAME] {
    std::array::from_fn(|i| {
        let t = (usize::from(packet) * FRAME + i) as f64 / 8_000.0 * std::f64::consts::TAU;
        Law::A.encode(((low * t).sin() * 6_000.0 + (high * t).sin() * 6_000.0) as i16)
    })
}

/// The keys that a leg hears in 100 ms of the key 5, and of its event 40 ms later.
fn keys_heard(wanted: KeysInSound, has_events: bool, sends_event: bool) -> String {
    let mut leg = Leg::new(at(0), LegId(1), &mut Chance::seeded(1));
    leg.keys_in_sound = wanted;
    leg.connect(at(0), Stream { event_payload_type: has_events.then_some(101), ..stream() });
    let mut keys = String::new();
    for packet in 0..10_u16 {
        let sound = if packet < 5 { tones(770.0, 1_336.0, packet) } else { [0xD5; FRAME] };
        let event = TelephoneEvent { code: 5, end: false, volume: 10, duration: packet * 160 }.bytes();
        let is_event = sends_event && (2..7).contains(&packet);
        let bytes = datagram(if is_event { 101 } else { 8 }, packet, if is_event { &event } else { &sound });
        if let Received::Heard { digit: Some(digit), .. } = leg.receive(at(u64::from(packet) * 20), peer(), &bytes) {
            keys.push(digit.as_char());
        }
    }
    keys
}

#[test]
fn a_key_is_heard_as_tones_where_there_are_no_events_and_never_twice() {
    assert_eq!(keys_heard(KeysInSound::WithoutEvents, false, false), "5");
    assert_eq!(keys_heard(KeysInSound::WithoutEvents, true, false), "");
    assert_eq!(keys_heard(KeysInSound::WithoutEvents, true, true), "5");
    assert_eq!(keys_heard(KeysInSound::Always, true, false), "5");
    assert_eq!(keys_heard(KeysInSound::Always, true, true), "5", "a key as event and as sound is one");
    assert_eq!(keys_heard(KeysInSound::Never, false, false), "");
}

/// All that a leg sends in a round, as headers with the lengths of their payloads.
fn round(leg: &mut Leg, ms: u64) -> Vec<(Header, usize)> {
    let read = |outbound: Outbound<'_>| (Packet::parse(&outbound.header).unwrap().header, outbound.payload.len());
    let mut buffer = [0; 2_048];
    let mut all: Vec<_> = leg.send(at(ms), &mut buffer).map(read).into_iter().collect();
    while let Some(outbound) = leg.send_more(at(ms), &mut buffer) {
        all.push(read(outbound));
    }
    all
}

fn assert_goes_on(packets: &[(Header, usize)], what: &str) {
    for pair in packets.windows(2) {
        let ((one, length), (next, _)) = (pair[0], pair[1]);
        assert_eq!((next.ssrc, next.sequence), (one.ssrc, one.sequence.wrapping_add(1)), "{what}");
        assert_eq!(next.timestamp, one.timestamp.wrapping_add(length as u32), "{what}");
    }
}

#[test]
fn a_peer_gets_packets_of_the_length_that_it_asked_for_without_a_break() {
    for packet_ms in [10, 20, 30, 40, 50, 60_u8] {
        let mut leg = leg();
        leg.connect(at(0), Stream { packet_ms, ..stream() });
        leg.play(PlayId(1), clip(7, 20), Repeat::Once, true);
        let packets: Vec<_> = (0..60).flat_map(|n| round(&mut leg, n * 20)).collect();
        assert!(packets.iter().all(|(_, length)| *length == usize::from(packet_ms) * 8), "{packet_ms}");
        assert_eq!(packets.len(), 1_200 / usize::from(packet_ms));
        assert_eq!(packets.iter().filter(|(header, _)| header.marker).count(), 1, "{packet_ms} ms is no pause");
        assert_goes_on(&packets, &format!("{packet_ms} ms"));
    }
}

#[test]
fn the_numbering_goes_on_across_prompts_a_key_that_cuts_one_and_another_address() {
    let mut leg = leg();
    let mut packets = Vec::new();
    leg.play(PlayId(1), clip(7, 2), Repeat::Once, true);
    (0..4).for_each(|n| packets.extend(round(&mut leg, n * 20)));
    leg.play(PlayId(2), clip(8, 50), Repeat::Once, true);
    (4..8).for_each(|n| packets.extend(round(&mut leg, n * 20)));
    leg.receive(at(150), peer(), &datagram(101, 1, &key()));
    (8..12).for_each(|n| packets.extend(round(&mut leg, n * 20)));
    let moved: SocketAddr = "192.0.2.9:5000".parse().unwrap();
    leg.connect(at(235), Stream { remote: moved, ..stream() });
    assert_eq!(leg.send(at(240), &mut [0; 2_048]).unwrap().target, moved, "a re-INVITE moves the sound at once");
    leg.play(PlayId(3), clip(9, 2), Repeat::Once, true);
    let after: Vec<_> = (13..16).flat_map(|n| round(&mut leg, n * 20)).collect();
    assert_goes_on(&packets, "prompts");
    assert_goes_on(&after, "after the move");
    let (last, first) = (packets.last().unwrap().0, after[0].0);
    assert_eq!((first.ssrc, first.sequence), (last.ssrc, last.sequence.wrapping_add(2)), "one was sent between");
    assert_eq!(first.timestamp, last.timestamp.wrapping_add(320));
}
