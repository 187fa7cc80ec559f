//! The handshake that gives a leg its keys (DTLS-SRTP, RFC 5764), without its socket and its
//! thread. `rtc-dtls` speaks DTLS 1.2; whom we listen to, and for how long, is decided here.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rtc_dtls::config::HandshakeConfig;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_shared::TransportProtocol;

use super::identity::{HandshakeError, Identity, Shown, secret, verify};
use crate::base::{Instant, limits};
use crate::media::{Handshake, Role, Secret};

/// One leg's handshake.
pub(super) struct Handshaking {
    identity: Identity,
    terms: Handshake,
    /// Where SDP says that the peer listens.
    signalled: SocketAddr,
    /// The start of the clock, as the library counts.
    origin: std::time::Instant,
    stage: Stage,
    /// When the stage ends.
    until: Instant,
    attempts: Vec<Attempt>,
    /// Attempts that may still be made by the [near](Self::distance) and the far.
    left: [u32; 3],
    steps: VecDeque<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The leg waits for its keys.
    Urgent,
    /// It has them; who has not heard our last word hears it again, and who has moved may begin anew.
    Settled,
    /// Nothing more comes of it.
    Over,
}

/// One source's way through the handshake: strangers can't disturb each other's, nor the peer's.
struct Attempt {
    /// What the library calls it.
    name: SocketAddr,
    /// Where it comes from.
    from: SocketAddr,
    began: Instant,
    endpoint: Endpoint,
    /// What we said last.
    said: Vec<Bytes>,
    /// When to say it again: the library forgets to after a datagram that brings nothing new.
    again: Option<Instant>,
    repeats: u32,
    /// What the peer has shown to be its own.
    shown: Arc<Shown>,
    datagrams: u32,
    bytes: usize,
}

/// What comes of a handshake.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A datagram of ours.
    Send {
        /// Where it goes.
        to: SocketAddr,
        /// What it is.
        datagram: Bytes,
    },
    /// The keys, and who has shown to have them.
    Keys {
        /// Where the peer is.
        from: SocketAddr,
        /// What both encrypt with.
        secret: Box<Secret>,
    },
    /// There will be none.
    Failed {
        /// Why.
        why: &'static str,
    },
}

/// How long an answer is waited for before a flight is sent again: the library's own second
/// would be heard.
pub(super) const FLIGHT: Duration = Duration::from_millis(400);
/// Times that we say the same again ourselves, for all flights of an attempt.
const REPEATS: u32 = 16;
/// After this long a first word is not the one that we know, sent twice.
const STALE: Duration = Duration::from_secs(1);
/// Sources that are listened to at once.
const SOURCES: usize = 4;

impl Handshaking {
    /// Begins, or waits for the peer to begin.
    pub(super) fn new(
        now: Instant,
        origin: std::time::Instant,
        identity: Identity,
        terms: Handshake,
        signalled: SocketAddr,
    ) -> Self {
        let mut handshaking = Self::settled(now, origin, identity, terms, signalled);
        (handshaking.stage, handshaking.until) = (Stage::Urgent, now + limits::HANDSHAKE_WITHIN);
        handshaking.begin(now);
        handshaking
    }

    /// One that is over, for a peer that may begin anew.
    pub(super) fn settled(
        now: Instant,
        origin: std::time::Instant,
        identity: Identity,
        terms: Handshake,
        signalled: SocketAddr,
    ) -> Self {
        let (stage, until) = (Stage::Settled, now + limits::HANDSHAKE_KEPT);
        let (attempts, steps) = (Vec::new(), VecDeque::new());
        Self { identity, terms, signalled, origin, stage, until, attempts, left: [limits::HANDSHAKES; 3], steps }
    }

    /// The peer is elsewhere now, with the same certificate: it may begin anew, and until then
    /// the keys stay.
    pub(super) fn moved(&mut self, now: Instant, signalled: SocketAddr) {
        self.signalled = signalled;
        if self.stage == Stage::Urgent {
            return;
        }
        self.stage = Stage::Settled;
        self.until = now + limits::HANDSHAKE_KEPT;
        self.attempts.clear();
        self.left = [limits::HANDSHAKES; 3];
    }

    /// Reads a datagram of the handshake. What can't be read, and an alert before there are keys,
    /// may be anybody's, whatever address it names: it is passed over (RFC 6347, section 4.1.2.7).
    pub(super) fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        if is_alert_in_the_clear(datagram) {
            return;
        }
        let Some(index) = self.attempt_of(now, from, datagram) else { return };
        let attempt = &mut self.attempts[index];
        attempt.datagrams += 1;
        attempt.bytes += datagram.len();
        if attempt.datagrams > limits::HANDSHAKE_DATAGRAMS || attempt.bytes > limits::HANDSHAKE_BYTES {
            return;
        }
        let at = self.origin + now.since(Instant::START);
        let read = attempt.endpoint.read(at, attempt.name, None, BytesMut::from(datagram));
        if read.is_ok() {
            attempt.from = from;
        }
        attempt.flush(&mut self.steps);
        let is_forgotten = attempt.endpoint.poll_timeout(&attempt.name).is_none();
        let is_open = self.stage == Stage::Urgent || !attempt.is_proven();
        // What comes again and again does not put it off.
        attempt.again = attempt.again.or(Some(now + FLIGHT)).filter(|_| is_forgotten && is_open);
        match read {
            Ok(events) if events.iter().any(|event| matches!(event, EndpointEvent::HandshakeComplete)) => {
                self.complete(now, index);
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a datagram of a handshake is not understood");
                if self.attempts[index].shown.is_another() {
                    self.fail(index, "the peer has another certificate than its SDP tells of");
                }
            }
        }
    }

    /// Sends again what has had no answer, and gives up in the end.
    pub(super) fn tick(&mut self, now: Instant) {
        if now >= self.until {
            if self.stage == Stage::Urgent {
                self.steps.push_back(Step::Failed { why: "the peer has made no handshake in time" });
            }
            self.stage = Stage::Over;
            return self.attempts.clear();
        }
        let at = self.origin + now.since(Instant::START);
        let (steps, is_settled) = (&mut self.steps, self.stage == Stage::Settled);
        self.attempts.retain_mut(|attempt| {
            let is_alive = attempt.endpoint.handle_timeout(attempt.name, at).is_ok();
            attempt.flush(steps);
            attempt.repeat(now, steps);
            // Who has the keys may still need our last word.
            is_alive || is_settled
        });
        if self.attempts.is_empty() && self.stage == Stage::Urgent {
            self.begin(now);
        }
    }

    /// What is to be done.
    pub(super) fn poll(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// When to look again; `None` when it is over.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.stage == Stage::Over {
            return None;
        }
        let again = self.attempts.iter().filter_map(|attempt| attempt.endpoint.poll_timeout(&attempt.name));
        let again = again.map(|at| Instant::from_start(at.saturating_duration_since(self.origin)));
        let repeats = self.attempts.iter().filter_map(|attempt| attempt.again);
        Some(again.chain(repeats).fold(self.until, Instant::min))
    }

    /// Says the first word where it is ours.
    fn begin(&mut self, now: Instant) {
        if self.terms.role == Role::Passive || self.left[0] == 0 {
            return;
        }
        let (at, signalled) = (self.origin + now.since(Instant::START), self.signalled);
        let begun = self.start(now, signalled).and_then(|index| {
            let config = self.config(index)?;
            let attempt = &mut self.attempts[index];
            let connected = attempt.endpoint.connect(at, attempt.name, config, None);
            attempt.flush(&mut self.steps);
            connected.map_err(|error| HandshakeError(error.to_string()))
        });
        if let Err(error) = begun {
            tracing::error!(%error, "a handshake can't be begun");
            self.attempts.clear();
            self.left = [0; 3];
        }
    }

    /// Which attempt a datagram is of; a new one for who says a first word.
    fn attempt_of(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> Option<usize> {
        let same = |attempt: &Attempt| match self.terms.role {
            // A phone may answer from another port than it was told to.
            Role::Active => attempt.from.ip() == from.ip(),
            Role::Passive => attempt.from == from,
        };
        if let Some(index) = self.attempts.iter().position(same) {
            let is_open = |attempt: &Attempt| self.stage == Stage::Urgent || !attempt.is_proven();
            let is_stale = |attempt: &Attempt| is_open(attempt) && now.since(attempt.began) > STALE;
            if self.terms.role == Role::Active || !is_very_first(datagram) || !is_stale(&self.attempts[index]) {
                return Some(index);
            }
            // The peer has given up and begins anew.
            self.attempts.swap_remove(index);
        }
        let is_taken = self.attempts.iter().any(Attempt::is_proven);
        if self.terms.role == Role::Active || is_taken || self.stage == Stage::Over || !is_first_word(datagram) {
            return None;
        }
        if self.attempts.len() >= SOURCES {
            // The address of SDP has a place whoever else has come.
            let further = |attempt: &Attempt| self.distance(attempt.from) > self.distance(from);
            let stranger = self.attempts.iter().position(further)?;
            self.attempts.remove(stranger);
        }
        self.start(now, from).ok()
    }

    /// How near a source is: SDP's address is 0, another port of its host 1, another host 2.
    fn distance(&self, from: SocketAddr) -> usize {
        if from == self.signalled { 0 } else { 1 + usize::from(from.ip() != self.signalled.ip()) }
    }

    /// Makes room for a source.
    fn start(&mut self, now: Instant, from: SocketAddr) -> Result<usize, HandshakeError> {
        let distance = self.distance(from);
        let left = &mut self.left[distance];
        *left = left.checked_sub(1).ok_or_else(|| HandshakeError("too many have been tried".to_owned()))?;
        let mut attempt = Attempt {
            name: from,
            from,
            began: now,
            said: Vec::new(),
            again: None,
            repeats: 0,
            endpoint: Endpoint::new(from, TransportProtocol::UDP, None),
            shown: Arc::default(),
            datagrams: 0,
            bytes: 0,
        };
        if self.terms.role == Role::Passive {
            let config = self.identity.config(Role::Passive, verify(&self.terms, &attempt.shown))?;
            attempt.endpoint.set_server_config(Some(config));
        }
        self.attempts.push(attempt);
        Ok(self.attempts.len() - 1)
    }

    fn config(&self, index: usize) -> Result<Arc<HandshakeConfig>, HandshakeError> {
        self.identity.config(self.terms.role, verify(&self.terms, &self.attempts[index].shown))
    }

    /// The peer has shown who it is: it alone is listened to from now on.
    fn complete(&mut self, now: Instant, index: usize) {
        let attempt = &self.attempts[index];
        if !attempt.is_proven() {
            return self.fail(index, "the peer has not signed the handshake");
        }
        let Some(secret) = attempt.endpoint.get_connection_state(attempt.name).and_then(secret) else {
            return self.fail(index, "there is no encryption in common");
        };
        self.steps.push_back(Step::Keys { from: attempt.from, secret: Box::new(secret) });
        self.stage = Stage::Settled;
        self.until = now + limits::HANDSHAKE_KEPT;
        let mut peer = self.attempts.swap_remove(index);
        peer.again = None;
        self.attempts = vec![peer];
    }

    /// An attempt has come to nothing. Whoever is not at SDP's address may be anybody: the peer
    /// is waited for all the same.
    fn fail(&mut self, index: usize, why: &'static str) {
        let attempt = self.attempts.swap_remove(index);
        let is_peer = attempt.from.ip() == self.signalled.ip();
        if is_peer && self.stage == Stage::Urgent {
            self.steps.push_back(Step::Failed { why });
            self.stage = Stage::Over;
            self.attempts.clear();
        }
    }
}

impl Attempt {
    fn is_proven(&self) -> bool {
        self.shown.is_his()
    }

    /// Sends what the library wants to say.
    fn flush(&mut self, steps: &mut VecDeque<Step>) {
        let said: Vec<Bytes> =
            std::iter::from_fn(|| self.endpoint.poll_transmit()).map(|t| t.message.freeze()).collect();
        if !said.is_empty() {
            steps.extend(said.iter().map(|datagram| Step::Send { to: self.from, datagram: datagram.clone() }));
            self.said = said;
        }
    }

    /// Sends again what had no answer, where the library waits without end.
    fn repeat(&mut self, now: Instant, steps: &mut VecDeque<Step>) {
        if self.again.take_if(|again| now >= *again).is_none() {
            return;
        }
        self.repeats += 1;
        if self.repeats <= REPEATS {
            steps.extend(self.said.iter().map(|datagram| Step::Send { to: self.from, datagram: datagram.clone() }));
            self.again = Some(now + FLIGHT);
        }
    }
}

/// Whether a datagram of DTLS is an alert that was not encrypted.
fn is_alert_in_the_clear(datagram: &[u8]) -> bool {
    const ALERT: u8 = 21;
    datagram.first() == Some(&ALERT) && datagram.get(3..5) == Some(&[0; 2])
}

/// Whether a datagram of DTLS begins with a ClientHello.
fn is_first_word(datagram: &[u8]) -> bool {
    const HANDSHAKE: u8 = 22;
    const RECORD_HEADER: usize = 13;
    const CLIENT_HELLO: u8 = 1;
    datagram.first() == Some(&HANDSHAKE) && datagram.get(RECORD_HEADER) == Some(&CLIENT_HELLO)
}

/// Whether it is the first datagram of all of its sender's: what is sent again is numbered anew.
fn is_very_first(datagram: &[u8]) -> bool {
    is_first_word(datagram) && datagram.get(3..11) == Some(&[0; 8])
}
