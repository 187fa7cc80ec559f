use proptest::prelude::*;

use super::*;
use crate::base::Chance;
use crate::media::{Codec, OwnKeys, RtcpPort, Sealing, Secrecy, Secret, Stream, Suite};

const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

/// A softphone: many codecs before ours, telephone-event at two rates, a video line.
pub(super) const LINPHONE: &str = "v=0\r\no=amina 3747 1839 IN IP4 192.168.1.20\r\ns=Talk\r\nc=IN IP4 192.168.1.20\r\nt=0 0\r\n\
    a=rtcp-xr:rcvr-rtt=all:10000\r\na=record:off\r\n\
    m=audio 7078 RTP/AVP 96 97 98 0 8 101 99 100\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n\
    a=rtpmap:97 speex/16000\r\na=rtpmap:98 speex/8000\r\na=rtpmap:101 telephone-event/48000\r\n\
    a=rtpmap:99 telephone-event/16000\r\na=rtpmap:100 telephone-event/8000\r\na=rtcp:7079\r\na=rtcp-fb:* trr-int 1000\r\n\
    m=video 9078 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";

/// A console phone: A-law first, no end to the last line.
const BARESIP: &str = "v=0\r\no=- 3938221984 2184 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\na=tool:baresip 1.0.0\r\n\
    m=audio 16384 RTP/AVP 8 0 101\r\nb=AS:125\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=fmtp:101 0-15\r\na=rtcp:16385\r\na=sendrecv\r\na=label:1\r\na=ssrc:2148 cname:sip:a@b\r\na=ptime:20";

/// An exchange: static numbers without rtpmap, a dynamic number for A-law, direction for the session.
const SBC: &str = "v=0\no=SBC 1 1 IN IP4 203.0.113.5\ns=sip call\nc=IN IP4 0.0.0.0\nt=0 0\na=sendrecv\n\
    m=image 40002 udptl t38\na=T38FaxVersion:0\n\
    m=audio 40000/2 RTP/AVP 18 110 96\nc=IN IP4 203.0.113.6\na=rtpmap:110 pcma/8000/1\na=rtpmap:96 Telephone-Event/8000\na=fmtp:96 0-15,16\na=maxptime:40\n\
    m=audio 40010 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\n";

pub(super) fn local() -> Local {
    Local { address: ([198, 51, 100, 1], 20_000).into(), session: 42, version: 1, keys: None }
}

fn answered(offer: &str, wanted: Direction) -> (String, Stream) {
    let (text, stream) = answer(offer, &local(), &CODECS, wanted).unwrap();
    (text.replace("\r\n", "\n"), stream)
}

pub(super) fn only_audio(lines: &str) -> String {
    format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{}", lines.replace('\n', "\r\n"))
}

#[test]
fn an_offer_has_a_law_first_and_keys() {
    let text = offer(&local(), &CODECS, Direction::SendRecv).replace("\r\n", "\n");
    insta::assert_snapshot!(text, @r"
    v=0
    o=- 42 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVP 8 0 101
    a=rtpmap:8 PCMA/8000
    a=rtpmap:0 PCMU/8000
    a=rtpmap:101 telephone-event/8000
    a=fmtp:101 0-15
    a=ptime:20
    a=sendrecv
    a=rtcp-mux
    ");
    let v6 = Local { address: "[2001:db8::1]:4000".parse().unwrap(), ..local() };
    assert!(offer(&v6, &CODECS, Direction::SendRecv).contains("c=IN IP6 2001:db8::1\r\n"));
}

#[test]
fn a_softphone_is_answered_with_our_best_codec_that_it_speaks_and_without_video() {
    let (text, stream) = answered(LINPHONE, Direction::SendRecv);
    insta::assert_snapshot!(text, @r"
    v=0
    o=- 42 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=audio 20000 RTP/AVP 8 100
    a=rtpmap:8 PCMA/8000
    a=rtpmap:100 telephone-event/8000
    a=fmtp:100 0-15
    a=ptime:20
    a=sendrecv
    m=video 0 RTP/AVP 96
    ");
    let expected = Stream {
        remote: ([192, 168, 1, 20], 7078).into(),
        codec: Codec::Pcma,
        payload_type: 8,
        event_payload_type: Some(100),
        send: true,
        receive: true,
        rtcp: RtcpPort::Next,
        event_clock: 8_000,
        packet_ms: 20,
        longest_ms: 255,
        secret: None,
    };
    assert_eq!(stream, expected);
}

#[test]
fn rtcp_shares_the_port_of_rtp_when_both_sides_say_so() {
    let shares = only_audio("m=audio 4000 RTP/AVP 8\na=rtcp-mux\n");
    let (text, stream) = answered(&shares, Direction::SendRecv);
    assert!(text.contains("\na=rtcp-mux\n"), "{text}");
    assert_eq!(stream.rtcp, RtcpPort::Shared);
    assert_eq!(accept(&shares, &local(), &CODECS, Direction::SendRecv).unwrap().rtcp, RtcpPort::Shared);
    let (text, stream) = answered(BARESIP, Direction::SendRecv);
    assert!(!text.contains("rtcp-mux"), "{text}");
    assert_eq!(stream.rtcp, RtcpPort::Next);
    assert_eq!(accept(BARESIP, &local(), &CODECS, Direction::SendRecv).unwrap().rtcp, RtcpPort::Next);
}

#[test]
fn a_phone_is_sent_packets_of_the_length_that_it_asks_for_and_can_take() {
    let asked = |lines: &str| {
        accept(&only_audio(&format!("m=audio 4000 RTP/AVP 8\n{lines}")), &local(), &CODECS, Direction::SendRecv)
    };
    for (lines, packet_ms) in [
        ("", 20),
        ("a=ptime:10\n", 10),
        ("a=ptime:30\n", 30),
        ("a=ptime:60\n", 60),
        ("a=ptime:200\n", 60),
        ("a=ptime:5\n", 10),
        ("a=maxptime:40\n", 20),
        ("a=maxptime:10\n", 10),
        ("a=ptime:60\na=maxptime:30\n", 30),
        ("a=ptime:25\n", 20),
        ("a=ptime:many\n", 20),
        ("a=ptime:\n", 20),
        ("a=ptime:-3\n", 20),
        ("a=ptime:NaN\n", 20),
    ] {
        assert_eq!(asked(lines).unwrap().packet_ms, packet_ms, "{lines}");
    }
}

#[test]
fn a_console_phone_is_answered_with_a_law() {
    let (text, stream) = answered(BARESIP, Direction::SendRecv);
    assert!(text.contains("m=audio 20000 RTP/AVP 8 101\n"), "{text}");
    assert_eq!((stream.codec, stream.event_payload_type), (Codec::Pcma, Some(101)));
    let (text, stream) = answer(BARESIP, &local(), &[Codec::Pcmu], Direction::SendRecv).unwrap();
    assert!(text.contains("m=audio 20000 RTP/AVP 0 101\r\n"), "{text}");
    assert_eq!(stream.codec, Codec::Pcmu);
}

#[test]
fn an_exchange_keeps_its_own_numbers_and_the_number_of_its_lines() {
    let (text, stream) = answered(SBC, Direction::SendRecv);
    insta::assert_snapshot!(text, @r"
    v=0
    o=- 42 1 IN IP4 198.51.100.1
    s=-
    c=IN IP4 198.51.100.1
    t=0 0
    m=image 0 udptl t38
    m=audio 20000 RTP/AVP 110 96
    a=rtpmap:110 PCMA/8000
    a=rtpmap:96 telephone-event/8000
    a=fmtp:96 0-15
    a=ptime:20
    a=sendrecv
    m=audio 0 RTP/SAVP 8
    ");
    assert_eq!(stream.remote, SocketAddr::from(([203, 0, 113, 6], 40_000)));
    assert_eq!((stream.codec, stream.payload_type, stream.event_payload_type), (Codec::Pcma, 110, Some(96)));
}

#[test]
fn every_way_of_holding_is_answered_in_kind() {
    let hold = |attribute: &str, address: &str, wanted| {
        let text = only_audio(&format!("m=audio 4000 RTP/AVP 8\nc=IN IP4 {address}\na={attribute}\n"));
        let (text, stream) = answered(&text, wanted);
        let said = ["sendrecv", "sendonly", "recvonly", "inactive"].into_iter().find(|d| text.contains(d)).unwrap();
        (said, stream.send, stream.receive)
    };
    let both = Direction::SendRecv;
    assert_eq!(hold("sendrecv", "192.0.2.1", both), ("sendrecv", true, true));
    assert_eq!(hold("sendonly", "192.0.2.1", both), ("recvonly", false, true));
    assert_eq!(hold("recvonly", "192.0.2.1", both), ("sendonly", true, false));
    assert_eq!(hold("inactive", "192.0.2.1", both), ("inactive", false, false));
    assert_eq!(hold("sendrecv", "0.0.0.0", both), ("recvonly", false, true));
    assert_eq!(hold("inactive", "0.0.0.0", both), ("inactive", false, false));
    assert_eq!(hold("sendrecv", "192.0.2.1", Direction::SendOnly), ("sendonly", true, false));
    assert_eq!(hold("sendonly", "192.0.2.1", Direction::SendOnly), ("inactive", false, false));
}

#[test]
fn a_direction_for_the_session_holds_where_the_line_says_nothing() {
    let text = only_audio("a=sendonly\nm=audio 4000 RTP/AVP 8\n");
    assert!(!answered(&text, Direction::SendRecv).1.send);
    let text = only_audio("a=sendonly\nm=audio 4000 RTP/AVP 8\na=sendrecv\n");
    assert!(answered(&text, Direction::SendRecv).1.send);
}

#[test]
fn without_audio_or_codec_or_sense_there_is_no_answer() {
    let error = |text: &str| answer(text, &local(), &CODECS, Direction::SendRecv).unwrap_err();
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 18 96\na=rtpmap:96 opus/48000/2\n")), SdpError::NoCodec);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 9\n")), SdpError::NoCodec, "where it is not set");
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 8\na=rtpmap:8 PCMA/16000\n")), SdpError::NoCodec);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 96\na=rtpmap:96 PCMA/8000/2\n")), SdpError::NoCodec);
    assert_eq!(error(&only_audio("")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=video 4000 RTP/AVP 8\n")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=audio 0 RTP/AVP 8\n")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/SAVP 8\n")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 8\nc=IN IP4 phone.example\n")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 8\nc=IN IP4 224.2.1.1/127\n")), SdpError::NoAudio);
    assert_eq!(error(&only_audio("m=audio 4000 RTP/AVP 8\nc=IN IP6 2001:db8::1\n")), SdpError::NoAudio);
    for text in ["", "Signal=5\r\nDuration=160\r\n", "v=1\r\n", "v=0\r\no=x\r\n"] {
        assert!(matches!(error(text), SdpError::NotSdp { .. }), "{text}");
    }
    let many = only_audio(&"m=audio 0 RTP/AVP 8\n".repeat(crate::base::limits::SDP_MEDIA + 1));
    assert!(matches!(error(&many), SdpError::NotSdp { .. }));
}

/// linphone with ICE, on a machine with both families.
#[test]
fn a_phone_of_both_families_that_tells_the_other_one_is_reached_at_a_candidate_of_ours() {
    let candidates = [
        "1 1 UDP 2130706303 192.0.2.2 26608 typ host",
        "2 1 UDP 2130706431 fd00::2 26608 typ host",
        "3 2 UDP 2130706999 192.0.2.3 26609 typ host",
        "4 1 TCP 2130706999 192.0.2.4 9 typ host",
        "5 1 udp 2130706400 192.0.2.5 26610 typ host",
        "6 1 UDP 2130706999 192.0.2.6 0 typ host",
        "7 1 UDP",
    ];
    let lines = candidates.map(|line| format!("a=candidate:{line}\n")).concat();
    let line = |address: &str| format!("m=audio 26608 RTP/AVPF 8\nc=IN {address}\n{lines}");
    let reached = |lines: &str| answered(&only_audio(lines), Direction::SendRecv).1.remote.to_string();
    assert_eq!(reached(&line("IP6 fd00::2")), "192.0.2.5:26610");
    assert_eq!(reached(&line("IP4 192.0.2.2")), "192.0.2.2:26608", "what is told first counts");
    let own = lines.replace("192.0.2.", "239.0.2.");
    let multicast = only_audio(&format!("m=audio 26608 RTP/AVPF 8\nc=IN IP6 fd00::2\n{own}"));
    assert_eq!(answer(&multicast, &local(), &CODECS, Direction::SendRecv), Err(SdpError::NoAudio));
}

#[test]
fn the_first_audio_line_with_a_codec_of_ours_is_taken_and_the_others_refused() {
    let text = only_audio("m=audio 4000 RTP/AVP 18\nm=audio 4002 RTP/AVPF 8\nm=audio 4004 RTP/AVP 0\n");
    let (text, stream) = answered(&text, Direction::SendRecv);
    assert_eq!(stream.remote.port(), 4002);
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(lines, ["m=audio 0 RTP/AVP 18", "m=audio 20000 RTP/AVPF 8", "m=audio 0 RTP/AVP 0"]);
}

#[test]
fn an_answer_to_our_offer_gives_the_stream() {
    let both = Direction::SendRecv;
    let stream = accept(BARESIP, &local(), &CODECS, both).unwrap();
    assert_eq!((stream.remote, stream.codec), (([127, 0, 0, 1], 16_384).into(), Codec::Pcma));
    assert!(stream.send && stream.receive);
    let without_keys = only_audio("m=audio 4000 RTP/AVP 0\na=recvonly\n");
    let stream = accept(&without_keys, &local(), &CODECS, both).unwrap();
    assert_eq!(
        (stream.codec, stream.event_payload_type, stream.send, stream.receive),
        (Codec::Pcmu, None, true, false)
    );
    let held = accept(BARESIP, &local(), &CODECS, Direction::SendOnly).unwrap();
    assert_eq!((held.send, held.receive), (true, false));
    let refused = only_audio("m=audio 0 RTP/AVP 8\n");
    assert_eq!(accept(&refused, &local(), &CODECS, both), Err(SdpError::NoAudio));
}

#[test]
fn what_we_offer_and_answer_ourselves_fits_together() {
    let there = Local { address: ([198, 51, 100, 2], 30_000).into(), session: 7, version: 3, keys: None };
    let offered = offer(&local(), &CODECS, Direction::SendOnly);
    let (answered, theirs) = answer(&offered, &there, &CODECS, Direction::SendRecv).unwrap();
    let ours = accept(&answered, &local(), &CODECS, Direction::SendOnly).unwrap();
    assert_eq!((theirs.remote, ours.remote), (local().address, there.address));
    assert_eq!((ours.codec, theirs.codec, ours.event_payload_type), (Codec::Pcma, Codec::Pcma, Some(101)));
    assert_eq!((ours.send, ours.receive, theirs.send, theirs.receive), (true, false, false, true));
}

fn with_keys(secrecy: Secrecy, seed: u64) -> Local {
    Local { keys: OwnKeys::draw(&secrecy.into(), &mut Chance::seeded(seed)), ..local() }
}

/// The keys that were told.
fn keys(stream: &Stream) -> Option<&Secret> {
    match stream.secret.as_deref() {
        Some(Sealing::Keys(secret)) => Some(secret),
        Some(Sealing::Handshake(_)) | None => None,
    }
}

/// What comes of an offer and its answer between two who want this.
fn agreed(caller: Secrecy, callee: Secrecy) -> Result<Option<Suite>, SdpError> {
    let (ours, theirs) = (with_keys(caller, 1), with_keys(callee, 2));
    let offered = offer(&ours, &CODECS, Direction::SendRecv);
    let (answered, there) = answer(&offered, &theirs, &CODECS, Direction::SendRecv)?;
    let here = accept(&answered, &ours, &CODECS, Direction::SendRecv)?;
    let line =
        |text: &str| text.lines().find(|line| line.starts_with("m=")).unwrap().split(' ').nth(2).unwrap().to_owned();
    assert_eq!(line(&offered), line(&answered), "the profile stays");
    if let (Some(here), Some(there)) = (keys(&here), keys(&there)) {
        assert_eq!((&here.ours, &here.theirs), (&there.theirs, &there.ours));
        assert_ne!(here.ours, here.theirs);
    }
    assert_eq!(here.secret.is_some(), there.secret.is_some());
    Ok(keys(&here).map(|secret| secret.suite))
}

#[test]
fn both_encrypt_where_both_may_and_who_must_speaks_to_nobody_who_may_not() {
    use Secrecy::{Off, Optional, Required};
    let secret = Ok(Some(Suite::Cm128Sha80));
    assert_eq!(agreed(Off, Off), Ok(None));
    assert_eq!((agreed(Off, Optional), agreed(Optional, Off)), (Ok(None), Ok(None)));
    assert_eq!((agreed(Optional, Optional), agreed(Required, Required)), (secret.clone(), secret.clone()));
    assert_eq!((agreed(Required, Optional), agreed(Optional, Required)), (secret.clone(), secret));
    assert_eq!((agreed(Required, Off), agreed(Off, Required)), (Err(SdpError::NoAudio), Err(SdpError::NoAudio)));
}

#[test]
fn an_exchange_that_encrypts_is_answered_in_its_profile_with_its_tag() {
    let key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    let lines = format!(
        "m=audio 4000 RTP/SAVP 8\na=crypto:3 F8_128_HMAC_SHA1_80 inline:{key}\n\
         a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:{key}|2^31\na=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:{key}\n"
    );
    let local = with_keys(Secrecy::Optional, 1);
    let (text, stream) = answer(&only_audio(&lines), &local, &CODECS, Direction::SendRecv).unwrap();
    assert!(text.contains("m=audio 20000 RTP/SAVP 8\r\n"), "{text}");
    assert_eq!(text.matches("a=crypto:").count(), 1);
    assert!(text.contains("a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:"), "{text}");
    assert_eq!(keys(&stream).unwrap().suite, Suite::Cm128Sha32);
    let unknown = lines.replace("AES_CM", "AES_XY");
    let error = answer(&only_audio(&unknown), &local, &CODECS, Direction::SendRecv).unwrap_err();
    assert_eq!(error, SdpError::NoAudio, "no suite of ours");
    assert!(format!("{local:?}").contains("MasterKey(…)"), "keys are not for logs: {local:?}");
}

#[test]
fn an_answer_with_a_key_that_was_not_asked_for_is_refused() {
    let local = with_keys(Secrecy::Optional, 1);
    let key = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
    let answered = |tag: u32| {
        let lines = format!("m=audio 4000 RTP/AVP 8\na=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{key}\n");
        accept(&only_audio(&lines), &local, &CODECS, Direction::SendRecv)
    };
    assert!(answered(1).unwrap().secret.is_some());
    assert_eq!((answered(2), answered(77)), (Err(SdpError::NoAudio), Err(SdpError::NoAudio)));
}

proptest! {
    #[test]
    fn changed_offers_never_panic_and_are_answered_line_by_line(
        sample in prop::sample::select(&[LINPHONE, BARESIP, SBC][..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 0..5),
    ) {
        let mut chars: Vec<char> = sample.chars().collect();
        for (at, c) in changes {
            let at = at.index(chars.len());
            chars[at] = c;
        }
        let offered: String = chars.into_iter().collect();
        if let Ok((answered, stream)) = answer(&offered, &local(), &CODECS, Direction::SendRecv) {
            let lines = |text: &str| peer::read(text).unwrap().medias.len();
            prop_assert_eq!(lines(&offered), lines(&answered));
            prop_assert_eq!(accept(&answered, &local(), &CODECS, Direction::SendRecv).unwrap().codec, stream.codec);
        }
    }
}
