//! Wishes to be connected elsewhere (RFC 3515), and calls in the place of others (RFC 3891).

use super::hand::{Draft, Hand, header, start, starts};
use super::register::at_home;
use super::*;
use crate::base::Private;
use crate::sip::{Command, Event, Identity, Referral, Replaces, Taking, Target};

/// A hand in a call that is up; requests within it.
fn call(hand: &mut Hand) -> (String, impl Fn(&mut Hand, &str) -> Draft + use<>) {
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let leg = match hand.events.last() {
        Some(Event::Incoming(incoming)) => incoming.leg,
        other => panic!("{other:?}"),
    };
    let ok = hand.command(Command::Answer { leg, sdp: "answer".into() }).remove(0);
    let (to, call_id) = (header(&ok, "To").unwrap().to_owned(), invite.call_id.clone());
    let within = move |hand: &mut Hand, method: &str| {
        let mut draft = hand.draft(method).with(&format!("Contact: <sip:caller@{THERE}>"));
        (draft.to, draft.call_id) = (to.clone(), call_id.clone());
        draft
    };
    let mut ack = within(hand, "ACK");
    ack.cseq = invite.cseq.replace("INVITE", "ACK");
    hand.say(&ack.text());
    hand.events.clear();
    (ok, within)
}

fn refer(hand: &mut Hand, within: &impl Fn(&mut Hand, &str) -> Draft, to: &str) -> Vec<String> {
    let draft = within(hand, "REFER").with(&format!("Refer-To: {to}")).with("Referred-By: <sip:amina@svi>");
    hand.say(&draft.text())
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_wish_is_told_and_its_progress_comes_back_until_the_end() {
    let mut hand = Hand::new();
    let (_, within) = call(&mut hand);
    assert_eq!(refer(&mut hand, &within, "\"Bruno\" <sip:bruno@svi>"), [""; 0]);
    let referral = Referral {
        to: Private::new("bruno".into()),
        replaces: None,
        known: None,
        referred_by: Some(Private::new("<sip:amina@svi>".into())),
    };
    assert_eq!(hand.events, [Event::Referred { leg: FIRST, referral: Box::new(referral) }]);
    let busy = refer(&mut hand, &within, "<sip:claire@svi>");
    assert_eq!(starts(&busy), ["500"], "one at a time");
    let sent = hand.command(Command::AcceptRefer { leg: FIRST });
    assert_eq!(starts(&sent), ["202", "NOTIFY"]);
    assert_eq!(
        (header(&sent[1], "Subscription-State"), body(&sent[1])),
        (Some("active;expires=180"), "SIP/2.0 100 Trying\r\n")
    );
    assert_eq!(header(&sent[1], "Content-Type"), Some("message/sipfrag;version=2.0"));
    let cseq = header(&sent[0], "CSeq").unwrap().split(' ').next().unwrap().to_owned();
    assert_eq!(header(&sent[1], "Event"), Some(format!("refer;id={cseq}").as_str()));
    let ringing = hand.command(Command::ReferProgress { leg: FIRST, status: 180 }).remove(0);
    assert_eq!(body(&ringing), "SIP/2.0 180 Ringing\r\n");
    let done = hand.command(Command::ReferProgress { leg: FIRST, status: 200 }).remove(0);
    assert_eq!(
        (header(&done, "Subscription-State"), body(&done)),
        (Some("terminated;reason=noresource"), "SIP/2.0 200 OK\r\n")
    );
    assert_eq!(hand.command(Command::ReferProgress { leg: FIRST, status: 200 }), [""; 0], "that was the last word");
    assert_eq!(refer(&mut hand, &within, "<sip:claire@svi>"), [""; 0], "and now another");
}

#[test]
fn who_does_not_want_to_know_is_not_told() {
    let mut hand = Hand::new();
    let (_, within) = call(&mut hand);
    let draft = within(&mut hand, "REFER").with("Refer-To: sip:bruno@svi").with("Refer-Sub: false");
    hand.say(&draft.with("Supported: norefersub").text());
    let sent = hand.command(Command::AcceptRefer { leg: FIRST });
    assert_eq!((starts(&sent), header(&sent[0], "Refer-Sub")), (vec!["202"], Some("false")));
    assert_eq!(hand.command(Command::ReferProgress { leg: FIRST, status: 603 }), [""; 0]);
}

#[test]
fn what_can_not_be_done_is_refused_and_nothing_outlives_the_call() {
    let mut hand = Hand::new();
    let (_, within) = call(&mut hand);
    let wrong = [
        ("<sip:bruno@svi>, <sip:claire@svi>", "400"),
        ("<mailto:bruno@svi>", "400"),
        ("<sip:svi>", "400"),
        ("<sip:bruno@svi?Replaces=x%3Bto-tag%3D1>", "400"),
        ("<sip:bruno@svi;method=BYE>", "403"),
    ];
    for (to, status) in wrong {
        assert_eq!(starts(&refer(&mut hand, &within, to)), [status], "{to}");
    }
    let without = within(&mut hand, "REFER").text();
    assert_eq!(starts(&hand.say(&without)), ["400"]);
    refer(&mut hand, &within, "<sip:bruno@svi>");
    assert_eq!(starts(&hand.command(Command::RefuseRefer { leg: FIRST, status: 403 })), ["403"]);
    refer(&mut hand, &within, "<sip:bruno@svi>");
    assert_eq!(starts(&hand.command(Command::End { leg: FIRST })), ["487", "BYE"]);
    let stranger = hand.draft("REFER").with("Refer-To: <sip:100@svi>").text();
    assert_eq!(starts(&hand.say(&stranger)), ["403"], "outside of calls");
}

#[test]
fn a_dialog_that_is_named_is_found_by_all_its_names() {
    let mut hand = Hand::new();
    let (ok, _) = call(&mut hand);
    let (_, within) = call(&mut hand);
    let (call_id, tag) = (header(&ok, "Call-ID").unwrap(), header(&ok, "To").unwrap().split_once("tag=").unwrap().1);
    for (call_id, from, known) in [(call_id, "theirs", Some(FIRST)), (call_id, "x", None), ("x", "theirs", None)] {
        let named = format!("<sip:bruno@svi?Require=replaces&Replaces={call_id}%3Bfrom-tag%3D{from}%3Bto-tag%3D{tag}>");
        refer(&mut hand, &within, &named);
        let Some(Event::Referred { leg, referral }) = hand.events.pop() else { panic!() };
        assert_eq!((referral.known, referral.replaces.unwrap().to_tag.as_str()), (known, tag));
        hand.command(Command::RefuseRefer { leg, status: 403 });
    }
}

#[test]
fn a_call_takes_the_place_of_another_by_the_names_that_its_phone_knows() {
    let mut hand = Hand::new();
    let to = || Target::Uri(format!("sip:bruno@{THERE}"));
    let take = |hand: &mut Hand, taking| {
        let (leg, from, sdp) = (LegId(7), Identity::default(), "offer".into());
        let referred_by = Some("<sip:amina@svi>".into());
        hand.command(Command::InviteInPlace { leg, to: to(), from, sdp, taking, referred_by }).remove(0)
    };
    let named = Replaces { call_id: "p2p".into(), to_tag: "b".into(), from_tag: "a".into() };
    let invite = take(&mut hand, Some(Taking::Named(named)));
    assert_eq!((start(&invite), header(&invite, "Replaces")), ("INVITE", Some("p2p;to-tag=b;from-tag=a")));
    assert_eq!(
        (header(&invite, "Require"), header(&invite, "Referred-By")),
        (Some("replaces"), Some("<sip:amina@svi>"))
    );
    // Of a consultation by us, the second leg is the one that its phone is in.
    let mut hand = Hand::new();
    let (_, _) = call(&mut hand);
    let (leg, from, sdp) = (LegId(FIRST.0 + 1), Identity::default(), "offer".into());
    let second = hand.command(Command::Invite { leg, to: to(), from, sdp }).remove(0);
    let copy = |name: &str| format!("{name}: {}\r\n", header(&second, name).unwrap());
    let answer = format!(
        "SIP/2.0 200 OK\r\n{}{}To: <sip:bruno@svi>;tag=bruno\r\n{}{}Contact: <sip:bruno@{THERE}>\r\n\
         Content-Type: application/sdp\r\nContent-Length: 6\r\n\r\nanswer",
        copy("Via"),
        copy("From"),
        copy("Call-ID"),
        copy("CSeq")
    );
    hand.say(&answer);
    let invite = take(&mut hand, Some(Taking::Partner(FIRST)));
    let ours = header(&second, "From").unwrap().split_once("tag=").unwrap().1;
    let wanted = format!("{};to-tag=bruno;from-tag={ours}", header(&second, "Call-ID").unwrap());
    assert_eq!(header(&invite, "Replaces"), Some(wanted.as_str()));
}

#[test]
fn an_agent_s_phone_may_take_the_place_of_a_leg_and_nobody_else() {
    let mut hand = Hand::new();
    let (ok, _) = call(&mut hand);
    let tag = header(&ok, "To").unwrap().split_once("tag=").unwrap().1.to_owned();
    let call_id = header(&ok, "Call-ID").unwrap().to_owned();
    let invite = |hand: &mut Hand, from: &str, replaces: &str| {
        let mut draft = hand.draft("INVITE").with(&format!("Replaces: {replaces}"));
        draft.from = format!("<sip:{from}@svi>;tag=another");
        draft.text()
    };
    let right = format!("{call_id};from-tag=theirs;to-tag={tag}");
    let text = invite(&mut hand, "bruno", &right);
    assert_eq!(starts(&hand.say(&text)), ["403"], "his phone has not registered");
    at_home(&mut hand, "bruno");
    for (replaces, status) in [(right.replace("theirs", "x"), "481"), (format!("{call_id};to-tag={tag}"), "400")] {
        let text = invite(&mut hand, "bruno", &replaces);
        assert_eq!(starts(&hand.say(&text)), [status]);
    }
    let text = invite(&mut hand, "bruno", &right);
    assert_eq!(starts(&hand.say(&text)), ["100"]);
    let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
    assert_eq!((incoming.replaces, incoming.agent), (Some(FIRST), Some("bruno".into())));
}
