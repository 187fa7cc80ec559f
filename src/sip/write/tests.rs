use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::sip::{Method, ParseError, Scheme, Uri, parse};

fn params() -> impl Strategy<Value = Params> {
    vec(("[a-z][a-z0-9-]{0,6}", option::of("[ -~é]{0,8}")), 0..4)
        .prop_map(|list| Params(list.into_iter().map(|(name, value)| (name, value.map(trimmed))).collect()))
}

fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9][a-z0-9.-]{0,12}",
        any::<std::net::Ipv4Addr>().prop_map(|a| a.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|a| format!("[{a}]"))
    ]
}

fn uri() -> impl Strategy<Value = Uri> {
    let sip = (
        prop_oneof![Just(Scheme::Sip), Just(Scheme::Sips)],
        option::of("[ -~é\0]{1,10}"),
        host(),
        any::<Option<u16>>(),
        params(),
    )
        .prop_map(|(scheme, user, host, port, params)| Uri { scheme, user, host, port, params, headers: None });
    let tel = ("\\+?[0-9.()-]{0,5}[0-9]", params()).prop_map(|(number, params)| Uri {
        scheme: Scheme::Tel,
        user: Some(number),
        host: String::new(),
        port: None,
        params,
        headers: None,
    });
    prop_oneof![4 => sip, 1 => tel]
}

fn name_addr() -> impl Strategy<Value = NameAddr> {
    let display = option::of("[ -~é]{1,12}").prop_map(|name| name.map(trimmed).filter(|name| !name.is_empty()));
    let headers = option::weighted(0.2, "[A-Za-z]{1,8}=[!#-;=A-~]{0,8}").prop_map(|text| text.map(Into::into));
    (display, uri(), headers, params()).prop_map(|(display, mut uri, headers, params)| {
        uri.headers = headers.filter(|_| uri.scheme != Scheme::Tel);
        NameAddr { display, uri, params }
    })
}

fn via() -> impl Strategy<Value = Via> {
    ("[A-Z]{3}", host(), any::<Option<u16>>(), params()).prop_map(|(transport, host, port, params)| Via {
        transport,
        host,
        port,
        params,
    })
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof!["INVITE|BYE|REGISTER|OPTIONS|INFO|CANCEL|ACK", "[A-Z!%*_+`'~.-]{1,8}"]
        .prop_map(|name| Method::from_name(&name))
}

fn headers() -> impl Strategy<Value = Headers> {
    let contact = prop_oneof![1 => Just(Contact::Star), 4 => vec(name_addr(), 0..3).prop_map(Contact::List)];
    let other = vec(
        (prop_oneof![Just("Subject"), Just("WWW-Authenticate"), Just("X-Mairie"), Just("Expires")], "[ -~é]{0,20}"),
        0..4,
    )
    .prop_map(|list| list.into_iter().map(|(name, value)| (name.to_owned(), trimmed(value))).collect());
    let parties = (name_addr(), name_addr(), "[!-~]{1,12}", 0..1_u32 << 31, method());
    let routes = (vec(via(), 1..3), vec(name_addr(), 0..3), vec(name_addr(), 0..3), any::<Option<u32>>());
    (parties, routes, contact, other).prop_map(|(parties, routes, contact, other)| {
        let (from, to, call_id, cseq, cseq_method) = parties;
        let (via, route, record_route, max_forwards) = routes;
        Headers { via, from, to, call_id, cseq, cseq_method, contact, route, record_route, max_forwards, other }
    })
}

fn message() -> impl Strategy<Value = Message> {
    let body = vec(any::<u8>(), 0..40);
    let request = (uri(), headers(), body.clone()).prop_map(|(uri, headers, body)| {
        Message::Request(Request { method: headers.cseq_method.clone(), uri, headers, body })
    });
    let response = (100..700_u16, "[ -~é]{0,12}", headers(), body).prop_map(|(status, reason, headers, body)| {
        Message::Response(Response { status, reason: trimmed(reason), headers, body })
    });
    prop_oneof![request, response]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(message in message()) {
        let bytes = write(&message);
        prop_assert_eq!(parse(&bytes), Ok(message), "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn changed_bytes_never_panic_and_what_is_read_of_them_is_read_again(
        message in message(),
        changes in vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), prop::sample::select(&b"\r\n \t,;:<>\"\\%[]@=?*"[..])]), 1..6),
        cut in option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = write(&message);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        match parse(&bytes) {
            Ok(message) => prop_assert_eq!(parse(&write(&message)), Ok(message)),
            Err(ParseError::Refused(refusal)) => {
                let text = String::from_utf8(refusal.write("tag")).unwrap();
                prop_assert!(text.ends_with("\r\n\r\n") && text.matches("\r\n\r\n").count() == 1, "{}", text);
            }
            Err(ParseError::Keepalive | ParseError::Hopeless { .. }) => {}
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }
}

#[test]
fn a_request_is_laid_out_in_the_usual_order() {
    let uri = Uri::sip(Some("+33143124567"), "svi.example", None);
    let address = |user: &str, display: Option<&str>| NameAddr {
        display: display.map(str::to_owned),
        uri: Uri::sip(Some(user), "[::1]", Some(5060)),
        params: Params(vec![("tag".to_owned(), Some("1".to_owned()))]),
    };
    let mut params = Params::default();
    params.set("branch", Some("z9hG4bK1".to_owned()));
    params.set("rport", None);
    let headers = Headers {
        via: vec![Via { transport: "UDP".to_owned(), host: "192.0.2.1".to_owned(), port: Some(5060), params }],
        from: address("amina", Some(r#"Amina, "bureau" \o/"#)),
        to: address("bob smith", None),
        call_id: "abc".to_owned(),
        cseq: 7,
        cseq_method: Method::Invite,
        contact: Contact::List(vec![address("a", None), address("b", None)]),
        route: vec![address("r", None)],
        record_route: vec![address("rr", None)],
        max_forwards: Some(70),
        other: vec![("Content-Type".to_owned(), "application/sdp".to_owned())],
    };
    let request = Request { method: Method::Invite, uri, headers, body: b"v=0\r\n".to_vec() };
    insta::assert_snapshot!(String::from_utf8(request.write()).unwrap().replace("\r\n", "\n"), @r#"
    INVITE sip:+33143124567@svi.example SIP/2.0
    Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport
    Route: <sip:r@[::1]:5060>;tag=1
    Record-Route: <sip:rr@[::1]:5060>;tag=1
    Max-Forwards: 70
    From: "Amina, \"bureau\" \\o/" <sip:amina@[::1]:5060>;tag=1
    To: <sip:bob%20smith@[::1]:5060>;tag=1
    Call-ID: abc
    CSeq: 7 INVITE
    Contact: <sip:a@[::1]:5060>;tag=1
    Contact: <sip:b@[::1]:5060>;tag=1
    Content-Type: application/sdp
    Content-Length: 5

    v=0
    "#);
}
