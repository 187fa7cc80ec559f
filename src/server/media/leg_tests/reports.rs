//! What a leg tells and hears by RTCP, and how it sounded.

use super::*;

#[test]
fn reports_come_every_five_seconds_or_so_to_the_port_above() {
    let mut leg = leg();
    let mut chance = Chance::seeded(7);
    let mut moments = Vec::new();
    for ms in (0..100_000).step_by(20) {
        sent(&mut leg, ms);
        if let Some((bytes, target)) = leg.report(at(ms), || WallTime::from_millis(0), &mut chance, "x") {
            assert_eq!(target, "192.0.2.1:4001".parse::<SocketAddr>().unwrap());
            assert!(rtcp::parse(&bytes, 0).unwrap().sender_report.is_some());
            moments.push(ms);
        }
    }
    assert!((17..=26).contains(&moments.len()), "{moments:?}");
    assert!(moments.windows(2).all(|pair| (2_050..=6_180).contains(&(pair[1] - pair[0]))), "{moments:?}");
}

#[test]
fn two_legs_that_report_to_each_other_know_the_way_the_loss_and_how_it_sounds() {
    // Each way takes 60 ms; every tenth packet of one is lost; reports are never.
    const WAY: u64 = 60;
    let (mut one, mut other) = (leg(), Leg::new(at(0), LegId(2), &mut Chance::seeded(2)));
    other.connect(at(0), stream());
    let mut chance = Chance::seeded(7);
    let rtcp_port = "192.0.2.1:4001".parse().unwrap();
    let mut under_way: std::collections::VecDeque<(u64, bool, Vec<u8>)> = Default::default();
    for ms in (0..60_000).step_by(20) {
        while let Some((_, to_one, bytes)) = under_way.pop_front_if(|(due, ..)| *due <= ms) {
            let leg = if to_one { &mut one } else { &mut other };
            match rtcp::is_rtcp(&bytes) {
                true => leg.receive_rtcp(at(ms), rtcp_port, &bytes),
                false => drop(leg.receive(at(ms), peer(), &bytes)),
            }
        }
        for (to_one, leg) in [(false, &mut one), (true, &mut other)] {
            let mut buffer = [0; 2_048];
            let outbound = leg.send(at(ms), &mut buffer).unwrap();
            let bytes = [&outbound.header[..], outbound.payload].concat();
            if to_one || ms % 200 != 0 {
                under_way.push_back((ms + WAY, to_one, bytes));
            }
            if let Some((bytes, _)) = leg.report(at(ms), || WallTime::from_millis(ms as i64), &mut chance, "x") {
                under_way.push_back((ms + WAY, to_one, bytes));
            }
        }
    }
    let (stats, theirs) = (one.stats(), other.stats());
    let far = stats.far.clone().unwrap();
    assert!((far.round_trip_ms.unwrap() - 120.0).abs() < 1.0, "{far:?}");
    assert!((far.longest_round_trip_ms.unwrap() - 120.0).abs() < 1.0, "{far:?}");
    assert!((stats.lost, theirs.lost) == (0, 299) && (250..300).contains(&far.lost), "{far:?} {theirs:?}");
    assert!(stats.mos.unwrap() > 4.3 && far.mos.unwrap() < 3.5, "{stats:?}");
    assert_eq!(theirs.far.unwrap().lost, 0);
    assert!((theirs.mos.unwrap() - far.mos.unwrap()).abs() < 0.1, "what it hears is what it reports");
}

/// The same packets: those that come 200 ms late are no loss by their numbers, and are one for the ear.
#[test]
fn what_comes_too_late_for_a_listener_costs_as_much_as_what_never_comes() {
    let heard = |late: bool| {
        let mut leg = leg();
        let mut packets: Vec<(u64, u16)> = (0..1_000_u16)
            .filter_map(|n| match n % 100 {
                7 => late.then_some((u64::from(n) * 20 + 200, n)),
                _ => Some((u64::from(n) * 20, n)),
            })
            .collect();
        packets.sort_unstable();
        for (ms, sequence) in packets {
            leg.receive(at(ms), peer(), &datagram(8, sequence, &[3; FRAME]));
        }
        leg.stats()
    };
    let (late, lost) = (heard(true), heard(false));
    assert_eq!(((late.lost, late.late), (lost.lost, lost.late)), ((0, 10), (10, 0)));
    assert_eq!((late.mos, late.codec), (lost.mos, Some("PCMA")));
    assert!((4.2..4.4).contains(&late.mos.unwrap()), "{late:?}");
}

#[test]
fn a_leg_that_never_sent_says_no_goodbye_and_has_no_score() {
    let mut leg = Leg::new(at(0), LegId(1), &mut Chance::seeded(1));
    leg.connect(at(0), Stream { send: false, ..stream() });
    assert_eq!(leg.goodbye("x"), None);
    assert_eq!((leg.stats().mos, leg.stats().far), (None, None));
    assert!(leg.report(at(10_000), || WallTime::from_millis(0), &mut Chance::seeded(7), "x").is_some());
    assert!(leg.goodbye("x").is_some());
}

#[test]
fn a_port_for_rtcp_is_wanted_once_and_not_by_a_short_call() {
    let mut leg = leg();
    assert!(!leg.wants_rtcp(at(999)));
    assert!(leg.wants_rtcp(at(1_000)));
    assert!(!leg.wants_rtcp(at(1_020)));
}

#[test]
fn a_leg_that_shares_its_port_wants_none_for_rtcp_and_reports_where_it_sends() {
    let mut leg = leg();
    leg.connect(at(0), Stream { rtcp: RtcpPort::Shared, ..stream() });
    assert!(!leg.wants_rtcp(at(5_000)));
    sent(&mut leg, 0);
    let (_, target) = leg.report(at(10_000), || WallTime::from_millis(0), &mut Chance::seeded(7), "x").unwrap();
    assert_eq!(target, peer());
    assert_eq!(leg.goodbye("x").unwrap().1, peer());
}
