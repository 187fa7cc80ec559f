use super::pair::{End, Pair};
use super::*;
use crate::base::{Digit, Private};
use crate::sip::{Command, DialogEnd, Event, Later};

#[test]
fn a_call_rings_is_answered_and_ends_by_the_caller() {
    let mut pair = Pair::new(1);
    pair.invite();
    pair.drive(seconds(1));
    let events = pair.events(End::Callee);
    let [Event::Incoming(incoming)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((incoming.leg, incoming.to.as_str(), incoming.offer.as_deref()), (FIRST, "100", Some("offer")));
    assert_eq!(incoming.from_user, Some(Private::new("0612345678".to_owned())));
    assert_eq!((incoming.source, &incoming.agent), (address(THERE), &None));

    pair.tell(End::Callee, Command::Ring { leg: FIRST });
    pair.drive(seconds(1));
    assert!(matches!(pair.events(End::Caller)[..], [Event::Ringing { leg: OUT, to_tag: Some(_) }]));
    pair.tell(End::Callee, Command::Answer { leg: FIRST, sdp: "answer".into() });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Caller), [Event::Answered { leg: OUT, sdp: "answer".into() }]);
    assert_eq!(pair.events(End::Callee), [Event::Acked { leg: FIRST, sdp: None }]);

    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Bye }]);
    assert_eq!(pair.events(End::Caller), [Event::Ended { leg: OUT, why: DialogEnd::Ours }]);
    insta::assert_snapshot!(pair.log.join("\n"), @r"
    caller > INVITE
    callee > 100 INVITE
    callee > 180 INVITE
    callee > 200 INVITE
    caller > ACK
    caller > BYE
    callee > 200 BYE
    ");
    pair.assert_empty();
}

#[test]
fn a_call_ends_by_the_callee() {
    let mut pair = Pair::new(2);
    pair.connect();
    pair.tell(End::Callee, Command::End { leg: FIRST });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Ours }]);
    assert_eq!(pair.events(End::Caller), [Event::Ended { leg: OUT, why: DialogEnd::Bye }]);
    pair.assert_empty();
}

#[test]
fn goodbyes_that_cross_end_both_sides_once() {
    let mut pair = Pair::new(3);
    pair.connect();
    pair.tell(End::Callee, Command::End { leg: FIRST });
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Ours }]);
    assert_eq!(pair.events(End::Caller), [Event::Ended { leg: OUT, why: DialogEnd::Ours }]);
    pair.assert_empty();
}

#[test]
fn a_refusal_reaches_the_caller_with_its_status() {
    let mut pair = Pair::new(4);
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Callee, Command::Reject { leg: FIRST, status: 486, retry_after: Some(30) });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 486, later: Some(Later::Asked(30)) }]);
    assert_eq!(pair.count("caller > ACK"), 1);
    pair.assert_empty();
}

#[test]
fn a_call_that_nobody_hears_fails_after_32_seconds() {
    let mut pair = Pair::new(5);
    pair.lose(usize::MAX, |_, _| true);
    pair.invite();
    pair.drive(millis(31_999));
    assert_eq!(pair.events(End::Caller), []);
    pair.drive(millis(1));
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 408, later: None }]);
    assert_eq!(pair.count("caller > INVITE"), 7);
    pair.assert_empty();
}

#[test]
fn the_callee_holds_and_resumes_by_new_offers() {
    let mut pair = Pair::new(6);
    pair.connect();
    for sdp in ["hold", "resume"] {
        pair.tell(End::Callee, Command::Reoffer { leg: FIRST, sdp: sdp.into() });
        pair.drive(seconds(1));
        assert_eq!(pair.events(End::Caller), [Event::Reoffered { leg: OUT, sdp: Some(sdp.into()) }]);
        pair.tell(End::Caller, Command::AnswerReoffer { leg: OUT, sdp: format!("{sdp}-ok") });
        pair.drive(seconds(1));
        let answered = Event::ReofferAnswered { leg: FIRST, sdp: Some(format!("{sdp}-ok")) };
        assert_eq!(pair.events(End::Callee), [answered]);
        assert_eq!(pair.events(End::Caller), [Event::Acked { leg: OUT, sdp: None }]);
    }
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.assert_empty();
}

#[test]
fn the_caller_holds_and_a_bad_offer_changes_nothing() {
    let mut pair = Pair::new(7);
    pair.connect();
    pair.tell(End::Caller, Command::Reoffer { leg: OUT, sdp: "video".into() });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Reoffered { leg: FIRST, sdp: Some("video".into()) }]);
    pair.tell(End::Callee, Command::RejectReoffer { leg: FIRST });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Caller), [Event::ReofferAnswered { leg: OUT, sdp: None }]);
    assert_eq!((pair.caller.legs(), pair.callee.legs()), (1, 1));
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.assert_empty();
}

#[test]
fn a_key_by_info_reaches_the_other_side() {
    let mut pair = Pair::new(8);
    pair.connect();
    for key in ['5', '*', '#'] {
        let digit = Digit::from_char(key).unwrap();
        pair.tell(End::Caller, Command::Info { leg: OUT, digit });
        pair.drive(seconds(1));
        assert_eq!(pair.events(End::Callee), [Event::Digit { leg: FIRST, digit }]);
    }
}

#[test]
fn a_peer_that_answers_is_alive() {
    let mut pair = Pair::new(9);
    pair.connect();
    pair.tell(End::Callee, Command::Ask { leg: FIRST });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Alive { leg: FIRST }]);
}

#[test]
fn a_leg_without_keys_is_given_up_and_the_peer_hears_why() {
    let mut pair = Pair::new(12);
    pair.connect();
    pair.tell(End::Callee, Command::GiveUp { leg: FIRST });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Unkeyed }]);
    let reason = crate::sip::Reason::NO_KEYS;
    let told = [Event::Reason { leg: OUT, reason }, Event::Ended { leg: OUT, why: DialogEnd::Bye }];
    assert_eq!(pair.events(End::Caller), told);
}

#[test]
fn a_peer_that_does_not_answer_is_dead() {
    let mut pair = Pair::new(10);
    pair.connect();
    pair.lose(usize::MAX, |_, _| true);
    pair.tell(End::Callee, Command::Ask { leg: FIRST });
    pair.drive(seconds(33));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Dead }]);
    assert_eq!(pair.callee.legs(), 0);
}

#[test]
fn a_peer_that_has_forgotten_the_call_is_dead() {
    let mut pair = Pair::new(11);
    pair.connect();
    pair.caller = endpoint(THERE, 99);
    pair.tell(End::Callee, Command::Ask { leg: FIRST });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Dead }]);
}
