use super::*;
use crate::sip::{Params, write};

const INVITE: &str = "INVITE sip:100@svi.example SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
    From: <sip:bob@example.com>;tag=1\r\n\
    To: <sip:100@svi.example>\r\n\
    Call-ID: abc\r\n\
    CSeq: 1 INVITE\r\n\
    Content-Length: 0\r\n\r\n";

pub(super) fn request_of(bytes: &[u8]) -> Request {
    match parse(bytes) {
        Ok(Message::Request(request)) => request,
        other => panic!("no request: {other:?}"),
    }
}

pub(super) fn response_of(bytes: &[u8]) -> Response {
    match parse(bytes) {
        Ok(Message::Response(response)) => response,
        other => panic!("no response: {other:?}"),
    }
}

/// The status and the reason that the invite is refused with after a change.
fn refused(from: &str, to: &str) -> (u16, &'static str) {
    assert!(INVITE.contains(from), "{from}");
    match parse(INVITE.replacen(from, to, 1).as_bytes()) {
        Err(ParseError::Refused(refusal)) => (refusal.status, refusal.reason),
        other => panic!("{from} → {to}: {other:?}"),
    }
}

#[test]
fn line_ends_alone_are_a_keepalive() {
    for bytes in [&b""[..], b"\r\n", b"\r\n\r\n", b"\n"] {
        assert_eq!(parse(bytes), Err(ParseError::Keepalive));
    }
}

#[test]
fn what_is_not_sip_is_dropped() {
    let hopeless = |bytes: &[u8]| matches!(parse(bytes), Err(ParseError::Hopeless { .. }));
    for bytes in [
        &b"\0\0\0\0"[..],
        b"jaK",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00\x01\x00\x00\x21\x12\xa4\x42",
        b"SIP/",
        b"SIP/2.0",
    ] {
        assert!(hopeless(bytes), "{bytes:?}");
    }
    assert!(hopeless(&vec![b'a'; limits::SIP_MESSAGE_BYTES + 1]));
    assert!(
        hopeless(INVITE.replace("INVITE", "ACK").replace("Call-ID: abc\r\n", "").as_bytes()),
        "an ACK is never answered"
    );
    assert!(hopeless(INVITE.replace("Via: SIP", "Via: HTTP").as_bytes()), "nobody to answer to");
}

#[test]
fn line_ends_before_the_start_line_and_bare_line_feeds_are_forgiven() {
    let usual = request_of(INVITE.as_bytes());
    assert_eq!(request_of(format!("\r\n\r\n{INVITE}").as_bytes()), usual);
    assert_eq!(request_of(INVITE.replace("\r\n", "\n").as_bytes()), usual);
}

#[test]
fn a_value_is_the_same_wherever_its_lines_are_cut() {
    for cut in ["Call-ID:\r\n abc\r\n", "Call-ID: abc\r\n \r\n\t\r\n", "Call-ID: abc\n \0\0\r\n", "i:\n \n\tabc\n"] {
        assert_eq!(request_of(INVITE.replace("Call-ID: abc\r\n", cut).as_bytes()).headers.call_id, "abc", "{cut:?}");
    }
}

#[test]
fn the_body_ends_where_content_length_says_or_with_the_datagram() {
    let with = |length: &str, body: &str| format!("{}{body}", INVITE.replace("Content-Length: 0\r\n", length));
    assert_eq!(request_of(with("Content-Length: 2\r\n", "v=0").as_bytes()).body, b"v=");
    assert_eq!(request_of(with("", "v=0").as_bytes()).body, b"v=0");
    assert_eq!(refused("Length: 0", "Length: 1"), (400, "the body is shorter than Content-Length"));
    assert_eq!(refused("Length: 0", "Length: 99999999999999999999"), (400, "Content-Length is no number"));
    assert_eq!(refused("Length: 0", "Length: -1"), (400, "Content-Length is no number"));
}

#[test]
fn a_missing_header_is_named() {
    assert_eq!(refused("To: <sip:100@svi.example>\r\n", ""), (400, "there is no To"));
    assert_eq!(refused("From: <sip:bob@example.com>;tag=1\r\n", ""), (400, "there is no From"));
    assert_eq!(refused("Call-ID: abc\r\n", ""), (400, "there is no Call-ID"));
    assert_eq!(refused("Call-ID: abc\r\n", "Call-ID:\r\n"), (400, "there is no Call-ID"));
    assert_eq!(refused("CSeq: 1 INVITE\r\n", ""), (400, "there is no CSeq"));
}

#[test]
fn requests_that_rfc_4475_calls_invalid_are_refused() {
    assert_eq!(refused("Length: 0", "Length: 0\r\nContent-Length: 5").1, "there are two Content-Length", "mcl01");
    assert_eq!(refused("CSeq: 1", "CSeq: 36893488147419103232").0, 400, "scalar02");
    assert_eq!(refused("CSeq: 1", "CSeq: +1").0, 400);
    assert_eq!(refused("CSeq: 1", "CSeq: 2147483648").0, 400, "scalar02");
    assert_eq!(refused("Call-ID", "Max-Forwards: 300000000000\r\nCall-ID").0, 400, "scalar02");
    assert_eq!(refused("To: <", "To: \"Mr. J. User <").1, "a display name has no closing quote", "quotbal");
    assert_eq!(refused("sip:100@svi.example SIP", "<sip:100@svi.example> SIP").0, 400, "ltgtruri");
    assert_eq!(refused("sip:100@svi.example SIP", "sip:100@svi.example; lr SIP").0, 400, "lwsruri");
    assert_eq!(refused("sip:100@svi.example SIP", " sip:100@svi.example  SIP").0, 400, "lwsstart");
    assert_eq!(refused("SIP/2.0\r\n", "SIP/2.0  \r\n").0, 400, "trws");
    assert_eq!(refused("SIP/2.0\r\n", "SIP/7.0\r\n"), (505, "the version of SIP is not 2.0"), "badvers");
    assert_eq!(refused("1 INVITE", "1 OPTIONS"), (400, "the method of CSeq is another"), "mismatch01");
    assert_eq!(refused("sip:100@svi.example SIP", "nobodyKnowsThisScheme:totallyopaque SIP").0, 416, "unkscm");
    assert_eq!(refused("sip:100@svi.example SIP", "soap.beep://192.0.2.103:3002 SIP").0, 416, "novelsc");
    assert_eq!(
        refused("<sip:100@svi.example>", "isbn:2983792873").0,
        400,
        "unksm2: we have no word for another scheme"
    );
    assert_eq!(refused("Call-ID", "Contact: sip:b@x?Route=%3Csip:y%3E\r\nCall-ID").0, 400, "regbadct");
    assert_eq!(refused("Call-ID", "From: <sip:b@x>;tag=2\r\nCall-ID").1, "there are two From", "multi01");
    assert_eq!(refused("Call-ID", "To: <sip:b@x>\r\nCall-ID").1, "there are two To", "multi01");
}

#[test]
fn what_rfc_4475_leaves_to_us_is_read_kindly() {
    let read = |from: &str, to: &str| request_of(INVITE.replacen(from, to, 1).as_bytes());
    let headers_in_uri = read("sip:100@svi.example SIP", "sip:100@svi.example?Route=%3Csip:x%3E SIP");
    assert_eq!(headers_in_uri.uri.to_string(), "sip:100@svi.example", "escruri");
    let contact = read("Call-ID", "Contact: <sip:b@x?Route=%3Csip:y%3E>\r\nCall-ID").headers.contact;
    assert_eq!(contact.first().unwrap().uri.to_string(), "sip:b@x?Route=%3Csip:y%3E", "regescrt");
    let blanks = read("<sip:bob@example.com>", "\"Watson, Thomas\" < sip:bob@example.com >");
    assert_eq!(blanks.headers.from.uri.host, "example.com", "badaspec");
    let old = read(";tag=1", "");
    assert_eq!(old.headers.from.tag(), None, "inv2543");
    let unquoted = read("<sip:bob@", "Bell, Alexander <sip:bob@");
    assert_eq!(unquoted.headers.from.display.as_deref(), Some("Bell, Alexander"), "baddn");
    let blanks = read("<sip:bob@example.com>;tag=1", "<sip:bob@example.com>;;;tag=1;");
    assert_eq!(blanks.headers.from.tag(), Some("1"), "badinv01");
}

#[test]
fn a_parameter_belongs_to_the_address_or_to_the_header() {
    let contact = |value: &str| {
        let text = INVITE.replace("Call-ID", &format!("Contact: {value}\r\nCall-ID"));
        request_of(text.as_bytes()).headers.contact.first().unwrap().clone()
    };
    let header = contact("sip:+19725552222@gw1.example.net;unknownparam");
    assert_eq!((header.params.value("unknownparam"), header.uri.params.0.len()), (Some(""), 0), "cparam01");
    let uri = contact("<sip:+19725552222@gw1.example.net;unknownparam>");
    assert_eq!((uri.params.0.len(), uri.uri.params.value("unknownparam")), (0, Some("")), "cparam02");
}

#[test]
fn responses_that_rfc_4475_calls_invalid_are_dropped() {
    let response = INVITE.replace("INVITE sip:100@svi.example SIP/2.0", "SIP/2.0 200 OK");
    assert_eq!(response_of(response.as_bytes()).status, 200);
    for (from, to) in [
        ("200 OK", "4294967301 better not break the receiver"),
        ("CSeq: 1", "CSeq: 9292394834772304023312"),
        ("200", "99"),
        ("200", "700"),
        ("2.0 200", "7.0 200"),
        ("200", "2x0"),
    ] {
        let broken = response.replacen(from, to, 1);
        assert!(matches!(parse(broken.as_bytes()), Err(ParseError::Hopeless { .. })), "{to}");
    }
}

#[test]
fn asserted_identities_are_read_from_text() {
    let all =
        NameAddr::parse_all("\"Cullen, J\" <sip:+33612345678@op.example;user=phone>, tel:+33612345678, <urn:x:y>, <");
    let users: Vec<_> = all.iter().map(|address| address.uri.user.as_deref()).collect();
    assert_eq!(users, [Some("+33612345678"), Some("+33612345678")]);
    assert!(NameAddr::parse_all("").is_empty());
}

#[test]
fn a_refusal_of_doubled_headers_has_each_once() {
    let doubled = INVITE.replace("Call-ID", "From: <sip:eve@x>;tag=2\r\nCall-ID");
    let Err(ParseError::Refused(refusal)) = parse(doubled.as_bytes()) else { panic!("{doubled}") };
    let text = String::from_utf8(refusal.write("ours")).unwrap();
    assert_eq!((text.matches("From:").count(), text.contains("bob")), (1, true), "{text}");
}

#[test]
fn broken_values_are_refused_in_words() {
    assert_eq!(refused("sip:bob@example.com", "sip:bob@").0, 400);
    assert_eq!(refused("sip:bob@example.com", "sip:bob@example.com:70000").0, 400);
    assert_eq!(refused("sip:bob@example.com", "sip:bob@[::1").0, 400);
    assert_eq!(refused("sip:bob@example.com", "sip:b%4@example.com").0, 400);
    assert_eq!(refused("sip:bob@example.com", "bob").0, 400);
    assert_eq!(refused("tag=1", "tag=\"1").0, 400);
    assert_eq!(refused("Call-ID: abc", "Call-ID abc"), (400, "a header line has no colon"));
    assert_eq!(refused("Call-ID: abc", "Call ID: abc").0, 400);
    assert_eq!(refused("CSeq: 1 INVITE", "CSeq: 1").0, 400);
    assert_eq!(refused("Content-Length: 0\r\n\r\n", "Content-Length: 0\r\n"), (400, "the headers have no end"));
    assert_eq!(refused("Call-ID", "Contact: *, <sip:a@b>\r\nCall-ID").0, 400);
    assert_eq!(refused("Call-ID", "Contact: *\r\nContact: <sip:a@b>\r\nCall-ID").0, 400);
}

#[test]
fn thousands_of_headers_values_or_parameters_are_refused() {
    let lines = format!("{}Call-ID", "X: y\r\n".repeat(limits::SIP_HEADERS));
    assert_eq!(refused("Call-ID", &lines), (513, "there are too many headers"));
    let values = format!("Contact: {}<sip:a@b>\r\nCall-ID", "<sip:a@b>,".repeat(limits::SIP_HEADERS));
    assert_eq!(refused("Call-ID", &values), (513, "there are too many headers"));
    let params = ";a".repeat(limits::SIP_PARAMETERS);
    assert_eq!(refused(";tag=1", &format!("{params};tag=1")), (400, "there are too many parameters"));
    assert_eq!(refused("sip:100@svi.example SIP", &format!("sip:100@svi.example{params};a SIP")).0, 400);
}

#[test]
fn headers_and_bodies_beyond_their_limits_are_refused() {
    let long = format!("Pad: {}\r\nCall-ID", "y".repeat(limits::SIP_HEADER_BYTES));
    assert_eq!(refused("Call-ID", &long), (513, "the headers are too long"));
    let room = limits::SIP_HEADER_BYTES - INVITE.len() - "Pad: \r\n".len();
    let fits = format!("Pad: {}\r\nCall-ID", "y".repeat(room));
    assert_eq!(request_of(INVITE.replace("Call-ID", &fits).as_bytes()).headers.other("Pad").map(str::len), Some(room));
    let body = |length: usize| (format!("Length: {length}"), "v".repeat(length));
    let (length, text) = body(limits::SIP_BODY_BYTES);
    let fits = INVITE.replace("Length: 0", &length) + &text;
    assert_eq!(request_of(fits.as_bytes()).body.len(), limits::SIP_BODY_BYTES);
    let (length, text) = body(limits::SIP_BODY_BYTES + 1);
    assert_eq!(refused("Length: 0\r\n\r\n", &format!("{length}\r\n\r\n{text}")), (413, "the body is too long"));
}

#[test]
fn a_refusal_answers_with_what_came_and_a_tag_of_ours() {
    let broken = INVITE.replace("Call-ID: abc\r\n", "").replace("1 INVITE", "1 OPTIONS");
    let Err(ParseError::Refused(mut refusal)) = parse(broken.as_bytes()) else { panic!("{broken}") };
    refusal.via[0].params.set("received", Some("198.51.100.1".to_owned()));
    let text = String::from_utf8(refusal.write("ours")).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r"
    SIP/2.0 400 there is no Call-ID
    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;received=198.51.100.1
    From: <sip:bob@example.com>;tag=1
    To: <sip:100@svi.example>;tag=ours
    CSeq: 1 OPTIONS
    Content-Length: 0
    ");
}

#[test]
fn a_star_is_every_contact() {
    let register = INVITE.replace("INVITE", "REGISTER").replace("Call-ID", "Contact: *\r\nExpires: 0\r\nCall-ID");
    assert_eq!(request_of(register.as_bytes()).headers.contact, Contact::Star);
}

#[test]
fn an_answer_copies_what_rfc_3261_has_copied() {
    let busy = request_of(INVITE.as_bytes()).answer(486);
    assert_eq!((busy.status, busy.reason.as_str()), (486, "Busy Here"));
    assert_eq!(response_of(&busy.write()), busy);
}

#[test]
fn no_value_can_grow_a_header_of_its_own() {
    let mut request = request_of(INVITE.as_bytes());
    request.headers.from.display = Some("x\r\nEvil: 1".to_owned());
    request.headers.from.params = Params(vec![("tag".to_owned(), Some("1\r\nEvil: 2".to_owned()))]);
    request.headers.other.push(("Subject".to_owned(), "a\r\nEvil: 3\r\n\r\n".to_owned()));
    request.headers.other.push(("Content-Length".to_owned(), "9".to_owned()));
    request.uri.user = Some("1\r\nEvil: 4".to_owned());
    let text = String::from_utf8(write(&Message::Request(request))).unwrap();
    assert!(!text.contains("\nEvil"), "{text}");
    assert_eq!(text.matches("Content-Length").count(), 1, "{text}");
}
