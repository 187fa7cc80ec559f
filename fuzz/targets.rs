//! What each target of `cargo fuzz` does with its bytes; `tests/cli/fuzzed.rs` does the same
//! with the corpus, in the gate.

use std::net::SocketAddr;
use std::time::Duration;

use svi::base::{AgentName, Chance, Instant, limits};
use svi::diag::{Colour, Severity, Source, framed};
use svi::flow::{Audio, load};
use svi::media::Codec;
use svi::rtp::{DigitReceiver, Packet, Reception, TelephoneEvent, rtcp};
use svi::sip::digest::{Algorithm, Secrets};
use svi::sip::{
    Account, Caps, Door, Endpoint, EndpointSettings, GuardRules, Hop, Input, Output, ParseError, SessionTimes, parse,
    sdp, write,
};
use svi::speech::Fragment;

/// One datagram: what is read of it is read again once it has been written, a refusal is one
/// answer, and the endpoint answers at most twice (CANCEL and its INVITE).
pub(crate) fn sip(bytes: &[u8]) {
    match parse(bytes) {
        Ok(message) => {
            let written = write(&message);
            // What has been escaped may have become longer than what is read.
            if written.len() <= limits::SIP_HEADER_BYTES {
                assert_eq!(parse(&written), Ok(message), "{}", String::from_utf8_lossy(&written));
            }
        }
        Err(ParseError::Refused(refusal)) => {
            let text = String::from_utf8(refusal.write("tag")).expect("an answer is UTF-8");
            assert!(text.ends_with("\r\n\r\n") && text.matches("\r\n\r\n").count() == 1, "{text}");
        }
        Err(ParseError::Keepalive | ParseError::Hopeless { .. }) => {}
    }
    let account = Account { name: AgentName::from("amina"), secrets: Secrets::of_password("amina", "svi", "secret") };
    let settings = EndpointSettings {
        doors: vec![Door::udp(HERE)],
        ways: Vec::new(),
        realm: "svi".into(),
        algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
        accounts: vec![account],
        trunks: Vec::new(),
        caps: Caps::default(),
        trusted: Vec::new(),
        session: SessionTimes::default(),
        guard: GuardRules::default(),
        ping: limits::PHONE_PING,
    };
    let mut endpoint = Endpoint::new(settings, Chance::seeded(1));
    endpoint.handle(Instant::START, Input::Received { from: Hop::udp(THERE), bytes: bytes.to_vec() });
    let (mut sent, mut length) = (0, 0);
    while let Some(output) = endpoint.poll() {
        if let Output::Send { to, bytes } = output {
            assert_eq!(to.address.ip(), THERE.ip(), "nobody else is answered");
            (sent, length) = (sent + 1, length + bytes.len());
        }
    }
    assert!(sent <= 2 && length <= sent * (3 * bytes.len() + 1_024), "{sent} answers of {length} bytes");
}

/// A session description, as an offer to us and as an answer to an offer of ours.
pub(crate) fn sdp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let local = sdp::Local { address: HERE, session: 1, version: 1, keys: None };
    let _ = sdp::accept(&text, &local, &CODECS, sdp::Direction::SendRecv);
    if let Ok((answer, stream)) = sdp::answer(&text, &local, &CODECS, sdp::Direction::SendRecv) {
        let lines = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
        assert!(lines(&answer) <= limits::SDP_MEDIA);
        let theirs = sdp::Local { address: THERE, ..local };
        let heard = sdp::accept(&answer, &theirs, &CODECS, sdp::Direction::SendRecv).expect("our answer can be read");
        assert_eq!((heard.codec, heard.payload_type), (stream.codec, stream.payload_type), "{answer}");
    }
}

/// A packet of sound or of a key: its header and its payload are written as they were read.
pub(crate) fn rtp(bytes: &[u8]) {
    let Some(packet) = Packet::parse(bytes) else { return };
    let mut buffer = vec![0; bytes.len() + 12];
    let length = packet.header.write(packet.payload, &mut buffer).expect("what was read can be written");
    assert_eq!(Packet::parse(&buffer[..length]), Some(packet));
    if let Some(event) = TelephoneEvent::parse(packet.payload) {
        assert_eq!(TelephoneEvent::parse(&event.bytes()), Some(event));
    }
    let (mut reception, mut keys) = (Reception::default(), DigitReceiver::default());
    for at in 0..3 {
        let now = Instant::START + Duration::from_millis(20 * at);
        reception.receive(now, &packet.header, true);
        keys.receive(now, &packet);
    }
    let _ = (reception.lost(), reception.jitter_ms(), reception.report());
}

/// A report of the other side.
pub(crate) fn rtcp(bytes: &[u8]) {
    let _ = rtcp::is_rtcp(bytes);
    // The reports of the corpus are about 7.
    let _ = rtcp::parse(bytes, 7);
}

/// A flow beside the card and the queues of a service that is shipped: every fault is told at
/// a place in it, and a service without errors is one.
pub(crate) fn flow(bytes: &[u8]) {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST_FLOW) else { return };
    let files = [
        Source::new("fuzz/service.yaml", include_str!("../flows/france-services/service.yaml")),
        Source::new("fuzz/queues.yaml", include_str!("../flows/france-services/queues.yaml")),
        Source::new("fuzz/accueil.yaml", text),
    ];
    let loaded = load("fuzz", &files, &Recorded);
    for diagnostic in &loaded.diagnostics {
        assert!(!framed(diagnostic, Colour::Never).is_empty());
        if let Some(span) = &diagnostic.span {
            assert!(span.source.text.get(span.bytes.clone()).is_some());
        }
    }
    let errors = loaded.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(loaded.service.is_none(), errors);
}

/// Everything is recorded, each clip two seconds long.
struct Recorded;

impl Audio for Recorded {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(Duration::from_secs(2))
    }
}

const HERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 5060);
const THERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)), 5060);
const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];
/// A flow of the length that people write: the rules look at every step from every step.
const LONGEST_FLOW: usize = 8_192;
