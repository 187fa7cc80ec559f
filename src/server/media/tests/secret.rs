//! Legs whose keys come by a handshake.

use super::*;
use crate::media::{Handshake, Role, Sealing};
use crate::rtp::Protection;
use crate::server::media::handshake::{Handshaking, Step};

/// A leg that waits for a phone's handshake with this certificate, and the phone's socket.
fn waiting(plane: &MediaPlane, expected: &Identity) -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((LOOPBACK, 0)).unwrap();
    let leg = plane.open(LEG).unwrap();
    let fingerprints = [expected.fingerprint().clone()].into();
    let terms = Handshake { role: Role::Passive, fingerprints, tls_id: None };
    let secret = Some(Box::new(Sealing::Handshake(terms)));
    let agreed = stream(socket.local_addr().unwrap(), Codec::Pcma, EVENT);
    plane.command(Command::Connect { leg: LEG, stream: Stream { secret, ..agreed } });
    (socket, leg)
}

/// Goes through the handshake as the phone, until it is refused or `ear`, which is given what is
/// heard, has enough.
fn shake_hands(
    (socket, leg): &(UdpSocket, SocketAddr),
    (own, expected): (&Identity, &Identity),
    mut ear: impl FnMut(Option<Packet<'_>>) -> bool,
) {
    let fingerprints = [expected.fingerprint().clone()].into();
    let terms = Handshake { role: Role::Active, fingerprints, tls_id: None };
    let mut handshaking = Handshaking::new(clock::now(), clock::origin(), own.clone(), terms, *leg);
    let (mut protection, mut buffer) = (None, [0; 2_048]);
    let end = clock::now() + DEADLINE;
    socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    while clock::now() < end {
        while let Some(step) = handshaking.poll() {
            match step {
                Step::Send { to, datagram } => drop(socket.send_to(&datagram, to).unwrap()),
                Step::Keys { secret, .. } => protection = Protection::new(&secret),
                Step::Failed { .. } => return,
            }
        }
        let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
        match (&buffer[..length], &mut protection) {
            // An alert: with this certificate there are no keys.
            ([21, ..], None) => return,
            (datagram @ [20..=63, ..], _) => handshaking.receive(clock::now(), from, datagram),
            (sealed, Some(protection)) => {
                let opened = protection.open(sealed).expect("what comes is encrypted");
                if ear(Packet::parse(opened.as_ref())) {
                    return;
                }
            }
            (early, None) => panic!("{early:?} comes before the keys"),
        }
    }
    panic!("not enough within {DEADLINE:?}");
}

#[test]
fn what_plays_waits_for_the_keys_of_a_handshake() {
    let (ours, theirs) = (Identity::draw().unwrap(), Identity::draw().unwrap());
    let (plane, mut events) = start_as(Some(ours.clone()), 1, PATIENT);
    let phone = waiting(&plane, &theirs);
    let clip = Arc::new(Clip::tone(440.0, -10.0, Duration::from_millis(200)));
    let clips = vec![Arc::clone(&clip)];
    plane.command(Command::Play { leg: LEG, play: PlayId(1), clips, repeat: Repeat::Once, stop_on_key: false });
    phone.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(phone.0.recv(&mut [0; 400]).is_err(), "nothing is said before the keys");
    let mut heard = Vec::new();
    shake_hands(&phone, (&theirs, &ours), |packet| {
        heard.extend(packet.into_iter().flat_map(|packet| packet.payload.to_vec()));
        heard.len() >= clip.pcma.len()
    });
    assert_eq!(heard[..clip.pcma.len()], clip.pcma[..], "nothing of it is missed");
    assert_eq!(event(&mut events), Event::Finished { leg: LEG, play: PlayId(1) });
}

#[test]
fn who_comes_with_another_certificate_hears_nothing_and_the_call_is_told() {
    let (ours, theirs, wrong) = (Identity::draw().unwrap(), Identity::draw().unwrap(), Identity::draw().unwrap());
    let (plane, mut events) = start_as(Some(ours.clone()), 1, PATIENT);
    let phone = waiting(&plane, &theirs);
    shake_hands(&phone, (&wrong, &ours), |packet| {
        assert_eq!(packet, None);
        false
    });
    assert_eq!(event(&mut events), Event::Unkeyed { leg: LEG });
}
