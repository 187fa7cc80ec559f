//! A trunk with several addresses, and one whose addresses change.

use super::hand::{Hand, header, start, starts};
use super::trunk::{dial, reply, trunk, with_trunks};
use super::trunks::{ELSEWHERE, second, told};
use super::*;
use crate::base::PhoneNumber;
use crate::sip::{Command, Door, Event, Identity, Input, PulseState, Registered, Target, Trunk, TrunkNews, Way};

const SPARE: &str = "192.0.2.4:5070";

fn both() -> Trunk {
    let mut both = trunk();
    both.hops.push(Hop::udp(address(SPARE)));
    both
}

fn located(hops: &[&str]) -> Input {
    let hops = hops.iter().map(|at| Hop::udp(address(at))).collect();
    Input::Located { trunk: "trunk".into(), hops, ways: Vec::new() }
}

/// Calls with another leg than the one before; where the INVITE went.
fn call(hand: &mut Hand, leg: u64) -> Option<SocketAddr> {
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    hand.last_to = None;
    hand.command(Command::Invite { leg: LegId(leg), to, from: Identity::default(), sdp: "offer".into() });
    let to = hand.last_to;
    hand.command(Command::End { leg: LegId(leg) });
    to
}

/// Answers every OPTIONS that comes to these within a time.
fn answer_at(hand: &mut Hand, places: &[&str], within: u64) {
    for _ in 0..within {
        for text in hand.pass(seconds(1)) {
            let at = header(&text, "Via").map(str::to_owned);
            if start(&text) == "OPTIONS" && at.is_some() {
                let to = hand.sent_to(&text);
                if places.iter().any(|place| to == Some(address(place))) {
                    hand.say(&reply(&text, "200 OK", ""));
                }
            }
        }
    }
}

#[test]
fn each_address_is_asked_and_a_call_goes_where_somebody_answers() {
    let mut hand = with_trunks(vec![Trunk { keep_alive: Some(seconds(60)), ..both() }]);
    answer_at(&mut hand, &[THERE, SPARE], 5);
    assert_eq!(told(&mut hand), [TrunkNews::Pulse(PulseState::Up)], "once for both");
    assert_eq!(call(&mut hand, 2), Some(address(THERE)));
    hand.events.clear();
    answer_at(&mut hand, &[SPARE], 120);
    assert_eq!(told(&mut hand), [], "one is there");
    assert_eq!(call(&mut hand, 3), Some(address(SPARE)), "nobody waits for the dead one");
    hand.pass(seconds(120));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].pulse, Some(PulseState::Down));
    assert_eq!(call(&mut hand, 4), None);
}

#[test]
fn an_address_that_has_failed_a_call_is_tried_after_the_others_for_a_minute() {
    let mut hand = with_trunks(vec![both()]);
    let first = dial(&mut hand, "0612345678").remove(0);
    hand.say(&reply(&first, "503 Service Unavailable", ""));
    assert_eq!(hand.last_to, Some(address(SPARE)));
    hand.command(Command::End { leg: OUT });
    assert_eq!(call(&mut hand, 2), Some(address(SPARE)));
    hand.pass(seconds(61));
    assert_eq!(call(&mut hand, 3), Some(address(THERE)));
}

#[test]
fn a_trunk_with_many_addresses_leaves_a_place_for_the_next_one() {
    let mut many = both();
    many.hops.extend(["192.0.2.5:5060", "192.0.2.6:5060"].map(|at| Hop::udp(address(at))));
    let mut hand = with_trunks(vec![many, second()]);
    let mut invite = dial(&mut hand, "0612345678").remove(0);
    let mut places = vec![hand.last_to.unwrap()];
    while let Some(again) = hand.say(&reply(&invite, "503 Service Unavailable", "")).into_iter().nth(1) {
        places.push(hand.last_to.unwrap());
        invite = again;
    }
    assert_eq!(places, [THERE, SPARE, ELSEWHERE].map(address));
}

#[test]
fn a_registration_that_fails_is_asked_for_at_the_next_address_and_kept_where_it_is() {
    let mut hand = with_trunks(vec![Trunk { register: Some(seconds(600)), ..both() }]);
    let first = hand.pass(millis(1)).remove(0);
    assert_eq!(hand.last_to, Some(address(THERE)));
    let second = hand.say(&reply(&first, "503 Service Unavailable", "")).remove(0);
    assert_eq!((start(&second), hand.last_to), ("REGISTER", Some(address(SPARE))), "at once");
    hand.say(&reply(&second, "200 OK", "Expires: 120\r\n"));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].registered, Some(Registered::For(120)));
    let refresh = hand.pass(seconds(90)).remove(0);
    assert_eq!((start(&refresh), hand.last_to), ("REGISTER", Some(address(SPARE))), "not to the dead one first");
    // Nothing comes from there any more: the other one is asked, and then there is a pause.
    let sent = hand.pass(seconds(40));
    let places: Vec<_> = sent.iter().filter_map(|text| hand.sent_to(text)).collect();
    assert!(places.contains(&address(THERE)), "{places:?}");
}

#[test]
fn a_trunk_that_is_not_found_has_no_calls_and_is_used_as_soon_as_it_is() {
    let lost = Trunk { hops: Vec::new(), register: Some(seconds(600)), keep_alive: Some(seconds(60)), ..trunk() };
    let mut hand = with_trunks(vec![lost, second()]);
    assert_eq!(hand.pass(seconds(60)), [""; 0], "there is nobody to ask");
    assert_eq!(call(&mut hand, 2), Some(address(ELSEWHERE)), "by the next one");
    let state = hand.endpoint.trunks(hand.now).remove(0);
    assert_eq!((state.hops.len(), state.pulse, &*state.domain), (0, Some(PulseState::Unknown), "operator.example"));
    let sent = hand.tell(located(&[THERE]));
    let mut sent = starts(&sent);
    sent.sort_unstable();
    assert_eq!(sent, ["OPTIONS", "REGISTER"]);
    assert_eq!(call(&mut hand, 3), Some(address(THERE)));
}

#[test]
fn a_trunk_that_has_moved_is_believed_and_registered_with_where_it_is_and_its_calls_go_on() {
    let mut hand = with_trunks(vec![Trunk { register: Some(seconds(600)), ..trunk() }]);
    let register = hand.pass(millis(1)).remove(0);
    hand.say(&reply(&register, "200 OK", "Expires: 600\r\n"));
    let invite = dial(&mut hand, "0612345678").remove(0);
    let contact = format!("Contact: <sip:operator@{THERE}>\r\nContent-Type: application/sdp\r\nContent-Length: 6\r\n");
    hand.say(&(reply(&invite, "200 OK", &contact) + "answer"));
    hand.events.clear();

    assert_eq!(hand.tell(located(&[SPARE, THERE])), [""; 0], "it is where it was, too");
    let again = hand.tell(located(&[SPARE])).remove(0);
    assert_eq!((start(&again), hand.last_to), ("REGISTER", Some(address(SPARE))));
    assert_eq!(header(&again, "Call-ID"), header(&register, "Call-ID"));
    hand.say(&reply(&again, "200 OK", "Expires: 600\r\n"));
    assert_eq!(hand.endpoint.trunks(hand.now)[0].calls, 1, "the first call goes on");
    assert_eq!(call(&mut hand, 2), Some(address(SPARE)));

    let asserted = "P-Asserted-Identity: <sip:+33612345678@operator.example>";
    for (from, believed) in [(SPARE, true), (THERE, false)] {
        hand.events.clear();
        hand.from = address(from);
        let draft = hand.draft("INVITE").with(asserted);
        hand.say(&draft.text());
        let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
        let caller = incoming.from.map(|number| number.reveal().as_str().to_owned());
        assert_eq!(caller.as_deref() == Some("+33612345678"), believed, "{from}: {caller:?}");
    }
}

#[test]
fn our_own_address_is_the_one_on_the_way_to_where_the_trunk_is_now() {
    let ours = |text: &str| Way { network: text.parse().unwrap(), bits: 32, ours: "10.0.0.9".parse().unwrap() };
    let mut hand = Hand::new();
    let doors = vec![Door::udp(address("0.0.0.0:5060"))];
    let trunks = vec![trunk()];
    hand.endpoint = Endpoint::new(EndpointSettings { doors, trunks, ..settings(HERE) }, Chance::seeded(3));
    let hops = vec![Hop::udp(address(SPARE))];
    hand.tell(Input::Located { trunk: "trunk".into(), hops, ways: vec![ours("192.0.2.4")] });
    let invite = dial(&mut hand, "0612345678").remove(0);
    assert!(header(&invite, "Contact").unwrap().contains("@10.0.0.9:5060>"), "{invite}");
}
