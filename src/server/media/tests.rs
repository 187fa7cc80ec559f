//! The plane over loopback: real sockets, a real clock, and waits that end at a deadline.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;

use super::{MediaPlane, MediaSettings};
use crate::base::{Chance, Digit, Instant, LegId, PlayId, limits, parse_digits};
use crate::media::{Clip, Codec, Command, Event, FRAME, Repeat, Stream, ToneDetector};
use crate::rtp::{DigitReceiver, Header, Packet, TelephoneEvent, rtcp};
use crate::server::clock;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const LEG: LegId = LegId(256);
const OTHER: LegId = LegId(257);
const EVENT: u8 = 101;

/// Held to read by tests that measure time, to write by the one that floods the machine.
static MACHINE: RwLock<()> = RwLock::new(());

/// A telephone at the other end of one leg.
struct Phone {
    socket: UdpSocket,
    leg: SocketAddr,
    codec: Codec,
    sequence: u16,
    timestamp: u32,
}

/// A packet that a phone received.
#[derive(Clone, Debug)]
struct Got {
    at: Instant,
    header: Header,
    payload: Vec<u8>,
}

impl Phone {
    fn connect(plane: &MediaPlane, leg: LegId, codec: Codec, event_payload_type: u8) -> Self {
        let local = plane.open(leg).unwrap();
        let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        let stream = stream(socket.local_addr().unwrap(), codec, event_payload_type);
        plane.command(Command::Connect { leg, stream });
        Self { socket, leg: local, codec, sequence: 100, timestamp: 7_000 }
    }

    fn payload_type(&self) -> u8 {
        if self.codec == Codec::Pcma { 8 } else { 0 }
    }

    fn send(&mut self, payload_type: u8, timestamp: u32, payload: &[u8]) {
        let ssrc = u32::from(self.socket.local_addr().unwrap().port());
        let header = Header { payload_type, marker: false, sequence: self.sequence, timestamp, ssrc };
        let mut buffer = [0; 400];
        let length = header.write(payload, &mut buffer).unwrap();
        self.socket.send_to(&buffer[..length], self.leg).unwrap();
        self.sequence = self.sequence.wrapping_add(1);
    }

    fn speak(&mut self, byte: u8) {
        self.send(self.payload_type(), self.timestamp, &[byte; FRAME]);
        self.timestamp += FRAME as u32;
    }

    fn press(&mut self, payload_type: u8, digit: char) {
        let code = Digit::from_char(digit).unwrap().event();
        let event = TelephoneEvent { code, end: false, volume: 10, duration: 160 };
        self.send(payload_type, self.timestamp, &event.bytes());
        self.timestamp += FRAME as u32;
    }

    /// The next RTP packet; `None` when there is none within `patience`.
    fn receive(&self, patience: Duration) -> Option<Got> {
        let mut buffer = [0; 400];
        let end = clock::now() + patience;
        loop {
            self.socket.set_read_timeout(Some(end.since(clock::now()).max(Duration::from_millis(1)))).unwrap();
            let length = self.socket.recv(&mut buffer).ok()?;
            let at = clock::now();
            if let Some(packet) = Packet::parse(&buffer[..length]) {
                return Some(Got { at, header: packet.header, payload: packet.payload.to_vec() });
            }
        }
    }

    fn receive_for(&self, duration: Duration) -> Vec<Got> {
        let end = clock::now() + duration;
        std::iter::from_fn(|| self.receive(end.since(clock::now())).filter(|got| got.at < end)).collect()
    }

    /// The first packet that is wanted, before the deadline.
    fn wait_for(&self, what: &str, mut wanted: impl FnMut(&Got) -> bool) -> Got {
        let end = clock::now() + DEADLINE;
        while clock::now() < end {
            if let Some(got) = self.receive(end.since(clock::now())).filter(|got| wanted(got)) {
                return got;
            }
        }
        panic!("no {what} within {DEADLINE:?}");
    }

    /// Drops what has come so far.
    fn forget(&self) {
        while self.receive(Duration::ZERO).is_some() {}
    }
}

fn stream(remote: SocketAddr, codec: Codec, event_payload_type: u8) -> Stream {
    let payload_type = if codec == Codec::Pcma { 8 } else { 0 };
    let event_payload_type = Some(event_payload_type);
    Stream { remote, codec, payload_type, event_payload_type, send: true, receive: true }
}

fn start(silence: Duration) -> (MediaPlane, Receiver<Event>) {
    // Each test has ports of its own, as those of others rest.
    let probe = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let seed = u64::from(probe.local_addr().unwrap().port());
    let settings =
        MediaSettings { workers: 1, ports: 21_000..=31_999, bind: LOOPBACK, silence, chance: Chance::seeded(seed) };
    MediaPlane::start(settings).unwrap()
}

fn tone(leg: LegId, stop_on_key: bool, repeat: Repeat) -> Command {
    let clips = vec![Arc::new(Clip::tone(440.0, -10.0, Duration::from_secs(2)))];
    Command::Play { leg, play: PlayId(1), clips, repeat, stop_on_key }
}

/// The next event, before the deadline.
fn event(events: &mut Receiver<Event>) -> Event {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, events.recv()).await.unwrap().unwrap() })
}

/// Nothing takes as long, however busy the machine is.
const DEADLINE: Duration = Duration::from_secs(20);
const PATIENT: Duration = Duration::from_secs(60);

#[test]
fn a_prompt_comes_every_20_ms_with_no_packet_lost_and_its_end_is_told() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, mut events) = start(PATIENT);
    let phone = Phone::connect(&plane, LEG, Codec::Pcmu, EVENT);
    phone.wait_for("silence before the prompt", |got| got.payload == [0xFF; FRAME]);
    plane.command(tone(LEG, false, Repeat::Once));
    let first = phone.wait_for("prompt", |got| got.payload != [0xFF; FRAME]);
    assert!(first.header.marker, "a talk spurt starts with the marker");
    let mut heard = vec![first];
    heard.extend((0..99).map(|_| phone.receive(DEADLINE).expect("a packet")));
    assert_eq!(event(&mut events), Event::Finished { leg: LEG, play: PlayId(1) });
    for pair in heard.windows(2) {
        assert_eq!(pair[1].header.sequence, pair[0].header.sequence.wrapping_add(1));
        // A machine that was busy elsewhere may have cost a round; it is skipped, never caught up in a burst.
        let step = pair[1].header.timestamp.wrapping_sub(pair[0].header.timestamp);
        assert!(step >= 160 && step % 160 == 0, "{step}");
    }
    let lasted = heard[99].at.since(heard[0].at);
    assert!(lasted > Duration::from_millis(98 * 20 - 40), "sent faster than it is heard: {lasted:?}");
    let sound: Vec<i16> = heard.iter().flat_map(|got| &got.payload).map(|&b| Codec::Pcmu.decode(b)).collect();
    assert_eq!(ToneDetector::share(440.0, &sound), 1.0);
    let after = phone.receive(DEADLINE).unwrap();
    assert_eq!(after.payload, [0xFF; FRAME], "silence goes on after the prompt");
    assert_eq!(after.header.sequence, heard[99].header.sequence.wrapping_add(1));
}

#[test]
fn a_key_stops_the_prompt_within_two_packets_and_is_told_once() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, mut events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    plane.command(tone(LEG, true, Repeat::Forever));
    phone.wait_for("prompt", |got| got.payload != [0xD5; FRAME]);
    phone.forget();
    phone.press(EVENT, '5');
    let stamp = phone.timestamp - 160;
    let code = TelephoneEvent { code: 5, end: true, volume: 10, duration: 320 };
    phone.send(EVENT, stamp, &code.bytes());
    let mut still = 0;
    phone.wait_for("silence after the key", |got| {
        still += u32::from(got.payload != [0xD5; FRAME]);
        got.payload == [0xD5; FRAME]
    });
    assert!(still <= 2, "{still} packets of 20 ms were heard after the key");
    assert_eq!(event(&mut events), Event::Digit { leg: LEG, digit: Digit::from_char('5').unwrap() });
    phone.press(EVENT, '#');
    assert_eq!(event(&mut events), Event::Digit { leg: LEG, digit: Digit::HASH });
}

#[test]
fn a_key_that_stops_nothing_leaves_the_music_on() {
    let (plane, mut events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    plane.command(tone(LEG, false, Repeat::Forever));
    phone.press(EVENT, '1');
    assert!(matches!(event(&mut events), Event::Digit { .. }));
    phone.forget();
    let heard: Vec<Got> = (0..10).filter_map(|_| phone.receive(DEADLINE)).collect();
    assert!(heard.len() == 10 && heard.iter().all(|got| got.payload != [0xD5; FRAME]));
}

#[test]
fn strangers_are_ignored_and_counted() {
    let (plane, mut events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    phone.speak(1);
    phone.press(EVENT, '1');
    assert!(matches!(event(&mut events), Event::Digit { .. }));
    let mut stranger = Phone {
        socket: UdpSocket::bind((LOOPBACK, 0)).unwrap(),
        leg: phone.leg,
        codec: Codec::Pcma,
        sequence: 0,
        timestamp: 0,
    };
    for _ in 0..10 {
        stranger.press(EVENT, '9');
    }
    phone.press(EVENT, '2');
    assert_eq!(event(&mut events), Event::Digit { leg: LEG, digit: Digit::from_char('2').unwrap() });
    assert!(stranger.receive(Duration::from_millis(60)).is_none(), "the stream must not go to a stranger");
    plane.command(Command::Close { leg: LEG });
    let Event::Closed { stats, .. } = event(&mut events) else { panic!("not closed") };
    assert_eq!((stats.strangers, stats.received, stats.lost), (10, 3, 0));
    assert!(stats.sent > 0);
}

#[test]
fn a_phone_behind_a_translator_is_found_and_sent_to() {
    let (plane, mut events) = start(PATIENT);
    let nowhere = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let stream = stream(nowhere.local_addr().unwrap(), Codec::Pcma, EVENT);
    plane.command(Command::Connect { leg: LEG, stream });
    for _ in 0..4 {
        phone.speak(1);
    }
    phone.press(EVENT, '3');
    assert!(matches!(event(&mut events), Event::Digit { .. }));
    phone.forget();
    phone.wait_for("packet at the phone's own address", |_| true);
}

#[test]
fn bridged_legs_hear_each_other_whatever_they_speak() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, mut events) = start(PATIENT);
    let mut caller = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let mut agent = Phone::connect(&plane, OTHER, Codec::Pcmu, 96);
    plane.command(tone(LEG, false, Repeat::Forever));
    plane.command(Command::Bridge { leg: LEG, with: OTHER });
    let loud = Codec::Pcma.encode(8_000);
    let mut last = None;
    for _ in 0..50 {
        caller.speak(loud);
        let got = agent.wait_for("caller's voice", |got| got.payload[0] != 0xFF);
        assert!((i32::from(Codec::Pcmu.decode(got.payload[80])) - 8_000).abs() < 300);
        if let Some(before) = last.replace(got.header) {
            assert_eq!(got.header.timestamp, before.timestamp.wrapping_add(160));
            assert_eq!((got.header.sequence, got.header.ssrc), (before.sequence.wrapping_add(1), before.ssrc));
        }
        agent.speak(Codec::Pcmu.encode(-8_000));
        caller.wait_for("agent's voice", |got| {
            got.header.payload_type == 8 && (i32::from(Codec::Pcma.decode(got.payload[80])) + 8_000).abs() < 300
        });
    }
    caller.press(EVENT, '7');
    let got = agent.wait_for("key", |got| got.header.payload_type == 96);
    assert_eq!(TelephoneEvent::parse(&got.payload).unwrap().code, 7);
    assert_eq!(event(&mut events), Event::Digit { leg: LEG, digit: Digit::from_char('7').unwrap() });
    let end = clock::now() + DEADLINE;
    while plane.figures().relayed < 101 && clock::now() < end {
        std::thread::yield_now();
    }
    assert_eq!(plane.figures().relayed, 101);
    plane.command(Command::Unbridge { leg: OTHER });
    agent.wait_for("silence", |got| got.payload == [0xFF; FRAME]);
    caller.wait_for("silence", |got| got.payload == [0xD5; FRAME]);
}

#[test]
fn a_bridged_leg_whose_peer_is_silent_is_kept_alive() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, _events) = start(PATIENT);
    let caller = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let _agent = Phone::connect(&plane, OTHER, Codec::Pcma, EVENT);
    plane.command(Command::Bridge { leg: LEG, with: OTHER });
    caller.wait_for("first packet", |_| true);
    caller.forget();
    let first = caller.wait_for("packet to keep alive", |_| true);
    let second = caller.wait_for("packet to keep alive", |_| true);
    let apart = second.at.since(first.at);
    assert!(apart > Duration::from_millis(500), "a sign of life a second is enough: {apart:?}");
    assert_eq!(second.header.sequence, first.header.sequence.wrapping_add(1));
}

#[test]
fn silence_is_told_again_and_again_until_rtcp_ends_it() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let silence = Duration::from_millis(200);
    let (plane, mut events) = start(silence);
    let phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let asked = clock::now();
    let Event::Silent { lasted, .. } = event(&mut events) else { panic!("not silent") };
    assert!(lasted >= silence && clock::now().since(asked) >= silence - Duration::from_millis(20));
    let Event::Silent { lasted: longer, .. } = event(&mut events) else { panic!("not silent") };
    assert!(longer >= lasted + silence);
    let mut rtcp_port = phone.leg;
    rtcp_port.set_port(phone.leg.port() + 1);
    phone.socket.send_to(&rtcp::bye(1, "phone").unwrap(), rtcp_port).unwrap();
    let end = clock::now() + DEADLINE;
    let anew = |event| matches!(event, Event::Silent { lasted, .. } if lasted < longer);
    while !anew(event(&mut events)) {
        assert!(clock::now() < end, "a sign of life begins a new silence");
    }
}

#[test]
fn keys_are_sent_as_events_and_sound_goes_on_between_them() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, _events) = start(PATIENT);
    let phone = Phone::connect(&plane, LEG, Codec::Pcma, 96);
    plane.command(Command::SendDigits { leg: LEG, digits: parse_digits("15#").unwrap() });
    // Three keys of 100 ms with their pauses and three last packets each.
    let mut events = 0;
    let heard: Vec<Got> = std::iter::from_fn(|| phone.receive(DEADLINE))
        .take_while(|got| {
            events += u32::from(got.header.payload_type == 96);
            events < 21
        })
        .collect();
    let mut receiver = DigitReceiver::default();
    let keys: String = heard
        .iter()
        .filter(|got| got.header.payload_type == 96)
        .filter_map(|got| receiver.receive(got.at, &Packet { header: got.header, payload: &got.payload }))
        .map(Digit::as_char)
        .collect();
    assert_eq!(keys, "15#");
    for pair in heard.windows(2) {
        assert_eq!(pair[1].header.sequence, pair[0].header.sequence.wrapping_add(1));
    }
}

#[test]
fn a_held_leg_is_sent_nothing_and_goes_on_where_it_was() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, mut events) = start(PATIENT);
    let phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    plane.command(tone(LEG, false, Repeat::Once));
    let before = phone.wait_for("prompt", |got| got.payload != [0xD5; FRAME]);
    let agreed = stream(phone.socket.local_addr().unwrap(), Codec::Pcma, EVENT);
    plane.command(Command::Connect { leg: LEG, stream: Stream { send: false, ..agreed.clone() } });
    phone.receive_for(Duration::from_millis(200));
    assert!(phone.receive_for(Duration::from_millis(200)).is_empty());
    plane.command(Command::Connect { leg: LEG, stream: agreed });
    let after = phone.receive(DEADLINE).unwrap();
    assert!(after.header.marker && after.payload != [0xD5; FRAME]);
    let moved = after.header.timestamp.wrapping_sub(before.header.timestamp) / 8;
    assert!(moved >= 200, "the timestamp goes on while nothing is sent: {moved} ms");
    assert_eq!(event(&mut events), Event::Finished { leg: LEG, play: PlayId(1) });
}

#[test]
fn a_flood_on_one_leg_delays_no_other() {
    let _machine = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    let (plane, _events) = start(PATIENT);
    let phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let flooded = plane.open(LegId(300)).unwrap();
    plane.command(tone(LEG, false, Repeat::Forever));
    phone.wait_for("prompt", |_| true);
    let hostile = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let end = clock::now() + Duration::from_secs(1);
    let flood = std::thread::spawn(move || {
        while clock::now() < end {
            for _ in 0..200 {
                let _ = hostile.send_to(&[0x80; 172], flooded);
            }
            std::thread::yield_now();
        }
    });
    phone.forget();
    let heard = phone.receive_for(Duration::from_millis(900));
    flood.join().unwrap();
    assert!(heard.len() >= 20, "of 45 packets only {} came", heard.len());
    assert!(plane.figures().floods > 0);
}

#[test]
fn ports_are_even_all_used_and_then_refused() {
    let (plane, mut events) = MediaPlane::start(MediaSettings {
        workers: 2,
        ports: 20_900..=20_907,
        bind: LOOPBACK,
        silence: PATIENT,
        chance: Chance::seeded(3),
    })
    .unwrap();
    let ports: Vec<u16> = (0..4).map(|i| plane.open(LegId(i << 8)).unwrap().port()).collect();
    assert!(ports.iter().all(|port| port % 2 == 0), "{ports:?}");
    let refused = plane.open(LegId(9 << 8)).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::AddrInUse);
    plane.command(Command::Close { leg: LegId(0) });
    assert!(matches!(event(&mut events), Event::Closed { leg: LegId(0), .. }));
    assert!(plane.open(LegId(0)).is_err(), "a port rests {:?}", limits::PORT_REST);
}

#[test]
fn a_tap_hears_what_the_leg_hears() {
    let (plane, _events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let (sink, heard) = std::sync::mpsc::sync_channel(8);
    plane.tap(LEG, sink);
    phone.speak(9);
    phone.press(EVENT, '1');
    let sound = heard.recv_timeout(DEADLINE).unwrap();
    assert_eq!((sound.codec, &*sound.payload), (Some(Codec::Pcma), &[9; FRAME][..]));
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap().codec, None);
}
