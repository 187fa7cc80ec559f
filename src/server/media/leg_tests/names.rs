//! The name (SSRC) by which a leg sends.

use super::*;

#[test]
fn a_peer_with_our_name_makes_us_take_another_and_say_so_but_not_for_ever() {
    let mut leg = leg();
    let name = |leg: &mut Leg, ms| {
        let mut buffer = [0; 2_048];
        let outbound = leg.send(at(ms), &mut buffer).unwrap();
        let header = Packet::parse(&[&outbound.header, outbound.payload].concat()).unwrap().header;
        (header.ssrc, header.sequence, header.timestamp)
    };
    let called = |ssrc, sequence| {
        let header = Header { payload_type: 8, marker: false, sequence, timestamp: u32::from(sequence) * 160, ssrc };
        let mut bytes = vec![0; HEADER_BYTES + FRAME];
        header.write(&[0xD5; FRAME], &mut bytes).unwrap();
        bytes
    };
    let (first, sequence, timestamp) = name(&mut leg, 0);
    // A stranger's is no peer's.
    leg.receive(at(10), "198.51.100.9:9".parse().unwrap(), &called(first, 1));
    assert_eq!(name(&mut leg, 20).0, first);
    leg.receive(at(30), peer(), &called(first, 1));
    let second = name(&mut leg, 40);
    assert_eq!((second.1, second.2), (sequence.wrapping_add(2), timestamp.wrapping_add(320)), "the numbering goes on");
    assert_ne!(second.0, first);
    let chance = &mut Chance::seeded(7);
    let (bye, _) = leg.report(at(40), || WallTime::from_millis(0), chance, "x").unwrap();
    assert_eq!(bye, rtcp::bye(first, "x").unwrap());
    assert_eq!(leg.report(at(60), || WallTime::from_millis(0), chance, "x"), None);
    // Whoever sends back whatever we send does not make us change for ever.
    let mut names = vec![first];
    for round in 3..20_u16 {
        let (ssrc, ..) = name(&mut leg, u64::from(round) * 20);
        names.push(ssrc);
        leg.receive(at(u64::from(round) * 20 + 10), peer(), &called(ssrc, round));
    }
    names.dedup();
    assert_eq!(names.len(), 4, "{names:?}");
}
