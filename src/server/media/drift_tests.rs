//! A talk between two phones whose clocks are neither ours nor each other's, on a virtual clock:
//! passed on, made anew in another codec, mixed for a supervisor, and recorded.
//!
//! The figures of an hour are in docs/performance.md:
//! `SVI_HOUR=1 cargo test --lib drift_tests -- --nocapture`; the gate takes two minutes of it.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::time::Duration;

use super::leg::{Leg, Received};
use super::outgoing::Scratch;
use super::seat::{Given, Place};
use super::voice_tests::stream;
use crate::base::{Chance, Instant, LegId};
use crate::media::{Codec, Decoder, Encoder, FRAME, Unpacker};
use crate::rtp::{HEADER_BYTES, Header, Packet};

const CALLER: LegId = LegId(1);
const AGENT: LegId = LegId(2);
const SUPERVISOR: LegId = LegId(3);
/// What a worker looks at the sockets in, in µs.
const SLOT: u64 = 2_000;
/// The way of a packet, in µs, and by how much more it takes at most.
const WAY: (u64, usize) = (30_000, 8_000);

fn at(micros: u64) -> Instant {
    Instant::START + Duration::from_micros(micros)
}

/// A phone that says a word of 0.7 s in each second of its own clock.
struct Phone {
    codec: Codec,
    encoder: Option<Encoder>,
    ppm: i64,
    packets: u64,
    /// What is on its way, and when it arrives.
    wire: VecDeque<(u64, Vec<u8>)>,
    chance: Chance,
}

impl Phone {
    fn new(codec: Codec, ppm: i64) -> Self {
        let chance = Chance::seeded(ppm.unsigned_abs());
        Self { codec, encoder: Encoder::live(codec), ppm, packets: 0, wire: VecDeque::new(), chance }
    }

    /// When, in µs, so many samples have been spoken.
    fn moment(&self, samples: u64) -> u64 {
        (samples as f64 * 125.0 / (1.0 + self.ppm as f64 / 1e6)) as u64
    }

    /// A datagram that is here by now.
    fn arrived(&mut self, now: u64) -> Option<Vec<u8>> {
        while self.moment((self.packets + 1) * FRAME as u64) + WAY.0 <= now {
            let arrives = self.moment((self.packets + 1) * FRAME as u64) + WAY.0 + self.chance.below(WAY.1) as u64;
            let bytes = self.speak();
            self.wire.push_back((arrives, bytes));
        }
        self.wire.pop_front_if(|(arrives, _)| *arrives <= now).map(|(_, bytes)| bytes)
    }

    fn speak(&mut self) -> Vec<u8> {
        let from = self.packets * FRAME as u64;
        let samples: [i16; FRAME] = std::array::from_fn(|i| {
            let place = (from + i as u64) % 8_000;
            let wave = |n: u64| (TAU * (n * place % 64) as f64 / 64.0).sin() * 4_000.0 / n as f64;
            if place < 5_600 { (1..6).map(wave).sum::<f64>() as i16 } else { 0 }
        });
        let mut payload = [0; 400];
        let length = match (&mut self.encoder, self.codec.law()) {
            (Some(encoder), _) => encoder.encode(&samples, &mut payload),
            (None, law) => {
                payload.iter_mut().zip(samples).for_each(|(byte, sample)| *byte = law.unwrap().encode(sample));
                FRAME
            }
        };
        // Both numberings begin near a turn.
        let timestamp = (u32::MAX - 70_000).wrapping_add((from * u64::from(self.codec.steps())) as u32);
        let sequence = 65_500_u16.wrapping_add(self.packets as u16);
        let header = Header { payload_type: 96, marker: false, sequence, timestamp, ssrc: 9 };
        self.packets += 1;
        let mut bytes = vec![0; HEADER_BYTES + length];
        header.write(&payload[..length], &mut bytes).unwrap();
        bytes
    }
}

/// What goes to one phone, and how long after it was said each word of the other is in it.
#[derive(Default)]
struct Ear {
    decoder: Decoder,
    last: Option<Header>,
    packets: u64,
    /// Samples of silence in a row.
    quiet: u32,
    delays_ms: Vec<f64>,
}

impl Ear {
    fn hear(&mut self, now: u64, (codec, ppm): (Codec, i64), header: &[u8], payload: &[u8]) {
        let header = Packet::parse(header).unwrap().header;
        if let Some(last) = self.last.replace(header) {
            assert_eq!(header.sequence, last.sequence.wrapping_add(1), "no number is left out");
            assert_eq!(header.timestamp.wrapping_sub(last.timestamp), FRAME as u32 * codec.steps());
        }
        self.packets += 1;
        let mut sound = [0; _];
        let length = self.decoder.decode(codec, payload, &mut sound);
        for (i, sample) in sound[..length].iter().enumerate() {
            if sample.unsigned_abs() > 1_000 {
                let heard = now as f64 / 1e6 + i as f64 / 8_000.0;
                let rate = 1.0 + ppm as f64 / 1e6;
                let said = (heard * rate).floor() / rate;
                if self.quiet > 1_000 && heard > 10.0 {
                    self.delays_ms.push((heard - said) * 1_000.0);
                }
                self.quiet = 0;
            } else if sample.unsigned_abs() < 200 {
                self.quiet += 1;
            }
        }
    }

    /// The mean of the first and of the last thirty words, the least and the most.
    fn delay(&self) -> [f64; 4] {
        let mean = |delays: &[f64]| delays.iter().sum::<f64>() / delays.len() as f64;
        let all = &self.delays_ms;
        let (least, most) = all.iter().fold((f64::MAX, 0.0_f64), |(least, most), &ms| (least.min(ms), most.max(ms)));
        [mean(&all[..30]), mean(&all[all.len() - 30..]), least, most]
    }
}

fn minutes() -> u64 {
    if std::env::var_os("SVI_HOUR").is_some() { 60 } else { 2 }
}

/// One side of a talk: its phone, its leg, and what its phone is sent of the other.
struct Side {
    phone: Phone,
    leg: Leg,
    ear: Ear,
    recorded: (Unpacker, Vec<i16>, usize),
}

impl Side {
    fn new((codec, ppm): (Codec, i64), id: LegId, hears: &[LegId]) -> Self {
        let mut leg = Leg::new(at(0), id, &mut Chance::seeded(1));
        leg.connect(at(0), stream(codec));
        let places: Vec<Place> = hears.iter().map(|&leg| Place { leg, desk: 0 }).collect();
        leg.hear(&places);
        let recorded = (Unpacker::default(), Vec::new(), 0);
        Self { phone: Phone::new(codec, ppm), leg, ear: Ear::default(), recorded }
    }
}

/// A talk of [`minutes`], with a supervisor who may hear both.
fn talk(caller: (Codec, i64), agent: (Codec, i64), mut third: Option<&mut Leg>) -> [Side; 2] {
    let mut sides = [Side::new(caller, CALLER, &[AGENT]), Side::new(agent, AGENT, &[CALLER])];
    let clocks = [agent, caller];
    let mut scratch: Box<Scratch> = Box::new([0; _]);
    for slot in 0..minutes() * 60 * 1_000_000 / SLOT {
        let now = slot * SLOT;
        for one in 0..2 {
            let (first, second) = sides.split_at_mut(1);
            let (from, to) = if one == 0 { (&mut first[0], &mut second[0]) } else { (&mut second[0], &mut first[0]) };
            let heard = (stream(to.phone.codec).codec, from.phone.ppm);
            while let Some(bytes) = from.phone.arrived(now) {
                let peer = "192.0.2.1:4000".parse().unwrap();
                let Received::Heard { packet, kind, digit } = from.leg.receive(at(now), peer, &bytes) else { panic!() };
                let (unpacker, samples, recorded) = &mut from.recorded;
                unpacker.push(packet.header.sequence, packet.header.timestamp, kind.content(packet.payload), samples);
                *recorded += samples.drain(..).count();
                let given = Given { from: if one == 0 { CALLER } else { AGENT }, packet, kind, digit };
                if let Some(out) = to.leg.take(at(now), &given, false, &mut scratch) {
                    to.ear.hear(now, heard, &out.header, out.payload);
                }
                if let Some(third) = &mut third {
                    third.take(at(now), &given, false, &mut scratch);
                }
            }
        }
        for (n, side) in sides.iter_mut().enumerate() {
            if slot % 10 == 3 * n as u64
                && let Some(out) = side.leg.send(at(now), &mut scratch)
                // Before the first packet of the other there is silence.
                && now > 1_000_000
            {
                side.ear.hear(now, (side.phone.codec, clocks[n].1), &out.header, out.payload);
            }
        }
        if let Some(third) = third.as_mut().filter(|_| slot % 10 == 7) {
            third.send(at(now), &mut scratch);
        }
    }
    sides
}

/// The same clocks for every test: those of good phones, of cheap ones, and worse.
const CLOCKS: [(i64, i64); 3] = [(50, -50), (100, -100), (-200, 200)];

#[test]
fn what_is_passed_on_waits_nowhere_whatever_the_clocks() {
    for (one, other) in CLOCKS {
        let sides = talk((Codec::Pcma, one), (Codec::Pcmu, other), None);
        for side in &sides {
            let [first, last, least, most] = side.ear.delay();
            // A packet, its way, and a slot.
            assert!(least >= 50.0 && most <= 60.5, "{least} to {most} ms");
            assert!((first - last).abs() < 2.5, "{first} ms, then {last}");
            assert!(side.leg.bore().is_none(), "there is no buffer");
        }
        let spoken = |side: &Side| side.phone.packets - side.phone.wire.len() as u64;
        let [caller, agent] = &sides;
        assert_eq!((caller.ear.packets, agent.ear.packets), (spoken(agent), spoken(caller)));
    }
}

#[test]
fn what_is_made_anew_or_mixed_drifts_by_no_more_than_a_slip_whatever_the_clocks() {
    let pairs = [(Codec::Pcma, Codec::G722), (Codec::Opus, Codec::Pcmu)];
    let clocks = if minutes() == 60 { &CLOCKS[..] } else { &CLOCKS[2..] };
    for (&(one, other), codecs) in clocks.iter().flat_map(|clocks| pairs.map(|pair| (clocks, pair))) {
        let mut third = Side::new((Codec::Pcma, 0), SUPERVISOR, &[CALLER, AGENT]).leg;
        let sides = talk((codecs.0, one), (codecs.1, other), Some(&mut third));
        for (side, ppm) in sides.iter().zip([other, one]) {
            let ([first, last, least, most], bore) = (side.ear.delay(), side.leg.bore().unwrap());
            #[allow(clippy::print_stdout, reason = "the figures of the note")]
            {
                println!(
                    "| {ppm} | {codecs:?} heard in {:?} | {} | {} | {} | {} | {first:.0}, {last:.0} | {least:.0} to {most:.0} |",
                    side.phone.codec, bore.slips, bore.left_out, bore.doubled, bore.concealed,
                );
            }
            assert!(
                most < 150.0 && most - least < 45.0 && (first - last).abs() < 25.0,
                "{first} {last} {least} {most}"
            );
            assert!(bore.leaps == 0 && bore.late == 0, "{ppm}: {bore:?}");
            // What the clocks are apart by, and what the buffer began with.
            let apart = ppm * 8 * 60 * minutes() as i64 / 1_000;
            assert!((bore.left_out as i64 - bore.doubled as i64 - apart).abs() < 400, "{ppm}: {bore:?}, not {apart}");
            assert!(bore.left_out.min(bore.doubled) < 800, "{ppm}: it does not hunt: {bore:?}");
        }
        let bore = third.bore().unwrap();
        assert!(bore.leaps == 0 && bore.late == 0, "the supervisor: {bore:?}");
    }
}

#[test]
fn a_recording_lasts_as_long_as_was_spoken_by_the_phone_s_clock() {
    let sides = talk((Codec::Pcma, 200), (Codec::G722, -200), None);
    for mut side in sides {
        let (unpacker, samples, recorded) = &mut side.recorded;
        unpacker.finish(samples);
        let heard = side.phone.packets - side.phone.wire.len() as u64;
        assert_eq!(*recorded + samples.len(), heard as usize * FRAME);
    }
}
