//! Where the trunks are: their names are looked up in the background (RFC 3263), and anew when
//! what was said expires. Nobody waits for it but the start, and that for a moment.

mod names;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OnceCell, mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use self::names::Names;
use super::clock;
use super::signalling::ToSignalling;
use super::transport::{Encryption, way_to};
use crate::base::Chance;
use crate::config::{self, Settings};
use crate::sip::{self, Door, Hop, Transport, Way};
use crate::web::metrics;

/// A trunk that is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sought {
    /// Its name.
    pub(super) trunk: Arc<str>,
    /// Its host: a domain, a host's name, or an address.
    pub(super) host: String,
    /// Its port, if the settings say it: then no records are asked for (RFC 3263, section 4.2).
    port: Option<u16>,
    /// What the settings want to be spoken, if they say so.
    transport: Option<Transport>,
}

/// Where a trunk is, the place that is to be tried first in front; nowhere while it is not found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    /// Its places.
    pub(super) hops: Vec<Hop>,
    /// Our own addresses on the way to each.
    pub(super) ways: Vec<Way>,
}

/// Looks for the trunks for as long as it is there: a task for each that has a name, and none
/// for those that have an address.
pub(super) struct Locator {
    shared: Arc<Shared>,
    chance: Chance,
    all: Vec<Search>,
}

struct Search {
    sought: Sought,
    found: Found,
    task: Option<JoinHandle<()>>,
}

/// What the tasks share.
struct Shared {
    names: Names,
    signalling: mpsc::Sender<ToSignalling>,
    /// What was found is looked up anew within these, whatever the records say.
    bounds: RangeInclusive<Duration>,
    /// Somebody wants to know it now.
    again: Notify,
    /// Set once there is what encrypted connections are made with.
    encrypts: OnceCell<()>,
}

impl Locator {
    /// Looks for nobody yet.
    pub(super) fn new(
        settings: &Settings,
        doors: &[Door],
        (signalling, chance): (mpsc::Sender<ToSignalling>, Chance),
    ) -> Self {
        let names = Names::new(settings.sip.dns.clone(), doors);
        let encrypts = OnceCell::new_with(encrypts(settings).then_some(()));
        Self {
            shared: Arc::new(Shared { names, signalling, bounds: SHORTEST..=LONGEST, again: Notify::new(), encrypts }),
            chance,
            all: Vec::new(),
        }
    }

    /// Looks for these trunks from now on, and for no others; those that are sought as before
    /// stay found, and are looked for anew. Each that is new tells when it was looked for once.
    pub(super) fn seek(&mut self, trunks: &[config::Trunk]) -> Vec<oneshot::Receiver<()>> {
        let sought: Vec<Sought> = trunks.iter().map(Sought::from).collect();
        for gone in self.all.extract_if(.., |search| !sought.contains(&search.sought)) {
            if gone.sought.address().is_none() {
                metrics::trunk_unsought(&gone.sought.trunk);
            }
        }
        self.look_again();
        let mut looks = Vec::new();
        for sought in sought {
            if self.all.iter().any(|search| search.sought == sought) {
                continue;
            }
            let (looked, look) = oneshot::channel();
            let found = sought.address().map(|hop| found(vec![hop]));
            let task = match &found {
                None => {
                    looks.push(look);
                    Some(tokio::spawn(Arc::clone(&self.shared).watch(sought.clone(), self.chance.split(), looked)))
                }
                Some(found) if is_encrypted(&found.hops) => {
                    let shared = Arc::clone(&self.shared);
                    Some(tokio::spawn(async move { shared.encrypt().await }))
                }
                Some(_) => None,
            };
            self.all.push(Search { sought, found: found.unwrap_or_default(), task });
        }
        looks
    }

    /// The same, and waits until each was looked for once, but not for long: what is not found
    /// by then is told, and looked for again.
    pub(super) async fn seek_first(&mut self, trunks: &[config::Trunk]) {
        let looks = self.seek(trunks);
        let all = async {
            for look in looks {
                // A task that has ended has looked.
                let _ = look.await;
            }
        };
        let _ = timeout(FIRST_LOOK, all).await;
    }

    /// Looks for each of them anew, without waiting until what was said expires.
    pub(super) fn look_again(&self) {
        self.shared.again.notify_waiters();
    }

    /// Writes down where a trunk was found; whether it is still sought so.
    pub(super) fn remember(&mut self, sought: &Sought, found: &Found) -> bool {
        let search = self.all.iter_mut().find(|search| search.sought == *sought);
        search.map(|search| search.found.clone_from(found)).is_some()
    }

    /// Writes into trunks where they are.
    pub(super) fn place(&self, trunks: &mut [sip::Trunk]) {
        for trunk in trunks {
            if let Some(search) = self.all.iter().find(|search| search.sought.trunk == trunk.name) {
                (trunk.hops, trunk.ways) = (search.found.hops.clone(), search.found.ways.clone());
            }
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Sought {
    /// The place of a trunk that has an address: nothing is to be looked up.
    fn address(&self) -> Option<Hop> {
        let transport = self.transport.unwrap_or(Transport::Udp);
        let ip: IpAddr = self.host.parse().ok()?;
        Some(Hop::by(transport, (ip, self.port.unwrap_or(transport.port())).into()))
    }
}

impl From<&config::Trunk> for Sought {
    fn from(trunk: &config::Trunk) -> Self {
        let (host, port) = (trunk.host.clone(), trunk.port);
        Self { trunk: Arc::clone(&trunk.name), host, port, transport: trunk.transport }
    }
}

impl Shared {
    async fn watch(self: Arc<Self>, sought: Sought, mut chance: Chance, looked: oneshot::Sender<()>) {
        let (mut known, mut failures, mut looked) = (Vec::new(), 0, Some(looked));
        loop {
            let pause = match self.names.locate(&sought, &mut chance).await {
                Some(located) => {
                    failures = 0;
                    if located.hops != known && !self.tell(&sought, &located.hops, &known).await {
                        return;
                    }
                    known = located.hops;
                    located.lasts.clamp(*self.bounds.start(), *self.bounds.end())
                }
                None => {
                    failures += 1;
                    let pause = after_failures(failures);
                    lost(&sought, &known, pause);
                    pause
                }
            };
            // Whoever waited may have gone.
            looked.take().map(|looked| looked.send(()));
            // Never in step with other services.
            let pause = pause + pause.mul_f64(chance.below(100) as f64 / 1_000.0);
            tokio::select! {
                () = clock::until(Some(clock::now() + pause)) => {}
                () = self.again.notified() => {}
            }
        }
    }

    /// Tells that a trunk was found elsewhere than before; whether anybody listens.
    async fn tell(&self, sought: &Sought, hops: &[Hop], known: &[Hop]) -> bool {
        if is_encrypted(hops) {
            self.encrypt().await;
        }
        // The lot may have put the same ones into another order.
        if hops.iter().any(|hop| !known.contains(hop)) || hops.len() != known.len() {
            let places: Vec<String> =
                hops.iter().map(|hop| format!("{} {}", hop.transport.word(), hop.address)).collect();
            tracing::info!(trunk = &*sought.trunk, host = sought.host, places = places.join(", "), "a trunk is found");
        }
        metrics::trunk_found(&sought.trunk, true);
        let located = ToSignalling::Located { sought: sought.clone(), found: found(hops.to_vec()) };
        self.signalling.send(located).await.is_ok()
    }

    /// Has ready what encrypted connections are made with.
    async fn encrypt(&self) {
        let read = || async {
            let read = spawn_blocking(|| Encryption::read(None)).await;
            match read.map_err(anyhow::Error::from).flatten() {
                // Whoever listened is stopping.
                Ok(encryption) => drop(self.signalling.send(ToSignalling::Encrypt(encryption)).await),
                Err(error) => tracing::error!(error = format!("{error:#}"), "no trunk can be reached by TLS"),
            }
        };
        self.encrypts.get_or_init(read).await;
    }
}

/// When a trunk is looked for again that was not found so many times.
fn after_failures(failures: u32) -> Duration {
    FAILED.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(FAILED_OFTEN)
}

/// Whether there is what encrypted connections are made with from the start.
pub(super) fn encrypts(settings: &Settings) -> bool {
    settings.sip.tls.is_some() || settings.trunks.iter().any(|trunk| trunk.transport == Some(Transport::Tls))
}

fn lost(sought: &Sought, known: &[Hop], again: Duration) {
    let (trunk, host, again) = (&*sought.trunk, &sought.host, again.as_secs());
    if known.is_empty() {
        metrics::trunk_found(trunk, false);
        tracing::warn!(
            trunk,
            host,
            again,
            "a trunk is not found, and no call goes out by it: check its `address`, and who is asked for names \
             (`sip.dns`, else /etc/resolv.conf)"
        );
    } else {
        tracing::warn!(trunk, host, again, "a trunk is not found any more, and is called where it was last");
    }
}

fn found(hops: Vec<Hop>) -> Found {
    let ways = hops.iter().filter_map(|hop| way_to(hop.address)).collect();
    Found { hops, ways }
}

fn is_encrypted(hops: &[Hop]) -> bool {
    hops.iter().any(|hop| hop.transport == Transport::Tls)
}

/// How long the start waits for the first look.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// What is known is looked up anew within these bounds, whatever the records say.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(3600);
/// The first pause after a trunk was not found, and the longest.
const FAILED: Duration = Duration::from_secs(5);
const FAILED_OFTEN: Duration = Duration::from_secs(300);
