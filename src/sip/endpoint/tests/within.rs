use super::hand::{Draft, Hand, header, starts};
use super::pair::{End, Pair};
use super::*;
use crate::sip::{Command, DialogEnd, Event};

/// A hand in a call whose ACK has not been sent, and a request within it.
fn answered(hand: &mut Hand) -> (Draft, impl Fn(&mut Hand, &str) -> Draft + use<>) {
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
    let to = header(&ok[0], "To").unwrap().to_owned();
    let call_id = invite.call_id.clone();
    let within = move |hand: &mut Hand, method: &str| {
        let mut draft = hand.draft(method);
        (draft.to, draft.call_id) = (to.clone(), call_id.clone());
        draft
    };
    let mut ack = within(hand, "ACK");
    ack.cseq = "1 ACK".into();
    (ack, within)
}

#[test]
fn an_ack_on_the_branch_of_its_invite_is_understood() {
    let mut hand = Hand::new();
    let (mut ack, _) = answered(&mut hand);
    ack.via = format!("SIP/2.0/UDP {THERE};branch=z9hG4bK-INVITE-1;rport");
    hand.say(&ack.text());
    assert_eq!(hand.events.last(), Some(&Event::Acked { leg: FIRST, sdp: None }));
}

#[test]
fn an_offer_before_the_ack_waits_for_it() {
    let mut hand = Hand::new();
    let (ack, _) = answered(&mut hand);
    assert_eq!(hand.command(Command::Reoffer { leg: FIRST, sdp: "hold".into() }), [""; 0]);
    let sent = hand.say(&ack.text());
    assert_eq!(starts(&sent), ["INVITE"]);
    assert!(sent[0].ends_with("hold"), "{}", sent[0]);
}

#[test]
fn a_late_reoffer_is_answered_in_its_ack() {
    let mut hand = Hand::new();
    let (ack, within) = answered(&mut hand);
    hand.say(&ack.text());
    let reinvite = within(&mut hand, "INVITE");
    assert_eq!(starts(&hand.say(&reinvite.text())), ["100"]);
    assert_eq!(hand.events.last(), Some(&Event::Reoffered { leg: FIRST, sdp: None }));
    hand.command(Command::AnswerReoffer { leg: FIRST, sdp: "our offer".into() });
    let mut ack = within(&mut hand, "ACK").with("Content-Type: application/sdp");
    (ack.cseq, ack.body) = (reinvite.cseq.replace("INVITE", "ACK"), "their answer".into());
    hand.say(&ack.text());
    assert_eq!(hand.events.last(), Some(&Event::Acked { leg: FIRST, sdp: Some("their answer".into()) }));
}

#[test]
fn a_cancelled_reoffer_leaves_the_call_as_it_was() {
    let mut hand = Hand::new();
    let (ack, within) = answered(&mut hand);
    hand.say(&ack.text());
    let reinvite = within(&mut hand, "INVITE");
    hand.say(&reinvite.text());
    let mut cancel = reinvite.clone();
    (cancel.method, cancel.cseq) = ("CANCEL".into(), reinvite.cseq.replace("INVITE", "CANCEL"));
    assert_eq!(starts(&hand.say(&cancel.text())), ["200", "487"]);
    let again = within(&mut hand, "INVITE");
    assert_eq!(starts(&hand.say(&again.text())), ["100"]);
}

#[test]
fn a_reoffer_moves_the_peer() {
    let mut hand = Hand::new();
    let (ack, within) = answered(&mut hand);
    hand.say(&ack.text());
    let mut reinvite = within(&mut hand, "INVITE");
    reinvite.more = "Contact: <sip:caller@192.0.2.77:5099>\r\n".into();
    hand.say(&reinvite.text());
    hand.command(Command::AnswerReoffer { leg: FIRST, sdp: "answer".into() });
    let bye = hand.command(Command::End { leg: FIRST });
    assert!(bye[0].starts_with("BYE sip:caller@192.0.2.77:5099 SIP/2.0\r\n"), "{}", bye[0]);
    assert_eq!(hand.last_to, Some(address("192.0.2.77:5099")));
}

#[test]
fn options_within_a_call_are_answered() {
    let mut hand = Hand::new();
    let (ack, within) = answered(&mut hand);
    hand.say(&ack.text());
    let options = within(&mut hand, "OPTIONS").text();
    assert_eq!(starts(&hand.say(&options)), ["200"]);
}

#[test]
fn a_goodbye_that_nobody_answers_ends_all_the_same() {
    let mut hand = Hand::new();
    let (ack, _) = answered(&mut hand);
    hand.say(&ack.text());
    hand.command(Command::End { leg: FIRST });
    assert_eq!(hand.pass(seconds(33)).len(), 10);
    assert_eq!(hand.events.last(), Some(&Event::Ended { leg: FIRST, why: DialogEnd::Ours }));
    assert_eq!((hand.endpoint.legs(), hand.endpoint.transactions()), (0, 0));
}

#[test]
fn the_end_of_a_call_with_an_open_offer_refuses_the_offer() {
    let mut hand = Hand::new();
    let (ack, within) = answered(&mut hand);
    hand.say(&ack.text());
    let reinvite = within(&mut hand, "INVITE");
    hand.say(&reinvite.text());
    assert_eq!(starts(&hand.command(Command::End { leg: FIRST })), ["487", "BYE"]);
}

#[test]
fn a_call_that_rings_long_is_confirmed_each_minute() {
    let mut pair = Pair::new(40);
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Callee, Command::Ring { leg: FIRST });
    pair.drive(seconds(125));
    assert_eq!(pair.count("callee > 180 INVITE"), 3);
    assert!(matches!(pair.events(End::Caller)[..], [Event::Ringing { leg: OUT, to_tag: Some(_) }]));
}

#[test]
fn commands_for_legs_that_are_over_do_nothing() {
    let mut hand = Hand::new();
    let leg = LegId(77);
    let sdp = || "sdp".to_owned();
    let digit = crate::base::Digit::ZERO;
    for command in [
        Command::Ring { leg },
        Command::Answer { leg, sdp: sdp() },
        Command::Reject { leg, status: 486, retry_after: None },
        Command::End { leg },
        Command::Reoffer { leg, sdp: sdp() },
        Command::AnswerReoffer { leg, sdp: sdp() },
        Command::RejectReoffer { leg },
        Command::Ask { leg },
        Command::GiveUp { leg },
        Command::Info { leg, digit },
    ] {
        assert_eq!(hand.command(command), [""; 0]);
    }
    assert_eq!(hand.events, []);
}
