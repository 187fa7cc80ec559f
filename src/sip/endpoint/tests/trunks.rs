//! Several trunks: where a call goes out, goes on, and comes in; registration and keep-alive.

use super::hand::{Hand, header, start, starts};
use super::trunk::{dial, reply, trunk, with_trunks};
use super::*;
use crate::base::PhoneNumber;
use crate::sip::digest::{Credentials, verify};
use crate::sip::{
    Caps, Command, Event, Identity, Input, InviteName, Later, Method, PulseState, Registered, RegistrationNews, Target,
    Transport, Trunk, TrunkNews, Written,
};

pub(super) const ELSEWHERE: &str = "192.0.2.3:5060";

/// Another trunk, to all of France.
pub(super) fn second() -> Trunk {
    let presented = PhoneNumber::parse("+33143120000").unwrap();
    Trunk {
        name: "second".into(),
        username: "mairie-2".into(),
        prefixes: vec!["+33".into()],
        ..Trunk::at(Transport::Udp, address(ELSEWHERE), "second.example", presented)
    }
}

fn two() -> Hand {
    with_trunks(vec![trunk(), second()])
}

pub(super) fn told(hand: &mut Hand) -> Vec<TrunkNews> {
    let news = |event| if let Event::Trunk { news, .. } = event { Some(news) } else { None };
    std::mem::take(&mut hand.events).into_iter().filter_map(news).collect()
}

#[test]
fn a_call_goes_on_by_the_next_trunk_when_one_fails_it() {
    for status in ["503 Service Unavailable", "500 Server Internal Error", "504 Server Time-out"] {
        let mut hand = two();
        let first = dial(&mut hand, "0612345678").remove(0);
        assert_eq!(hand.last_to, Some(address(THERE)), "the longer prefix");
        let sent = hand.say(&reply(&first, status, ""));
        assert_eq!((starts(&sent), hand.last_to), (vec!["ACK", "INVITE"], Some(address(ELSEWHERE))));
        let again = &sent[1];
        assert!(again.starts_with("INVITE sip:+33612345678@second.example SIP/2.0\r\n"), "{again}");
        assert!(header(again, "From").unwrap().starts_with("<sip:+33143120000@second.example>;tag="), "{again}");
        assert_eq!((header(again, "CSeq"), header(again, "Call-ID")), (Some("2 INVITE"), header(&first, "Call-ID")));
        assert!(again.ends_with("offer"), "{again}");
        let code = status[..3].parse().unwrap();
        assert_eq!(told(&mut hand), [TrunkNews::Passed { status: code }]);
        // The second fails too: there is no third.
        assert_eq!(starts(&hand.say(&reply(again, status, ""))), ["ACK"]);
        assert_eq!(hand.events, [Event::Failed { leg: OUT, status: code, later: None }]);
        assert_eq!(hand.endpoint.trunks(hand.now).iter().map(|t| t.calls).sum::<u32>(), 0);
    }
}

#[test]
fn who_is_busy_declines_or_does_not_answer_is_not_called_by_another_trunk() {
    for status in ["486 Busy Here", "603 Decline", "480 Temporarily Unavailable", "404 Not Found", "403 Forbidden"] {
        let mut hand = two();
        let first = dial(&mut hand, "0612345678").remove(0);
        assert_eq!(starts(&hand.say(&reply(&first, status, ""))), ["ACK"], "{status}");
        assert!(matches!(hand.events[..], [Event::Failed { .. }]), "{:?}", hand.events);
    }
    let mut hand = two();
    let first = dial(&mut hand, "0612345678").remove(0);
    hand.say(&reply(&first, "180 Ringing", ""));
    assert_eq!(starts(&hand.say(&reply(&first, "500 Server Internal Error", ""))), ["ACK"], "a phone has rung");
}

#[test]
fn a_call_that_nobody_hears_of_goes_on_soon_and_is_called_off_should_it_be_heard() {
    let mut hand = two();
    let first = dial(&mut hand, "0612345678").remove(0);
    let sent = hand.pass(seconds(7));
    let again = sent.iter().find(|text| header(text, "CSeq") == Some("2 INVITE")).expect("it has gone on").clone();
    assert_eq!(told(&mut hand), [TrunkNews::Passed { status: 408 }]);
    // The first one wakes up.
    assert_eq!(starts(&hand.say(&reply(&first, "100 Trying", ""))), ["CANCEL"]);
    assert_eq!(hand.say(&reply(&first, "180 Ringing", "")), [""; 0], "once");
    let contact = format!("Contact: <sip:operator@{THERE}>\r\nContent-Type: application/sdp\r\nContent-Length: 6\r\n");
    let late = reply(&first, "200 OK", &contact) + "answer";
    assert_eq!(starts(&hand.say(&late)), ["ACK", "BYE"], "nobody talks with it");
    assert_eq!(hand.events, []);
    hand.say(&(reply(&again, "200 OK", &contact) + "answer"));
    assert!(matches!(hand.events[..], [Event::Answered { leg: OUT, .. }]), "{:?}", hand.events);
}

#[test]
fn a_trunk_with_two_addresses_is_tried_at_both_and_one_that_wants_no_calls_is_left_alone() {
    let mut both = trunk();
    both.hops.push(Hop::udp(address("192.0.2.4:5070")));
    let mut hand = with_trunks(vec![both]);
    let first = dial(&mut hand, "0612345678").remove(0);
    hand.say(&reply(&first, "503 Service Unavailable", "Retry-After: 120\r\n"));
    assert_eq!(hand.last_to, Some(address("192.0.2.4:5070")));
    let state = hand.endpoint.trunks(hand.now).remove(0);
    assert_eq!((state.rests, state.calls, state.last_hour), (Some(120), 1, 1), "one call, whatever the address");
    hand.events.clear();
    hand.command(Command::End { leg: OUT });
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let invite = Command::Invite { leg: LegId(2), to, from: Identity::default(), sdp: "offer".into() };
    assert_eq!(hand.command(invite.clone()), [""; 0]);
    hand.pass(seconds(121));
    assert!(starts(&hand.command(invite)).contains(&"INVITE"));
}

#[test]
fn a_refusal_says_when_to_call_again_and_a_full_house_too() {
    let mut hand = with_trunks(vec![trunk()]);
    let first = dial(&mut hand, "0612345678").remove(0);
    hand.say(&reply(&first, "486 Busy Here", "Retry-After: 300 (at lunch);duration=60\r\n"));
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 486, later: Some(Later::Asked(300)) }]);

    let caps = Caps { at_once: Some(1), per_hour: None };
    let mut hand = Hand::new();
    hand.endpoint =
        Endpoint::new(EndpointSettings { trunks: vec![trunk()], caps, ..settings(HERE) }, Chance::seeded(3));
    let first = dial(&mut hand, "0612345678").remove(0);
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let invite = Command::Invite { leg: LegId(2), to, from: Identity::default(), sdp: "offer".into() };
    assert_eq!(hand.command(invite.clone()), [""; 0]);
    let capped = Event::Failed { leg: LegId(2), status: 503, later: Some(Later::Capped(30)) };
    assert!(hand.events.contains(&capped), "{:?}", hand.events);
    hand.say(&reply(&first, "486 Busy Here", ""));
    assert_eq!(starts(&hand.command(invite)), ["INVITE"], "a place is free");
}

#[test]
fn numbers_are_written_and_asserted_as_the_trunk_wants() {
    let french = Trunk { written: Written::National, asserts: true, ..trunk() };
    let invite = dial(&mut with_trunks(vec![french]), "+33612345678").remove(0);
    assert!(invite.starts_with("INVITE sip:0612345678@operator.example SIP/2.0\r\n"), "{invite}");
    assert_eq!(header(&invite, "P-Asserted-Identity"), Some("<sip:0143124567@operator.example>"));
    let plain = dial(&mut with_trunks(vec![trunk()]), "0612345678").remove(0);
    assert_eq!(header(&plain, "P-Asserted-Identity"), None);
}

#[test]
fn a_promised_call_that_went_on_is_cancelled_after_a_crash_wherever_it_was() {
    let name = || InviteName { call_id: "promised".into(), from_tag: "ours".into(), branch: "z9hG4bKpromised".into() };
    let to = || Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let mut hand = two();
    let (from, sdp) = (Identity::default(), "offer".into());
    let first = hand.command(Command::InviteNamed { leg: OUT, to: to(), from, sdp, name: name() }).remove(0);
    let again = hand.say(&reply(&first, "503 Service Unavailable", "")).remove(1);
    let stranded = Command::EndStranded { to: to(), from: Identity::default(), name: name(), to_tag: None };
    let cancels = two().command(stranded);
    for invite in [&first, &again] {
        let number = header(invite, "CSeq").unwrap().replace("INVITE", "CANCEL");
        let fits = |cancel: &&String| {
            ["Via", "Call-ID", "To"].iter().all(|name| header(cancel, name) == header(invite, name))
                && header(cancel, "CSeq") == Some(number.as_str())
        };
        assert_eq!(cancels.iter().filter(fits).count(), 1, "{invite} in {cancels:?}");
    }
}

#[test]
fn a_trunk_s_call_to_a_number_that_is_not_its_own_is_refused_and_told_once_a_minute() {
    let own = Trunk { numbers: vec!["+33143124567".into()], ..trunk() };
    let mut hand = with_trunks(vec![own]);
    let to = |hand: &mut Hand, number: &str| {
        let mut draft = hand.draft("INVITE");
        draft.uri = format!("sip:{number}@{HERE}");
        hand.say(&draft.text())
    };
    assert_eq!(starts(&to(&mut hand, "0143124567")), ["100"]);
    hand.events.clear();
    assert_eq!(starts(&to(&mut hand, "0143124568")), ["404"]);
    assert!(matches!(told(&mut hand)[..], [TrunkNews::Misdirected { .. }]));
    assert_eq!((starts(&to(&mut hand, "0143124569")), told(&mut hand)), (vec!["404"], vec![]));
    hand.pass(seconds(61));
    to(&mut hand, "0143124569");
    assert_eq!(told(&mut hand).len(), 1);
    hand.from = address("203.0.113.9:5060");
    assert_eq!(starts(&to(&mut hand, "0143124568")), ["100"], "a stranger's number is looked for in the flows");
}

fn registering() -> Hand {
    with_trunks(vec![Trunk { register: Some(seconds(600)), ..trunk() }])
}

#[test]
fn we_register_with_the_password_refresh_in_time_and_leave_at_the_end() {
    let mut hand = registering();
    let register = hand.pass(millis(1)).remove(0);
    assert!(register.starts_with("REGISTER sip:operator.example SIP/2.0\r\n"), "{register}");
    assert!(header(&register, "To").unwrap().starts_with("<sip:mairie@operator.example>"), "{register}");
    assert_eq!(header(&register, "Expires"), Some("600"));
    let challenge = "WWW-Authenticate: Digest realm=\"operator\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"\r\n";
    let again = hand.say(&reply(&register, "401 Unauthorized", challenge)).remove(0);
    let credentials = Credentials::parse(header(&again, "Authorization").unwrap()).unwrap();
    assert_eq!(verify(&credentials, &Method::Register, &Secrets::of_password("mairie", "operator", "clef")), Ok(()));
    let contact = format!("Contact: {};expires=120\r\n", header(&again, "Contact").unwrap());
    hand.say(&reply(&again, "200 OK", &contact));
    assert_eq!(told(&mut hand), [TrunkNews::Registration(RegistrationNews::Registered)]);
    assert_eq!(hand.endpoint.trunks(hand.now)[0].registered, Some(Registered::For(120)));

    let refresh = hand.pass(seconds(90)).remove(0);
    assert_eq!(header(&refresh, "Call-ID"), header(&register, "Call-ID"));
    let cseq = |text: &str| header(text, "CSeq").unwrap().split(' ').next().unwrap().parse::<u32>().unwrap();
    assert!(cseq(&refresh) > cseq(&again), "{refresh}");
    hand.say(&reply(&refresh, "200 OK", &contact));

    assert!(!hand.endpoint.has_left());
    hand.endpoint.handle(hand.now, Input::Leave);
    let goodbye = hand.command(Command::End { leg: OUT }).remove(0);
    assert_eq!((start(&goodbye), header(&goodbye, "Expires")), ("REGISTER", Some("0")));
    hand.say(&reply(&goodbye, "200 OK", ""));
    assert!(hand.endpoint.has_left());
}

#[test]
fn a_registration_that_is_too_brief_or_refused_is_asked_for_as_the_operator_says() {
    let mut hand = registering();
    let register = hand.pass(millis(1)).remove(0);
    let longer = hand.say(&reply(&register, "423 Interval Too Brief", "Min-Expires: 1800\r\n")).remove(0);
    assert_eq!(header(&longer, "Expires"), Some("1800"));
    hand.say(&reply(&longer, "503 Service Unavailable", "Retry-After: 1000\r\n"));
    let failed = RegistrationNews::Failed { status: 503, again: 1000, lost: true };
    assert_eq!(told(&mut hand), [TrunkNews::Registration(failed)]);
    assert_eq!(hand.pass(seconds(999)), [""; 0]);
    assert_eq!(starts(&hand.pass(seconds(2)))[0], "REGISTER");
}

#[test]
fn a_trunk_that_is_asked_and_answers_no_more_is_passed_over_until_it_does() {
    let asked = Trunk { keep_alive: Some(seconds(60)), ..trunk() };
    let mut hand = with_trunks(vec![asked, second()]);
    let options = hand.pass(millis(1)).remove(0);
    assert!(options.starts_with("OPTIONS sip:operator.example SIP/2.0\r\n"), "{options}");
    hand.say(&reply(&options, "200 OK", ""));
    assert_eq!(told(&mut hand), [TrunkNews::Pulse(PulseState::Up)]);
    hand.pass(seconds(120));
    assert_eq!(told(&mut hand), [TrunkNews::Pulse(PulseState::Down)]);
    dial(&mut hand, "0612345678");
    assert_eq!(hand.last_to, Some(address(ELSEWHERE)));
    for _ in 0..2 {
        let asked = |hand: &mut Hand| hand.pass(seconds(1)).into_iter().find(|text| text.starts_with("OPTIONS"));
        let options = (0..80).find_map(|_| asked(&mut hand)).expect("it is asked again");
        hand.say(&reply(&options, "200 OK", ""));
    }
    assert_eq!(hand.endpoint.trunks(hand.now)[0].pulse, Some(PulseState::Up));
}

#[test]
fn calls_to_the_account_that_we_registered_are_for_the_number_in_their_to() {
    let mut hand = registering();
    let mut draft = hand.draft("INVITE");
    draft.uri = format!("sip:mairie@{HERE}");
    draft.to = "<sip:+33143124567@operator.example>".into();
    hand.say(&draft.text());
    let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
    assert_eq!(incoming.to, "+33143124567");
}
