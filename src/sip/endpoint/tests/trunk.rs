use super::hand::{Hand, header, start, starts};
use super::*;
use crate::base::PhoneNumber;
use crate::sip::digest::{ClientSecret, Credentials, verify};
use crate::sip::{Command, Event, Identity, InviteName, Method, Target, Transport, Trunk};

/// A trunk at the other end of a hand.
pub(super) fn trunk() -> Trunk {
    let presented = PhoneNumber::parse("+33143124567").unwrap();
    Trunk {
        username: "mairie".into(),
        secret: ClientSecret::Password("clef".into()),
        prefixes: vec!["+331".into(), "06".into()],
        redirects: 2,
        ..Trunk::at(Transport::Udp, address(THERE), "operator.example", presented)
    }
}

/// A hand that speaks to an endpoint with these trunks.
pub(super) fn with_trunks(trunks: Vec<Trunk>) -> Hand {
    let mut hand = Hand::new();
    hand.endpoint = Endpoint::new(EndpointSettings { trunks, ..settings(HERE) }, Chance::seeded(3));
    hand
}

/// A hand at the other end of our trunk.
pub(super) fn with_trunk() -> Hand {
    with_trunks(vec![trunk()])
}

pub(super) fn dial(hand: &mut Hand, number: &str) -> Vec<String> {
    let to = Target::Trunk(PhoneNumber::parse(number).unwrap());
    hand.command(Command::Invite { leg: OUT, to, from: Identity::default(), sdp: "offer".into() })
}

/// A response to a request of ours.
pub(super) fn reply(request: &str, status: &str, more: &str) -> String {
    let copy = |name| format!("{name}: {}\r\n", header(request, name).unwrap());
    let to = header(request, "To").unwrap();
    let tag = if to.contains("tag=") { "" } else { ";tag=operator" };
    format!(
        "SIP/2.0 {status}\r\n{}{}To: {to}{tag}\r\n{}{}{more}\r\n",
        copy("Via"),
        copy("From"),
        copy("Call-ID"),
        copy("CSeq")
    )
}

const CHALLENGE: &str = "Digest realm=\"operator\", nonce=\"abc\", algorithm=SHA-256, qop=\"auth\"";

#[test]
fn a_challenge_is_answered_once() {
    let mut hand = with_trunk();
    let first = dial(&mut hand, "06 12 34 56 78").remove(0);
    assert!(first.starts_with("INVITE sip:+33612345678@operator.example SIP/2.0\r\n"), "{first}");
    assert!(header(&first, "From").unwrap().starts_with("<sip:+33143124567@operator.example>;tag="), "{first}");

    let challenge = format!("Proxy-Authenticate: {CHALLENGE}\r\n");
    let sent = hand.say(&reply(&first, "407 Proxy Authentication Required", &challenge));
    assert_eq!(starts(&sent), ["ACK", "INVITE"]);
    let second = &sent[1];
    assert_eq!(header(second, "CSeq"), Some("2 INVITE"));
    assert_eq!(
        (header(second, "Call-ID"), header(second, "From")),
        (header(&first, "Call-ID"), header(&first, "From"))
    );
    let credentials = Credentials::parse(header(second, "Proxy-Authorization").unwrap()).unwrap();
    let secrets = Secrets::of_password("mairie", "operator", "clef");
    assert_eq!(verify(&credentials, &Method::Invite, &secrets), Ok(()));

    assert_eq!(starts(&hand.say(&reply(second, "407 Proxy Authentication Required", &challenge))), ["ACK"]);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 407, later: None }]);
}

#[test]
fn a_challenged_goodbye_is_said_again_with_the_password() {
    let mut hand = with_trunk();
    let first = dial(&mut hand, "0612345678").remove(0);
    let contact = format!("Contact: <sip:operator@{THERE}>\r\nContent-Type: application/sdp\r\nContent-Length: 6\r\n");
    hand.say(&(reply(&first, "200 OK", &contact) + "answer"));
    let bye = hand.command(Command::End { leg: OUT }).remove(0);
    let challenge = format!("WWW-Authenticate: {CHALLENGE}\r\n");
    let again = hand.say(&reply(&bye, "401 Unauthorized", &challenge));
    assert_eq!(starts(&again), ["BYE"]);
    assert!(header(&again[0], "Authorization").is_some());
    assert_eq!(hand.endpoint.legs(), 1);
    hand.say(&reply(&again[0], "200 OK", ""));
    assert_eq!(hand.endpoint.legs(), 0);
}

#[test]
fn only_allowed_numbers_are_dialled() {
    for number in ["0899123456", "+442071234567", "3611", "0033899123456"] {
        let mut hand = with_trunk();
        assert_eq!(dial(&mut hand, number), [""; 0], "{number}");
        assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 403, later: None }]);
    }
    for number in ["0143124567", "+33 1 43 12 45 67", "0033143124567", "0612345678"] {
        assert_eq!(starts(&dial(&mut with_trunk(), number)), ["INVITE"], "{number}");
    }
}

#[test]
fn without_a_trunk_no_number_can_be_dialled() {
    let mut hand = Hand::new();
    assert_eq!(dial(&mut hand, "0612345678"), [""; 0]);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 503, later: None }]);
}

#[test]
fn the_trunk_s_word_on_the_caller_counts() {
    let mut hand = with_trunk();
    let invite =
        hand.draft("INVITE").with("P-Asserted-Identity: \"M. Dupont\" <sip:+33199887766@operator.example>").text();
    hand.say(&invite);
    let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
    assert_eq!(incoming.from.unwrap().into_inner().as_str(), "+33199887766");
}

#[test]
fn an_early_answer_stands_when_the_200_has_none_and_without_any_the_call_fails() {
    let sdp = "Content-Type: application/sdp\r\nContent-Length: 5\r\n";
    for early in [true, false] {
        let mut hand = with_trunk();
        let first = dial(&mut hand, "0612345678").remove(0);
        let contact = format!("Contact: <sip:operator@{THERE}>\r\n");
        if early {
            hand.say(&(reply(&first, "183 Session Progress", sdp) + "early"));
            assert!(matches!(hand.events.pop(), Some(Event::Ringing { leg: OUT, .. })));
        }
        let sent = hand.say(&reply(&first, "200 OK", &contact));
        let (messages, event) = match early {
            true => (vec!["ACK"], Event::Answered { leg: OUT, sdp: "early".into() }),
            false => (vec!["ACK", "BYE"], Event::Failed { leg: OUT, status: 488, later: None }),
        };
        assert_eq!((starts(&sent), &hand.events[..]), (messages, &[event][..]));
        assert_eq!(start(&sent[0]), "ACK");
    }
}

fn name() -> InviteName {
    InviteName { call_id: "promised".into(), from_tag: "ours".into(), branch: "z9hG4bKpromised".into() }
}

#[test]
fn a_call_may_be_named_before_its_invite_is_sent() {
    let mut hand = with_trunk();
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let (from, sdp) = (Identity::default(), "offer".into());
    let sent = hand.command(Command::InviteNamed { leg: OUT, to, from, sdp, name: name() }).remove(0);
    for part in ["Call-ID: promised\r\n", "tag=ours", "branch=z9hG4bKpromised"] {
        assert!(sent.contains(part), "{part} in {sent}");
    }
}

#[test]
fn a_call_that_a_crash_left_behind_is_cancelled_and_ended_by_its_names() {
    let mut hand = with_trunk();
    let to = || Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let stranded = |to_tag| Command::EndStranded { to: to(), from: Identity::default(), name: name(), to_tag };
    let sent = hand.command(stranded(None));
    assert_eq!(starts(&sent), ["CANCEL"; 5], "as it was sent, and as after two challenges and two 422");
    assert!(sent[0].starts_with("CANCEL sip:+33612345678@") && sent[0].contains("CSeq: 1 CANCEL"), "{}", sent[0]);
    assert!(sent[0].contains("branch=z9hG4bKpromised") && sent[0].contains("Call-ID: promised\r\n"));
    let bye = hand.command(stranded(Some("theirs".to_owned()))).remove(5);
    assert!(bye.starts_with("BYE sip:+33612345678@") && bye.contains("tag=theirs"), "{bye}");
    assert!(!bye.contains("branch=z9hG4bKpromised"), "a transaction of its own");
}

#[test]
fn a_challenged_call_that_a_crash_left_behind_is_cancelled_under_the_name_of_its_last_invite() {
    let mut hand = with_trunk();
    let to = || Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let (from, sdp) = (Identity::default(), "offer".into());
    let mut invite = hand.command(Command::InviteNamed { leg: OUT, to: to(), from, sdp, name: name() }).remove(0);
    for (status, asks) in [("407 Proxy Authentication Required", "Proxy"), ("401 Unauthorized", "WWW")] {
        invite = hand.say(&reply(&invite, status, &format!("{asks}-Authenticate: {CHALLENGE}\r\n"))).remove(1);
        let mut after_crash = with_trunk();
        let stranded = Command::EndStranded { to: to(), from: Identity::default(), name: name(), to_tag: None };
        let cancels = after_crash.command(stranded);
        let number = header(&invite, "CSeq").unwrap().replace("INVITE", "CANCEL");
        let fits = |cancel: &&String| {
            ["Via", "Call-ID", "To"].iter().all(|name| header(cancel, name) == header(&invite, name))
                && header(cancel, "CSeq") == Some(number.as_str())
                && header(cancel, "From").unwrap().ends_with("tag=ours")
        };
        assert_eq!(cancels.iter().filter(fits).count(), 1, "{cancels:?} for {invite}");
    }
}

#[test]
fn the_goodbye_after_a_crash_is_said_once_more_with_the_password() {
    let mut hand = with_trunk();
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let to_tag = Some("theirs".to_owned());
    let stranded = Command::EndStranded { to, from: Identity::default(), name: name(), to_tag };
    let bye = hand.command(stranded).remove(5);
    let challenge = format!("Proxy-Authenticate: {CHALLENGE}\r\n");
    let again = hand.say(&reply(&bye, "407 Proxy Authentication Required", &challenge));
    assert_eq!(starts(&again), ["BYE"]);
    let credentials = Credentials::parse(header(&again[0], "Proxy-Authorization").unwrap()).unwrap();
    let secrets = Secrets::of_password("mairie", "operator", "clef");
    assert_eq!(verify(&credentials, &Method::Bye, &secrets), Ok(()));
    assert_ne!(header(&again[0], "CSeq"), header(&bye, "CSeq"));
    assert_eq!(hand.say(&reply(&again[0], "407 Proxy Authentication Required", &challenge)), [""; 0], "once");
}

#[test]
fn a_call_that_a_crash_left_behind_and_nobody_had_answered_is_told_by_its_487_alone() {
    let mut hand = with_trunk();
    let to = || Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let stranded = Command::EndStranded { to: to(), from: Identity::default(), name: name(), to_tag: None };
    let cancel = hand.command(stranded).remove(1);
    let invite = cancel.replace(" CANCEL", " INVITE");
    hand.say(&reply(&cancel, "200 OK", ""));
    for status in ["180 Ringing", "407 Proxy Authentication Required", "480 Temporarily Unavailable"] {
        assert_eq!(hand.say(&reply(&invite, status, "")), [""; 0], "{status}");
    }
    assert!(hand.events.is_empty(), "{:?}", hand.events);
    let gone = reply(&invite, "487 Request Terminated", "");
    let ack = hand.say(&gone).remove(0);
    assert_eq!((start(&ack), header(&ack, "CSeq")), ("ACK", Some("2 ACK")));
    assert!(ack.contains("branch=z9hG4bKpromised.2") && header(&ack, "To").unwrap().ends_with("tag=operator"), "{ack}");
    assert_eq!(hand.events, [Event::StrandedUnanswered { call_id: "promised".into() }]);
    let stranger = gone.replace("Call-ID: promised", "Call-ID: another");
    assert_eq!(hand.say(&stranger), [""; 0]);
}

#[test]
fn who_answers_a_call_that_a_crash_left_behind_is_not_kept_on_the_line() {
    let mut hand = with_trunk();
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let stranded = Command::EndStranded { to, from: Identity::default(), name: name(), to_tag: None };
    let invite = hand.command(stranded).remove(0).replace(" CANCEL", " INVITE");
    let answer = reply(&invite, "200 OK", "Contact: <sip:citizen@192.0.2.50>\r\n");
    let sent = hand.say(&answer);
    assert_eq!(starts(&sent), ["ACK", "BYE"], "{sent:?}");
    assert_eq!(header(&sent[0], "CSeq"), Some("1 ACK"));
    for request in &sent {
        assert!(request.contains(" sip:citizen@192.0.2.50 SIP/2.0\r\n"), "where it was answered: {request}");
        assert!(header(request, "To").unwrap().ends_with("tag=operator"), "{request}");
        assert!(header(request, "From").unwrap().ends_with("tag=ours"), "{request}");
    }
    hand.say(&reply(&sent[1], "200 OK", ""));
    assert!(hand.events.is_empty(), "it was answered, and may have to be done again: {:?}", hand.events);
    assert_eq!(starts(&hand.say(&answer)), ["ACK"], "a copy says that it was lost");
    let stranger = answer.replace("Call-ID: promised", "Call-ID: another");
    assert_eq!(hand.say(&stranger), [""; 0]);
}

#[test]
fn who_is_sent_on_is_called_through_the_trunk_if_allowed_and_never_twice() {
    let mut hand = with_trunk();
    let mut invite = dial(&mut hand, "0612345678").remove(0);
    let moved =
        |invite: &str, contacts: &str| reply(invite, "302 Moved Temporarily", &format!("Contact: {contacts}\r\n"));
    let first = "<sip:0611111111@evil.example>, <sip:+442071234567@operator.example>, <sip:0143000009@operator.example>;q=0.1, \
                 <tel:+33143000001>;q=0.5";
    let sent = hand.say(&moved(&invite, first));
    assert_eq!(starts(&sent), ["ACK", "INVITE"]);
    assert!(sent[1].starts_with("INVITE sip:+33143000001@operator.example SIP/2.0\r\n"), "{}", sent[1]);
    assert_eq!(header(&sent[1], "CSeq"), Some("2 INVITE"));
    assert_eq!(header(&sent[1], "Call-ID"), header(&invite, "Call-ID"));
    invite = sent[1].clone();
    // Back where it came from, then on, then once too often.
    let loops = "<sip:0612345678@operator.example>, <sip:+33143000001@operator.example>";
    let sent = hand.say(&moved(&invite, &format!("{loops}, <sip:0143000002@{THERE}>")));
    assert_eq!(starts(&sent), ["ACK", "INVITE"]);
    assert_eq!(starts(&hand.say(&moved(&sent[1], "<sip:0143000003@operator.example>"))), ["ACK"]);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 302, later: None }]);
}

#[test]
fn nobody_is_sent_in_a_circle_and_no_promised_call_is_sent_anywhere() {
    let mut hand = with_trunk();
    let invite = dial(&mut hand, "0612345678").remove(0);
    let circle = reply(&invite, "302 Moved Temporarily", "Contact: <sip:+33612345678@operator.example>\r\n");
    assert_eq!(starts(&hand.say(&circle)), ["ACK"]);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 302, later: None }]);
    let mut hand = with_trunk();
    let to = Target::Trunk(PhoneNumber::parse("0612345678").unwrap());
    let (from, sdp) = (Identity::default(), "offer".into());
    let invite = hand.command(Command::InviteNamed { leg: OUT, to, from, sdp, name: name() }).remove(0);
    let moved = reply(&invite, "302 Moved Temporarily", "Contact: <sip:0143000001@operator.example>\r\n");
    assert_eq!(starts(&hand.say(&moved)), ["ACK"], "after a crash it must be found under its name");
}
