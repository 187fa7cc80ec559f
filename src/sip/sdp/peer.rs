//! What the other side's SDP says about its audio.

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Media, RtpMap, Session, TransportProto};

use super::crypto::{self, Crypto};
use super::dtls::{self, Told};
use super::place::is_either;
use super::{Direction, Local, SdpError};
use crate::base::limits;
use crate::media::{Codec, KeysBy, OwnKeys, PACKET_MS, RATE, RtcpPort};

/// One audio line that could be used.
pub(super) struct Audio {
    /// Its place among the media lines.
    pub(super) index: usize,
    /// Where it listens.
    pub(super) remote: SocketAddr,
    /// Who sends, seen from the other side.
    pub(super) direction: Direction,
    /// The codec that is spoken, of those that we speak too.
    pub(super) codec: Option<(Codec, u8)>,
    /// Its payload type of telephone-event, and the clock of that.
    pub(super) events: Option<(u8, u32)>,
    /// Whether it takes RTCP where it takes RTP.
    pub(super) rtcp: RtcpPort,
    /// What each packet that it hears should carry, in milliseconds.
    pub(super) packet_ms: u8,
    /// The longest that it can take.
    pub(super) longest_ms: u8,
    /// What it encrypts with.
    pub(super) theirs: Option<Theirs>,
}

/// How the other side wants to encrypt.
pub(super) enum Theirs {
    /// With this key.
    Key(Crypto),
    /// With what comes of a handshake.
    Handshake(Told),
}

impl Theirs {
    /// Its kind.
    pub(super) fn way(&self) -> KeysBy {
        match self {
            Self::Key(_) => KeysBy::Sdes,
            Self::Handshake(_) => KeysBy::Dtls,
        }
    }
}

/// Reads an SDP.
pub(super) fn read(text: &str) -> Result<Session, SdpError> {
    let session = Session::parse(text.as_bytes()).map_err(|error| SdpError::NotSdp { reason: error.to_string() })?;
    if session.medias.len() > limits::SDP_MEDIA {
        return Err(SdpError::NotSdp { reason: "there are too many media lines".to_owned() });
    }
    Ok(session)
}

/// Whose order says which of several codecs is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Ours, where the other side offers.
    Ours,
    /// The other side's, where it answers.
    Theirs,
}

/// The first audio line over RTP, as we may speak it, with a codec of ours; without a codec in any
/// line, [`SdpError::NoCodec`].
pub(super) fn audio(session: &Session, codecs: &[Codec], order: Order, ours: &Local) -> Result<Audio, SdpError> {
    let medias = session.medias.iter().enumerate();
    let mut lines = medias.filter_map(|(i, media)| line(session, i, media, (codecs, order), ours));
    let first = lines.next().ok_or(SdpError::NoAudio)?;
    if first.codec.is_some() {
        return Ok(first);
    }
    lines.find(|line| line.codec.is_some()).ok_or(SdpError::NoCodec)
}

fn line(
    session: &Session,
    index: usize,
    media: &Media,
    (codecs, order): (&[Codec], Order),
    ours: &Local,
) -> Option<Audio> {
    if !media.media.eq_ignore_ascii_case("audio") || media.port == 0 {
        return None;
    }
    let theirs = secrecy(session, media, ours.keys.as_deref())?;
    let ours = ours.address.ip();
    let connection = media.connections.first().or(session.connection.as_ref())?;
    let address = connection.try_address().ok()?.ip;
    let nowhere = address.is_unspecified();
    let reaches = |ip: IpAddr| ip.is_ipv4() == ours.is_ipv4() || is_either(ours);
    let remote = match nowhere || reaches(address) {
        true => SocketAddr::new(address, media.port),
        false => candidate(media, reaches)?,
    };
    if remote.ip().is_multicast() {
        return None;
    }
    let said = direction(session, media);
    let mut audio = Audio {
        index,
        remote,
        // `c=0.0.0.0` is how RFC 2543 held a call: do not send to me.
        direction: if nowhere { said.and(Direction::SendOnly) } else { said },
        codec: None,
        events: None,
        rtcp: rtcp(media),
        packet_ms: packet_ms(media),
        longest_ms: longest_ms(media),
        theirs,
    };
    let maps: Vec<RtpMap> = media.attributes_typed::<RtpMap>().filter_map(Result::ok).collect();
    let numbers =
        media.fmt.split_ascii_whitespace().filter_map(|format| format.parse::<u8>().ok().filter(|n| *n < 128));
    let (mut spoken, mut events) = (Vec::new(), Vec::new());
    for number in numbers {
        match coding(number, &maps) {
            Some(Coding::Codec(codec)) if codecs.contains(&codec) => spoken.push((codec, number)),
            Some(Coding::Events(clock)) => events.push((number, clock)),
            Some(Coding::Codec(_)) | None => {}
        }
    }
    audio.codec = match order {
        Order::Ours => codecs.iter().find_map(|codec| spoken.iter().find(|(spoken, _)| spoken == codec).copied()),
        Order::Theirs => spoken.first().copied(),
    };
    // The clock of events is the codec's (RFC 4733, section 2.1); many phones have 8000 alone.
    let clock = audio.codec.map_or(RATE, |(codec, _)| codec.clock());
    let with = |clock| events.iter().find(|(_, own)| *own == clock).copied();
    audio.events = with(clock).or_else(|| with(RATE));
    Some(audio)
}

/// Where a peer of both families can be reached that has told an address of the other one: the
/// best of its candidates that we have the family of (RFC 8839, section 5.1). We do no ICE.
fn candidate(media: &Media, reaches: impl Fn(IpAddr) -> bool) -> Option<SocketAddr> {
    let told = media.get_attribute_values("candidate").flatten().filter_map(|value| {
        let mut words = value.split_ascii_whitespace().skip(1);
        let is_rtp = words.next()? == "1" && words.next()?.eq_ignore_ascii_case("udp");
        let priority = words.next()?.parse::<u32>().ok()?;
        let (ip, port) = (words.next()?.parse().ok()?, words.next()?.parse::<u16>().ok()?);
        (is_rtp && port != 0 && reaches(ip)).then_some((priority, SocketAddr::new(ip, port)))
    });
    told.max_by_key(|(priority, _)| *priority).map(|(_, address)| address)
}

enum Coding {
    Codec(Codec),
    /// Telephone events at this clock.
    Events(u32),
}

/// What a payload type stands for: its rtpmap, else RFC 3551's table.
fn coding(number: u8, maps: &[RtpMap]) -> Option<Coding> {
    let Some(map) = maps.iter().find(|map| map.payload_type == number) else {
        return match number {
            0 => Some(Coding::Codec(Codec::Pcmu)),
            8 => Some(Coding::Codec(Codec::Pcma)),
            9 => Some(Coding::Codec(Codec::G722)),
            _ => None,
        };
    };
    let channels = map.encoding_params.as_deref().map_or("1", str::trim);
    if map.encoding_name.eq_ignore_ascii_case("telephone-event") {
        return (channels == "1").then_some(Coding::Events(map.clock_rate));
    }
    let codec = Codec::ALL.into_iter().find(|codec| map.encoding_name.eq_ignore_ascii_case(codec.name()))?;
    // Opus says two channels whatever it has (RFC 7587, section 7).
    let said = if codec == Codec::Opus { "2" } else { "1" };
    (map.clock_rate == codec.clock() && channels == said).then_some(Coding::Codec(codec))
}

/// RFC 5761, section 5.1.1: both sides must say it.
fn rtcp(media: &Media) -> RtcpPort {
    if media.has_attribute("rtcp-mux") { RtcpPort::Shared } else { RtcpPort::Next }
}

/// Whether a line may be spoken on, and how it is encrypted: as we prefer where the peer leaves
/// the choice. Keys on a line of plain RTP are an offer to encrypt where both can (RFC 8643).
#[allow(clippy::option_option, reason = "no line, a line in the clear, and one with a key are three things")]
fn secrecy(session: &Session, media: &Media, keys: Option<&OwnKeys>) -> Option<Option<Theirs>> {
    let ways = keys.map(OwnKeys::ways).unwrap_or_default();
    let by = |way: &KeysBy| match way {
        KeysBy::Sdes => crypto::first(media).map(Theirs::Key),
        KeysBy::Dtls => dtls::read(session, media).map(Theirs::Handshake),
    };
    match media.parse_transport_proto() {
        TransportProto::UdpTlsRtpSavp | TransportProto::UdpTlsRtpSavpf => {
            ways.iter().filter(|way| **way == KeysBy::Dtls).find_map(by).map(Some)
        }
        TransportProto::RtpSavp | TransportProto::RtpSavpf => ways.iter().find_map(by).map(Some),
        TransportProto::RtpAvp | TransportProto::RtpAvpf => {
            let is_required = keys.is_some_and(|keys| keys.is_required);
            let theirs = ways.iter().find_map(by);
            (theirs.is_some() || !is_required).then_some(theirs)
        }
        _ => None,
    }
}

/// The length of a packet that it asks for (`ptime`), no longer than it can take (`maxptime`,
/// RFC 8866, section 6.4), in steps of 10 ms from 10 to 60.
fn packet_ms(media: &Media) -> u8 {
    let longest = said_ms(media, "maxptime").unwrap_or(60.0);
    let wanted = said_ms(media, "ptime").unwrap_or(f32::from(PACKET_MS)).min(longest);
    (wanted.clamp(10.0, 60.0) as u8) / 10 * 10
}

/// The longest packet that it can take, be it ours or passed on; without a word of it, any.
fn longest_ms(media: &Media) -> u8 {
    said_ms(media, "maxptime").map_or(u8::MAX, |ms| ms.clamp(10.0, 255.0) as u8)
}

fn said_ms(media: &Media, name: &str) -> Option<f32> {
    let value = media.get_first_attribute_value(name).flatten()?;
    value.trim().parse::<f32>().ok().filter(|ms| *ms > 0.0)
}

/// The media line's direction, else the session's, else both ways.
fn direction(session: &Session, media: &Media) -> Direction {
    let said = |name: &str| match name {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    };
    let all = media.attributes.iter().chain(&session.attributes);
    all.into_iter().find_map(|attribute| said(&attribute.attribute)).unwrap_or_default()
}
