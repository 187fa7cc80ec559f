//! Strangers at the ports of our sound, in both manners of RTP Bleed: who sends there first, or
//! in the middle, is neither listened to nor spoken to.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, story, times};

/// A packet of the phone's own stream, as far as others can guess it.
fn packet(payload_type: u8, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend((10_000 + u32::from(sequence) * 160).to_be_bytes());
    packet.extend(7_u32.to_be_bytes());
    packet.extend(payload);
    packet
}

fn stranger() -> UdpSocket {
    let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 9], 0))).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn hears_nothing(socket: &UdpSocket) -> bool {
    socket.recv(&mut [0; 2_048]).is_err()
}

#[test]
fn a_stranger_at_our_port_is_not_listened_to_and_hears_nothing_whether_first_or_in_the_middle() {
    let service = Service::of(OPEN, &[], "");
    let mut call = RawCall::dial(&service, "100", 101);
    // Before the phone has said anything: sprays from many ports, as who looks for calls does.
    let sprays: Vec<UdpSocket> = (0..40).map(|_| stranger()).collect();
    for (nth, socket) in sprays.iter().enumerate() {
        socket.send_to(&packet(8, nth as u16, &[0xd5; 160]), call.media()).unwrap();
    }
    call.say(700.0, Duration::from_millis(200));
    // In the middle: a stream that goes on for long, with the phone's own names, and the key 0.
    let intruder = stranger();
    for sequence in 100..200 {
        intruder.send_to(&packet(8, sequence, &[0xd5; 160]), call.media()).unwrap();
    }
    for (nth, event) in PRESS.iter().enumerate() {
        let [high, low] = event.duration.to_be_bytes();
        let payload = [0, if event.end { 0x8a } else { 0x0a }, high, low];
        intruder.send_to(&packet(101, 200 + nth as u16, &payload), call.media()).unwrap();
    }
    assert!(call.listen(Duration::from_millis(400)).len() > 10, "the caller hears on");
    assert!(sprays.iter().chain([&intruder]).all(hears_nothing), "a stranger has heard something");
    call.hang_up();
    let record = &service.records_of(1)[0];
    assert_eq!(times(record, "asked agent"), 0, "{:?}", story(record));
    assert!(record["media"]["strangers"].as_u64().is_some_and(|strangers| strangers >= 140), "{record}");
}
