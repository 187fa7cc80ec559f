//! Many legs, and those that mean no good.

use super::*;

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
        pin: true,
        ports: 20_900..=20_907,
        bind: LOOPBACK,
        silence: PATIENT,
        keys_in_sound: KeysInSound::default(),
        identity: None,
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
