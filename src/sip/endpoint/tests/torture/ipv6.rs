//! RFC 5118: IPv6 in messages.

use super::*;
use crate::media::Codec;
use crate::sip::{Message, parse, sdp, write};

/// A message of RFC 5118.
macro_rules! rfc5118 {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/rfc5118/", $name, ".dat"))
    };
}

/// What is understood of a request, written again.
fn again(bytes: &[u8]) -> String {
    let message = parse(bytes).unwrap();
    assert_eq!(parse(&write(&message)), Ok(message.clone()));
    String::from_utf8(write(&message)).unwrap()
}

fn local(address: &str) -> sdp::Local {
    sdp::Local { address: address.parse().unwrap(), session: 1, version: 1, keys: None }
}

#[test]
fn ipv6_good_a_reference_in_uri_via_and_contact() {
    assert_eq!(start(&answered(rfc5118!("ipv6-good"))), "401");
    let text = again(rfc5118!("ipv6-good"));
    assert!(text.starts_with("REGISTER sip:[2001:db8::10] SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9:1];"), "{text}");
    assert_eq!(header(&text, "Contact"), Some("\"Caller\" <sip:caller@[2001:db8::1]>"));
}

#[test]
fn ipv6_bad_an_address_without_its_brackets() {
    assert_eq!(refused(rfc5118!("ipv6-bad")), "400 a port is no number up to 65535");
}

#[test]
fn port_ambiguous_what_looks_like_a_port_is_of_the_address() {
    assert_eq!(start(&answered(rfc5118!("port-ambiguous"))), "401");
    let Message::Request(request) = parse(rfc5118!("port-ambiguous")).unwrap() else { panic!() };
    assert_eq!((request.uri.host.as_str(), request.uri.port), ("[2001:db8::10:5070]", None));
}

#[test]
fn port_unambiguous_is_a_port() {
    assert_eq!(start(&answered(rfc5118!("port-unambiguous"))), "401");
    let Message::Request(request) = parse(rfc5118!("port-unambiguous")).unwrap() else { panic!() };
    assert_eq!((request.uri.host.as_str(), request.uri.port), ("[2001:db8::10]", Some(5070)));
}

#[test]
fn via_received_param_with_delim_is_read_all_the_same() {
    assert_eq!(start(&answered(rfc5118!("via-received-param-with-delim"))), "481", "a BYE of no call");
    let text = again(rfc5118!("via-received-param-with-delim"));
    assert!(text.contains("received=[2001:db8::9:255];"), "{text}");
}

#[test]
fn via_received_param_no_delim_is_as_it_shall_be() {
    assert_eq!(start(&answered(rfc5118!("via-received-param-no-delim"))), "200");
    let mut hand = Hand::new();
    hand.from = address("[2001:db8::9:255]:5080");
    let reply = hand.give(rfc5118!("via-received-param-no-delim")).remove(0);
    assert!(header(&reply, "Via").unwrap().contains("received=2001:db8::9:255;"), "{reply}");
    assert_eq!(hand.last_to, Some(hand.from), "the answer goes where the request came from");
}

#[test]
fn ipv6_in_sdp_is_a_call_with_an_offer() {
    let incoming = called(rfc5118!("ipv6-in-sdp"));
    assert_eq!(parties(&incoming), ("user", Some("user".into())));
    let offer = incoming.offer.unwrap();
    let answer = |offer: &str| sdp::answer(offer, &local("[2001:db8::1]:4000"), &[Codec::Pcmu], Default::default());
    assert_eq!(answer(&offer).unwrap_err(), sdp::SdpError::NoCodec, "G.726 alone");
    let (_, stream) = answer(&offer.replace("RTP/AVP 2\r\n", "RTP/AVP 2 0\r\n")).unwrap();
    assert_eq!(stream.remote, address("[2001:db8::20]:6000"));
}

#[test]
fn mult_ip_in_header_is_answered_along_every_via() {
    let reply = answered(rfc5118!("mult-ip-in-header"));
    assert_eq!(start(&reply), "481", "a BYE of no call");
    let vias: Vec<&str> = reply.lines().filter_map(|line| line.strip_prefix("Via: SIP/2.0/")).collect();
    assert!(vias[0].starts_with("UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111"), "{reply}");
    assert_eq!(vias[1], "UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144");
    assert_eq!(vias[2], "TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200");
}

#[test]
fn mult_ip_in_sdp_is_answered_with_the_line_of_our_kind() {
    let offer = called(rfc5118!("mult-ip-in-sdp")).offer.unwrap();
    let (answer, stream) = sdp::answer(&offer, &local("192.0.2.9:4000"), &[Codec::Pcmu], Default::default()).unwrap();
    assert_eq!(stream.remote, address("192.0.2.1:22334"));
    assert!(answer.contains("m=video 0 "), "{answer}");
}

#[test]
fn ipv4_mapped_ipv6_is_a_call() {
    let incoming = called(rfc5118!("ipv4-mapped-ipv6"));
    assert_eq!(parties(&incoming), ("user", Some("user".into())));
    assert!(incoming.offer.unwrap().contains("c=IN IP6 ::ffff:192.0.2.2"));
    let text = again(rfc5118!("ipv4-mapped-ipv6"));
    assert!(text.contains("Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19\r\n"), "{text}");
    assert_eq!(header(&text, "Contact"), Some("\"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>"));
}

#[test]
fn ipv6_bug_abnf_3_colons_is_read_as_two() {
    assert_eq!(start(&answered(rfc5118!("ipv6-bug-abnf-3-colons"))), "200");
    let text = again(rfc5118!("ipv6-bug-abnf-3-colons"));
    assert!(text.starts_with("OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0\r\n"), "{text}");
}

#[test]
fn ipv6_correct_abnf_2_colons_is_answered() {
    assert_eq!(start(&answered(rfc5118!("ipv6-correct-abnf-2-colons"))), "200");
    let text = again(rfc5118!("ipv6-correct-abnf-2-colons"));
    assert!(text.starts_with("OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0\r\n"), "{text}");
}
