//! RFC 4475, sections 3.2 to 3.4: messages that can be read, and what they mean.

use super::*;

/// Liberal: the cookie without an id is a peer of RFC 2543, so that its requests are told apart.
#[test]
fn badbranch_a_branch_of_nothing_but_the_cookie() {
    assert_eq!(start(&answered(rfc4475!("badbranch"))), "200");
    let mut hand = Hand::new();
    for n in 1..=2 {
        let mut invite = hand.draft("INVITE");
        invite.via = format!("SIP/2.0/UDP {THERE};branch=z9hG4bK");
        assert_eq!(starts(&hand.say(&invite.text())), ["100"]);
        assert_eq!(hand.endpoint.legs(), n, "another Call-ID is another call");
        hand.say(&invite.text());
        assert_eq!(hand.endpoint.legs(), n, "a copy is the same call");
    }
}

#[test]
fn insuf_without_call_id_from_and_to() {
    let reply = answered(rfc4475!("insuf"));
    assert!(reply.starts_with("SIP/2.0 400 there is no From\r\n"), "{reply}");
    assert_eq!((header(&reply, "From"), header(&reply, "CSeq")), (None, Some("193942 INVITE")));
}

#[test]
fn unkscm_a_scheme_that_nobody_knows() {
    assert_eq!(refused(rfc4475!("unkscm")), "416 the request's URI has an unknown scheme");
}

#[test]
fn novelsc_a_scheme_that_we_do_not_know() {
    assert_eq!(refused(rfc4475!("novelsc")), "416 the request's URI has an unknown scheme");
}

#[test]
fn unksm2_schemes_in_headers_that_nobody_can_call() {
    let reply = answered(rfc4475!("unksm2"));
    assert!(reply.starts_with("SIP/2.0 400 a header's URI has an unknown scheme\r\n"), "{reply}");
    assert_eq!(header(&reply, "From"), Some("<http://www.example.com>;tag=3234233"));
}

#[test]
fn bext01_extensions_that_we_do_not_know() {
    let reply = answered(rfc4475!("bext01"));
    assert_eq!(start(&reply), "420");
    assert_eq!(header(&reply, "Unsupported"), Some("nothingSupportsThis, nothingSupportsThisEither"));
}

#[test]
fn invut_a_body_of_an_unknown_type() {
    let reply = answered(rfc4475!("invut"));
    assert_eq!((start(&reply), header(&reply, "Accept")), ("415", Some("application/sdp")));
}

#[test]
fn regaut01_an_unknown_scheme_of_authorization_is_challenged_anew() {
    let reply = answered(rfc4475!("regaut01"));
    assert_eq!(start(&reply), "401");
    assert!(header(&reply, "WWW-Authenticate").unwrap().starts_with("Digest "));
}

#[test]
fn multi01_several_values_where_one_belongs() {
    let refused = refused(rfc4475!("multi01"));
    assert!(refused.starts_with("400 there are two "), "{refused}");
}

#[test]
fn mcl01_two_content_lengths() {
    assert_eq!(refused(rfc4475!("mcl01")), "400 there are two Content-Length");
}

#[test]
fn bcast_a_response_that_is_to_go_to_everybody() {
    is_dropped(rfc4475!("bcast"));
}

#[test]
fn zeromf_is_for_us_and_goes_no_further() {
    assert_eq!(start(&answered(rfc4475!("zeromf"))), "200");
}

#[test]
fn cparam01_the_parameter_is_the_contacts() {
    let contacts = registered(rfc4475!("cparam01"), "watson");
    assert_eq!(contacts, ["<sip:+19725552222@gw1.example.net>;expires=3600"]);
}

#[test]
fn cparam02_the_parameter_is_the_uris() {
    let contacts = registered(rfc4475!("cparam02"), "watson");
    assert_eq!(contacts, ["<sip:+19725552222@gw1.example.net;unknownparam>;expires=3600"]);
}

#[test]
fn regescrt_the_contact_is_given_back_with_its_headers() {
    let contacts = registered(rfc4475!("regescrt"), "user");
    assert_eq!(contacts, ["<sip:user@example.com?Route=%3Csip:sip.example.com%3E>;expires=3600"]);
}

#[test]
fn sdp01_an_answer_of_a_type_that_we_can_not_give() {
    let reply = answered(rfc4475!("sdp01"));
    assert_eq!(start(&reply), "406");
    assert!(header(&reply, "Warning").unwrap().starts_with("399 svi "), "{reply}");
}

#[test]
fn inv2543_is_a_call_of_an_old_phone() {
    let incoming = called(rfc4475!("inv2543"));
    assert_eq!(parties(&incoming), ("UserB", Some("+13035551111".into())));
    assert!(incoming.offer.unwrap().contains("m=audio"));
}
