//! Who calls, through whom, and why it ends.

use super::hand::{Hand, header};
use super::pair::{End, Pair};
use super::trunk::{dial, reply, with_trunk};
use super::*;
use crate::sip::{Command, Diverted, Event, Protocol, Reason};

fn incoming(hand: &mut Hand, headers: &[&str]) -> crate::sip::Incoming {
    let invite = headers.iter().fold(hand.draft("INVITE"), |draft, line| draft.with(line));
    hand.say(&invite.text());
    match hand.events.pop() {
        Some(Event::Incoming(incoming)) => incoming,
        other => panic!("{other:?}"),
    }
}

fn trusting() -> Hand {
    let mut hand = Hand::new();
    let trusted = vec![address(THERE).ip()];
    hand.endpoint = Endpoint::new(EndpointSettings { trusted, ..settings(HERE) }, Chance::seeded(4));
    hand
}

#[test]
fn only_who_is_trusted_asserts_and_the_number_counts() {
    let asserted =
        ["P-Asserted-Identity: \"Accueil\" <sip:accueil@operator.example>", "P-Asserted-Identity: <tel:+33199887766>"];
    let user = |hand: &mut Hand, headers: &[&str]| incoming(hand, headers).from_user.map(|user| user.into_inner());
    assert_eq!(user(&mut trusting(), &asserted).as_deref(), Some("+33199887766"));
    assert_eq!(user(&mut Hand::new(), &asserted).as_deref(), Some("0612345678"));
    assert_eq!(user(&mut trusting(), &asserted[..1]).as_deref(), Some("accueil"));
    assert_eq!(user(&mut trusting(), &[asserted[1], "Privacy: id"]), None);
    assert_eq!(user(&mut trusting(), &[asserted[1], "Privacy: none"]).as_deref(), Some("+33199887766"));
}

#[test]
fn who_has_sent_a_call_on_is_read_from_either_header() {
    let diverted = |headers: &[&str]| {
        let Diverted { number, why } = *incoming(&mut Hand::new(), headers).diverted?;
        Some((number.map(|number| number.into_inner().as_str().to_owned()), why))
    };
    let known = |why| Some((Some("+33143000001".to_owned()), why));
    let first = "Diversion: <sip:+33143000001@op.example>;reason=no-answer;counter=1, <tel:+33143000002>;reason=away";
    assert_eq!(diverted(&[first]), known("no-answer"));
    assert_eq!(diverted(&["Diversion: <tel:+33143000001>;reason=\"a story\""]), known("unknown"));
    assert_eq!(diverted(&["Diversion: <sip:desk@op.example>;reason=User-Busy"]), Some((None, "user-busy")));
    let history = "History-Info: <sip:+33143000001@op.example?Reason=SIP%3Bcause%3D486>;index=1,\
                   <sip:100@192.0.2.1;cause=486>;index=1.1";
    assert_eq!(diverted(&[history]), known("user-busy"));
    let split =
        ["History-Info: <tel:+33143000001>;index=1", "History-Info: <sip:100@192.0.2.1;cause=302>;index=1.1;mp=1"];
    assert_eq!(diverted(&split), known("unconditional"));
    let untouched = "History-Info: <sip:a@op.example>;index=1, <sip:100@192.0.2.1>;index=1.1;rc=1";
    assert_eq!((diverted(&[untouched]), diverted(&[]), diverted(&["Diversion: nonsense <"])), (None, None, None));
}

#[test]
fn the_reason_of_an_end_is_told_before_it_and_ours_is_written() {
    let q850 = |cause| Reason { protocol: Protocol::Q850, cause };
    let mut pair = Pair::new(80);
    pair.connect();
    pair.tell(End::Callee, Command::EndFor { leg: FIRST, reason: q850(16) });
    pair.drive(seconds(1));
    assert_eq!(pair.events(End::Caller)[0], Event::Reason { leg: OUT, reason: q850(16) });
    pair.invite();
    pair.drive(seconds(1));
    pair.tell(End::Caller, Command::EndFor { leg: OUT, reason: Reason::ELSEWHERE });
    pair.drive(seconds(1));
    let events = pair.events(End::Callee);
    let leg = LegId(512);
    assert_eq!(
        events[events.len() - 2..],
        [Event::Reason { leg, reason: Reason::ELSEWHERE }, Event::Cancelled { leg }]
    );
}

#[test]
fn the_first_reason_that_can_be_read_is_kept_and_no_text() {
    let mut hand = with_trunk();
    let invite = dial(&mut hand, "0612345678").remove(0);
    let reasons = "Reason: preemption;cause=1, Q.850 ; text=\"a, b;cause=9\" ; cause = 17\r\nReason: SIP;cause=486\r\n";
    hand.say(&reply(&invite, "486 Busy Here", reasons));
    let reason = Reason { protocol: Protocol::Q850, cause: 17 };
    assert_eq!(hand.events, [Event::Reason { leg: OUT, reason }, Event::Failed { leg: OUT, status: 486, later: None }]);
    assert_eq!(reason.to_string(), "Q.850 17");
}

#[test]
fn a_caller_who_is_withheld_stays_so_for_the_agent_s_phone() {
    let mut hand = Hand::new();
    let to = crate::sip::Target::Uri(format!("sip:amina@{THERE}"));
    let from = crate::sip::Identity::default();
    let invite = hand.command(Command::Invite { leg: OUT, to, from, sdp: "offer".into() }).remove(0);
    assert_eq!(header(&invite, "Privacy"), Some("id"));
    assert!(header(&invite, "From").unwrap().starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>"));
}
