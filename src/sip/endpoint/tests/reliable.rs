//! Provisional responses that must be acknowledged (RFC 3262), both ways.

use super::hand::{Draft, Hand, header, start, starts};
use super::pair::{End, Pair};
use super::trunk::{dial, reply, with_trunk};
use super::*;
use crate::sip::{Command, DialogEnd, Event};

const SDP: &str = "Content-Type: application/sdp";

fn progress() -> Command {
    Command::Progress { leg: FIRST, sdp: "early".into() }
}

fn answer() -> Command {
    Command::Answer { leg: FIRST, sdp: "early".into() }
}

/// An INVITE of the hand's, and a request before its answer.
fn invite(hand: &mut Hand, header: &str) -> Draft {
    let draft = hand.draft("INVITE").with(SDP).with(header);
    let draft = Draft { body: "offer".into(), ..draft };
    hand.say(&draft.text());
    draft
}

fn early(hand: &mut Hand, invite: &Draft, response: &str, method: &str) -> Draft {
    let mut draft = hand.draft(method).with(&format!("Contact: <sip:caller@{THERE}>"));
    (draft.to, draft.call_id) = (header(response, "To").unwrap().into(), invite.call_id.clone());
    draft
}

fn prack(hand: &mut Hand, invite: &Draft, response: &str) -> Draft {
    let rack = format!("RAck: {} {}", header(response, "RSeq").unwrap(), invite.cseq);
    early(hand, invite, response, "PRACK").with(&rack)
}

#[test]
fn what_is_heard_before_the_answer_is_acknowledged_and_then_answered() {
    let mut pair = Pair::new(70);
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Callee, progress());
    pair.drive(seconds(1));
    pair.tell(End::Callee, answer());
    pair.drive(seconds(1));
    let events = pair.events(End::Caller);
    assert!(
        matches!(&events[..], [Event::Ringing { .. }, Event::Answered { sdp, .. }] if sdp == "early"),
        "{events:?}"
    );
    pair.tell(End::Caller, Command::End { leg: OUT });
    pair.drive(seconds(1));
    insta::assert_snapshot!(pair.log.join("\n"), @r"
    caller > INVITE
    callee > 100 INVITE
    callee > 183 INVITE
    caller > PRACK
    callee > 200 PRACK
    callee > 200 INVITE
    caller > ACK
    caller > BYE
    callee > 200 BYE
    ");
    pair.assert_empty();
}

#[test]
fn a_lost_provisional_response_comes_again_and_so_does_its_acknowledgement() {
    for lost in ["183 INVITE", "PRACK", "200 PRACK"] {
        let mut pair = Pair::new(71);
        pair.lose(2, move |_, title| title == lost);
        pair.invite();
        pair.drive(seconds(1));
        pair.tell(End::Callee, progress());
        pair.drive(seconds(3));
        assert_eq!(pair.events(End::Caller).len(), 1, "{lost}");
        pair.tell(End::Callee, answer());
        pair.drive(seconds(1));
        assert_eq!(pair.count("callee > 200 INVITE"), 1, "{lost}");
        assert!(matches!(&pair.events(End::Caller)[..], [Event::Answered { .. }]), "{lost}");
    }
}

#[test]
fn a_caller_without_keys_is_refused_before_the_answer() {
    let mut hand = Hand::new();
    invite(&mut hand, "Supported: 100rel");
    hand.command(progress());
    hand.events.clear();
    assert_eq!(starts(&hand.command(Command::GiveUp { leg: FIRST })), ["488"]);
    assert_eq!(hand.events, [Event::Ended { leg: FIRST, why: DialogEnd::Unkeyed }]);
}

#[test]
fn a_caller_that_acknowledges_nothing_is_refused() {
    let mut hand = Hand::new();
    invite(&mut hand, "Supported: 100rel");
    hand.command(progress());
    hand.events.clear();
    let sent = hand.pass(seconds(33));
    // 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, and then the end with its own copies.
    assert_eq!(starts(&sent)[..7], ["183", "183", "183", "183", "183", "183", "504"]);
    assert_eq!(hand.events, [Event::Ended { leg: FIRST, why: DialogEnd::NoAck }]);
    assert_eq!(hand.endpoint.legs(), 0);
}

#[test]
fn a_caller_that_requires_it_gets_every_provisional_response_with_a_number() {
    let mut hand = Hand::new();
    let invite = invite(&mut hand, "Require: 100rel");
    let ringing = hand.command(Command::Ring { leg: FIRST }).remove(0);
    assert_eq!((start(&ringing), header(&ringing, "Require")), ("180", Some("100rel")));
    let first: u32 = header(&ringing, "RSeq").unwrap().parse().unwrap();
    assert_eq!(hand.command(Command::Ring { leg: FIRST }), [""; 0], "one after the other");
    let mut wrong = prack(&mut hand, &invite, &ringing);
    wrong.more = wrong.more.replace("RAck: ", "RAck: 1");
    assert_eq!(starts(&hand.say(&wrong.text())), ["481"]);
    let right = prack(&mut hand, &invite, &ringing).text();
    assert_eq!(starts(&hand.say(&right)), ["200"]);
    assert_eq!(hand.pass(seconds(40)), [""; 0]);
    let second = hand.command(Command::Ring { leg: FIRST }).remove(0);
    assert_eq!(header(&second, "RSeq"), Some((first + 1).to_string().as_str()));
    // An answer need not wait for the PRACK of what held none, and comes as usual.
    let ok = hand.command(answer()).remove(0);
    assert!(start(&ok) == "200" && ok.ends_with("early"), "{ok}");
    let late = prack(&mut hand, &invite, &second).text();
    assert_eq!(starts(&hand.say(&late)), ["200"]);
}

#[test]
fn the_200_waits_until_the_early_answer_is_acknowledged_and_does_not_repeat_it() {
    let mut hand = Hand::new();
    let invite = invite(&mut hand, "Supported: timer, 100rel");
    let early = hand.command(progress()).remove(0);
    assert!(early.ends_with("\r\n\r\nearly"), "{early}");
    assert_eq!(hand.command(answer()), [""; 0]);
    let prack = prack(&mut hand, &invite, &early).text();
    let sent = hand.say(&prack);
    assert_eq!(starts(&sent), ["200", "200"]);
    assert!(sent[1].contains("CSeq: 1 INVITE") && sent[1].ends_with("Content-Length: 0\r\n\r\n"), "{}", sent[1]);
}

#[test]
fn a_caller_that_does_not_know_it_hears_us_early_all_the_same() {
    let mut hand = Hand::new();
    invite(&mut hand, "Supported: timer");
    let early = hand.command(progress()).remove(0);
    assert_eq!((start(&early), header(&early, "RSeq"), header(&early, "Require")), ("183", None, None));
    let ok = hand.command(answer()).remove(0);
    assert!(start(&ok) == "200" && ok.ends_with("\r\n\r\nearly"), "{ok}");
}

#[test]
fn without_an_offer_nothing_is_said_before_the_200() {
    let mut hand = Hand::new();
    let late = hand.draft("INVITE").with("Require: 100rel").text();
    hand.say(&late);
    assert_eq!(hand.command(Command::Ring { leg: FIRST }), [""; 0]);
    assert_eq!(hand.command(progress()), [""; 0]);
    assert_eq!(starts(&hand.command(answer())), ["200"]);
}

#[test]
fn before_the_answer_offers_come_by_prack_and_by_update() {
    let mut hand = Hand::new();
    let invite = invite(&mut hand, "Supported: 100rel");
    let response = hand.command(progress()).remove(0);
    let prack = Draft { body: "second".into(), ..prack(&mut hand, &invite, &response).with(SDP) };
    assert_eq!(hand.say(&prack.text()), [""; 0]);
    assert_eq!(hand.events.last(), Some(&Event::Reoffered { leg: FIRST, sdp: Some("second".into()) }));
    let ok = hand.command(Command::AnswerReoffer { leg: FIRST, sdp: "agreed".into() }).remove(0);
    assert!(ok.contains("PRACK\r\n") && ok.ends_with("agreed"), "{ok}");
    let update = Draft { body: "third".into(), ..early(&mut hand, &invite, &response, "UPDATE").with(SDP) };
    hand.say(&update.text());
    assert_eq!(hand.events.last(), Some(&Event::Reoffered { leg: FIRST, sdp: Some("third".into()) }));
    let mut cancel = invite.clone();
    (cancel.method, cancel.cseq) = ("CANCEL".into(), invite.cseq.replace("INVITE", "CANCEL"));
    let mut sent = hand.say(&cancel.text());
    sent.sort();
    assert_eq!(starts(&sent), ["200", "487", "487"], "nothing is left without an answer");
}

#[test]
fn what_asks_for_it_is_acknowledged_once_and_in_order() {
    let mut hand = with_trunk();
    let invite = dial(&mut hand, "0612345678").remove(0);
    assert_eq!(header(&invite, "Supported"), Some("timer, 100rel, replaces, norefersub"));
    let more = format!("Contact: <sip:there@{THERE}>\r\nRequire: 100rel\r\nRSeq: ");
    let ringing = |tag: &str, rseq: u32| {
        reply(&invite, "180 Ringing", &format!("{more}{rseq}\r\n")).replace("operator\r\n", &format!("{tag}\r\n"))
    };
    let prack = hand.say(&ringing("a", 7)).remove(0);
    assert!(prack.starts_with(&format!("PRACK sip:there@{THERE} SIP/2.0\r\n")), "{prack}");
    assert_eq!((header(&prack, "RAck"), header(&prack, "CSeq")), (Some("7 1 INVITE"), Some("2 PRACK")));
    assert!(header(&prack, "To").unwrap().ends_with("tag=a"));
    assert_eq!(hand.say(&ringing("a", 7)), [""; 0], "a copy");
    assert_eq!(hand.say(&ringing("a", 9)), [""; 0], "one before it is missing");
    assert_eq!(header(&hand.say(&ringing("a", 8))[0], "RAck"), Some("8 1 INVITE"));
    assert_eq!(header(&hand.say(&ringing("b", 1))[0], "RAck"), Some("1 1 INVITE"), "another branch counts for itself");
    assert_eq!(hand.events.len(), 1, "{:?}", hand.events);
    let plain = reply(&invite, "180 Ringing", "RSeq: 9\r\n");
    assert_eq!(hand.say(&plain), [""; 0]);
    let ok = format!("Contact: <sip:there@{THERE}>\r\n{SDP}\r\nContent-Length: 6\r\n");
    let ack = hand.say(&(reply(&invite, "200 OK", &ok) + "answer")).remove(0);
    assert_eq!(header(&ack, "CSeq"), Some("1 ACK"));
    assert_eq!(header(&hand.command(Command::End { leg: OUT })[0], "CSeq"), Some("5 BYE"), "after three PRACK");
}

#[test]
fn who_rings_may_change_what_is_sent_before_the_answer() {
    let mut hand = with_trunk();
    let invite = dial(&mut hand, "0612345678").remove(0);
    let contact = format!("Contact: <sip:there@{THERE}>\r\n");
    let update = |hand: &mut Hand| {
        let mut draft = hand.draft("UPDATE").with(SDP);
        (draft.call_id, draft.body) = (header(&invite, "Call-ID").unwrap().into(), "moved".into());
        (draft.from, draft.to) =
            (format!("{};tag=operator", header(&invite, "To").unwrap()), header(&invite, "From").unwrap().into());
        draft.text()
    };
    let text = update(&mut hand);
    assert_eq!(starts(&hand.say(&text)), ["481"], "nobody has rung yet");
    hand.say(&reply(&invite, "180 Ringing", &contact));
    let text = update(&mut hand);
    assert_eq!(starts(&hand.say(&text)), ["491"], "our offer is open");
    hand.say(&(reply(&invite, "183 Session Progress", &format!("{contact}{SDP}\r\nContent-Length: 5\r\n")) + "early"));
    let text = update(&mut hand);
    hand.say(&text);
    assert_eq!(hand.events.last(), Some(&Event::Reoffered { leg: OUT, sdp: Some("moved".into()) }));
    assert_eq!(starts(&hand.command(Command::AnswerReoffer { leg: OUT, sdp: "ok".into() })), ["200"]);
    hand.say(&reply(&invite, "200 OK", &contact));
    assert_eq!(hand.events.last(), Some(&Event::Answered { leg: OUT, sdp: "moved".into() }));
}
