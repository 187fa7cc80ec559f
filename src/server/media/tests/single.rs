//! One leg.

use super::*;

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
    let sound: Vec<i16> = heard.iter().flat_map(|got| &got.payload).map(|&b| Law::Mu.decode(b)).collect();
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
    let end = clock::now() + DEADLINE;
    let anew = |event| matches!(event, Event::Silent { lasted, .. } if lasted < longer);
    loop {
        // The port is there after a second; what comes before is refused, which is no trouble.
        let _ = phone.socket.send_to(&rtcp::bye(1, "phone").unwrap(), rtcp_port);
        if anew(event(&mut events)) {
            break;
        }
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
