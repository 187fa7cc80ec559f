use std::num::NonZeroU32;

use super::hand::{Draft, Hand, header, start, starts};
use super::*;
use crate::base::PhoneNumber;
use crate::sip::digest::{Asked, ClientSecret, authorize};
use crate::sip::{
    Command, ConnectionId, DialogEnd, Event, Identity, Input, Method, Output, Target, Transport, Trunk, Unframed,
};

/// What was sent, and where to.
pub(super) type Sent = Vec<(Hop, String)>;

/// A hand that speaks over a connection, from a port that nobody listens on.
pub(super) fn connected() -> (Hand, Hop) {
    let mut hand = Hand::new();
    let doors = [Transport::Udp, Transport::Tcp, Transport::Tls];
    let doors = doors.map(|transport| Door { transport, ..Door::udp(address(HERE)) }).to_vec();
    hand.endpoint = Endpoint::new(EndpointSettings { doors, ..settings(HERE) }, Chance::seeded(7));
    (hand, line(1))
}

pub(super) fn line(n: u32) -> Hop {
    let connection = NonZeroU32::new(n).map(ConnectionId);
    Hop { connection, door: Some(1), ..Hop::by(Transport::Tcp, address("192.0.2.2:41000")) }
}

pub(super) fn tell(hand: &mut Hand, input: Input) -> Sent {
    hand.endpoint.handle(hand.now, input);
    let mut sent = Vec::new();
    while let Some(output) = hand.endpoint.poll() {
        match output {
            Output::Send { to, bytes } => sent.push((to, String::from_utf8(bytes).unwrap())),
            Output::Event(event) => hand.events.push(event),
        }
    }
    sent
}

pub(super) fn say(hand: &mut Hand, from: Hop, text: &str) -> Sent {
    tell(hand, Input::Received { from, bytes: text.into() })
}

fn over_tcp(mut draft: Draft) -> Draft {
    draft.via = draft.via.replace("UDP", "TCP");
    draft
}

fn call(hand: &mut Hand, uri: &str) -> (Hop, String) {
    let from = Identity { user: Some(crate::base::Private::new("0612345678".into())), display: None };
    let invite = Command::Invite { leg: OUT, to: Target::Uri(uri.into()), from, sdp: "offer".into() };
    tell(hand, Input::Command(invite)).remove(0)
}

pub(super) fn reply(request: &str, status: &str, more: &str) -> String {
    let copy = |name| format!("{name}: {}\r\n", header(request, name).unwrap());
    let copied: String = ["Via", "From", "Call-ID", "CSeq"].map(copy).concat();
    let to = header(request, "To").unwrap();
    format!("SIP/2.0 {status}\r\n{copied}To: {to};tag=theirs\r\n{more}Content-Length: 0\r\n\r\n")
}

#[test]
fn a_response_goes_back_over_the_connection_or_to_where_the_via_says() {
    let (mut hand, from) = connected();
    let options = over_tcp(hand.draft("OPTIONS"));
    let sent = say(&mut hand, from, &options.text());
    let (to, text) = &sent[0];
    assert_eq!((to.connection, to.address), (from.connection, address(THERE)));
    assert_eq!(start(text), "200");
    let via = header(text, "Via").unwrap();
    assert!(via.ends_with(";rport=41000;received=192.0.2.2"), "{via}");
}

#[test]
fn over_a_connection_nothing_is_sent_again_but_a_200_until_its_ack() {
    let (mut hand, from) = connected();
    let mut invite = over_tcp(hand.draft("INVITE"));
    invite.uri = format!("sip:nobody@{HERE}");
    say(&mut hand, from, &invite.text());
    tell(&mut hand, Input::Command(Command::Reject { leg: FIRST, status: 404, retry_after: None }));
    assert_eq!(starts(&hand.pass(seconds(31))), [""; 0], "no timer G");
    let other = over_tcp(hand.draft("INVITE"));
    say(&mut hand, from, &other.text());
    tell(&mut hand, Input::Command(Command::Answer { leg: LegId(512), sdp: "answer".into() }));
    assert_eq!(starts(&hand.pass(seconds(2))), ["200", "200"], "RFC 3261, section 13.3.1.4");
}

#[test]
fn a_request_of_ours_over_a_connection_is_sent_once_and_forgotten_at_its_answer() {
    let (mut hand, from) = connected();
    let (to, invite) = call(&mut hand, &format!("sip:100@{THERE};transport=tcp"));
    assert_eq!((to.transport, to.connection, to.address, to.door), (Transport::Tcp, None, address(THERE), Some(1)));
    assert!(header(&invite, "Via").unwrap().starts_with("SIP/2.0/TCP 192.0.2.1:5060;"));
    assert_eq!(header(&invite, "Contact").unwrap(), "<sip:0612345678@192.0.2.1:5060;transport=tcp>");
    assert_eq!(hand.pass(seconds(20)), [""; 0], "no timer A");
    let sent = say(&mut hand, from, &reply(&invite, "486 Busy Here", ""));
    assert_eq!(start(&sent[0].1), "ACK");
    assert_eq!(hand.endpoint.transactions(), 0, "timer D is 0");
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 486, later: None }]);
}

#[test]
fn a_sips_uri_is_called_encrypted_with_a_sips_contact() {
    let (mut hand, _) = connected();
    let (to, invite) = call(&mut hand, "sips:100@192.0.2.2");
    assert_eq!((to.transport, to.address), (Transport::Tls, address("192.0.2.2:5061")));
    assert_eq!(header(&invite, "Contact").unwrap(), "<sips:0612345678@192.0.2.1:5060>");
}

#[test]
fn a_call_that_can_not_be_sent_fails_at_once() {
    let (mut hand, _) = connected();
    let (_, invite) = call(&mut hand, &format!("sip:100@{THERE};transport=tcp"));
    assert_eq!(tell(&mut hand, Input::Undelivered { bytes: invite.clone().into() }).len(), 0);
    assert_eq!(hand.events, [Event::Failed { leg: OUT, status: 503, later: None }]);
    assert_eq!((hand.endpoint.transactions(), hand.endpoint.legs()), (0, 0));
    assert_eq!(tell(&mut hand, Input::Undelivered { bytes: invite.into() }).len(), 0, "it is told once");
    assert_eq!(hand.events.len(), 1);
}

/// A call from outside over a connection, answered and acknowledged.
fn talking() -> (Hand, Hop) {
    let (mut hand, from) = connected();
    let mut invite = over_tcp(hand.draft("INVITE"));
    say(&mut hand, from, &invite.text());
    let sent = tell(&mut hand, Input::Command(Command::Answer { leg: FIRST, sdp: "answer".into() }));
    let ok = sent.iter().find(|(_, text)| start(text) == "200").unwrap();
    assert_eq!(header(&ok.1, "Contact").unwrap(), "<sip:100@192.0.2.1:5060;transport=tcp>");
    invite.to = header(&ok.1, "To").unwrap().into();
    (invite.method, invite.cseq) = ("ACK".into(), "1 ACK".into());
    invite.via = invite.via.replace("INVITE", "ACK");
    say(&mut hand, from, &invite.text());
    hand.events.clear();
    (hand, from)
}

#[test]
fn within_a_dialog_we_ask_over_the_connection_that_there_is() {
    let (mut hand, from) = talking();
    let sent = tell(&mut hand, Input::Command(Command::End { leg: FIRST }));
    let (to, bye) = &sent[0];
    assert_eq!((start(bye), to.connection, to.address), ("BYE", from.connection, address(THERE)));
    tell(&mut hand, Input::Undelivered { bytes: bye.clone().into() });
    assert_eq!(hand.events, [Event::Ended { leg: FIRST, why: DialogEnd::Ours }]);
}

#[test]
fn a_peer_that_can_not_be_asked_any_more_is_dead() {
    let (mut hand, _) = talking();
    let sent = tell(&mut hand, Input::Command(Command::Ask { leg: FIRST }));
    tell(&mut hand, Input::Undelivered { bytes: sent[0].1.clone().into() });
    assert_eq!(hand.events, [Event::Ended { leg: FIRST, why: DialogEnd::Dead }]);
}

#[test]
fn what_can_not_be_cut_into_messages_is_refused_by_its_headers() {
    let (mut hand, from) = connected();
    let head = over_tcp(hand.draft("INVITE")).text();
    for (text, status) in [(head.clone(), "413"), (head.replace("CSeq: 1 ", "CSeq: x "), "513")] {
        let what = Unframed { head: text.into(), status: status.parse().unwrap(), reason: "the body is too long" };
        let sent = tell(&mut hand, Input::Unframed { from, what });
        let (to, text) = &sent[0];
        assert!(text.starts_with(&format!("SIP/2.0 {status} the body is too long\r\n")), "{text}");
        assert_eq!(to.connection, from.connection);
    }
    for silent in [String::new(), "SIP/2.0 200 OK\r\n\r\n".into(), over_tcp(hand.draft("ACK")).text()] {
        let what = Unframed { head: silent.into(), status: 400, reason: "there is no Content-Length" };
        assert_eq!(tell(&mut hand, Input::Unframed { from, what }), []);
    }
    assert_eq!((hand.endpoint.transactions(), hand.endpoint.legs()), (0, 0));
}

#[test]
fn a_request_too_large_for_a_datagram_goes_over_a_connection_or_else_all_the_same() {
    let (mut hand, _) = connected();
    let from = Identity { user: Some(crate::base::Private::new("0612345678".into())), display: None };
    let to = Target::Uri(format!("sip:100@{THERE}"));
    let invite = Command::Invite { leg: OUT, to, from, sdp: "x".repeat(1_000) };
    let (to, text) = tell(&mut hand, Input::Command(invite)).remove(0);
    assert_eq!((to.transport, to.address), (Transport::Tcp, address(THERE)));
    assert!(header(&text, "Via").unwrap().starts_with("SIP/2.0/TCP "), "{text}");
    let (to, again) = tell(&mut hand, Input::Undelivered { bytes: text.clone().into() }).remove(0);
    assert_eq!((to.transport, again), (Transport::Udp, text.replacen("SIP/2.0/TCP", "SIP/2.0/UDP", 1)));
    assert_eq!(starts(&hand.pass(seconds(2))), ["INVITE", "INVITE"], "timer A");
    assert_eq!(hand.events, []);
    for (uri, transport) in [(";transport=udp", Transport::Udp), (";transport=tls", Transport::Tls)] {
        let (mut hand, _) = connected();
        let to = Target::Uri(format!("sip:100@{THERE}{uri}"));
        let invite = Command::Invite { leg: OUT, to, from: Identity::default(), sdp: "x".repeat(1_000) };
        assert_eq!(tell(&mut hand, Input::Command(invite))[0].0.transport, transport);
    }
}

/// A phone of amina's that has registered over a connection, with this contact.
fn registered(contact: &str) -> (Hand, Hop) {
    let (mut hand, from) = connected();
    let mut register = || {
        let mut draft = over_tcp(hand.draft("REGISTER"));
        (draft.from, draft.to) = ("<sip:amina@svi>;tag=theirs".into(), "<sip:amina@svi>".into());
        draft
    };
    let (first, second) = (register(), register());
    let challenge = say(&mut hand, from, &first.text()).remove(0).1;
    let asked = Asked { method: &Method::Register, uri: &second.uri.clone() };
    let secret = ClientSecret::Password("amina-secret".into());
    let challenges = header(&challenge, "WWW-Authenticate").into_iter();
    let value = authorize(challenges, "amina", &secret, asked, &mut Chance::seeded(5), 1).unwrap();
    let second = second.with(&format!("Contact: <{contact}>")).with(&format!("Authorization: {value}"));
    assert_eq!(start(&say(&mut hand, from, &second.text())[0].1), "200");
    hand.events.clear();
    (hand, from)
}

fn ring(hand: &mut Hand) -> Hop {
    let invite =
        Command::Invite { leg: OUT, to: Target::Agent("amina".into()), from: Identity::default(), sdp: "o".into() };
    tell(hand, Input::Command(invite))[0].0
}

#[test]
fn a_registered_phone_is_rung_over_its_connection_and_then_where_it_listens() {
    let (mut hand, from) = registered("sip:amina@192.0.2.2:5066;transport=tcp");
    let to = ring(&mut hand);
    assert_eq!((to.connection, to.address), (from.connection, address("192.0.2.2:5066")));
    tell(&mut hand, Input::Disconnected { connection: from.connection.unwrap() });
    assert_eq!(hand.events, [], "it listens");
}

#[test]
fn a_phone_behind_a_translator_is_gone_with_its_connection() {
    let (mut hand, from) = registered("sip:amina@10.0.0.7:5066;transport=tcp");
    let to = ring(&mut hand);
    assert_eq!((to.connection, to.address), (from.connection, address("192.0.2.2:0")));
    tell(&mut hand, Input::Disconnected { connection: from.connection.unwrap() });
    assert_eq!(hand.events, [Event::Registered { agent: "amina".into(), up: false }]);
}

#[test]
fn a_caller_with_the_trunks_certificate_is_believed_as_the_trunk() {
    for (names, shown) in [(vec!["operator.example".to_owned()], "+33612345678"), (Vec::new(), "0612345678")] {
        let (mut hand, from) = connected();
        let presented = PhoneNumber::parse("+33143124567").unwrap();
        let trunk = Trunk::at(Transport::Tls, address("198.51.100.1:5061"), "operator.example", presented);
        hand.endpoint = Endpoint::new(EndpointSettings { trunks: vec![trunk], ..settings(HERE) }, Chance::seeded(3));
        tell(&mut hand, Input::Certified { connection: from.connection.unwrap(), names });
        let invite = over_tcp(hand.draft("INVITE")).with("P-Asserted-Identity: <sip:+33612345678@operator.example>");
        say(&mut hand, from, &invite.text());
        let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
        assert_eq!(incoming.from_user.unwrap().reveal(), shown);
    }
}

#[test]
fn whoever_names_another_machine_as_its_own_is_blamed_itself() {
    let (mut hand, from) = connected();
    for _ in 0..200 {
        hand.pass(seconds(1));
        let mut invite = over_tcp(hand.draft("INVITE"));
        invite.more = "Contact: <sip:caller@198.51.100.99>\r\n".into();
        say(&mut hand, from, &invite.text());
        let Some(Event::Incoming(incoming)) = hand.events.pop() else { continue };
        tell(&mut hand, Input::Command(Command::NoSuchNumber { leg: incoming.leg }));
        hand.events.retain(|event| !matches!(event, Event::Ended { .. }));
    }
    let bans = hand.endpoint.bans(hand.now);
    assert!(!bans.is_empty() && bans.iter().all(|ban| ban.source == from.address.ip()), "{bans:?}");
}

#[test]
fn a_connection_is_used_both_ways_by_who_may_and_no_longer_than_it_is_up() {
    for (name, sent_by, reused) in [
        ("192.0.2.2", "192.0.2.2:5061;alias", true),
        ("192.0.2.2", "192.0.2.2:5061", false),
        ("other.example", "192.0.2.2:5061;alias", false),
        ("198.51.100.9", "198.51.100.9:5061;alias", false),
    ] {
        let (mut hand, _) = connected();
        let from = Hop { transport: Transport::Tls, ..line(4) };
        let connection = from.connection.unwrap();
        tell(&mut hand, Input::Certified { connection, names: vec![name.into()] });
        let mut options = hand.draft("OPTIONS");
        options.via = format!("SIP/2.0/TLS {sent_by};branch=z9hG4bK-alias");
        say(&mut hand, from, &options.text());
        let host = sent_by.split(';').next().unwrap();
        let (to, invite) = call(&mut hand, &format!("sips:100@{host}"));
        assert_eq!((to.connection == Some(connection), to.transport), (reused, Transport::Tls), "{name} {sent_by}");
        assert!(header(&invite, "Via").unwrap().ends_with(";alias"), "{invite}");
        tell(&mut hand, Input::Disconnected { connection });
        let again = Target::Uri(format!("sips:100@{host}"));
        let invite = Command::Invite { leg: LegId(2), to: again, from: Identity::default(), sdp: "offer".into() };
        assert_eq!(tell(&mut hand, Input::Command(invite))[0].0.connection, None);
    }
}

#[test]
fn the_connections_of_calls_certificates_and_whom_we_know_are_needed_and_no_others() {
    let (mut hand, from) = talking();
    let stranger = |n: u32, peer: &str| (line(n).connection.unwrap(), (Transport::Tcp, address(peer)));
    let needs = |hand: &Hand, (id, peer)| hand.endpoint.needed().has(id, peer);
    assert!(needs(&hand, (from.connection.unwrap(), (from.transport, from.address))), "a call");
    assert!(needs(&hand, stranger(8, "192.0.2.2:41000")), "we have opened it for the call");
    assert!(!needs(&hand, stranger(9, "192.0.2.7:41000")));
    let connection = line(9).connection.unwrap();
    tell(&mut hand, Input::Certified { connection, names: vec!["operator.example".into()] });
    assert!(needs(&hand, stranger(9, "192.0.2.7:41000")));
    tell(&mut hand, Input::Disconnected { connection });
    assert!(!needs(&hand, stranger(9, "192.0.2.7:41000")));
    tell(&mut hand, Input::Command(Command::End { leg: FIRST }));
    hand.pass(seconds(64));
    assert!(!needs(&hand, (from.connection.unwrap(), (from.transport, from.address))), "the call is over");
}
