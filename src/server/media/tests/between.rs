//! Legs that hear each other.

use super::*;
use crate::media::{OwnKeys, Sealing, Secrecy, Secret, Suite};
use crate::rtp::Protection;

#[test]
fn bridged_legs_hear_each_other_whatever_they_speak() {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    let (plane, mut events) = start(PATIENT);
    let mut caller = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let mut agent = Phone::connect(&plane, OTHER, Codec::Pcmu, 96);
    plane.command(tone(LEG, false, Repeat::Forever));
    plane.command(Command::Bridge { leg: LEG, with: OTHER });
    let loud = Law::A.encode(8_000);
    let mut last = None;
    for _ in 0..50 {
        caller.speak(loud);
        let got = agent.wait_for("caller's voice", |got| got.payload[0] != 0xFF);
        assert!((i32::from(Law::Mu.decode(got.payload[80])) - 8_000).abs() < 300);
        if let Some(before) = last.replace(got.header) {
            assert_eq!(got.header.timestamp, before.timestamp.wrapping_add(160));
            assert_eq!((got.header.sequence, got.header.ssrc), (before.sequence.wrapping_add(1), before.ssrc));
        }
        agent.speak(Law::Mu.encode(-8_000));
        caller.wait_for("agent's voice", |got| {
            got.header.payload_type == 8 && (i32::from(Law::A.decode(got.payload[80])) + 8_000).abs() < 300
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

/// Both speak until each has heard the other.
fn hear_each_other(one: &mut Phone, other: &mut Phone) {
    let (high, low) = (Law::A.encode(8_000), Law::A.encode(-8_000));
    let end = clock::now() + DEADLINE;
    let mut heard = [false; 2];
    while heard != [true; 2] {
        assert!(clock::now() < end, "heard: {heard:?}");
        one.speak(high);
        other.speak(low);
        let patience = Duration::from_millis(20);
        heard[0] |= other.receive(patience).is_some_and(|got| got.payload[0] == high);
        heard[1] |= one.receive(patience).is_some_and(|got| got.payload[0] == low);
    }
}

#[test]
fn legs_of_two_workers_hear_each_other_too() {
    let (plane, mut events) = start_with(2, PATIENT);
    let mut caller = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let mut agent = Phone::connect(&plane, LegId(512), Codec::Pcma, 96);
    plane.command(Command::Bridge { leg: LEG, with: LegId(512) });
    hear_each_other(&mut caller, &mut agent);
    caller.press(EVENT, '7');
    agent.wait_for("key", |got| got.header.payload_type == 96);
    assert!(matches!(event(&mut events), Event::Digit { leg: LEG, .. }));
    plane.command(Command::Close { leg: LEG });
    assert!(matches!(event(&mut events), Event::Closed { leg: LEG, .. }));
    agent.wait_for("silence", |got| got.payload == [0xD5; FRAME]);
    agent.forget();
    let stream: Vec<Got> = (0..10).filter_map(|_| agent.receive(DEADLINE)).collect();
    assert!(stream.iter().all(|got| got.payload == [0xD5; FRAME]), "the stream of silence goes on");
}

#[test]
fn a_supervisor_hears_both_and_is_heard_by_the_agent_alone() {
    let (plane, _events) = start_with(2, PATIENT);
    let (agent_leg, supervisor_leg) = (OTHER, LegId(512));
    let mut caller = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let mut agent = Phone::connect(&plane, agent_leg, Codec::Pcmu, EVENT);
    let mut supervisor = Phone::connect(&plane, supervisor_leg, Codec::Pcma, EVENT);
    plane.command(Command::Bridge { leg: LEG, with: agent_leg });
    plane.command(Command::Hear { leg: supervisor_leg, sources: vec![LEG, agent_leg] });
    plane.command(Command::Hear { leg: agent_leg, sources: vec![LEG, supervisor_leg] });
    let near = |got: &Got, codec: Codec, wanted: i32| {
        (i32::from(codec.law().unwrap().decode(got.payload[80])) - wanted).abs() < 300
    };
    let mut wanted = [
        (&supervisor, Codec::Pcma, 6_000, "caller and agent"),
        (&agent, Codec::Pcmu, 5_000, "caller and supervisor"),
        (&caller, Codec::Pcma, 2_000, "agent alone"),
    ]
    .map(|(phone, codec, sum, who)| (phone.socket.try_clone().unwrap(), codec, sum, who, false));
    let (begun, end) = (clock::now(), clock::now() + DEADLINE);
    let mut spoken = Duration::ZERO;
    while wanted.iter().any(|(.., heard)| !heard) {
        assert!(clock::now() < end, "not heard: {:?}", wanted.iter().filter(|w| !w.4).map(|w| w.3).collect::<Vec<_>>());
        // However long the round took, they speak as fast as time goes.
        while begun + spoken <= clock::now() {
            caller.speak(Law::A.encode(4_000));
            agent.speak(Law::Mu.encode(2_000));
            supervisor.speak(Law::A.encode(1_000));
            spoken += Duration::from_millis(20);
        }
        for (socket, codec, sum, _, heard) in &mut wanted {
            let mut buffer = [0; 400];
            socket.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
            while let Ok(length) = socket.recv(&mut buffer) {
                let Some(packet) = Packet::parse(&buffer[..length]) else { continue };
                let got = Got { at: clock::now(), header: packet.header, payload: packet.payload.to_vec() };
                *heard |= got.payload.len() == FRAME && near(&got, *codec, *sum);
            }
        }
    }
    plane.command(Command::Close { leg: supervisor_leg });
    let mut heard = [false; 2];
    while heard != [true; 2] {
        assert!(clock::now() < end, "after the supervisor has gone, heard: {heard:?}");
        caller.speak(Law::A.encode(8_000));
        agent.speak(Law::Mu.encode(-8_000));
        let patience = Duration::from_millis(20);
        heard[0] |= agent.receive(patience).is_some_and(|got| near(&got, Codec::Pcmu, 8_000));
        heard[1] |= caller.receive(patience).is_some_and(|got| near(&got, Codec::Pcma, -8_000));
    }
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
fn a_tap_hears_what_the_leg_hears() {
    let (plane, _events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let (sink, heard) = std::sync::mpsc::sync_channel(8);
    plane.tap(LEG, sink);
    phone.speak(9);
    phone.press(EVENT, '1');
    let sound = heard.recv_timeout(DEADLINE).unwrap();
    assert_eq!(sound.content(), Content::Sound(Codec::Pcma, &[9; FRAME]));
    assert_eq!(heard.recv_timeout(DEADLINE).unwrap().content(), Content::Nothing);
}

#[test]
fn a_tap_that_is_not_read_is_waited_for_by_nobody_and_counted() {
    let (plane, _events) = start(PATIENT);
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let (sink, heard) = std::sync::mpsc::sync_channel(2);
    plane.tap(LEG, sink);
    (0..5).for_each(|_| phone.speak(9));
    let deadline = clock::now() + DEADLINE;
    while plane.figures().untapped < 3 {
        assert!(clock::now() < deadline, "{:?}", plane.figures());
        std::thread::yield_now();
    }
    assert_eq!(heard.try_iter().count(), 2);
}

#[test]
fn a_leg_that_encrypts_is_read_by_its_peer_alone_and_reads_nobody_else() {
    let (plane, mut events) = start(PATIENT);
    let keys = |seed| OwnKeys::draw(&Secrecy::Required.into(), &mut Chance::seeded(seed)).unwrap();
    let suite = Suite::Cm128Sha80;
    let (ours, theirs) = (keys(1).of(suite).clone(), keys(2).of(suite).clone());
    let mut phone = Phone::connect(&plane, LEG, Codec::Pcma, EVENT);
    let secret = Some(Box::new(Sealing::Keys(Secret { suite, ours: ours.clone(), theirs: theirs.clone() })));
    let agreed = stream(phone.socket.local_addr().unwrap(), Codec::Pcma, EVENT);
    plane.command(Command::Connect { leg: LEG, stream: Stream { secret, ..agreed } });
    plane.command(tone(LEG, false, Repeat::Forever));
    let mut protection = Protection::new(&Secret { suite, ours: theirs, theirs: ours }).unwrap();
    // What comes before the order is in the clear.
    let (mut buffer, end) = ([0; 400], clock::now() + DEADLINE);
    let mut sound = Vec::new();
    while sound.len() < 8_000 && clock::now() < end {
        phone.socket.set_read_timeout(Some(PATIENT)).unwrap();
        let length = phone.socket.recv(&mut buffer).unwrap();
        if let Some(opened) = protection.open(&buffer[..length]) {
            let packet = Packet::parse(opened.as_ref()).unwrap();
            sound.extend(packet.payload.iter().map(|&byte| Law::A.decode(byte)));
        }
    }
    assert!(ToneDetector::share(440.0, &sound[sound.len() - 4_000..]) > 0.9);
    phone.press(EVENT, '9');
    let event_of_1 = TelephoneEvent { code: 1, end: false, volume: 10, duration: 160 };
    let header = Header { payload_type: EVENT, marker: true, sequence: 500, timestamp: 9_000, ssrc: 77 };
    let length = header.write(&event_of_1.bytes(), &mut buffer).unwrap();
    let sealed = protection.seal(&buffer[..length]).unwrap();
    for _ in 0..3 {
        phone.socket.send_to(sealed.as_ref(), phone.leg).unwrap();
    }
    assert_eq!(event(&mut events), Event::Digit { leg: LEG, digit: Digit::from_char('1').unwrap() });
    let end = clock::now() + DEADLINE;
    while plane.figures().strangers < 3 && clock::now() < end {
        std::thread::yield_now();
    }
    plane.command(Command::Close { leg: LEG });
    let Event::Closed { stats, .. } = event(&mut events) else { panic!("not closed") };
    assert_eq!((stats.received, stats.strangers), (1, 3), "a press in the clear and two replays are no packets");
}
