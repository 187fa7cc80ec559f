//! What the API asks of the agents' side.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::hub::{AgentLine, ToHub};
use super::signalling::ToSignalling;
use crate::base::AgentName;
use crate::call::{self, Errand};
use crate::sip::PhoneLine;

/// The agents' desk: errands that are not dialled on a phone.
#[derive(Clone, Debug)]
pub struct AgentsDesk {
    pub(super) hub: mpsc::Sender<ToHub>,
    pub(super) signalling: mpsc::Sender<ToSignalling>,
    pub(super) settings: Arc<call::Settings>,
}

/// One agent with the phones that have registered.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct AgentView {
    /// What the agent is doing.
    #[serde(flatten)]
    pub line: AgentLine,
    /// By which ways the agent is reached, the last one first.
    pub phones: Vec<PhoneView>,
}

/// One way to a phone as the API shows it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PhoneView {
    /// What the phone is, in its own words.
    pub software: Option<String>,
    /// `udp`, `tcp` or `tls`.
    pub transport: &'static str,
    /// Where it registered from: the phone, its router, or the proxy before it.
    pub address: SocketAddr,
    /// Whether a proxy stands before it.
    pub proxy: bool,
    /// How long its registration lasts, in seconds from now.
    pub expires_in: u64,
    /// Whether it answers when it is asked: `yes`, `no`, or `unknown` before its first answer.
    pub reachable: &'static str,
    /// How long its last answer took, in milliseconds.
    pub round_trip_ms: Option<u64>,
}

impl PhoneView {
    fn of(line: &PhoneLine) -> Self {
        Self {
            software: line.software.clone(),
            transport: line.transport.word(),
            address: line.address,
            proxy: line.through_proxy,
            expires_in: line.expires_in.as_secs(),
            reachable: line.reachable.word(),
            round_trip_ms: line.round_trip.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

/// Why an errand is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody is called so.
    #[error("there is no such agent")]
    NoAgent,
    /// The settings don't know this reason of a pause.
    #[error("this is no reason for a pause in the settings")]
    NoReason,
    /// The settings don't let this account hear others.
    #[error("this account may not hear the talks of others")]
    Forbidden,
    /// There is nothing to hear.
    #[error("this agent is in no talk")]
    NoTalk,
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

impl AgentsDesk {
    /// A desk without a service behind it: everything is refused.
    pub fn closed() -> Self {
        let ((hub, _), (signalling, _)) = (mpsc::channel(1), mpsc::channel(1));
        let settings = Arc::new(super::accounts::calls(&crate::config::Settings::default(), crate::base::Language::Fr));
        Self { hub, signalling, settings }
    }

    /// What every agent is doing, and at which phones.
    ///
    /// # Errors
    /// When the service is stopping.
    pub async fn with_phones(&self) -> Result<Vec<AgentView>, Refusal> {
        let (answer, phones) = oneshot::channel();
        self.signalling.send(ToSignalling::Phones(answer)).await.map_err(|_| Refusal::Stopping)?;
        let phones = phones.await.map_err(|_| Refusal::Stopping)?;
        let of = |agent: &AgentName| phones.iter().filter(|phone| phone.agent == *agent).map(PhoneView::of).collect();
        let lines = self.list().await?.into_iter();
        Ok(lines.map(|line| AgentView { phones: of(&line.agent), line }).collect())
    }

    /// What every agent is doing.
    ///
    /// # Errors
    /// When the service is stopping.
    pub async fn list(&self) -> Result<Vec<AgentLine>, Refusal> {
        let (answer, list) = oneshot::channel();
        self.hub.send(ToHub::List(answer)).await.map_err(|_| Refusal::Stopping)?;
        list.await.map_err(|_| Refusal::Stopping)
    }

    /// The reason of a pause as the settings call it; the first one when none is given.
    ///
    /// # Errors
    /// When the settings know no such reason.
    pub fn reason(&self, wanted: Option<&str>) -> Result<Arc<str>, Refusal> {
        let mut reasons = self.settings.codes.reasons.iter().map(|(_, reason)| reason);
        let found = reasons.find(|reason| wanted.is_none_or(|wanted| wanted == &***reason));
        found.cloned().ok_or(Refusal::NoReason)
    }

    /// Does an agent's errand; what the agent is doing then.
    ///
    /// # Errors
    /// When there is no such agent.
    pub async fn errand(&self, agent: &AgentName, errand: &Errand) -> Result<AgentLine, Refusal> {
        self.line(agent).await?;
        if let Some(input) = errand.to_board(agent.clone()) {
            tracing::info!(%agent, errand = errand.word(), "asked by the API");
            self.hub.send(ToHub::Board(input)).await.map_err(|_| Refusal::Stopping)?;
        }
        self.line(agent).await
    }

    /// Rings a supervisor's phone, which then hears an agent's talk.
    ///
    /// # Errors
    /// When the settings forbid it, or there is nothing to hear.
    pub async fn supervise(&self, by: AgentName, errand: Errand) -> Result<(), Refusal> {
        let Errand::Supervise { agent, .. } = &errand else { return Err(Refusal::Forbidden) };
        if !self.settings.supervisors.contains(&by) {
            return Err(Refusal::Forbidden);
        }
        if self.line(agent).await?.call.is_none() {
            return Err(Refusal::NoTalk);
        }
        let ring = ToSignalling::Ring { who: by, errand };
        self.signalling.send(ring).await.map_err(|_| Refusal::Stopping)
    }

    async fn line(&self, agent: &AgentName) -> Result<AgentLine, Refusal> {
        self.list().await?.into_iter().find(|line| line.agent == *agent).ok_or(Refusal::NoAgent)
    }
}
