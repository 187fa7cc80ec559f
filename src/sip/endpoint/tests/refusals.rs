use super::hand::{Draft, Hand, header, start, starts};
use super::*;
use crate::base::limits;
use crate::sip::us::ALLOW;
use crate::sip::{Command, DialogEnd, Event, Input, Room};

/// A hand in a call that has been answered, and a request within it.
fn in_call(hand: &mut Hand) -> impl Fn(&mut Hand, &str) -> Draft + use<> {
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let ok = hand.command(Command::Answer { leg: FIRST, sdp: "answer".into() });
    let to = header(&ok[0], "To").unwrap().to_owned();
    let draft = move |hand: &mut Hand, method: &str| {
        let mut draft = hand.draft(method);
        (draft.to, draft.call_id) = (to.clone(), invite.call_id.clone());
        draft
    };
    let mut ack = draft(hand, "ACK");
    ack.cseq = "1 ACK".into();
    hand.say(&ack.text());
    assert_eq!(hand.events.pop(), Some(Event::Acked { leg: FIRST, sdp: None }));
    draft
}

#[test]
fn options_outside_of_calls_are_answered_with_what_we_can_do() {
    let mut hand = Hand::new();
    let options = hand.draft("OPTIONS").text();
    let replies = hand.say(&options);
    assert_eq!(starts(&replies), ["200"]);
    assert_eq!(header(&replies[0], "Allow"), Some(ALLOW));
    assert_eq!(header(&replies[0], "Supported"), Some("timer, 100rel, replaces, norefersub"));
    assert_eq!(header(&replies[0], "Accept"), Some("application/sdp"));
    assert_eq!(hand.endpoint.transactions(), 0, "a keep-alive costs no memory");
}

#[test]
fn methods_that_we_lack_are_refused_in_and_out_of_calls() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    for (method, status) in [("SUBSCRIBE", "405"), ("NONSENSE", "501")] {
        for draft in [hand.draft(method), within(&mut hand, method)] {
            let replies = hand.say(&draft.text());
            assert_eq!(starts(&replies), [status], "{method}");
            assert!(header(&replies[0], "Allow").is_some());
        }
    }
}

#[test]
fn what_we_are_required_to_know_and_don_t_is_named() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    for draft in [hand.draft("INVITE"), within(&mut hand, "INVITE")] {
        let replies = hand.say(&draft.with("Require: teleportation, timer, precondition").text());
        assert_eq!(starts(&replies), ["420"]);
        assert_eq!(header(&replies[0], "Unsupported"), Some("teleportation, precondition"));
    }
}

#[test]
fn requests_within_calls_that_don_t_exist_are_481() {
    let mut hand = Hand::new();
    for method in ["INVITE", "BYE", "INFO", "OPTIONS"] {
        let mut draft = hand.draft(method);
        draft.to += ";tag=unknown";
        assert_eq!(starts(&hand.say(&draft.text())), ["481"], "{method}");
    }
    let mut ack = hand.draft("ACK");
    ack.to += ";tag=unknown";
    assert_eq!(hand.say(&ack.text()), [""; 0], "an ACK is never answered");
}

#[test]
fn our_tag_alone_does_not_open_a_call_to_a_stranger() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    let mut bye = within(&mut hand, "BYE");
    bye.from = bye.from.replace("theirs", "another");
    assert_eq!(starts(&hand.say(&bye.text())), ["481"]);
    let mut bye = within(&mut hand, "BYE");
    bye.call_id = "another".into();
    assert_eq!(starts(&hand.say(&bye.text())), ["481"]);
    assert_eq!(hand.endpoint.legs(), 1);
}

#[test]
fn a_request_without_hops_left_is_483() {
    let mut hand = Hand::new();
    let mut invite = hand.draft("INVITE");
    invite.more = invite.more.replace("70", "0");
    assert_eq!(starts(&hand.say(&invite.text())), ["483"]);
}

#[test]
fn an_invite_that_comes_by_two_ways_is_one_call() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    let mut other = invite.clone();
    other.via = other.via.replace("branch=z9hG4bK-", "branch=z9hG4bK-other-");
    assert_eq!(starts(&hand.say(&other.text())), ["482"]);
    assert_eq!(hand.events.len(), 1);
}

#[test]
fn a_request_out_of_order_is_500() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    let (first, second) = (within(&mut hand, "INFO"), within(&mut hand, "INFO"));
    assert_eq!(starts(&hand.say(&second.text())), ["200"]);
    assert_eq!(starts(&hand.say(&first.text())), ["500"]);
}

#[test]
fn a_body_of_another_kind_is_415() {
    let mut hand = Hand::new();
    let mut invite = hand.draft("INVITE").with("Content-Type: text/plain");
    invite.body = "hello".into();
    let replies = hand.say(&invite.text());
    assert_eq!((start(&replies[0]), header(&replies[0], "Accept")), ("415", Some("application/sdp")));
}

#[test]
fn an_invite_without_a_contact_is_400() {
    let mut hand = Hand::new();
    let mut invite = hand.draft("INVITE");
    invite.more = String::new();
    assert_eq!(starts(&hand.say(&invite.text())), ["400"]);
    assert_eq!(hand.endpoint.transactions(), 0);
}

#[test]
fn keys_by_info_are_read_in_each_of_their_spellings() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    let key = |hand: &mut Hand, kind: &str, body: &str| {
        let mut info = within(hand, "INFO").with(&format!("Content-Type: {kind}"));
        info.body = body.into();
        hand.events.clear();
        let reply = start(&hand.say(&info.text())[0]).to_owned();
        let digit = hand.events.first().map(|event| match event {
            Event::Digit { digit, .. } => digit.as_char(),
            other => panic!("{other:?}"),
        });
        (reply, digit)
    };
    let relay = "application/dtmf-relay";
    assert_eq!(key(&mut hand, relay, "Signal=5\r\nDuration=160\r\n"), ("200".into(), Some('5')));
    assert_eq!(key(&mut hand, relay, "Signal= *\nDuration= 100"), ("200".into(), Some('*')));
    assert_eq!(key(&mut hand, relay, "signal=11\r\n"), ("200".into(), Some('#')));
    assert_eq!(key(&mut hand, "application/dtmf; charset=utf-8", "0"), ("200".into(), Some('0')));
    assert_eq!(key(&mut hand, relay, "Signal=A\r\n"), ("200".into(), None));
    assert_eq!(key(&mut hand, "text/plain", "5"), ("415".into(), None));
}

#[test]
fn a_copy_of_a_bye_is_answered_after_the_call_is_gone() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    let bye = within(&mut hand, "BYE").text();
    assert_eq!(starts(&hand.say(&bye)), ["200"]);
    assert_eq!(starts(&hand.say(&bye)), ["200"]);
    assert_eq!(hand.events.last(), Some(&Event::Ended { leg: FIRST, why: DialogEnd::Bye }));
    assert_eq!(hand.endpoint.legs(), 0);
}

#[test]
fn a_second_offer_before_the_first_is_answered_is_500_with_a_pause() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    let (first, second) = (within(&mut hand, "INVITE"), within(&mut hand, "INVITE"));
    assert_eq!(starts(&hand.say(&first.text())), ["100"]);
    let replies = hand.say(&second.text());
    assert_eq!(starts(&replies), ["500"]);
    assert!(header(&replies[0], "Retry-After").is_some());
}

#[test]
fn responses_go_where_rfc_3581_sends_them() {
    let cases = [
        ("192.0.2.2:5060;rport", "192.0.2.2:777", "192.0.2.2:777"),
        ("192.0.2.2:5070", "192.0.2.2:777", "192.0.2.2:5070"),
        ("192.168.1.2:5070", "192.0.2.2:777", "192.0.2.2:777"),
        ("phone.example.org", "192.0.2.2:777", "192.0.2.2:5060"),
    ];
    for (sent_by, from, to) in cases {
        let mut via = vec![crate::sip::Via {
            transport: "UDP".into(),
            host: sent_by.split([':', ';']).next().unwrap().into(),
            port: sent_by.split([':', ';']).nth(1).and_then(|port| port.parse().ok()),
            params: Default::default(),
        }];
        if sent_by.ends_with("rport") {
            via[0].params.set("rport", None);
        }
        let hop = crate::sip::reply::note_source(&mut via, Hop::udp(address(from)));
        assert_eq!(hop.address, address(to), "{sent_by}");
    }
}

#[test]
fn what_can_not_be_read_is_answered_once_or_not_at_all() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE").text();
    assert_eq!(starts(&hand.say(&invite.replace("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"))), ["505"]);
    assert_eq!(starts(&hand.say(&invite.replace("CSeq: 1 INVITE", "CSeq: x INVITE"))), ["400"]);
    for silence in ["", "\r\n\r\n", "hello", "SIP/2.0 200 OK\r\n\r\n"] {
        assert_eq!(hand.say(silence), [""; 0], "{silence}");
    }
    assert_eq!((hand.endpoint.transactions(), hand.endpoint.legs()), (0, 0));
}

#[test]
fn a_flood_of_calls_meets_a_bound_and_a_moment_to_come_back() {
    let mut hand = Hand::new();
    for _ in 0..limits::SIP_DIALOGS {
        let invite = hand.draft("INVITE").text();
        hand.say(&invite);
    }
    let kept = (hand.endpoint.transactions(), hand.endpoint.legs());
    assert_eq!(kept, (limits::SIP_DIALOGS, limits::SIP_DIALOGS));
    let invite = hand.draft("INVITE").text();
    let replies = hand.say(&invite);
    assert_eq!(starts(&replies), ["503"]);
    let pause: u32 = header(&replies[0], "Retry-After").unwrap().parse().unwrap();
    assert!((5..=15).contains(&pause));
    assert_eq!((hand.endpoint.transactions(), hand.endpoint.legs()), kept);
}

#[test]
fn without_room_a_call_is_turned_away_and_nothing_is_kept_of_it() {
    let mut hand = Hand::new();
    let within = in_call(&mut hand);
    hand.endpoint.handle(hand.now, Input::Room(Room::Full));
    let kept = hand.endpoint.transactions();
    let invite = hand.draft("INVITE").text();
    for _ in 0..2 {
        let replies = hand.say(&invite);
        assert_eq!(starts(&replies), ["503"]);
        assert!(header(&replies[0], "Retry-After").is_some());
        assert_eq!(hand.events.pop(), Some(Event::TurnedAway));
    }
    assert_eq!((hand.endpoint.transactions(), hand.endpoint.legs()), (kept, 1));
    let reoffer = within(&mut hand, "INVITE").text();
    assert_eq!(starts(&hand.say(&reoffer)), ["100"], "who is in stays in");
    hand.endpoint.handle(hand.now, Input::Room(Room::Free));
    let invite = hand.draft("INVITE").text();
    assert_eq!(starts(&hand.say(&invite)), ["100"]);
}

#[test]
fn a_withheld_number_is_not_told() {
    let froms = ["\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=theirs", "<sip:Anonymous@192.0.2.2>;tag=theirs"];
    let mut hand = Hand::new();
    let mut drafts: Vec<Draft> = froms
        .map(|from| {
            let mut invite = hand.draft("INVITE");
            invite.from = from.into();
            invite
        })
        .into();
    drafts.push(hand.draft("INVITE").with("Privacy: id;critical"));
    for draft in drafts {
        hand.say(&draft.text());
        let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
        assert_eq!((incoming.from, incoming.from_user), (None, None));
    }
    let invite = hand.draft("INVITE").with("P-Asserted-Identity: <sip:0999999999@x>").text();
    hand.say(&invite);
    let Some(Event::Incoming(incoming)) = hand.events.pop() else { panic!() };
    assert_eq!(incoming.from_user.unwrap().into_inner(), "0612345678", "a stranger asserts nothing");
}

/// What comes of an INVITE with a body of a type: the offer, or the status.
fn offered(kind: &str, body: &str) -> Result<Option<String>, String> {
    let mut hand = Hand::new();
    let mut invite = hand.draft("INVITE").with(kind);
    invite.body = body.into();
    let reply = start(&hand.say(&invite.text())[0]).to_owned();
    match hand.events.pop() {
        Some(Event::Incoming(incoming)) => Ok(incoming.offer),
        _ => Err(reply),
    }
}

#[test]
fn an_offer_is_found_among_the_parts_of_a_body() {
    let parts = "--b\r\nContent-Type: application/isup;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\
        \r\n\u{1}\u{2}\r\n--b\r\nContent-Type: application/SDP\r\n\r\nv=0\r\n\r\n--b--\r\n";
    let mixed = "Content-Type: multipart/mixed; boundary=\"b\"";
    assert_eq!(offered(mixed, parts), Ok(Some("v=0\r\n\r\n".into())));
    assert_eq!(offered(mixed, &parts.replace("SDP", "pidf+xml")), Err("415".into()));
    assert_eq!(offered("Content-Type: multipart/mixed", parts), Err("415".into()), "without a boundary");
    let many = format!("{}{parts}", "--b\r\n\r\n".repeat(limits::SIP_BODY_PARTS));
    assert_eq!(offered(mixed, &many), Err("415".into()));
}

#[test]
fn a_body_that_its_sender_lets_us_pass_over_is_no_offer() {
    let optional = "Content-Type: application/x-extra\r\nContent-Disposition: session;handling=Optional";
    assert_eq!(offered(optional, "hello"), Ok(None));
    assert_eq!(offered(&optional.replace("Optional", "required"), "hello"), Err("415".into()));
    assert_eq!(offered("Content-Type: application/sdp\r\nContent-Encoding: gzip", "hello"), Err("415".into()));
    assert_eq!(offered("Content-Type: application/sdp\r\ne: identity", "v=0"), Ok(Some("v=0".into())));
}

#[test]
fn an_answer_is_sdp_or_406() {
    for (accept, status) in [
        ("Accept: application/sdp;level=1, text/html", "100"),
        ("Accept: text/html\r\nAccept: */*", "100"),
        ("Accept: text/html", "406"),
        ("Accept:", "406"),
    ] {
        let mut hand = Hand::new();
        let invite = hand.draft("INVITE").with(accept);
        assert_eq!(starts(&hand.say(&invite.text())), [status], "{accept}");
    }
}

#[test]
fn an_invite_that_comes_by_a_second_way_after_its_refusal_is_no_new_call() {
    let mut hand = Hand::new();
    let invite = hand.draft("INVITE");
    hand.say(&invite.text());
    assert_eq!(starts(&hand.command(Command::Reject { leg: FIRST, status: 486, retry_after: None })), ["486"]);
    let mut other = invite.clone();
    other.via = other.via.replace("branch=z9hG4bK-", "branch=z9hG4bK-other-");
    let events = hand.events.len();
    hand.pass(seconds(31));
    assert_eq!(starts(&hand.say(&other.text())), ["482"]);
    assert_eq!(hand.events.len(), events);
    hand.pass(seconds(2));
    assert_eq!(starts(&hand.say(&other.text())), ["100"], "it is forgotten in time");
}

#[test]
fn a_call_of_ours_that_comes_back_to_us_is_a_loop() {
    let mut hand = Hand::new();
    let to = crate::sip::Target::Uri(format!("sip:100@{THERE}"));
    let sent = hand.command(Command::Invite { leg: OUT, to, from: Default::default(), sdp: "offer".into() });
    let back = sent[0].replacen("Via: ", &format!("Via: SIP/2.0/UDP {THERE};branch=z9hG4bK-proxy\r\nVia: "), 1);
    assert_eq!(starts(&hand.say(&back)), ["482"]);
    assert_eq!((hand.endpoint.legs(), hand.events.len()), (1, 0));
}
