//! Other people's messages: RFC 4475's, and some in the manner of the field.

use super::tests::{request_of, response_of};
use super::*;
use crate::sip::{Scheme, sdp, write};

/// A message of RFC 4475, byte by byte.
macro_rules! rfc4475 {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/rfc4475/", $name, ".dat"))
    };
}

/// A file of `tests/corpus` with CRLF.
macro_rules! corpus {
    ($path:literal) => {
        crlf(include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/", $path, ".sip")))
    };
}

fn crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 64);
    for (at, &byte) in bytes.iter().enumerate() {
        if byte == b'\n' && (at == 0 || bytes[at - 1] != b'\r') {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

fn user(address: &NameAddr) -> &str {
    address.uri.user.as_deref().unwrap_or_default()
}

/// What was read is what is read again once it has been written.
fn stays(message: Message) {
    assert_eq!(parse(&write(&message)), Ok(message));
}

#[test]
fn wsinv_a_short_tortuous_invite() {
    let invite = request_of(rfc4475!("wsinv"));
    let headers = &invite.headers;
    assert_eq!((invite.method.clone(), invite.uri.params.value("unknownparam")), (Method::Invite, Some("")));
    assert_eq!(headers.to.tag(), Some("1918181833n"));
    assert_eq!(headers.from.display.as_deref(), Some(r#"J Rosenberg \""#));
    assert_eq!((headers.from.tag(), headers.max_forwards, headers.cseq), (Some("98asjd8"), Some(68), 9));
    let vias: Vec<_> =
        headers.via.iter().map(|v| (v.transport.as_str(), v.host.as_str(), v.params.value("branch"))).collect();
    assert_eq!(
        vias,
        [
            ("UDP", "192.0.2.2", Some("390skdjuw")),
            ("TCP", "spindle.example.com", Some("z9hG4bK9ikj8")),
            ("UDP", "192.168.255.111", Some("z9hG4bK30239")),
        ]
    );
    assert_eq!(headers.other("subject"), Some(""));
    assert_eq!(headers.other("newfangledheader"), Some("newfangled value continued newfangled value"));
    assert_eq!(headers.other("UnknownHeaderWithUnusualValue"), Some(";;,,;;,;"));
    assert!(headers.route[0].uri.is_loose_router());
    let contact = headers.contact.first().unwrap();
    assert_eq!(contact.display.as_deref(), Some(r#"Quoted string """#));
    assert_eq!((contact.params.value("newparam"), contact.params.value("q")), (Some("newvalue"), Some("0.33")));
    assert_eq!(invite.body.len(), 150);
    stays(Message::Request(invite));
}

#[test]
fn intmeth_wide_range_of_valid_characters() {
    let request = request_of(rfc4475!("intmeth"));
    assert_eq!(request.method.as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    let user = request.uri.user.as_deref().unwrap();
    assert!(user.starts_with("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird"), "{user}");
    assert_eq!(request.uri.host, "example.com");
    assert_eq!(request.headers.from.display.as_deref(), Some("token1~` token2'+_ token3*%!.-"));
    assert_eq!(request.headers.from.params.value("fromparam''~+*_!.-%"), Some("работающий"));
    assert_eq!(request.headers.call_id, r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#);
    assert_eq!(request.headers.other("extensionHeader-!.%*+_`'~"), Some("\u{feff}大停電"));
    stays(Message::Request(request));
}

#[test]
fn esc01_valid_use_of_the_percent_escape() {
    let invite = request_of(rfc4475!("esc01"));
    assert_eq!(invite.uri.user.as_deref(), Some("sips:user@example.com"));
    assert_eq!(invite.uri.host, "example.net");
    assert_eq!((user(&invite.headers.to), user(&invite.headers.from)), ("user", "I have spaces"));
    let contact = invite.headers.contact.first().unwrap();
    assert_eq!(user(contact), "caller");
    assert!(contact.uri.is_loose_router());
    assert_eq!(contact.uri.params.value("name"), Some("value%41"));
    assert_eq!(invite.headers.other("Content-Type"), Some("application/sdp"));
    stays(Message::Request(invite));
}

#[test]
fn escnull_escaped_nulls_in_uris() {
    let register = request_of(rfc4475!("escnull"));
    assert_eq!(user(&register.headers.to), "null-\0-null");
    let Contact::List(contacts) = &register.headers.contact else { panic!("{:?}", register.headers.contact) };
    assert_eq!(contacts.iter().map(user).collect::<Vec<_>>(), ["\0", "\0\0"]);
    stays(Message::Request(register));
}

#[test]
fn esc02_a_percent_that_escapes_nothing() {
    let request = request_of(rfc4475!("esc02"));
    assert_eq!(request.method, Method::Other("RE%47IST%45R".to_owned()));
    assert_eq!(request.headers.from.display.as_deref(), Some("%Z%45"));
    assert_eq!(request.headers.via[0].params.value("branch"), Some("z9hG4bK209%fzsnel234"));
    let Contact::List(contacts) = &request.headers.contact else { panic!("{:?}", request.headers.contact) };
    assert_eq!(contacts.iter().map(user).collect::<Vec<_>>(), ["alias1", "alias3"]);
    stays(Message::Request(request));
}

#[test]
fn lwsdisp_no_blank_between_name_and_address() {
    let options = request_of(rfc4475!("lwsdisp"));
    assert_eq!(options.headers.from.display.as_deref(), Some("caller"));
    assert_eq!(options.headers.from.tag(), Some("323"));
    stays(Message::Request(options));
}

#[test]
fn longreq_long_values_in_headers() {
    let invite = request_of(rfc4475!("longreq"));
    assert_eq!(invite.headers.via.len(), 34);
    assert_eq!(invite.headers.via[33].host, "host.example.com");
    assert_eq!((invite.headers.to.uri.port, invite.headers.from.tag().map(str::len)), (Some(6000), Some(155)));
    assert_eq!(invite.body.len(), 150);
    stays(Message::Request(invite));
}

#[test]
fn dblreq_extra_octets_after_the_message_are_cut() {
    let register = request_of(rfc4475!("dblreq"));
    assert_eq!((register.method.clone(), register.body.len()), (Method::Register, 0));
    assert_eq!(user(register.headers.contact.first().unwrap()), "j.user");
    stays(Message::Request(register));
}

#[test]
fn semiuri_a_semicolon_in_the_user_part() {
    let options = request_of(rfc4475!("semiuri"));
    assert_eq!(options.uri.user.as_deref(), Some("user;par=u@example.net"));
    assert_eq!(options.uri.host, "example.com");
    assert!(options.headers.other("Accept").unwrap().ends_with("multipart/signed, message/sip, message/sipfrag"));
    stays(Message::Request(options));
}

#[test]
fn transports_varied_and_unknown() {
    let options = request_of(rfc4475!("transports"));
    let transports: Vec<_> = options.headers.via.iter().map(|via| via.transport.as_str()).collect();
    assert_eq!(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    stays(Message::Request(options));
}

#[test]
fn mpart01_a_binary_body() {
    let message = request_of(rfc4475!("mpart01"));
    assert_eq!(message.method, Method::Other("MESSAGE".to_owned()));
    assert!(message.body.windows(4).any(|window| window == [0x30, 0x82, 0x01, 0x52]));
    stays(Message::Request(message));
}

#[test]
fn unreason_a_reason_phrase_beyond_ascii() {
    let response = response_of(rfc4475!("unreason"));
    assert_eq!((response.status, response.body.len()), (200, 154));
    assert_eq!(response.reason, "= 2**3 * 5**2 но сто девяносто девять - простое");
    stays(Message::Response(response));
}

#[test]
fn noreason_an_empty_reason_phrase() {
    let response = response_of(rfc4475!("noreason"));
    assert_eq!((response.status, response.reason.as_str()), (100, ""));
    stays(Message::Response(response));
}

#[test]
fn an_invite_of_a_french_trunk() {
    let invite = request_of(&corpus!("field/freebox_invite"));
    let headers = &invite.headers;
    assert_eq!(invite.uri.user.as_deref(), Some("+33143124567"));
    assert_eq!(headers.from.display.as_deref(), Some("Dupont, Jean"));
    assert_eq!(headers.via.iter().map(|via| via.port).collect::<Vec<_>>(), [Some(5060), Some(5080)]);
    assert_eq!(headers.via[0].params.value("rport"), Some(""));
    assert_eq!(headers.record_route.len(), 2);
    assert_eq!(headers.other("P-Asserted-Identity").map(|value| split(value, b',').len()), Some(2));
    assert_eq!(invite.body, b"v=0\r");
    stays(Message::Request(invite));
}

#[test]
fn an_invite_of_an_ims_with_tel_uris_compact_names_and_ipv6() {
    let invite = request_of(&corpus!("field/ims_tel_invite"));
    assert_eq!((invite.uri.scheme, invite.uri.user.as_deref()), (Scheme::Tel, Some("+33-1-43-12-45-67")));
    assert_eq!(invite.uri.params.value("phone-context"), Some("+33"));
    assert_eq!((invite.headers.via[0].host.as_str(), invite.headers.via[0].port), ("[2001:db8::9:1]", Some(5060)));
    let contact = invite.headers.contact.first().unwrap();
    assert_eq!(contact.uri.host, "[2001:db8::9:1]");
    assert_eq!(contact.params.value("+sip.instance"), Some("<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"));
    assert_eq!(invite.headers.other("Session-Expires"), Some("1800"));
    assert_eq!(invite.headers.other("Supported"), Some("100rel"));
    stays(Message::Request(invite));
}

#[test]
fn a_register_with_several_contacts_in_one_header() {
    let register = request_of(&corpus!("field/register_many"));
    let Contact::List(contacts) = &register.headers.contact else { panic!("{:?}", register.headers.contact) };
    assert_eq!(contacts.len(), 3, "the mail address can't be called");
    assert_eq!(contacts[0].display.as_deref(), Some(r#"Amina, "bureau" <1>"#));
    assert_eq!((contacts[0].params.value("expires"), contacts[0].uri.params.value("line")), (Some("600"), Some("x")));
    assert_eq!(contacts[1].params.value("expires"), Some("0"), "without brackets the parameters are the header's");
    assert_eq!((contacts[2].uri.scheme, contacts[2].uri.host.as_str()), (Scheme::Sips, "[::1]"));
    let credentials = register.headers.other("authorization").unwrap();
    assert_eq!(crate::sip::digest::Credentials::parse(credentials).unwrap().nonce, "a,b");
    stays(Message::Request(register));
}

#[test]
fn a_withheld_number_in_utf_8_and_in_latin_1() {
    let bytes = corpus!("field/anonymous_invite");
    let invite = request_of(&bytes);
    assert_eq!(invite.headers.from.uri.host, "anonymous.invalid");
    assert_eq!(invite.headers.contact.first().map(user), Some("j.doe+tag"));
    assert_eq!(invite.headers.other("Subject"), Some(""));
    let latin: Vec<u8> =
        String::from_utf8(bytes).unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert!(std::str::from_utf8(&latin).is_err());
    assert_eq!(request_of(&latin), invite);
    stays(Message::Request(invite));
}

#[test]
fn a_response_without_a_reason_and_without_the_blank_before_it() {
    let response = response_of(&corpus!("field/ringing"));
    assert_eq!((response.status, response.reason.as_str()), (180, ""));
    assert_eq!(response.headers.via[0].params.value("received"), Some("203.0.113.10"));
    stays(Message::Response(response));
}

#[test]
fn the_sdp_of_the_torture_messages_has_audio_in_it() {
    let invite = request_of(rfc4475!("wsinv"));
    let local = sdp::Local { address: ([192, 0, 2, 9], 4000).into(), session: 1, version: 1, keys: None };
    let offer = String::from_utf8(invite.body).unwrap();
    let (_, stream) = sdp::answer(&offer, &local, &[crate::media::Codec::Pcmu], sdp::Direction::SendRecv).unwrap();
    assert_eq!(stream.remote, std::net::SocketAddr::from(([192, 0, 2, 4], 49217)));
}
