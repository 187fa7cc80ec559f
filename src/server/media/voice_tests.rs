//! Legs that speak G.722 and Opus.

use std::sync::Arc;
use std::time::Duration;

use super::kind::Kind;
use super::leg::{Leg, Received};
use super::outgoing::Scratch;
use super::seat::{Given, Place};
use crate::base::{Chance, Instant, LegId, PlayId};
use crate::media::{
    Clip, Codec, Decoder, Encoder, FRAME, KeysInSound, Law, Repeat, RtcpPort, Stream, ToneDetector, lasts,
};
use crate::rtp::{HEADER_BYTES, Header, Packet};

const CALLER: LegId = LegId(1);
const AGENT: LegId = LegId(2);

fn at(ms: u64) -> Instant {
    Instant::START + Duration::from_millis(ms)
}

pub(super) fn stream(codec: Codec) -> Stream {
    Stream {
        remote: "192.0.2.1:4000".parse().unwrap(),
        codec,
        payload_type: 96,
        event_payload_type: Some(101),
        event_clock: codec.clock(),
        send: true,
        receive: true,
        rtcp: RtcpPort::Next,
        packet_ms: 20,
        longest_ms: u8::MAX,
        secret: None,
    }
}

fn leg(id: LegId, stream: Stream) -> Leg {
    let mut leg = Leg::new(at(0), id, &mut Chance::seeded(1));
    leg.connect(at(0), stream);
    leg
}

/// A voice of one tone, packet by packet, in a codec.
struct Voice {
    codec: Codec,
    encoder: Option<Encoder>,
    packet: u16,
    hz: f64,
}

impl Voice {
    fn new(codec: Codec, hz: f64) -> Self {
        Self { codec, encoder: Encoder::live(codec), packet: 0, hz }
    }

    /// The datagram of the next `frames` of 20 ms; frames of Opus go one by one.
    fn speak(&mut self, frames: usize) -> Vec<u8> {
        let from = usize::from(self.packet) * frames * FRAME;
        let sample = |i: usize| ((i as f64 / 8_000.0 * std::f64::consts::TAU * self.hz).sin() * 8_000.0) as i16;
        let samples: Vec<i16> = (from..from + frames * FRAME).map(sample).collect();
        let mut payload = Vec::new();
        for frame in samples.chunks(FRAME) {
            match (&mut self.encoder, self.codec.law()) {
                (Some(encoder), _) => {
                    let mut room = [0; 400];
                    let length = encoder.encode(frame, &mut room);
                    payload.extend_from_slice(&room[..length]);
                }
                (None, law) => payload.extend(frame.iter().map(|&sample| law.unwrap().encode(sample))),
            }
        }
        let timestamp = (frames * FRAME) as u32 * self.codec.steps() * u32::from(self.packet);
        let header = Header { payload_type: 96, marker: false, sequence: self.packet, timestamp, ssrc: 9 };
        self.packet += 1;
        let mut bytes = vec![0; HEADER_BYTES + payload.len()];
        header.write(&payload, &mut bytes).unwrap();
        bytes
    }
}

/// What is sent to a leg, as its phone hears it.
#[derive(Default)]
struct Ear {
    decoder: Decoder,
    headers: Vec<Header>,
    lengths: Vec<usize>,
    samples: Vec<i16>,
}

impl Ear {
    fn hear(&mut self, codec: Codec, header: &[u8], payload: &[u8]) {
        self.headers.push(Packet::parse(header).unwrap().header);
        let mut out = [0; _];
        let length = self.decoder.decode(codec, payload, &mut out);
        self.lengths.push(lasts(codec, payload));
        self.samples.extend_from_slice(&out[..length]);
    }

    /// Each packet follows the one before, by number and by time.
    fn assert_goes_on(&self, codec: Codec) {
        for (pair, length) in self.headers.windows(2).zip(&self.lengths) {
            assert_eq!((pair[1].ssrc, pair[1].sequence), (pair[0].ssrc, pair[0].sequence.wrapping_add(1)));
            assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), *length as u32 * codec.steps());
        }
    }

    fn share(&self, hz: f64) -> f64 {
        ToneDetector::share(hz, &self.samples[self.samples.len() / 2..])
    }
}

fn round(leg: &mut Leg, ms: u64, codec: Codec, ear: &mut Ear) {
    let mut scratch: Scratch = [0; _];
    let mut sent = leg.send(at(ms), &mut scratch).map(|out| (out.header, out.payload.to_vec()));
    while let Some((header, payload)) = sent {
        ear.hear(codec, &header, &payload);
        sent = leg.send_more(at(ms), &mut scratch).map(|out| (out.header, out.payload.to_vec()));
    }
}

/// What the listener is sent in two seconds of a voice.
fn bridged(theirs: Codec, listener: Stream, frames: usize, mut is_lost: impl FnMut(u16) -> bool) -> Ear {
    let (codec, mut ear, mut voice) = (listener.codec, Ear::default(), Voice::new(theirs, 440.0));
    let (mut caller, mut agent) = (leg(CALLER, stream(theirs)), leg(AGENT, listener));
    agent.hear(&[Place { leg: CALLER, desk: 0 }]);
    for n in 0..100 {
        if n % frames as u64 == 0 {
            let datagram = voice.speak(frames);
            let from = "192.0.2.1:4000".parse().unwrap();
            let Received::Heard { packet, kind, digit } = caller.receive(at(n * 20 + 5), from, &datagram) else {
                panic!("nothing is heard");
            };
            let given = Given { from: CALLER, packet, kind, digit };
            if !is_lost(packet.header.sequence) {
                let mut scratch: Scratch = [0; _];
                if let Some(out) = agent.take(at(n * 20 + 5), &given, false, &mut scratch) {
                    ear.hear(codec, &out.header, out.payload);
                }
            }
        }
        round(&mut agent, n * 20 + 10, codec, &mut ear);
    }
    ear
}

#[test]
fn who_speaks_another_codec_is_heard_in_ones_own() {
    let all = [Codec::Pcma, Codec::Pcmu, Codec::G722, Codec::Opus];
    for (theirs, ours) in all.into_iter().flat_map(|theirs| all.map(|ours| (theirs, ours))) {
        let ear = bridged(theirs, stream(ours), 1, |_| false);
        assert!(ear.share(440.0) > 0.95, "{theirs:?} to {ours:?}: {}", ear.share(440.0));
        ear.assert_goes_on(ours);
        assert!((98..=101).contains(&ear.headers.len()), "{theirs:?} to {ours:?}: {}", ear.headers.len());
    }
}

#[test]
fn what_is_lost_is_made_up_on_the_way_to_another_codec() {
    for (theirs, ours) in [(Codec::Opus, Codec::Pcma), (Codec::G722, Codec::Pcma), (Codec::Pcma, Codec::Opus)] {
        let ear = bridged(theirs, stream(ours), 1, |sequence| sequence % 10 == 7);
        ear.assert_goes_on(ours);
        assert!(ear.share(440.0) > 0.7, "{theirs:?} to {ours:?}: {}", ear.share(440.0));
        let quiet = ear.samples[4_000..].windows(80).filter(|part| part.iter().all(|s| s.abs() < 100)).count();
        assert_eq!(quiet, 0, "{theirs:?} to {ours:?} has holes");
    }
}

#[test]
fn a_packet_that_is_longer_than_the_listener_can_take_is_cut() {
    for (codec, most) in [(Codec::Pcma, 20), (Codec::G722, 30)] {
        let ear = bridged(codec, Stream { longest_ms: most, ..stream(codec) }, 3, |_| false);
        assert!(ear.lengths.iter().all(|length| *length <= usize::from(most) * 8), "{codec:?}: {:?}", ear.lengths);
        assert!(ear.share(440.0) > 0.95);
        let whole = bridged(codec, stream(codec), 3, |_| false);
        assert!(whole.lengths.iter().filter(|length| **length == 480).count() > 30, "else it is passed on as it is");
    }
}

#[test]
fn clips_are_played_in_every_codec_with_packets_of_every_length() {
    let clip = Arc::new(Clip::tone(440.0, -10.0, Duration::from_secs(2)));
    let wide: Vec<i16> = (0..32_000)
        .map(|i| ((f64::from(i) / 16_000.0 * std::f64::consts::TAU * 440.0).sin() * 8_000.0) as i16)
        .collect();
    for is_wide in [false, true] {
        for codec in [Codec::G722, Codec::Opus] {
            for packet_ms in [10, 20, 30, 40, 50, 60_u8] {
                let (mut leg, mut ear) = (leg(CALLER, Stream { packet_ms, ..stream(codec) }), Ear::default());
                leg.play(PlayId(1), vec![Arc::clone(&clip)], Repeat::Once, true);
                (0..90).for_each(|n| round(&mut leg, n * 20, codec, &mut ear));
                ear.assert_goes_on(codec);
                let what = format!("{codec:?} {packet_ms} ms, wide: {is_wide}");
                assert!(ear.share(440.0) > 0.95, "{what}: {}", ear.share(440.0));
                assert!(ear.lengths.iter().all(|length| *length == usize::from(packet_ms) * 8), "{what}");
            }
        }
        clip.widen(Codec::G722, &wide);
        clip.widen(Codec::Opus, &wide);
    }
}

#[test]
fn keys_are_heard_in_the_sound_of_every_codec() {
    for codec in [Codec::Pcma, Codec::G722, Codec::Opus] {
        let mut leg = Leg::new(at(0), CALLER, &mut Chance::seeded(1));
        leg.keys_in_sound = KeysInSound::WithoutEvents;
        leg.connect(at(0), Stream { event_payload_type: None, ..stream(codec) });
        let mut encoder = Encoder::live(codec);
        let mut keys = String::new();
        for packet in 0..40_u16 {
            // 100 ms of 5, with as much silence before and after.
            let loud = if (packet / 5) % 2 == 1 { 5_000.0 } else { 0.0 };
            let samples: [i16; FRAME] = std::array::from_fn(|i| {
                let t = (usize::from(packet) * FRAME + i) as f64 / 8_000.0 * std::f64::consts::TAU;
                (((770.0 * t).sin() + (1_336.0 * t).sin()) * loud) as i16
            });
            let mut payload = [0; 400];
            let length = match &mut encoder {
                Some(encoder) => encoder.encode(&samples, &mut payload),
                None => {
                    payload.iter_mut().zip(samples).for_each(|(byte, sample)| *byte = Law::A.encode(sample));
                    FRAME
                }
            };
            let timestamp = u32::from(packet) * FRAME as u32 * codec.steps();
            let header = Header { payload_type: 96, marker: false, sequence: packet, timestamp, ssrc: 9 };
            let mut bytes = vec![0; HEADER_BYTES + length];
            header.write(&payload[..length], &mut bytes).unwrap();
            let from = "192.0.2.1:4000".parse().unwrap();
            if let Received::Heard { digit, kind, .. } = leg.receive(at(u64::from(packet) * 20), from, &bytes) {
                assert_eq!(kind, Kind::Sound(codec));
                keys.extend(digit.map(|digit| digit.as_char()));
            }
        }
        assert_eq!(keys, "5555", "{codec:?}");
    }
}
