//! A small softphone from our own SIP and media rooms: one call, keys, a recording.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::softphone_ear::Ear;
use crate::base::{Digit, Instant, LegId, Private, limits};
use crate::media::{self, Codec, LegStats};
use crate::server::media::{Heard, MediaPlane, MediaSettings};
use crate::server::{self, clock};
use crate::sip::sdp::{self, Direction, Local};
use crate::sip::{
    Caps, Command, Door, Endpoint, EndpointSettings, Event, GuardRules, Hop, Identity, Input, Output, SessionTimes,
    Target,
};

/// The call to place.
pub(crate) struct Order {
    /// `sip:USER@HOST:PORT`.
    pub(crate) uri: String,
    /// Our own address; the port may be 0.
    pub(crate) bind: SocketAddr,
    /// Our user part.
    pub(crate) from: String,
    /// Keys and when, counted from the answer.
    pub(crate) keys: Vec<(Duration, Digit)>,
    /// How long the call lasts after the answer.
    pub(crate) lasts: Duration,
}

/// What happened.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(crate) struct Report {
    /// Whether the other side answered.
    pub(crate) answered: bool,
    /// The status of a refusal.
    pub(crate) status: Option<u16>,
    /// Milliseconds from the INVITE to the 200.
    pub(crate) setup_ms: Option<f64>,
    /// Milliseconds from the 200 to the first RTP packet.
    pub(crate) first_audio_ms: Option<f64>,
    /// Seconds from the answer to the end.
    pub(crate) lasted_s: f64,
    /// Who ended it: `us` or `them`.
    pub(crate) ended_by: &'static str,
    /// The keys that were sent.
    pub(crate) keys: usize,
    /// What came and went.
    pub(crate) media: LegStats,
}

/// Places the call and stays in it to its end. What is heard goes to `ear`.
pub(crate) async fn place(order: &Order, ear: &mut Ear) -> Result<Report> {
    let socket = UdpSocket::bind(order.bind).await.with_context(|| format!("`{}` can't be bound", order.bind))?;
    let own = socket.local_addr()?;
    let mut chance = server::chance()?;
    let settings = MediaSettings {
        workers: 1,
        pin: false,
        ports: 40_000..=49_999,
        bind: own.ip(),
        silence: limits::MEDIA_SILENCE,
        keys_in_sound: media::KeysInSound::Never,
        identity: None,
        chance: chance.split(),
    };
    let (media, events) = MediaPlane::start(settings).context("the media worker can't start")?;
    let local = media.open(LEG).context("no media port is free")?;
    let (sink, heard) = sync_channel(TAP);
    media.tap(LEG, sink);
    let settings = EndpointSettings {
        doors: vec![Door::udp(own)],
        ways: Vec::new(),
        realm: "svi".to_owned(),
        algorithms: Vec::new(),
        accounts: Vec::new(),
        trunks: Vec::new(),
        caps: Caps::default(),
        trusted: Vec::new(),
        session: SessionTimes::default(),
        guard: GuardRules::default(),
        ping: limits::PHONE_PING,
    };
    let endpoint = Endpoint::new(settings, chance);
    let started = clock::now();
    let mut line = Line {
        socket,
        endpoint,
        media,
        events,
        heard,
        local: Local { address: local, session: 1, version: 1, keys: None },
        started,
        answered: None,
        ending: false,
        keys: order.keys.clone(),
        report: Report::default(),
    };
    let from = Identity { user: Some(Private::new(order.from.clone())), display: None };
    let offer = sdp::offer(&line.local, &CODECS, Direction::SendRecv);
    line.tell(Command::Invite { leg: LEG, to: Target::Uri(order.uri.clone()), from, sdp: offer });
    line.run(order, ear).await?;
    Ok(line.report)
}

struct Line {
    socket: UdpSocket,
    endpoint: Endpoint,
    media: MediaPlane,
    events: mpsc::Receiver<media::Event>,
    heard: Receiver<Heard>,
    local: Local,
    started: Instant,
    answered: Option<Instant>,
    ending: bool,
    keys: Vec<(Duration, Digit)>,
    report: Report,
}

impl Line {
    async fn run(&mut self, order: &Order, ear: &mut Ear) -> Result<()> {
        let mut datagram = vec![0; limits::SIP_MESSAGE_BYTES];
        loop {
            while let Some(output) = self.endpoint.poll() {
                match output {
                    Output::Send { to, bytes } => {
                        let _ = self.socket.send_to(&bytes, to.address).await;
                    }
                    Output::Event(event) => {
                        if self.on_event(event) {
                            return self.close(ear).await;
                        }
                    }
                }
            }
            self.listen(ear)?;
            self.act(order);
            let next = self.endpoint.deadline().into_iter().chain(Some(clock::now() + LOOK)).min();
            tokio::select! {
                got = self.socket.recv_from(&mut datagram) => {
                    // A closed port at the other end shows as an error of the socket; the timers end the call.
                    if let Ok((length, from)) = got {
                        self.endpoint.handle(clock::now(), Input::Received { from: Hop::udp(from), bytes: datagram[..length].to_vec() });
                    }
                }
                Some(_) = self.events.recv() => {}
                () = clock::until(next) => self.endpoint.handle(clock::now(), Input::Tick),
            }
        }
    }

    /// Sends the keys whose time has come, and ends the call when it has lasted long enough.
    fn act(&mut self, order: &Order) {
        let now = clock::now();
        let Some(answered) = self.answered else {
            if now.since(self.started) > ANSWER_WITHIN && !self.ending {
                self.end();
            }
            return;
        };
        let due = self.keys.partition_point(|(at, _)| now.since(answered) >= *at);
        let digits: Vec<Digit> = self.keys.drain(..due).map(|(_, digit)| digit).collect();
        if !digits.is_empty() {
            self.report.keys += digits.len();
            self.media.command(media::Command::SendDigits { leg: LEG, digits });
        }
        if now.since(answered) >= order.lasts && !self.ending {
            self.report.ended_by = "us";
            self.end();
        }
    }

    fn end(&mut self) {
        self.ending = true;
        self.tell(Command::End { leg: LEG });
    }

    /// True when the call is over.
    fn on_event(&mut self, event: Event) -> bool {
        let now = clock::now();
        match event {
            Event::Answered { sdp, .. } => {
                self.answered = Some(now);
                self.report.answered = true;
                self.report.setup_ms = Some(millis(now.since(self.started)));
                match sdp::accept(&sdp, &self.local, &CODECS, Direction::SendRecv) {
                    Ok(stream) => self.media.command(media::Command::Connect { leg: LEG, stream }),
                    Err(_) => self.end(),
                }
                false
            }
            Event::Failed { status, .. } => {
                self.report.status = Some(status);
                true
            }
            Event::Ended { .. } => {
                if self.report.ended_by.is_empty() {
                    self.report.ended_by = "them";
                }
                true
            }
            Event::Reoffered { sdp, .. } => {
                self.local.version += 1;
                match sdp.map(|offer| sdp::answer(&offer, &self.local, &CODECS, Direction::SendRecv)) {
                    Some(Ok((sdp, stream))) => {
                        self.media.command(media::Command::Connect { leg: LEG, stream });
                        self.tell(Command::AnswerReoffer { leg: LEG, sdp });
                    }
                    Some(Err(_)) | None => self.tell(Command::RejectReoffer { leg: LEG }),
                }
                false
            }
            _ => false,
        }
    }

    fn listen(&mut self, ear: &mut Ear) -> Result<()> {
        loop {
            match self.heard.try_recv() {
                Ok(heard) => {
                    if let (None, Some(answered)) = (self.report.first_audio_ms, self.answered) {
                        self.report.first_audio_ms = Some(millis(heard.at.since(answered)));
                    }
                    ear.hear(&heard)?;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(()),
            }
        }
    }

    async fn close(&mut self, ear: &mut Ear) -> Result<()> {
        if let Some(answered) = self.answered {
            self.report.lasted_s = clock::now().since(answered).as_secs_f64();
        }
        self.media.command(media::Command::Close { leg: LEG });
        let figures = async {
            while let Some(event) = self.events.recv().await {
                if let media::Event::Closed { stats, .. } = event {
                    self.report.media = stats;
                    return;
                }
            }
        };
        tokio::select! {
            () = figures => {}
            () = clock::until(Some(clock::now() + Duration::from_secs(1))) => {}
        }
        self.listen(ear)
    }

    fn tell(&mut self, command: Command) {
        self.endpoint.handle(clock::now(), Input::Command(command));
    }
}

fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

const LEG: LegId = LegId(256);
const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];
/// How often the ear and the keys are looked after.
const LOOK: Duration = Duration::from_millis(10);
/// How long the other side may ring.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// Packets that may wait for the ear: ten seconds.
const TAP: usize = 512;
