//! Our side: what is offered, answered and accepted.

use sdp_types::{Connection, Media, MediaType, Origin, RtpMap, Session, Time, TransportProto};

use super::crypto::Crypto;
use super::peer::{self, Audio, Order, Theirs};
use super::place::facing;
use super::{Direction, Local, SdpError, crypto, dtls};
use crate::media::{Codec, Handshake, KeysBy, OwnKeys, PACKET_MS, RATE, RtcpPort, Sealing, Secret, Stream};

/// Our payload type of telephone-event in offers; in answers it is the caller's.
const EVENTS: u8 = 101;
/// That of the events of Opus, whose clock they have (RFC 4733, section 2.1).
const OPUS_EVENTS: u8 = 102;
/// Our payload type of Opus in offers.
const OPUS: u8 = 107;
/// What is said of Opus: more than our masters have need not come, but a copy of what may be
/// lost may (RFC 7587, section 6.1). No more, so that an offer fits a datagram.
const OPUS_SPEAKS: &str = "maxplaybackrate=16000;useinbandfec=1";

/// Writes an offer of one audio stream with the codecs in their order, the best first.
pub fn offer(local: &Local, codecs: &[Codec], direction: Direction) -> String {
    let formats: Vec<(Codec, u8)> = codecs.iter().map(|&codec| (codec, number_of(codec))).collect();
    let mut session = session(local);
    let mut events = Vec::new();
    for &codec in codecs {
        let number = if codec == Codec::Opus { OPUS_EVENTS } else { EVENTS };
        if !events.contains(&(number, codec.clock())) {
            events.push((number, codec.clock()));
        }
    }
    let mut audio = audio(local, profile(local), &formats, &events, direction);
    shared(&mut audio, RtcpPort::Shared);
    if let Some(keys) = &local.keys {
        if keys.offers(KeysBy::Sdes) {
            crypto::offer(keys).for_each(|line| audio.add_attribute_with_value("crypto", line));
        }
        if keys.offers(KeysBy::Dtls) {
            handshake(&mut audio, keys, "actpass", WithId::Yes);
        }
    }
    session.add_media(audio);
    text(&session)
}

/// Answers an offer with as many media lines in the same order, all refused but the
/// first audio line that has a codec of ours (RFC 3264, section 6). `wanted` is what we
/// want to do, seen from us; the answer and the stream are what both want.
///
/// # Errors
/// See [`SdpError`]; the session stays as it was.
pub fn answer(offer: &str, local: &Local, codecs: &[Codec], wanted: Direction) -> Result<(String, Stream), SdpError> {
    let offered = peer::read(offer)?;
    let chosen = peer::audio(&offered, codecs, Order::Ours, local)?;
    let local = &facing(local, chosen.remote.ip());
    let direction = chosen.direction.reversed().and(wanted);
    let sealing = chosen.theirs.as_ref().zip(local.keys.as_deref()).map(|(theirs, keys)| match theirs {
        Theirs::Key(theirs) => secret(keys, theirs),
        Theirs::Handshake(theirs) => Sealing::Handshake(dtls::answer(keys, theirs)),
    });
    let stream = stream(&chosen, sealing, direction)?;
    let mut session = session(local);
    if let Some(time) = offered.times.first() {
        session.times = vec![Time::new(time.start_time, time.stop_time)];
    }
    for (index, media) in offered.medias.iter().enumerate() {
        session.add_media(if index == chosen.index {
            let formats = [(stream.codec, stream.payload_type)];
            let events = chosen.events.as_slice();
            let mut audio = audio(local, media.parse_transport_proto(), &formats, events, direction);
            shared(&mut audio, stream.rtcp);
            match (&chosen.theirs, &local.keys) {
                (Some(Theirs::Key(theirs)), Some(keys)) => {
                    audio.add_attribute_with_value("crypto", crypto::answer(keys, theirs));
                }
                (Some(Theirs::Handshake(theirs)), Some(keys)) => {
                    let Handshake { role, tls_id, .. } = dtls::answer(keys, theirs);
                    let with_id = if tls_id.is_some() { WithId::Yes } else { WithId::No };
                    handshake(&mut audio, keys, dtls::setup(role), with_id);
                }
                (None, _) | (_, None) => {}
            }
            audio
        } else {
            refused(media)
        });
    }
    Ok((text(&session), stream))
}

/// Reads the answer to an offer that we made with `codecs` and `direction` from `local`.
///
/// # Errors
/// See [`SdpError`].
pub fn accept(answer: &str, local: &Local, codecs: &[Codec], direction: Direction) -> Result<Stream, SdpError> {
    let answered = peer::read(answer)?;
    let chosen = peer::audio(&answered, codecs, Order::Theirs, local)?;
    let sealing = match (&chosen.theirs, local.keys.as_deref()) {
        (Some(theirs), Some(keys)) => Some(sealed(keys, theirs).ok_or(SdpError::NoAudio)?),
        (None, _) | (_, None) => None,
    };
    stream(&chosen, sealing, chosen.direction.reversed().and(direction))
}

/// How our offer was answered; `None` for what was not offered.
fn sealed(keys: &OwnKeys, theirs: &Theirs) -> Option<Sealing> {
    match theirs {
        _ if !keys.offers(theirs.way()) => None,
        Theirs::Key(crypto) => crypto::is_ours(crypto).then(|| secret(keys, crypto)),
        Theirs::Handshake(told) => dtls::accept(told).map(Sealing::Handshake),
    }
}

fn secret(keys: &OwnKeys, theirs: &Crypto) -> Sealing {
    Sealing::Keys(Secret { suite: theirs.suite, ours: keys.of(theirs.suite).clone(), theirs: theirs.key.clone() })
}

fn stream(audio: &Audio, sealing: Option<Sealing>, direction: Direction) -> Result<Stream, SdpError> {
    let (codec, payload_type) = audio.codec.ok_or(SdpError::NoCodec)?;
    Ok(Stream {
        remote: audio.remote,
        codec,
        payload_type,
        event_payload_type: audio.events.map(|(number, _)| number),
        event_clock: audio.events.map_or(RATE, |(_, clock)| clock),
        send: direction.sends(),
        receive: direction.receives(),
        rtcp: audio.rtcp,
        packet_ms: audio.packet_ms,
        longest_ms: audio.longest_ms,
        secret: sealing.map(Box::new),
    })
}

/// What our offers' lines are: of plain RTP where the peer may choose (RFC 8643).
fn profile(local: &Local) -> TransportProto {
    match local.keys.as_ref().filter(|keys| keys.is_required).and_then(|keys| keys.ways().first()) {
        None => TransportProto::RtpAvp,
        Some(KeysBy::Sdes) => TransportProto::RtpSavp,
        Some(KeysBy::Dtls) => TransportProto::UdpTlsRtpSavp,
    }
}

/// Whether the name of the handshake is told: to who knows of it (RFC 8842, section 5.3).
enum WithId {
    Yes,
    No,
}

/// Says with which certificate we will come to the handshake, and who begins it.
fn handshake(audio: &mut Media, keys: &OwnKeys, setup: &str, with_id: WithId) {
    let Some((fingerprint, tls_id)) = keys.handshake() else { return };
    audio.add_attribute_with_value("setup", setup);
    audio.add_attribute_with_value("fingerprint", fingerprint);
    if let WithId::Yes = with_id {
        audio.add_attribute_with_value("tls-id", tls_id);
    }
}

fn session(local: &Local) -> Session {
    let address = local.address.ip();
    let mut session = Session::new(Origin::with_ip_addr(local.session, local.version, address), "-");
    session.set_connection(Connection::from_ip_addr(address));
    session.add_time(Time::new(0, 0));
    session
}

fn audio(
    local: &Local,
    proto: TransportProto,
    formats: &[(Codec, u8)],
    events: &[(u8, u32)],
    direction: Direction,
) -> Media {
    let numbers = formats.iter().map(|(_, number)| *number).chain(events.iter().map(|(number, _)| *number));
    let list = numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let mut media = Media::new(MediaType::Audio, local.address.port(), proto, list);
    for (codec, number) in formats {
        media.add_attribute(rtpmap(*number, codec.name(), codec.clock()));
        if *codec == Codec::Opus {
            media.add_attribute_with_value("fmtp", format_args!("{number} {OPUS_SPEAKS}"));
        }
    }
    for &(number, clock) in events {
        media.add_attribute(rtpmap(number, "telephone-event", clock));
        media.add_attribute_with_value("fmtp", format_args!("{number} 0-15"));
    }
    media.add_attribute_with_value("ptime", PACKET_MS);
    media.add_attribute_from_str(direction.as_str());
    media
}

/// Says that RTCP may come to the port of RTP (RFC 5761, section 5.1.1).
fn shared(audio: &mut Media, rtcp: RtcpPort) {
    if rtcp == RtcpPort::Shared {
        audio.add_attribute_from_str("rtcp-mux");
    }
}

/// A media line with port 0 and the formats as they were offered.
fn refused(media: &Media) -> Media {
    let mut refused = Media::new(MediaType::Audio, 0, media.parse_transport_proto(), &media.fmt);
    refused.media.clone_from(&media.media);
    refused
}

fn rtpmap(payload_type: u8, encoding: &str, clock_rate: u32) -> RtpMap {
    // Opus says two channels whatever it has (RFC 7587, section 7).
    let encoding_params = (encoding == Codec::Opus.name()).then(|| "2".to_owned());
    RtpMap { payload_type, encoding_name: encoding.to_owned(), clock_rate, encoding_params }
}

/// Our number of a codec in offers; in answers it is the caller's.
fn number_of(codec: Codec) -> u8 {
    match codec {
        Codec::Pcma => 8,
        Codec::Pcmu => 0,
        Codec::G722 => 9,
        Codec::Opus => OPUS,
    }
}

fn text(session: &Session) -> String {
    let mut bytes = Vec::new();
    session.write(&mut bytes).expect("invariant: writing to memory does not fail");
    String::from_utf8_lossy(&bytes).into_owned()
}
