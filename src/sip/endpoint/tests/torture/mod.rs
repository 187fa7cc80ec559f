//! The messages of RFC 4475 and RFC 5118, byte by byte, and what the endpoint makes of them.

mod invalid;
mod ipv6;
mod meaning;
mod valid;

use super::hand::{Hand, header, start, starts};
use super::*;
use crate::sip::digest::{Asked, ClientSecret, authorize};
use crate::sip::{Command, Event, Incoming, Method};

/// A message of RFC 4475.
macro_rules! rfc4475 {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/rfc4475/", $name, ".dat"))
    };
}
use rfc4475;

/// The only answer of a new endpoint that keeps nothing of what it was given.
fn answered(bytes: &[u8]) -> String {
    let mut hand = Hand::new();
    let mut replies = hand.give(bytes);
    assert_eq!(replies.len(), 1, "{replies:?}");
    assert_eq!((hand.endpoint.legs(), hand.endpoint.transactions(), hand.events.len()), (0, 0, 0));
    assert_eq!(hand.last_to.map(|to| to.ip()), Some(hand.from.ip()), "nobody else is answered");
    replies.remove(0)
}

/// The status and the reason of the only answer.
fn refused(bytes: &[u8]) -> String {
    let reply = answered(bytes);
    let line = reply.lines().next().unwrap();
    line.strip_prefix("SIP/2.0 ").unwrap().to_owned()
}

/// Nothing is answered, and nothing is kept.
fn is_dropped(bytes: &[u8]) {
    let mut hand = Hand::new();
    assert_eq!(hand.give(bytes), [""; 0]);
    assert_eq!((hand.endpoint.legs(), hand.endpoint.transactions(), hand.events.len()), (0, 0, 0));
}

/// The call that an INVITE makes, which is then answered and ended.
fn called(bytes: &[u8]) -> Incoming {
    let mut hand = Hand::new();
    let trying = hand.give(bytes);
    assert_eq!(starts(&trying), ["100"]);
    assert_eq!(starts(&hand.give(bytes)), ["100"], "a copy is the same call");
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
    assert_eq!(starts(&ok), ["200"]);
    let vias = |text: &str| text.lines().filter(|line| line.starts_with("Via:")).count();
    assert_eq!(vias(&ok[0]), vias(&trying[0]));
    let Some(Event::Incoming(incoming)) = hand.events.first().cloned() else { panic!("{:?}", hand.events) };
    assert_eq!(hand.events.len(), 1);
    incoming
}

/// Who calls whom.
fn parties(incoming: &Incoming) -> (&str, Option<String>) {
    (&incoming.to, incoming.from_user.clone().map(crate::base::Private::into_inner))
}

/// The contacts in the answer to a REGISTER that is sent again with the password of an account.
fn registered(bytes: &[u8], account: &str) -> Vec<String> {
    let mut hand = Hand::new();
    let known = Account { name: AgentName::from(account), secrets: Secrets::of_password(account, "svi", "secret") };
    hand.endpoint = Endpoint::new(EndpointSettings { accounts: vec![known], ..settings(HERE) }, Chance::seeded(1));
    let replies = hand.give(bytes);
    assert_eq!(starts(&replies), ["401"]);
    let challenges: Vec<&str> = replies[0].lines().filter_map(|line| line.strip_prefix("WWW-Authenticate: ")).collect();
    let asked = Asked { method: &Method::Register, uri: "sip:example.com" };
    let secret = ClientSecret::Password("secret".into());
    let value = authorize(challenges, account, &secret, asked, &mut Chance::seeded(5), 1).unwrap();
    let line_end = bytes.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let with_password =
        [&bytes[..line_end], format!("Authorization: {value}\r\n").as_bytes(), &bytes[line_end..]].concat();
    let replies = hand.give(&with_password);
    assert_eq!(starts(&replies), ["200"], "{replies:?}");
    assert_eq!(hand.events, [Event::Registered { agent: AgentName::from(account), up: true }]);
    replies[0].lines().filter_map(|line| line.strip_prefix("Contact: ")).map(str::to_owned).collect()
}
