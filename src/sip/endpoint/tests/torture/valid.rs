//! RFC 4475, section 3.1.1: messages that are valid. What was read of them is tested
//! beside the parser (`sip::parse::corpus`).

use super::*;

/// It is within a dialog, by To's tag; without that it is a call.
#[test]
fn wsinv_is_of_a_call_that_we_do_not_know() {
    let reply = answered(rfc4475!("wsinv"));
    assert_eq!((start(&reply), header(&reply, "CSeq")), ("481", Some("9 INVITE")));
    let text = String::from_utf8_lossy(rfc4475!("wsinv")).replace(" ;   tag    = 1918181833n", "");
    let incoming = called(text.as_bytes());
    assert_eq!(parties(&incoming), ("vivekg", Some("jdrosen".into())));
    assert_eq!(incoming.call_id, "wsinv.ndaksdj@192.0.2.1");
    assert!(incoming.offer.unwrap().contains("m=audio 49217"));
}

#[test]
fn intmeth_has_a_method_that_nobody_knows() {
    let reply = answered(rfc4475!("intmeth"));
    assert_eq!(start(&reply), "501");
    assert!(header(&reply, "Allow").unwrap().contains("INVITE"));
    assert_eq!(header(&reply, "Call-ID"), Some(r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#));
    assert_eq!(header(&reply, "CSeq"), Some("139122385 !interesting-Method0123456789_*+`.%indeed'~"));
}

#[test]
fn esc01_is_a_call_to_a_user_with_an_at_sign() {
    let incoming = called(rfc4475!("esc01"));
    assert_eq!(parties(&incoming), ("sips:user@example.com", Some("I have spaces".into())));
}

#[test]
fn escnull_registers_two_contacts_of_one_account() {
    let reply = answered(rfc4475!("escnull"));
    assert_eq!(start(&reply), "401");
    assert!(header(&reply, "To").unwrap().starts_with("<sip:null-%00-null@example.com>;tag="), "{reply}");
    // No account has such a name; another name's contacts are two.
    let text = String::from_utf8_lossy(rfc4475!("escnull")).replace("null-%00-null", "amina");
    let contacts = registered(text.as_bytes(), "amina");
    assert_eq!(contacts, ["<sip:%00@host5.example.com>;expires=3600", "<sip:%00%00@host5.example.com>;expires=3600"]);
}

#[test]
fn esc02_is_no_register() {
    let reply = answered(rfc4475!("esc02"));
    assert_eq!(start(&reply), "501");
    assert_eq!(header(&reply, "CSeq"), Some("29344 RE%47IST%45R"));
    assert_eq!(header(&reply, "From"), Some("\"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23"));
}

#[test]
fn lwsdisp_is_answered() {
    let reply = answered(rfc4475!("lwsdisp"));
    assert_eq!((start(&reply), header(&reply, "From")), ("200", Some("\"caller\" <sip:caller@example.com>;tag=323")));
}

#[test]
fn longreq_is_a_call_with_every_via_and_tag_kept() {
    let incoming = called(rfc4475!("longreq"));
    assert_eq!(incoming.to, "user");
    assert!(parties(&incoming).1.unwrap().starts_with("amazinglylongcallername"));
    let replies = Hand::new().give(rfc4475!("longreq"));
    let vias: Vec<&str> = replies[0].lines().filter(|line| line.starts_with("Via: ")).collect();
    assert_eq!(vias.len(), 34);
    assert!(
        vias[33].starts_with("Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=verylong"),
        "{}",
        vias[33]
    );
}

#[test]
fn dblreq_is_one_register_and_the_rest_is_noise() {
    let reply = answered(rfc4475!("dblreq"));
    assert_eq!((start(&reply), header(&reply, "CSeq")), ("401", Some("8 REGISTER")));
    assert_eq!(registered(rfc4475!("dblreq"), "j.user"), ["<sip:j.user@host.example.com>;expires=3600"]);
}

#[test]
fn semiuri_is_answered() {
    assert_eq!(start(&answered(rfc4475!("semiuri"))), "200");
}

#[test]
fn transports_are_given_back_in_their_order() {
    let reply = answered(rfc4475!("transports"));
    assert_eq!(start(&reply), "200");
    let vias: Vec<&str> = reply.lines().filter_map(|line| line.strip_prefix("Via: SIP/2.0/")).collect();
    let names: Vec<&str> = vias.iter().map(|via| via.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn mpart01_has_a_method_that_is_not_allowed() {
    let reply = answered(rfc4475!("mpart01"));
    assert_eq!((start(&reply), header(&reply, "CSeq")), ("405", Some("1 MESSAGE")));
    assert!(header(&reply, "Allow").is_some());
}

#[test]
fn unreason_answers_nothing_that_was_asked() {
    is_dropped(rfc4475!("unreason"));
}

#[test]
fn noreason_answers_nothing_that_was_asked() {
    is_dropped(rfc4475!("noreason"));
}
