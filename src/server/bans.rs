//! The sources that are not heard: told to the log and the measures, and lifted by API.

use std::net::IpAddr;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::clock;
use super::signalling::ToSignalling;
use crate::sip::{Ban, Endpoint, Fault};
use crate::web;

/// What is asked of who keeps strangers out.
#[derive(Debug)]
pub(super) enum ForGuard {
    /// Who is not heard.
    List(oneshot::Sender<Vec<BanLine>>),
    /// What a source did is forgotten.
    Lift {
        /// Which.
        source: IpAddr,
        /// Told whether it was banned.
        answer: oneshot::Sender<bool>,
    },
}

/// A ban as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BanLine {
    /// The address; of IPv6 the first of a /64.
    pub address: IpAddr,
    /// `everything`, or `unproven`: calls of strangers, and credentials without a challenge of ours.
    pub scope: &'static str,
    /// The fault that was one too many.
    pub fault: &'static str,
    /// How many there were.
    pub faults: u32,
    /// When it is heard again, in seconds from now.
    pub seconds_left: u64,
}

/// The bans by API.
#[derive(Clone, Debug)]
pub struct BansDesk(pub(super) mpsc::Sender<ToSignalling>);

impl BansDesk {
    /// Who is not heard; `None` when the service is stopping.
    pub async fn list(&self) -> Option<Vec<BanLine>> {
        let (answer, bans) = oneshot::channel();
        self.0.send(ToSignalling::Bans(ForGuard::List(answer))).await.ok()?;
        bans.await.ok()
    }

    /// Hears a source again; whether it was banned, `None` when the service is stopping.
    pub async fn lift(&self, source: IpAddr) -> Option<bool> {
        let (answer, lifted) = oneshot::channel();
        self.0.send(ToSignalling::Bans(ForGuard::Lift { source, answer })).await.ok()?;
        lifted.await.ok()
    }

    /// A desk without a service behind it.
    pub fn closed() -> Self {
        Self(mpsc::channel(1).0)
    }
}

pub(super) fn obey(endpoint: &mut Endpoint, wish: ForGuard) {
    let now = clock::now();
    // Whoever asked may have gone.
    match wish {
        ForGuard::List(answer) => {
            let line = |ban: Ban| BanLine {
                address: ban.source,
                scope: ban.scope.word(),
                fault: ban.fault.word(),
                faults: ban.faults,
                seconds_left: ban.until.since(now).as_secs(),
            };
            let _ = answer.send(endpoint.bans(now).into_iter().map(line).collect());
        }
        ForGuard::Lift { source, answer } => {
            let lifted = endpoint.lift(now, source);
            if lifted {
                tracing::info!(address = %source, "a ban was lifted");
            }
            let _ = answer.send(lifted);
        }
    }
}

/// One line for each fault, with the words that `fail2ban` looks for: `docs/sip.md` has its filter.
pub(super) fn blamed(source: IpAddr, fault: Fault) {
    web::metrics::fault(fault);
    tracing::warn!(address = %source, fault = fault.word(), "a stranger was refused");
}

pub(super) fn banned(ban: &Ban) {
    web::metrics::banned();
    let seconds = ban.until.since(clock::now()).as_secs();
    tracing::warn!(address = %ban.source, fault = ban.fault.word(), scope = ban.scope.word(), faults = ban.faults, seconds, "a stranger is banned");
}
