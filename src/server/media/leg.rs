use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::keys_in::KeysIn;
use super::kind::Kind;
use super::outgoing::{Outbound, Outgoing, Scratch};
use super::reports::Reports;
use super::seat::{Given, Place};
use super::voice::Voice;
use crate::base::{Chance, Digit, Instant, LegId, PlayId, WallTime, limits};
use crate::media::{Clip, Event, FRAME, KeysInSound, LegStats, Mixer, Repeat, RtcpPort, Stream, lasts, transcode};
use crate::rtp::{DigitSender, Latch, Packet, Step, Verdict, rtcp};

/// One leg's media without its sockets: what comes in is given to it, what goes out
/// is written by it.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    connection: Option<Connection>,
    out: Outgoing,
    voice: Voice,
    hearing: Hearing,
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

/// Whom a leg hears.
#[derive(Debug)]
pub(super) enum Hearing {
    /// Nobody: silence is sent.
    Nobody,
    /// One leg, whose packets are passed on as they come.
    One(LegId),
    /// Several, added up; or one whose packets have to be made anew.
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

impl Hearing {
    fn is_one(&self) -> bool {
        matches!(self, Self::One(_))
    }
}

/// How long a bridged leg hears nothing before it is sent silence, so that
/// translators on the way stay open and phones don't give up.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
impl Leg {
    pub(super) fn new(now: Instant, id: LegId, chance: &mut Chance) -> Self {
        Self {
            id,
            connection: None,
            out: Outgoing::new(chance),
            voice: Voice::default(),
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
        self.voice.connect(&stream);
        self.out.set_clock(stream.codec);
        self.keys_out.set_clock(stream.event_clock);
        self.reports.set_clock(stream.codec);
        self.connection = Some(Connection { stream, latch });
        self.reports.reopen();
        self.heard_at = now;
        self.told_silent = None;
    }

    /// What the voices that it hears had to bear, where they wait for it.
    #[cfg(test)]
    pub(super) fn bore(&self) -> Option<crate::media::PlayoutFigures> {
        match &self.hearing {
            Hearing::Several(mixer) => Some(mixer.figures()),
            Hearing::One(_) | Hearing::Nobody => None,
        }
    }

    /// Whom it listens to, once it is connected.
    pub(super) fn latch(&mut self) -> Option<&mut Latch> {
        Some(&mut self.connection.as_mut()?.latch)
    }

    pub(super) fn play(&mut self, play: PlayId, clips: Vec<Arc<Clip>>, repeat: Repeat, stop_on_key: bool) {
        if !self.voice.is_playing() {
            self.out.start_spurt();
        }
        self.voice.play(play, clips, repeat, stop_on_key);
    }

    pub(super) fn stop(&mut self) {
        self.voice.stop();
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
        let kind = Kind::of(packet.header.payload_type, stream);
        if connection.latch.judge(now, from, &packet.header, kind != Kind::Other) == Verdict::Stranger {
            self.strangers += 1;
            return Received::Nothing;
        }
        let is_heard = connection.stream.receive;
        self.out.meet(packet.header.ssrc);
        self.sign_of_life(now);
        self.reports.count(now, &packet.header, matches!(kind, Kind::Sound(_)));
        let digit = match kind {
            Kind::Key(_) => self.keys_in.event(now, &packet),
            Kind::Sound(codec) => self.keys_in.sound(now, codec, packet.payload),
            Kind::Noise | Kind::Other => None,
        };
        if digit.is_some() {
            self.voice.on_key();
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
            self.voice.drop_unpacked();
            let pressed = if first { None } else { self.pressed };
            let header = self.out.key(due, event_payload_type, pressed);
            self.pressed = Some(header.timestamp);
            let bytes = event.bytes();
            let payload = &mut scratch[..bytes.len()];
            payload.copy_from_slice(&bytes);
            return self.out.outbound(&header, payload, target);
        }
        if self.hearing.is_one() && !self.voice.is_playing() && self.out.has_sent_within(due, KEEP_ALIVE) {
            return None;
        }
        let mixer = match &mut self.hearing {
            Hearing::Several(mixer) => Some(&mut **mixer),
            Hearing::One(_) | Hearing::Nobody => None,
        };
        if self.voice.is_packed() {
            self.voice.collect(due, mixer);
            self.out.collected(due);
            return self.send_more(due, scratch);
        }
        let payload = self.voice.payload(due, mixer, scratch);
        let header = self.out.frame(due, stream.payload_type, FRAME);
        self.out.outbound(&header, payload, target)
    }

    /// The next packet of this round for a peer that wants other packets than ours.
    pub(super) fn send_more<'a>(&mut self, due: Instant, scratch: &'a mut Scratch) -> Option<Outbound<'a>> {
        let (length, samples) = self.voice.pop(scratch)?;
        let Connection { stream, latch } = self.connection.as_ref()?;
        let header = self.out.frame(due, stream.payload_type, samples);
        self.out.outbound(&header, &scratch[..length], latch.target())
    }

    /// Takes what a leg gives that this one hears: a packet that is passed on at once, unless
    /// it is added to others or has to be made anew.
    pub(super) fn take<'a>(
        &mut self,
        now: Instant,
        given: &Given<'a>,
        is_keyless: bool,
        scratch: &'a mut Scratch,
    ) -> Option<Outbound<'a>> {
        self.adapt(given);
        match &mut self.hearing {
            // Who has no keys yet hears nothing, and misses nothing that could have been heard.
            Hearing::One(source) if *source == given.from && !is_keyless => {
                self.press_anew(given);
                return self.relay(now, &given.packet, given.kind, scratch);
            }
            Hearing::Several(mixer) => {
                let header = &given.packet.header;
                let content = given.kind.content(given.packet.payload);
                mixer.push(given.from, now, (header.ssrc, header.timestamp), content);
                let is_first = mixer.legs().next() == Some(given.from);
                if let Some(digit) = given.digit.filter(|_| is_first && matches!(given.kind, Kind::Key(_))) {
                    self.send_digits(&[digit]);
                }
            }
            Hearing::One(_) | Hearing::Nobody => {}
        }
        None
    }

    /// Presses a key anew whose event has another clock than those of who hears it, as beside Opus
    /// some phones have (RFC 4733, section 2.1): its duration would be read as another.
    fn press_anew(&mut self, given: &Given<'_>) {
        let ours = self.connection.as_ref().map(|connection| connection.stream.event_clock);
        if let (Kind::Key(clock), Some(digit)) = (given.kind, given.digit)
            && ours.is_some_and(|ours| ours != clock)
        {
            self.send_digits(&[digit]);
        }
    }

    /// Listens to a leg whose packets can't be passed on as they are in another way than to
    /// one whose can: they are put in order, decoded and made anew.
    fn adapt(&mut self, given: &Given<'_>) {
        let (Kind::Sound(theirs), Some(Connection { stream, .. })) = (given.kind, &self.connection) else { return };
        let is_same = theirs == stream.codec || theirs.law().is_some() && stream.codec.law().is_some();
        let is_passed_on = is_same && lasts(theirs, given.packet.payload) <= usize::from(stream.longest_ms) * 8;
        match &self.hearing {
            Hearing::One(source) if *source == given.from && !is_passed_on => {
                self.hearing = Hearing::Several(Box::new(Mixer::new(&[given.from])));
                self.out.unmap();
            }
            Hearing::Several(mixer) if is_passed_on && mixer.legs().eq([given.from]) => {
                self.hearing = Hearing::One(given.from);
            }
            Hearing::One(_) | Hearing::Several(_) | Hearing::Nobody => {}
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
        let is_busy = self.voice.is_playing() || sends_key;
        if is_busy || !stream.send || target.port() == 0 || target.ip().is_unspecified() {
            // What is not sent is no loss: the numbering goes on with the next that is.
            self.out.unmap();
            return None;
        }
        let codec = stream.codec;
        let (payload_type, samples) = match (kind, stream.event_payload_type) {
            (Kind::Sound(theirs), _) => (stream.payload_type, lasts(theirs, packet.payload) as u32),
            (Kind::Key(clock), Some(event)) if clock == stream.event_clock => (event, 0),
            // Who hears it has a pause, and fills it as it likes.
            (Kind::Key(_) | Kind::Noise | Kind::Other, _) => {
                self.out.pass_over(&packet.header);
                return None;
            }
        };
        let payload = match kind {
            Kind::Sound(theirs) if theirs != codec => {
                let anew = scratch.get_mut(..packet.payload.len())?;
                anew.copy_from_slice(packet.payload);
                transcode(anew, theirs.law()?, codec.law()?);
                anew
            }
            Kind::Sound(_) | Kind::Key(_) | Kind::Noise | Kind::Other => packet.payload,
        };
        let header = self.out.relayed(now, &packet.header, payload_type, samples)?;
        self.voice.drop_unpacked();
        self.out.outbound(&header, payload, target)
    }

    /// What has ended or is missing at this moment.
    pub(super) fn news(&mut self, now: Instant, silence: Duration) -> Option<Event> {
        if let Some(play) = self.voice.finished() {
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
