use proptest::prelude::*;

use super::*;

fn message(more: &str, body: &str) -> String {
    format!(
        "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK1\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// What comes out of a stream that comes in these pieces.
fn cut<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Result<Framed, Unframed>> {
    let mut framer = Framer::default();
    let mut all = Vec::new();
    for piece in pieces {
        framer.take(piece);
        all.extend(std::iter::from_fn(|| framer.poll()));
    }
    all
}

fn whole(text: &str) -> Vec<Result<Framed, Unframed>> {
    cut([text.as_bytes()])
}

fn told(text: &str) -> Result<Framed, Unframed> {
    Ok(Framed::Message(text.as_bytes().to_vec()))
}

fn refused(text: &str) -> (u16, &'static str, String) {
    match whole(text).pop() {
        Some(Err(Unframed { head, status, reason })) => (status, reason, String::from_utf8(head).unwrap()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn several_messages_come_in_one_piece() {
    let (one, two) = (message("", "first"), message("X: y\r\n", ""));
    assert_eq!(whole(&format!("{one}{two}\r\n{one}")), [told(&one), told(&two), told(&one)]);
}

#[test]
fn two_line_ends_are_a_ping_and_one_is_nothing() {
    let one = message("", "");
    assert_eq!(whole("\r\n"), []);
    assert_eq!(whole("\r\n\r\n\r\n"), [Ok(Framed::Ping)]);
    assert_eq!(whole(&format!("\r\n\r\n{one}\r\n{one}")), [Ok(Framed::Ping), told(&one), told(&one)]);
}

#[test]
fn the_length_is_found_however_it_is_written() {
    for header in
        ["l: 4", "CONTENT-LENGTH : 4", "Content-Length:\r\n 4", "Content-Length: 4\r\nl: 4", "Content-Length: 004"]
    {
        let text = format!("SIP/2.0 200 OK\r\nTo: x\r\n Content-Length: 9\r\n{header}\r\n\r\nbody");
        assert_eq!(whole(&text), [told(&text)], "{header}");
    }
    let bare = "SIP/2.0 200 OK\nContent-Length: 4\n\nbody";
    assert_eq!(whole(bare), [told(bare)]);
}

#[test]
fn a_length_that_can_not_be_is_refused_with_the_headers_to_answer_to() {
    let start = "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n";
    for (header, status, reason) in [
        ("", 400, "there is no Content-Length"),
        ("Content-Length: -1\r\n", 400, "Content-Length is no number"),
        ("Content-Length:\r\n", 400, "Content-Length is no number"),
        ("Content-Length: 1\r\n 2\r\n", 400, "Content-Length is no number"),
        ("Content-Length: 1\r\nl: 2\r\n", 400, "there are two Content-Length"),
        ("Content-Length: 70000\r\n", 413, "the body is too long"),
        ("Content-Length: 99999999999999999999999\r\n", 413, "the body is too long"),
    ] {
        let expected = (status, reason, format!("{start}{header}\r\n"));
        assert_eq!(refused(&format!("{start}{header}\r\nmore")), expected, "{header}");
    }
}

#[test]
fn what_is_not_sip_and_headers_without_end_break_the_stream() {
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (400, "this is not SIP", String::new()));
    let endless = format!("{}{}", "OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n", "X: y\r\n".repeat(10_000));
    let (status, _, head) = refused(&endless);
    assert_eq!(status, 513);
    assert!(
        head.starts_with("OPTIONS") && head.ends_with("X: y\r\n\r\n") && head.len() <= limits::SIP_HEADER_BYTES + 2
    );
    assert_eq!(refused(&"x".repeat(limits::SIP_HEADER_BYTES)).0, 513);
    let after = format!("rubbish\r\n{}", message("", ""));
    assert_eq!(whole(&after).len(), 1, "nothing comes after a flaw");
}

#[test]
fn whoever_says_nothing_costs_nothing() {
    let mut framer = Framer::default();
    framer.take(message("", &"x".repeat(60_000)).as_bytes());
    assert!(framer.poll().is_some() && framer.poll().is_none());
    assert!(!framer.has_begun() && framer.buffer.capacity() == 0);
    framer.take(b"OPT");
    assert!(framer.poll().is_none() && framer.has_begun());
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ("[ -~]{0,40}", "[ -~\r\n]{0,60}").prop_map(|(x, body)| message(&format!("X: {x}\r\n"), &body)),
        2 => Just("\r\n".to_owned()),
        1 => Just("\r\n\r\n".to_owned()),
        1 => "[ -~\r\n]{0,30}",
        1 => Just("OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\n".to_owned()),
        1 => (0_usize..70_000).prop_map(|n| format!("SIP/2.0 200 OK\r\nX: {}\r\nl: {n}\r\n\r\n", "y".repeat(n / 4))),
    ]
}

proptest! {
    /// However a stream is cut into segments, the same messages come out of it.
    #[test]
    fn any_segmentation_gives_the_same_messages(
        pieces in prop::collection::vec(piece(), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let stream = pieces.concat().into_bytes();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let segments: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        let expected = cut([&stream[..]]);
        prop_assert_eq!(&cut(segments), &expected);
        prop_assert_eq!(&cut(stream.chunks(1)), &expected);
    }

    /// Messages that are in order come out as they went in.
    #[test]
    fn messages_come_out_as_they_went_in(bodies in prop::collection::vec("[ -~\r\n]{0,80}", 1..6)) {
        let messages: Vec<String> = bodies.iter().map(|body| message("", body)).collect();
        let expected: Vec<_> = messages.iter().map(|text| told(text)).collect();
        prop_assert_eq!(whole(&messages.concat()), expected);
    }
}
