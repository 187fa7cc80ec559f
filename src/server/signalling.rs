//! The signalling task: the one owner of the SIP socket, the endpoint, and the table of calls.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};

use super::call_task::{self, CallShell};
use super::clock;
use super::directory::Directory;
use super::hub::ToHub;
use crate::base::{AgentName, CallId, LegId, limits};
use crate::call::{self, Call, Conversation, Desk, Errand, call_of};
use crate::queue;
use crate::sip::{self, Endpoint, Event, Incoming, Input, Output};
use crate::web::Readiness;
use crate::{media, web};

/// What other tasks say to the signalling task.
#[derive(Debug)]
pub(super) enum ToSignalling {
    /// A call asks something of the endpoint.
    Sip(sip::Command),
    /// The hub speaks to a call.
    Tell {
        /// Whom.
        call: CallId,
        /// What.
        input: call::Input,
    },
    /// Somebody's own phone is to be rung for an errand.
    Ring {
        /// Who.
        who: AgentName,
        /// What for.
        errand: Errand,
    },
    /// A call is over.
    Over(CallId),
    /// No new calls from now on; the task ends when the last one is over.
    Drain,
    /// Every call ends now.
    Shutdown,
}

/// How many calls may be up.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallLimits {
    /// In all: one more is told 503.
    pub(super) calls: usize,
    /// From one number: one more is told 486.
    pub(super) per_caller: usize,
}

/// What every call is received with.
pub(super) struct House {
    /// Which flow answers which number.
    pub(super) directory: Arc<Directory>,
    /// What the calls share.
    pub(super) settings: Arc<call::Settings>,
    /// How many there may be.
    pub(super) limits: CallLimits,
}

/// The signalling task's belongings.
pub(super) struct Signalling {
    socket: UdpSocket,
    endpoint: Endpoint,
    house: House,
    shell: CallShell,
    calls: HashMap<CallId, Known>,
    /// How many phones were rung for errands.
    rung: u64,
    draining: bool,
    readiness: watch::Sender<Readiness>,
}

struct Known {
    inbox: mpsc::Sender<call::Input>,
    caller: Option<String>,
}

impl Signalling {
    /// Ready to run on a bound socket.
    pub(super) fn new(
        socket: UdpSocket,
        endpoint: Endpoint,
        house: House,
        shell: CallShell,
        readiness: watch::Sender<Readiness>,
    ) -> Self {
        let calls = HashMap::new();
        Self { socket, endpoint, house, shell, calls, rung: 0, draining: false, readiness }
    }

    /// Runs until it has been drained.
    ///
    /// # Errors
    ///
    /// When the socket fails for good.
    pub(super) async fn run(
        mut self,
        mut inbox: mpsc::Receiver<ToSignalling>,
        mut media: mpsc::Receiver<media::Event>,
    ) -> io::Result<()> {
        let mut datagram = vec![0; limits::SIP_MESSAGE_BYTES];
        self.readiness.send_replace(Readiness::Ready);
        loop {
            self.drain_endpoint().await;
            if self.draining && self.calls.is_empty() {
                return Ok(());
            }
            tokio::select! {
                got = self.socket.recv_from(&mut datagram) => self.on_datagram(&datagram, got)?,
                Some(message) = inbox.recv() => self.on_message(message),
                Some(event) = media.recv() => self.hand_to(call_of(event.leg()), call::Input::Media(event)),
                () = clock::until(self.endpoint.deadline()) => self.endpoint.handle(clock::now(), Input::Tick),
            }
        }
    }

    fn on_datagram(&mut self, datagram: &[u8], got: io::Result<(usize, std::net::SocketAddr)>) -> io::Result<()> {
        match got {
            Ok((length, from)) => {
                let bytes = datagram[..length].to_vec();
                self.endpoint.handle(clock::now(), Input::Received { from, bytes });
                Ok(())
            }
            // A closed port at the other end (ICMP) is the peer's trouble, not ours.
            Err(e) if matches!(e.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset) => Ok(()),
            Err(e) => Err(e),
        }
    }

    fn on_message(&mut self, message: ToSignalling) {
        match message {
            ToSignalling::Sip(command) => self.endpoint.handle(clock::now(), Input::Command(command)),
            ToSignalling::Tell { call, input } => self.hand_to(call, input),
            ToSignalling::Ring { who, errand } => {
                self.rung += 1;
                let leg = LegId((FIRST_RUNG + self.rung) << 8);
                let settings = Arc::clone(&self.house.settings);
                self.begin(Desk::calling(clock::both(), leg, who, errand, settings), None);
            }
            ToSignalling::Over(call) => {
                self.calls.remove(&call);
            }
            ToSignalling::Drain => {
                self.draining = true;
                self.readiness.send_replace(Readiness::Draining);
            }
            ToSignalling::Shutdown => {
                for known in self.calls.values() {
                    let _ = known.inbox.try_send(call::Input::Shutdown);
                }
            }
        }
    }

    async fn drain_endpoint(&mut self) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Send { to, bytes } => {
                    if let Err(error) = self.socket.send_to(&bytes, to).await {
                        tracing::debug!(%to, %error, "a SIP message could not be sent");
                    }
                }
                Output::Event(Event::Incoming(incoming)) => self.on_incoming(incoming),
                Output::Event(Event::Registered { agent, up }) => self.on_registered(agent, up),
                Output::Event(event) => {
                    if let Some(leg) = event.leg() {
                        self.hand_to(call_of(leg), call::Input::Sip(event));
                    }
                }
            }
        }
    }

    fn on_registered(&self, agent: AgentName, up: bool) {
        tracing::info!(%agent, up, "registration");
        let input = if up { queue::Input::AgentUp { agent } } else { queue::Input::AgentDown { agent } };
        if self.shell.hub.try_send(ToHub::Board(input)).is_err() {
            tracing::error!("the hub is too busy to hear of a registration");
        }
    }

    fn on_incoming(&mut self, incoming: Incoming) {
        let leg = incoming.leg;
        let refuse = |status, retry_after| Input::Command(sip::Command::Reject { leg, status, retry_after });
        let caller = incoming.from.as_ref().map(|n| n.reveal().as_str().to_owned());
        let now = clock::both();
        if self.draining || self.calls.len() >= self.house.limits.calls {
            web::metrics::refused("full");
            return self.endpoint.handle(now.mono, refuse(503, Some(RETRY_AFTER)));
        }
        if let Some((who, errand)) = self.errand(&incoming) {
            let may_hear = self.house.settings.supervisors.contains(&who);
            if matches!(errand, Errand::Supervise { .. }) && !may_hear {
                return self.endpoint.handle(now.mono, refuse(403, None));
            }
            let settings = Arc::clone(&self.house.settings);
            return self.begin(Desk::called(now, incoming, who, errand, settings), None);
        }
        let Some(program) = self.house.directory.find(&incoming.to).cloned() else {
            web::metrics::refused("no-flow");
            tracing::debug!(to = incoming.to, "no flow answers this number");
            return self.endpoint.handle(now.mono, refuse(404, None));
        };
        let same = self.calls.values().filter(|k| k.caller.is_some() && k.caller == caller).count();
        if caller.is_some() && same >= self.house.limits.per_caller {
            web::metrics::refused("busy");
            return self.endpoint.handle(now.mono, refuse(486, None));
        }
        let call = Call::new(now, incoming, program, Arc::clone(&self.house.settings));
        self.begin(call, caller);
    }

    /// What is to be done for an agent who has dialled a code; who is no agent dials a
    /// number like any other.
    fn errand(&self, incoming: &Incoming) -> Option<(AgentName, Errand)> {
        let errand = self.house.settings.codes.errand(&incoming.to)?;
        Some((incoming.agent.clone()?, errand))
    }

    fn begin(&mut self, call: impl Conversation, caller: Option<String>) {
        let (inbox, outbox) = mpsc::channel(CALL_INBOX);
        self.calls.insert(call.id(), Known { inbox, caller });
        call_task::spawn(call, outbox, self.shell.clone());
    }

    fn hand_to(&mut self, call: CallId, input: call::Input) {
        let Some(known) = self.calls.get(&call) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = known.inbox.try_send(input) {
            tracing::error!(%call, "a call does not keep up and is ended");
            self.calls.remove(&call);
        }
    }
}

/// Seconds after which a caller's network may try again when every line is taken.
const RETRY_AFTER: u32 = 5;
/// The ids of the calls that begin here; those from outside are counted from 1 and never get there.
const FIRST_RUNG: u64 = 1 << 40;
/// Inputs that one call may have waiting; a caller who leans on a key sends 10 a second.
const CALL_INBOX: usize = 256;
