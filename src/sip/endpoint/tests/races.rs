use super::hand::{Hand, header, start, starts};
use super::pair::{End, Pair};
use super::*;
use crate::sip::{Command, DialogEnd, Event};

#[test]
fn a_lost_200_is_sent_again() {
    let mut pair = Pair::new(20);
    pair.lose(2, |_, title| title == "200 INVITE");
    pair.connect();
    pair.drive(seconds(2));
    assert_eq!(pair.count("callee > 200 INVITE"), 3);
    assert_eq!(pair.count("caller > ACK"), 1);
    assert_eq!((pair.caller.legs(), pair.callee.legs()), (1, 1));
}

#[test]
fn a_lost_ack_is_sent_again_for_each_200() {
    let mut pair = Pair::new(21);
    pair.lose(2, |_, title| title == "ACK");
    pair.connect();
    pair.drive(seconds(3));
    assert_eq!(pair.count("caller > ACK"), 3);
    assert_eq!(pair.events(End::Callee), [Event::Acked { leg: FIRST, sdp: None }]);
    assert_eq!(pair.count("callee > 200 INVITE"), 3);
}

#[test]
fn a_200_that_is_never_acknowledged_ends_the_call() {
    let mut pair = Pair::new(22);
    pair.lose(usize::MAX, |_, title| title == "ACK");
    pair.connect();
    pair.drive(seconds(33));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::NoAck }]);
    assert_eq!(pair.events(End::Caller), [Event::Ended { leg: OUT, why: DialogEnd::Bye }]);
    // 0, 0.5, 1.5, 3.5, 7.5, then each 4 s.
    assert_eq!(pair.count("callee > 200 INVITE"), 11);
    pair.assert_empty();
}

#[test]
fn an_end_before_the_ack_waits_for_it() {
    let mut pair = Pair::new(23);
    pair.lose(1, |_, title| title == "ACK");
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Callee, Command::Answer { leg: FIRST, sdp: "answer".into() });
    pair.tell(End::Callee, Command::End { leg: FIRST });
    pair.drive(millis(400));
    assert_eq!(pair.count("callee > BYE"), 0);
    pair.drive(seconds(2));
    assert_eq!(pair.count("callee > BYE"), 1);
    assert_eq!(pair.events(End::Caller).last(), Some(&Event::Ended { leg: OUT, why: DialogEnd::Bye }));
    pair.assert_empty();
}

#[test]
fn a_cancel_before_the_answer_ends_both_sides() {
    let mut pair = Pair::new(24);
    pair.invite();
    pair.drive(seconds(1));
    pair.events(End::Callee);
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Callee), [Event::Cancelled { leg: FIRST }]);
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 487, later: None }]);
    pair.assert_empty();
}

#[test]
fn a_cancel_waits_for_the_first_response() {
    let mut pair = Pair::new(25);
    pair.lose(1, |_, title| title == "INVITE");
    pair.invite();
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(millis(400));
    assert_eq!(pair.log, ["caller > INVITE"]);
    pair.drive(seconds(1));
    assert_eq!(pair.count("caller > CANCEL"), 1);
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 487, later: None }]);
    pair.assert_empty();
}

#[test]
fn a_cancel_that_crosses_the_answer_becomes_a_bye() {
    let mut pair = Pair::new(26);
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Callee, Command::Answer { leg: FIRST, sdp: "answer".into() });
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 487, later: None }]);
    let events = pair.events(End::Callee);
    assert_eq!(events.last(), Some(&Event::Ended { leg: FIRST, why: DialogEnd::Bye }), "{events:?}");
    pair.assert_empty();
}

#[test]
fn a_cancel_without_a_final_response_is_given_up_after_32_seconds() {
    let mut pair = Pair::new(27);
    pair.invite();
    pair.drive(seconds(1));
    pair.lose(usize::MAX, |_, _| true);
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(33));
    assert_eq!(pair.events(End::Caller), [Event::Failed { leg: OUT, status: 487, later: None }]);
    assert_eq!(pair.caller.legs(), 0);
}

#[test]
fn offers_that_cross_are_both_settled_in_the_end() {
    let mut pair = Pair::new(28);
    pair.connect();
    pair.tell(End::Caller, Command::Reoffer { leg: OUT, sdp: "a".into() });
    pair.tell(End::Callee, Command::Reoffer { leg: FIRST, sdp: "b".into() });
    pair.drive(millis(100));
    assert_eq!((pair.count("caller > 491 INVITE"), pair.count("callee > 491 INVITE")), (1, 1));
    let mut settled = Vec::new();
    for _ in 0..80 {
        pair.drive(millis(100));
        for (end, leg) in [(End::Caller, OUT), (End::Callee, FIRST)] {
            for event in pair.events(end) {
                match event {
                    Event::Reoffered { sdp, .. } => {
                        let sdp = format!("{}-ok", sdp.unwrap());
                        pair.tell(end, Command::AnswerReoffer { leg, sdp });
                    }
                    Event::ReofferAnswered { sdp, .. } => settled.push((end, sdp.unwrap())),
                    _ => {}
                }
            }
        }
    }
    // Who was called waits the shorter time.
    assert_eq!(settled, [(End::Callee, "b-ok".to_owned()), (End::Caller, "a-ok".to_owned())]);
}

#[test]
fn an_invite_sent_again_is_one_call() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE").text();
    assert_eq!(starts(&hand.say(&invite)), ["100"]);
    assert_eq!(starts(&hand.say(&invite)), ["100"]);
    assert_eq!(hand.events.len(), 1);
    hand.command(Command::Ring { leg: FIRST });
    assert_eq!(starts(&hand.say(&invite)), ["180"]);
    assert_eq!(hand.endpoint.legs(), 1);
}

#[test]
fn a_cancel_after_the_200_changes_nothing() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
    let mut cancel = invite.clone();
    cancel.method = "CANCEL".into();
    cancel.cseq = "1 CANCEL".into();
    let replies = hand.say(&cancel.text());
    assert_eq!(starts(&replies), ["200"]);
    assert_eq!(header(&replies[0], "To"), header(&ok[0], "To"), "one tag for the INVITE and its CANCEL");
    assert_eq!(hand.endpoint.legs(), 1);
    assert_eq!(hand.events.len(), 1, "{:?}", hand.events);
}

#[test]
fn a_cancel_of_nothing_is_481() {
    let mut hand = Hand::new();
    let cancel = hand.draft("CANCEL").text();
    assert_eq!(starts(&hand.say(&cancel)), ["481"]);
}

#[test]
fn our_refusal_is_sent_again_until_its_ack() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let busy = hand.command(Command::Reject { leg: FIRST, status: 486, retry_after: Some(7) });
    assert_eq!((start(&busy[0]), header(&busy[0], "Retry-After")), ("486", Some("7")));
    assert_eq!(starts(&hand.pass(seconds(2))), ["486", "486"]);
    let mut ack = invite.clone();
    (ack.method, ack.cseq, ack.to) = ("ACK".into(), "1 ACK".into(), header(&busy[0], "To").unwrap().into());
    assert_eq!(hand.say(&ack.text()), [""; 0]);
    assert_eq!(hand.pass(seconds(60)), [""; 0]);
    assert_eq!(hand.endpoint.transactions(), 0);
}

#[test]
fn a_late_offer_is_answered_in_the_ack() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let Event::Incoming(incoming) = &hand.events[0] else { panic!() };
    assert_eq!(incoming.offer, None);
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "our offer".into() });
    assert!(ok[0].ends_with("our offer"), "{}", ok[0]);
    let mut ack = invite.clone().with("Content-Type: application/sdp");
    (ack.method, ack.cseq, ack.to) = ("ACK".into(), "1 ACK".into(), header(&ok[0], "To").unwrap().into());
    (ack.via, ack.body) = (ack.via.replace("INVITE", "ACK"), "their answer".into());
    hand.say(&ack.text());
    assert_eq!(hand.events[1], Event::Acked { leg: FIRST, sdp: Some("their answer".into()) });
}

#[test]
fn a_bye_before_the_answer_ends_the_invite_too() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let ringing = hand.command(Command::Ring { leg: FIRST });
    let mut bye = hand.draft("BYE");
    (bye.to, bye.call_id) = (header(&ringing[0], "To").unwrap().into(), invite.call_id.clone());
    let mut replies = hand.say(&bye.text());
    replies.sort();
    assert_eq!(starts(&replies), ["200", "487"]);
    assert_eq!(hand.events[1], Event::Cancelled { leg: FIRST });
    assert_eq!(hand.endpoint.legs(), 0);
}
