//! An agent with two phones.

use super::hand::{Hand, header, starts};
use super::register::Phone;
use super::*;
use crate::sip::{Command, Event, Identity, Target};

const LEG: LegId = LegId(257);

/// Amina has a desk phone and a softphone, and both ring: their INVITEs.
fn ringing() -> (Hand, Vec<String>) {
    let mut phone = Phone::new("amina");
    phone.register(&["Contact: <sip:amina@10.0.0.5:5062>"]);
    phone.register(&["Contact: <sip:amina@10.0.0.6:5064>"]);
    let mut hand = phone.hand;
    hand.events.clear();
    let to = Target::Agent(AgentName::from("amina"));
    let sdp = "v=0\r\n".to_owned();
    let sent = hand.command(Command::Invite { leg: LEG, to, from: Identity::default(), sdp });
    assert_eq!(starts(&sent), ["INVITE", "INVITE"]);
    (hand, sent)
}

/// An answer to one of our requests.
fn answer(request: &str, status: &str) -> String {
    let value = |name| header(request, name).unwrap();
    format!(
        "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=phone\r\nCall-ID: {}\r\nCSeq: {}\r\n\
         Contact: <sip:amina@10.0.0.6:5064>\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
        value("Via"),
        value("From"),
        value("To"),
        value("Call-ID"),
        value("CSeq")
    )
}

#[test]
fn both_phones_ring_and_the_one_that_is_not_picked_up_shows_no_missed_call() {
    let (mut hand, invites) = ringing();
    for invite in &invites {
        hand.say(&answer(invite, "180 Ringing"));
    }
    hand.events.clear();
    let sent = hand.say(&answer(&invites[1], "200 OK"));
    assert_eq!(starts(&sent), ["ACK", "CANCEL"]);
    assert_eq!(header(&sent[1], "Call-ID"), header(&invites[0], "Call-ID"));
    assert!(header(&sent[1], "Reason").unwrap().contains("cause=200"), "{}", sent[1]);
    assert_eq!(hand.events, [Event::Answered { leg: LEG, sdp: "v=0\r\n".into() }]);
    hand.say(&answer(&invites[0], "487 Request Terminated"));
    let ended = hand.command(Command::End { leg: LEG });
    assert_eq!((starts(&ended), header(&ended[0], "Call-ID")), (vec!["BYE"], header(&invites[1], "Call-ID")));
    hand.say(&answer(&ended[0], "200 OK"));
    assert!(matches!(hand.events[1..], [Event::Ended { leg: LEG, .. }]), "{:?}", hand.events);
    assert_eq!(hand.endpoint.legs(), 0);
}

#[test]
fn a_busy_phone_lets_the_other_ring_on_and_all_stop_when_the_caller_hangs_up() {
    let (mut hand, invites) = ringing();
    hand.say(&answer(&invites[0], "180 Ringing"));
    assert_eq!(starts(&hand.say(&answer(&invites[1], "486 Busy Here"))), ["ACK"]);
    assert!(!hand.events.iter().any(Event::is_last), "{:?}", hand.events);
    assert_eq!(starts(&hand.command(Command::End { leg: LEG })), ["CANCEL"]);
    hand.say(&answer(&invites[0], "487 Request Terminated"));
    assert_eq!(hand.events.pop(), Some(Event::Failed { leg: LEG, status: 486, later: None }));
    assert_eq!(hand.endpoint.legs(), 0);
}
