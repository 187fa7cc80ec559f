//! Which codec is spoken, at which clock, in packets how long.

use super::tests::{LINPHONE, local, only_audio};
use super::{Direction, SdpError, accept, answer, offer};
use crate::media::{Codec, Stream};

const BOTH: Direction = Direction::SendRecv;

fn answered(offer: &str, codecs: &[Codec]) -> Result<(String, Stream), SdpError> {
    answer(offer, &local(), codecs, BOTH).map(|(text, stream)| (text.replace("\r\n", "\n"), stream))
}

#[test]
fn all_codecs_are_offered_in_our_order_with_keys_at_their_clocks() {
    let text = offer(&local(), &[Codec::Pcma, Codec::Opus, Codec::G722], BOTH).replace("\r\n", "\n");
    insta::assert_snapshot!(text, @r"
    v=0
    o=- 42 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVP 8 107 9 101 102
    a=rtpmap:8 PCMA/8000
    a=rtpmap:107 opus/48000/2
    a=fmtp:107 maxplaybackrate=16000;useinbandfec=1
    a=rtpmap:9 G722/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=rtpmap:102 telephone-event/48000
    a=fmtp:102 0-15
    a=ptime:20
    a=sendrecv
    a=rtcp-mux
    ");
}

#[test]
fn opus_is_answered_with_its_clock_and_its_events() {
    let (text, stream) = answered(LINPHONE, &[Codec::Opus]).unwrap();
    insta::assert_snapshot!(text, @r"
    v=0
    o=- 42 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVP 96 101
    a=rtpmap:96 opus/48000/2
    a=fmtp:96 maxplaybackrate=16000;useinbandfec=1
    a=rtpmap:101 telephone-event/48000
    a=fmtp:101 0-15
    a=ptime:20
    a=sendrecv
    m=video 0 RTP/AVP 96
    ");
    assert_eq!((stream.codec, stream.payload_type), (Codec::Opus, 96));
    assert_eq!((stream.event_payload_type, stream.event_clock), (Some(101), 48_000));
    // Many phones have the events of the telephone alone beside Opus.
    let lines = "m=audio 4000 RTP/AVP 96 97\na=rtpmap:96 OPUS/48000/2\na=rtpmap:97 telephone-event/8000\n";
    let (text, stream) = answered(&only_audio(lines), &Codec::ALL).unwrap();
    assert!(text.contains("a=rtpmap:97 telephone-event/8000\n"), "{text}");
    assert_eq!((stream.codec, stream.event_payload_type, stream.event_clock), (Codec::Opus, Some(97), 8_000));
}

#[test]
fn of_several_codecs_an_offer_is_answered_with_ours_and_an_answer_is_taken_with_theirs() {
    let lines = only_audio("m=audio 4000 RTP/AVP 9 0 8\n");
    let chosen = |codecs: &[Codec]| answered(&lines, codecs).unwrap().1.codec;
    assert_eq!(chosen(&Codec::ALL), Codec::Pcma);
    assert_eq!(chosen(&[Codec::Opus, Codec::G722, Codec::Pcma]), Codec::G722);
    assert_eq!(accept(&lines, &local(), &Codec::ALL, BOTH).unwrap().codec, Codec::G722);
}

#[test]
fn g722_is_known_by_its_number_and_by_its_name_at_its_clock_of_8000() {
    let chosen =
        |lines: &str| answered(&only_audio(lines), &Codec::ALL).map(|(_, stream)| (stream.codec, stream.payload_type));
    assert_eq!(chosen("m=audio 4000 RTP/AVP 9\n"), Ok((Codec::G722, 9)));
    assert_eq!(chosen("m=audio 4000 RTP/AVP 98\na=rtpmap:98 g722/8000\n"), Ok((Codec::G722, 98)));
    assert_eq!(chosen("m=audio 4000 RTP/AVP 98\na=rtpmap:98 G722/16000\n"), Err(SdpError::NoCodec));
    assert_eq!(
        chosen("m=audio 4000 RTP/AVP 98\na=rtpmap:98 opus/48000\n"),
        Err(SdpError::NoCodec),
        "RFC 7587 says two"
    );
}

#[test]
fn the_longest_packet_that_a_phone_takes_is_kept() {
    let longest = |lines: &str| {
        accept(&only_audio(&format!("m=audio 4000 RTP/AVP 8\n{lines}")), &local(), &Codec::ALL, BOTH)
            .unwrap()
            .longest_ms
    };
    assert_eq!((longest(""), longest("a=maxptime:40\n"), longest("a=maxptime:9999\n")), (255, 40, 255));
    assert_eq!(longest("a=maxptime:1\n"), 10);
}
