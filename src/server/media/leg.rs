use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::keys_in::KeysIn;
use super::outgoing::{Outbound, Outgoing, Scratch};
use super::packing::Packing;
use super::reports::Reports;
use super::seat::Place;
use crate::base::{Chance, Digit, Instant, LegId, PlayId, WallTime, limits};
use crate::media::{
    Clip, Codec, Content, Event, FRAME, KeysInSound, LegStats, Mixer, Player, Repeat, RtcpPort, Stream, transcode,
};
use crate::rtp::{DigitSender, Latch, Packet, Step, Verdict, rtcp};

/// One leg's media without its sockets: what comes in is given to it, what goes out
/// is written by it.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    connection: Option<Connection>,
    out: Outgoing,
    /// Where the peer wants packets of another length than ours.
    packing: Option<Box<Packing>>,
    playing: Option<Playing>,
    /// The music that was interrupted last.
    music: Option<Box<Player>>,
    pub(super) hearing: Hearing,
    keys_out: DigitSender,
    /// The timestamp of the key that is being sent.
    pressed: Option<u32>,
    keys_in: KeysIn,
    /// Whether keys are looked for in the peer's sound.
    pub(super) keys_in_sound: KeysInSound,
    reports: Reports,
    pub(super) strangers: u64,
    /// The last sign of life.
    heard_at: Instant,
    /// When the present silence was told last.
    told_silent: Option<Instant>,
}

#[derive(Debug)]
struct Connection {
    stream: Stream,
    latch: Latch,
}

#[derive(Debug)]
struct Playing {
    play: PlayId,
    player: Player,
    stop_on_key: bool,
}

/// Whom a leg hears.
#[derive(Debug)]
pub(super) enum Hearing {
    /// Nobody: silence is sent.
    Nobody,
    /// One leg, whose packets are passed on as they come.
    One(LegId),
    /// Several, added up.
    Several(Box<Mixer>),
}

/// What an RTP packet was.
#[derive(Debug, PartialEq)]
pub(super) enum Received<'a> {
    /// Nothing for us.
    Nothing,
    /// Sound or a key's packet from the peer.
    Heard {
        /// The packet.
        packet: Packet<'a>,
        /// Its kind.
        kind: Kind,
        /// A key that was pressed with it.
        digit: Option<Digit>,
    },
}

/// What a packet of the peer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sound in this codec.
    Sound(Codec),
    /// A telephone event.
    Key,
    /// Comfort noise (RFC 3389).
    Noise,
    /// Something else, such as a codec that was not agreed on.
    Other,
}

impl Hearing {
    fn is_one(&self) -> bool {
        matches!(self, Self::One(_))
    }
}

impl Kind {
    /// What a listener hears of a packet of this kind.
    pub(super) fn content(self, payload: &[u8]) -> Content<'_> {
        match self {
            Self::Sound(codec) => Content::Sound(codec, payload),
            Self::Noise => payload.first().map_or(Content::Nothing, |level| Content::Noise(level & 0x7F)),
            Self::Key | Self::Other => Content::Nothing,
        }
    }
}

/// How long a bridged leg hears nothing before it is sent silence, so that
/// translators on the way stay open and phones don't give up.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// The payload type of comfort noise (RFC 3389).
const COMFORT_NOISE: u8 = 13;

impl Leg {
    pub(super) fn new(now: Instant, id: LegId, chance: &mut Chance) -> Self {
        Self {
            id,
            connection: None,
            out: Outgoing::new(chance),
            packing: None,
            playing: None,
            music: None,
            hearing: Hearing::Nobody,
            keys_out: DigitSender::default(),
            pressed: None,
            keys_in: KeysIn::default(),
            keys_in_sound: KeysInSound::default(),
            reports: Reports::new(now, chance),
            strangers: 0,
            heard_at: now,
            told_silent: None,
        }
    }

    pub(super) fn connect(&mut self, now: Instant, stream: Stream) {
        let latch = match self.connection.take() {
            Some(Connection { mut latch, .. }) => {
                latch.reopen(now, stream.remote);
                latch
            }
            None => Latch::new(now, stream.remote),
        };
        self.keys_in.connect(self.keys_in_sound, stream.event_payload_type.is_some());
        self.packing = Packing::new(stream.packet_ms);
        self.connection = Some(Connection { stream, latch });
        self.reports.reopen();
        self.heard_at = now;
        self.told_silent = None;
    }

    /// Whom it listens to, once it is connected.
    pub(super) fn latch(&mut self) -> Option<&mut Latch> {
        Some(&mut self.connection.as_mut()?.latch)
    }

    pub(super) fn play(&mut self, play: PlayId, clips: Vec<Arc<Clip>>, repeat: Repeat, stop_on_key: bool) {
        if self.playing.is_none() {
            self.out.start_spurt();
        }
        self.put_music_aside();
        let mut player = Player::new(clips, repeat);
        if let Some(music) = self.music.take_if(|_| player.is_endless()) {
            player = player.resume(&music);
        }
        self.playing = Some(Playing { play, player, stop_on_key });
    }

    pub(super) fn stop(&mut self) {
        self.put_music_aside();
        self.playing = None;
    }

    /// Keeps where the music is, so that it goes on there after an announcement.
    fn put_music_aside(&mut self) {
        if let Some(Playing { player, .. }) = self.playing.take_if(|playing| playing.player.is_endless()) {
            self.music = Some(Box::new(player));
        }
    }

    /// The leg hears these from now on.
    pub(super) fn hear(&mut self, sources: &[Place]) {
        let legs: Vec<LegId> = sources.iter().map(|place| place.leg).collect();
        self.hearing = match legs[..] {
            [] => Hearing::Nobody,
            [leg] => Hearing::One(leg),
            [..] => Hearing::Several(Box::new(Mixer::new(&legs))),
        };
        self.out.unmap();
    }

    pub(super) fn send_digits(&mut self, digits: &[Digit]) {
        self.keys_out.push(digits, limits::DIGITS_TO_SEND);
    }

    /// Reads a datagram of the RTP port that is no RTCP.
    pub(super) fn receive<'a>(&mut self, now: Instant, from: SocketAddr, datagram: &'a [u8]) -> Received<'a> {
        let Some(connection) = &mut self.connection else { return Received::Nothing };
        let Some(packet) = Packet::parse(datagram) else {
            self.strangers += 1;
            return Received::Nothing;
        };
        let stream = &connection.stream;
        let payload_type = packet.header.payload_type;
        let kind = if payload_type == stream.payload_type {
            Kind::Sound(stream.codec)
        } else if Some(payload_type) == stream.event_payload_type {
            Kind::Key
        } else if payload_type == COMFORT_NOISE {
            Kind::Noise
        } else {
            Kind::Other
        };
        if connection.latch.judge(now, from, &packet.header, kind != Kind::Other) == Verdict::Stranger {
            self.strangers += 1;
            return Received::Nothing;
        }
        let is_heard = connection.stream.receive;
        self.out.meet(packet.header.ssrc);
        self.sign_of_life(now);
        self.reports.count(now, &packet.header, matches!(kind, Kind::Sound(_)));
        let digit = match kind {
            Kind::Key => self.keys_in.event(now, &packet),
            Kind::Sound(codec) => self.keys_in.sound(now, codec, packet.payload),
            Kind::Noise | Kind::Other => None,
        };
        if digit.is_some() && self.playing.as_ref().is_some_and(|playing| playing.stop_on_key) {
            self.playing = None;
        }
        if !is_heard && digit.is_none() {
            return Received::Nothing;
        }
        Received::Heard { packet, kind, digit }
    }

    /// Reads RTCP, from whichever port it came to.
    pub(super) fn receive_rtcp(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let Some(connection) = &self.connection else { return };
        if !connection.latch.is_peer_host(from) {
            self.strangers += 1;
            return;
        }
        if self.reports.receive(now, from, datagram, &self.out) {
            self.sign_of_life(now);
        }
    }

    /// The leg's packet of this round. What is no clip is written into `scratch`.
    pub(super) fn send<'a>(&'a mut self, due: Instant, scratch: &'a mut Scratch) -> Option<Outbound<'a>> {
        let Connection { stream, latch } = self.connection.as_ref()?;
        let target = latch.target();
        if !stream.send || target.port() == 0 || target.ip().is_unspecified() {
            return None;
        }
        if let Some(event_payload_type) = stream.event_payload_type
            && let Some(Step::Event { event, first }) = self.keys_out.step()
        {
            self.drop_unpacked();
            let pressed = if first { None } else { self.pressed };
            let header = self.out.key(due, event_payload_type, pressed);
            self.pressed = Some(header.timestamp);
            let bytes = event.bytes();
            let payload = &mut scratch[..bytes.len()];
            payload.copy_from_slice(&bytes);
            return self.out.outbound(&header, payload, target);
        }
        let (codec, payload_type) = (stream.codec, stream.payload_type);
        if self.hearing.is_one() && self.playing.is_none() && self.out.has_sent_within(due, KEEP_ALIVE) {
            return None;
        }
        if let Some(packing) = &mut self.packing {
            packing.push(sound(&mut self.playing, &mut self.hearing, (due, codec), &mut [0; FRAME]));
            self.out.collected(due);
            return self.send_more(due, scratch);
        }
        let room = scratch.first_chunk_mut().expect("invariant: a frame is smaller than a datagram");
        let payload = sound(&mut self.playing, &mut self.hearing, (due, codec), room);
        let header = self.out.frame(due, payload_type, FRAME);
        self.out.outbound(&header, payload, target)
    }

    /// The next packet of this round for a peer that wants other packets than ours.
    pub(super) fn send_more<'a>(&mut self, due: Instant, scratch: &'a mut Scratch) -> Option<Outbound<'a>> {
        let length = self.packing.as_mut()?.pop(scratch)?;
        let Connection { stream, latch } = self.connection.as_ref()?;
        let header = self.out.frame(due, stream.payload_type, length);
        self.out.outbound(&header, &scratch[..length], latch.target())
    }

    fn drop_unpacked(&mut self) {
        if let Some(packing) = &mut self.packing {
            packing.clear();
        }
    }

    /// A packet of the leg that this one hears; its payload as it came, but for a leg
    /// of another codec, for which it is written anew into `scratch`.
    pub(super) fn relay<'a>(
        &mut self,
        now: Instant,
        packet: &Packet<'a>,
        kind: Kind,
        scratch: &'a mut Scratch,
    ) -> Option<Outbound<'a>> {
        let Connection { stream, latch } = self.connection.as_ref()?;
        let target = latch.target();
        let sends_key = stream.event_payload_type.is_some() && !self.keys_out.is_idle();
        let is_busy = self.playing.is_some() || sends_key;
        if is_busy || !stream.send || target.port() == 0 || target.ip().is_unspecified() {
            // What is not sent is no loss: the numbering goes on with the next that is.
            self.out.unmap();
            return None;
        }
        let codec = stream.codec;
        let (payload_type, samples) = match kind {
            Kind::Sound(_) => (stream.payload_type, packet.payload.len() as u32),
            Kind::Key => (stream.event_payload_type?, 0),
            // Who hears it has a pause, and fills it as it likes.
            Kind::Noise | Kind::Other => return None,
        };
        let payload = match kind {
            Kind::Sound(theirs) if theirs != codec => {
                let anew = scratch.get_mut(..packet.payload.len())?;
                anew.copy_from_slice(packet.payload);
                transcode(anew, theirs, codec);
                anew
            }
            Kind::Sound(_) | Kind::Key | Kind::Noise | Kind::Other => packet.payload,
        };
        self.drop_unpacked();
        let header = self.out.relayed(now, &packet.header, payload_type, samples);
        self.out.outbound(&header, payload, target)
    }

    /// What has ended or is missing at this moment.
    pub(super) fn news(&mut self, now: Instant, silence: Duration) -> Option<Event> {
        if let Some(playing) = &self.playing
            && playing.player.is_done()
        {
            let play = playing.play;
            self.playing = None;
            return Some(Event::Finished { leg: self.id, play });
        }
        // Told again and again: a muted phone that has answered once can still die later.
        let since = self.told_silent.unwrap_or(self.heard_at);
        if self.connection.is_some() && now.since(since) >= silence {
            self.told_silent = Some(now);
            return Some(Event::Silent { leg: self.id, lasted: now.since(self.heard_at) });
        }
        None
    }

    /// Where RTCP goes and comes.
    pub(super) fn rtcp_port(&self) -> RtcpPort {
        self.connection.as_ref().map(|connection| connection.stream.rtcp).unwrap_or_default()
    }

    /// Whether it is time for a port of RTCP's own; said once.
    pub(super) fn wants_rtcp(&mut self, now: Instant) -> bool {
        self.connection.is_some() && self.rtcp_port() == RtcpPort::Next && self.reports.wants_port(now)
    }

    /// The RTCP report, when it is time for one, and where it goes.
    pub(super) fn report(
        &mut self,
        now: Instant,
        wall: impl Fn() -> WallTime,
        chance: &mut Chance,
        cname: &str,
    ) -> Option<(Vec<u8>, SocketAddr)> {
        if let Some(former) = self.out.take_former() {
            return Some((rtcp::bye(former, cname)?, self.rtcp_target()?));
        }
        if !self.reports.is_due(now, chance) {
            return None;
        }
        self.rtcp_target().and_then(|target| Some((self.reports.report(now, wall(), &self.out, cname)?, target)))
    }

    /// The RTCP packet that ends the stream, and where it goes.
    pub(super) fn goodbye(&self, cname: &str) -> Option<(Vec<u8>, SocketAddr)> {
        Some((self.reports.goodbye(&self.out, cname)?, self.rtcp_target()?))
    }

    pub(super) fn stats(&self) -> LegStats {
        let codec = self.connection.as_ref().map(|connection| connection.stream.codec);
        self.reports.stats(&self.out, self.strangers, codec)
    }

    fn rtcp_target(&self) -> Option<SocketAddr> {
        self.reports.target(self.connection.as_ref()?.latch.target(), self.rtcp_port())
    }

    fn sign_of_life(&mut self, now: Instant) {
        self.heard_at = now;
        self.told_silent = None;
    }
}

/// The next 20 ms that a leg is sent by us: what plays, or the voices that are added up in
/// `room`, or silence.
fn sound<'a>(
    playing: &'a mut Option<Playing>,
    hearing: &mut Hearing,
    (due, codec): (Instant, Codec),
    room: &'a mut [u8; FRAME],
) -> &'a [u8] {
    match (playing, hearing) {
        (Some(playing), _) => playing.player.next(codec).unwrap_or(codec.silent_frame()),
        (None, Hearing::Several(mixer)) => {
            *room = mixer.frame(due, codec);
            room
        }
        (None, Hearing::One(_) | Hearing::Nobody) => codec.silent_frame(),
    }
}
