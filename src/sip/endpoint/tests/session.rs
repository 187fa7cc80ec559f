//! Session timers (RFC 4028) and UPDATE (RFC 3311).

use super::hand::{Draft, Hand, header, start, starts};
use super::pair::{End, Pair};
use super::trunk::{dial, reply, with_trunk};
use super::*;
use crate::sip::{Command, DialogEnd, Event};

const SDP: &str = "Content-Type: application/sdp";

/// A call from the hand that is up, and requests within it; with the 200.
fn call(hand: &mut Hand, headers: &[&str]) -> (String, impl Fn(&mut Hand, &str) -> Draft + use<>) {
    let invite = headers.iter().fold(hand.draft("INVITE").with(SDP), |draft, line| draft.with(line));
    let invite = Draft { body: "offer".into(), ..invite };
    hand.say(&invite.text());
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() }).remove(0);
    let (to, call_id) = (header(&ok, "To").unwrap().to_owned(), invite.call_id);
    let within = move |hand: &mut Hand, method: &str| {
        let mut draft = hand.draft(method).with(&format!("Contact: <sip:caller@{THERE}>"));
        (draft.to, draft.call_id) = (to.clone(), call_id.clone());
        draft
    };
    let mut ack = within(hand, "ACK");
    ack.cseq = "1 ACK".into();
    hand.say(&ack.text());
    hand.events.clear();
    (ok, within)
}

#[test]
fn a_session_is_refreshed_by_update_for_as_long_as_both_live() {
    let mut pair = Pair::new(60);
    pair.connect();
    pair.drive(seconds(890));
    assert_eq!(pair.count("callee > UPDATE"), 0);
    pair.drive(seconds(3600));
    assert_eq!((pair.count("callee > UPDATE"), pair.count("caller > 200 UPDATE")), (4, 4));
    assert_eq!((pair.caller.legs(), pair.callee.legs()), (1, 1));
    assert_eq!((pair.events(End::Caller), pair.events(End::Callee)), (vec![], vec![]));
}

#[test]
fn each_side_alone_finds_out_that_the_other_has_gone() {
    let mut pair = Pair::new(61);
    pair.connect();
    pair.lose(usize::MAX, |_, _| true);
    pair.drive(seconds(1766));
    assert_eq!(pair.events(End::Callee), [Event::Ended { leg: FIRST, why: DialogEnd::Dead }]);
    assert_eq!(pair.events(End::Caller), []);
    pair.drive(seconds(4));
    assert_eq!(pair.events(End::Caller), [Event::Ended { leg: OUT, why: DialogEnd::Expired }]);
    pair.assert_empty();
}

#[test]
fn a_peer_that_refreshes_is_hung_up_on_with_a_reason_when_it_does_not() {
    let mut hand = Hand::new();
    let (ok, within) = call(&mut hand, &["Supported: timer", "Session-Expires: 600;refresher=uac"]);
    assert_eq!(header(&ok, "Session-Expires"), Some("600;refresher=uac"));
    assert_eq!(header(&ok, "Require"), Some("timer"));
    hand.pass(seconds(500));
    let update = within(&mut hand, "UPDATE").with("Supported: timer").with("x: 600;refresher=uac").text();
    let renewed = hand.say(&update).remove(0);
    assert_eq!((start(&renewed), header(&renewed, "Session-Expires")), ("200", Some("600;refresher=uac")));
    assert!(header(&renewed, "Contact").is_some(), "{renewed}");
    assert_eq!(hand.pass(seconds(567)), [""; 0]);
    let bye = hand.pass(seconds(2)).remove(0);
    assert_eq!((start(&bye), header(&bye, "Reason")), ("BYE", Some("SIP;cause=408;text=\"Session expired\"")));
    assert_eq!(hand.events, [Event::Ended { leg: FIRST, why: DialogEnd::Expired }]);
}

#[test]
fn without_update_the_session_is_refreshed_by_the_offer_that_stands() {
    let mut hand = Hand::new();
    let (ok, _) = call(&mut hand, &["Supported: timer", "Session-Expires: 1800;refresher=uas", "Allow: INVITE, BYE"]);
    assert_eq!((header(&ok, "Session-Expires"), header(&ok, "Require")), (Some("1800;refresher=uas"), None));
    let reinvite = hand.pass(seconds(900)).remove(0);
    assert!(reinvite.starts_with("INVITE ") && reinvite.ends_with("\r\n\r\nanswer"), "{reinvite}");
    assert_eq!(header(&reinvite, "Session-Expires"), Some("1800;refresher=uac"));
    let more = format!(
        "Contact: <sip:caller@{THERE}>\r\nSession-Expires: 1800;refresher=uac\r\n{SDP}\r\nContent-Length: 5\r\n"
    );
    assert_eq!(starts(&hand.say(&(reply(&reinvite, "200 OK", &more) + "again"))), ["ACK"]);
    assert_eq!(hand.events, [Event::ReofferAnswered { leg: FIRST, sdp: Some("again".into()) }]);
    assert_eq!(starts(&hand.pass(seconds(900))), ["INVITE"]);
}

#[test]
fn an_update_that_is_not_taken_becomes_a_reinvite_and_one_that_crosses_is_sent_again() {
    let refusals = [("501 Not Implemented", "INVITE"), ("491 Request Pending", "UPDATE")];
    for (status, next) in refusals {
        let mut hand = Hand::new();
        let (_, _) = call(&mut hand, &["Session-Expires: 1800", "Supported: timer", "Allow: INVITE, UPDATE"]);
        let update = hand.pass(seconds(900)).remove(0);
        assert!(update.starts_with("UPDATE ") && update.ends_with("\r\n\r\n"), "{update}");
        let mut sent = hand.say(&reply(&update, status, ""));
        sent.extend(hand.pass(millis(2_000)));
        assert_eq!(start(&sent[0]), next, "{status}");
    }
}

#[test]
fn who_knows_no_timer_gets_none_unless_a_proxy_has_asked() {
    let ok = |headers: &[&str]| header(&call(&mut Hand::new(), headers).0, "Session-Expires").map(str::to_owned);
    assert_eq!(ok(&[]), None);
    assert_eq!(ok(&["Session-Expires: 1200"]).as_deref(), Some("1200;refresher=uas"));
    assert_eq!(ok(&["Session-Expires: 20"]), None, "nobody may be asked to refresh each 10 s");
    assert_eq!(ok(&["Supported: timer"]).as_deref(), Some("1800;refresher=uas"));
    assert_eq!(ok(&["Supported: timer", "Session-Expires: 7200"]).as_deref(), Some("1800;refresher=uas"));
    assert_eq!(
        ok(&["Supported: timer", "Session-Expires: 7200", "Min-SE: 3600"]).as_deref(),
        Some("3600;refresher=uas")
    );
}

#[test]
fn a_session_that_is_too_short_is_refused_and_nothing_is_kept_of_it() {
    let mut hand = Hand::new();
    let brief = hand.draft("INVITE").with("Supported: timer").with("Session-Expires: 60").text();
    let refusal = hand.say(&brief).remove(0);
    assert_eq!((start(&refusal), header(&refusal, "Min-SE")), ("422", Some("90")));
    assert_eq!((hand.endpoint.legs(), hand.endpoint.transactions()), (0, 0));
    let (_, within) = call(&mut hand, &["Supported: timer"]);
    let brief = within(&mut hand, "UPDATE").with("Supported: timer").with("Session-Expires: 60").text();
    assert_eq!(starts(&hand.say(&brief)), ["422"]);
}

#[test]
fn a_longer_session_is_asked_for_when_the_peer_wants_one_but_not_for_ever() {
    let mut hand = with_trunk();
    let mut invite = dial(&mut hand, "0612345678").remove(0);
    assert_eq!((header(&invite, "Session-Expires"), header(&invite, "Min-SE")), (Some("1800"), None));
    for (least, cseq) in [("3600", "2 INVITE"), ("7200", "3 INVITE")] {
        let refusal = reply(&invite, "422 Session Interval Too Small", &format!("Min-SE: {least}\r\n"));
        let sent = hand.say(&refusal);
        assert_eq!(starts(&sent), ["ACK", "INVITE"]);
        invite = sent[1].clone();
        assert_eq!((header(&invite, "Session-Expires"), header(&invite, "Min-SE")), (Some(least), Some(least)));
        assert_eq!(header(&invite, "CSeq"), Some(cseq));
    }
    hand.say(&reply(&invite, "422 Session Interval Too Small", "Min-SE: 7201\r\n"));
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 422, later: None }]);
}

#[test]
fn the_offer_of_an_update_is_answered_by_the_call() {
    let mut hand = Hand::new();
    let (_, within) = call(&mut hand, &[]);
    let update = |hand: &mut Hand, body: &str| Draft { body: body.into(), ..within(hand, "UPDATE").with(SDP) }.text();
    let first = update(&mut hand, "hold");
    assert_eq!(hand.say(&first), [""; 0]);
    assert_eq!(hand.events, [Event::Reoffered { leg: FIRST, sdp: Some("hold".into()) }]);
    // While it waits, everything else must.
    let second = update(&mut hand, "another");
    let reinvite = Draft { body: "b".into(), ..within(&mut hand, "INVITE").with(SDP) }.text();
    for other in [second, reinvite] {
        let busy = hand.say(&other).remove(0);
        assert_eq!(start(&busy), "500");
        assert!(header(&busy, "Retry-After").unwrap().parse::<u32>().unwrap() <= 10);
    }
    assert_eq!(hand.command(Command::Reoffer { leg: FIRST, sdp: "ours".into() }), [""; 0]);
    let sent = hand.command(Command::AnswerReoffer { leg: FIRST, sdp: "held".into() });
    assert_eq!(starts(&sent), ["200", "INVITE"], "our own offer has waited");
    assert!(sent[0].ends_with("\r\n\r\nheld") && sent[1].ends_with("\r\n\r\nours"), "{sent:?}");
    let crossing = update(&mut hand, "third");
    assert_eq!(starts(&hand.say(&crossing)), ["491"]);
    assert_eq!(hand.endpoint.legs(), 1);
}

#[test]
fn an_update_may_be_refused_and_does_not_outlive_its_call() {
    let mut hand = Hand::new();
    let (_, within) = call(&mut hand, &[]);
    let update = |hand: &mut Hand| Draft { body: "x".into(), ..within(hand, "UPDATE").with(SDP) }.text();
    let first = update(&mut hand);
    hand.say(&first);
    assert_eq!(starts(&hand.command(Command::RejectReoffer { leg: FIRST })), ["488"]);
    let second = update(&mut hand);
    hand.say(&second);
    assert_eq!(starts(&hand.command(Command::End { leg: FIRST })), ["487", "BYE"]);
    let stranger = hand.draft("UPDATE").text();
    assert_eq!(starts(&hand.say(&stranger)), ["481"]);
}

#[test]
fn an_offer_that_comes_at_a_bad_moment_is_made_again_when_the_peer_says_so() {
    let mut hand = Hand::new();
    let (_, _) = call(&mut hand, &[]);
    let reinvite = hand.command(Command::Reoffer { leg: FIRST, sdp: "ours".into() }).remove(0);
    let refusal = reply(&reinvite, "500 Server Internal Error", "Retry-After: 3 (an offer is open)\r\n");
    assert_eq!(starts(&hand.say(&refusal)), ["ACK"]);
    assert_eq!(hand.pass(millis(2_999)), [""; 0]);
    let again = hand.pass(millis(2)).remove(0);
    assert!(again.starts_with("INVITE ") && again.ends_with("ours"), "{again}");
    assert_eq!(hand.events, []);
}
