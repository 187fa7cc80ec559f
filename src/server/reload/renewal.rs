use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use metrics::{counter, gauge};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use super::desk::{Inbox, Order};
use super::{By, Checked, Edition, FlowsState, How, Outcome, Reading, Swapped};
use crate::base::QueueName;
use crate::config::Settings;
use crate::diag::{Diagnostic, Severity, one_line};
use crate::flow::{Changes, Texts};
use crate::server::directory::Directory;
use crate::server::hub::ToHub;
use crate::server::prompts::PromptStore;
use crate::server::signalling::ToSignalling;
use crate::server::{AgentsDesk, accounts, clock, warm};
use crate::web::{self, Office, WebState};

/// The task that reloads.
pub(in crate::server) struct Renewal {
    pub(in crate::server) reading: Arc<dyn Reading>,
    /// With the accounts that were made at the start.
    pub(in crate::server) settings: Settings,
    pub(in crate::server) owners: Owners,
    pub(in crate::server) runs: Runs,
}

/// What runs.
pub(in crate::server) struct Runs {
    /// The files that it was made of.
    pub(in crate::server) texts: Texts,
    pub(in crate::server) edition: Edition,
}

/// Who is told of a new edition.
pub(in crate::server) struct Owners {
    pub(in crate::server) hub: mpsc::Sender<ToHub>,
    pub(in crate::server) signalling: mpsc::Sender<ToSignalling>,
    /// Those who look up a service now and then.
    pub(in crate::server) directory: watch::Sender<Arc<Directory>>,
    pub(in crate::server) pages: Pages,
}

/// The pages and the API: made anew for each edition.
pub(in crate::server) struct Pages {
    state: WebState,
    router: watch::Sender<Router>,
}

/// Files without an error, that nobody has been given yet.
struct Ready {
    texts: Texts,
    edition: Edition,
    office: Office,
    swapped: Swapped,
}

impl Pages {
    /// Answers at this socket, each request with the pages of the moment.
    pub(in crate::server) fn serve(state: WebState, socket: TcpListener) -> Self {
        let (router, routers) = watch::channel(web::router(state.clone()));
        let pages = web::renewed(routers).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(socket, pages).await });
        Self { state, router }
    }
}

impl Renewal {
    /// Has ready what the first callers hear, and begins to take orders.
    ///
    /// # Errors
    /// When the system takes no interest in SIGHUP.
    pub(in crate::server) fn start(self, inbox: Inbox) -> io::Result<()> {
        let hangup = signal(SignalKind::hangup())?;
        let edition = self.runs.edition.clone();
        tokio::spawn(async move {
            warm::first_sounds(&edition).await;
            warm::tell_faults(edition.prompts).await;
        });
        tokio::spawn(self.run(inbox, hangup));
        Ok(())
    }

    /// Reloads on SIGHUP, and when somebody asks for it, for as long as there is a desk.
    async fn run(mut self, inbox: Inbox, mut hangup: Signal) {
        let Inbox { mut orders, state } = inbox;
        gauge!("svi_flows_differ").set(0);
        loop {
            let (by, answer) = tokio::select! {
                order = orders.recv() => match order {
                    Some(Order { by, answer }) => (by, Some(answer)),
                    None => return,
                },
                _ = hangup.recv() => (By::way(How::Signal), None),
            };
            let outcome = self.reload().await;
            note(&by, &outcome, &state);
            // Whoever asked may have gone.
            drop(answer.map(|answer| answer.send(outcome)));
        }
    }

    async fn reload(&mut self) -> Outcome {
        match self.prepare().await {
            Ok(ready) => {
                let swapped = ready.swapped.clone();
                self.swap(ready).await;
                Outcome::Swapped(Box::new(swapped))
            }
            Err(outcome) => outcome,
        }
    }

    /// Reads and checks what is on the disk.
    async fn prepare(&self) -> Result<Ready, Outcome> {
        let (reading, prompts) = (Arc::clone(&self.reading), self.runs.edition.prompts.clone());
        let read = move || anyhow::Ok((reading.texts()?, prompts.reopen()?));
        let unread = |error: anyhow::Error| Outcome::Unread(format!("{error:#}").into());
        let (texts, prompts) = spawn_blocking(read).await.map_err(anyhow::Error::from).flatten().map_err(unread)?;
        if texts == self.runs.texts && prompts.is_same(&self.runs.edition.prompts) {
            return Err(Outcome::Same);
        }
        self.check(texts, prompts).await
    }

    /// Checks texts with all that `svi check` has, and with what is promised to callers.
    async fn check(&self, texts: Texts, prompts: PromptStore) -> Result<Ready, Outcome> {
        let reading = Arc::clone(&self.reading);
        let check = move || (reading.check(&texts, &prompts), texts, prompts);
        let checked = spawn_blocking(check).await;
        let (checked, texts, prompts) = checked.map_err(|_| Outcome::Unread(BROKEN.into()))?;
        let Checked { services, mut diagnostics } = checked;
        let directory = Arc::new(Directory::new(services));
        let office = self.owners.pages.state.callbacks.renewed(&self.settings, &directory);
        let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().any(|d| d.severity == Severity::Error);
        // What is missing because its file has an error is not told as gone.
        if !errors(&diagnostics) {
            diagnostics.extend(office.as_ref().err().map(|why| Diagnostic::error("offered-queue", why, None)));
            diagnostics.extend(broken_promises(&directory, self.promised().await));
        }
        let Ok(office) = office else { return Err(Outcome::Refused(diagnostics.into())) };
        if errors(&diagnostics) {
            return Err(Outcome::Refused(diagnostics.into()));
        }
        let old = self.runs.edition.directory.services().iter().map(Arc::as_ref);
        let changes = Changes::between(old, directory.services().iter().map(Arc::as_ref));
        let files = texts.changes_since(&self.runs.texts);
        let calls = Arc::new(accounts::calls(&self.settings, directory.first_language()));
        let edition = Edition { directory, prompts, calls };
        Ok(Ready { texts, edition, office, swapped: Swapped { files, changes, warnings: diagnostics.into() } })
    }

    async fn promised(&self) -> BTreeMap<QueueName, usize> {
        let (answer, promised) = oneshot::channel();
        let _ = self.owners.hub.send(ToHub::Promised(answer)).await;
        promised.await.unwrap_or_default()
    }

    /// Gives the new edition to everybody: when this returns, the next call gets it.
    async fn swap(&mut self, ready: Ready) {
        let Ready { texts, edition, office, .. } = ready;
        // So that the first caller waits for no file.
        warm::first_sounds(&edition).await;
        let directory = Arc::clone(&edition.directory);
        let Owners { hub, signalling, directory: lookers, pages } = &mut self.owners;
        let (done, is_done) = oneshot::channel();
        let _ = hub.send(ToHub::Renew { directory: Arc::clone(&directory), done }).await;
        let _ = is_done.await;
        let (done, is_done) = oneshot::channel();
        let _ = signalling.send(ToSignalling::Renew { edition: Box::new(edition.clone()), done }).await;
        let _ = is_done.await;
        lookers.send_replace(directory);
        pages.state.callbacks = office;
        pages.state.agents = AgentsDesk { settings: Arc::clone(&edition.calls), ..pages.state.agents.clone() };
        let _ = pages.router.send_replace(web::router(pages.state.clone()));
        tokio::spawn(warm::tell_faults(edition.prompts.clone()));
        self.runs = Runs { texts, edition };
    }
}

/// Tells the operator, and those who look at the pages.
fn note(by: &By, outcome: &Outcome, state: &watch::Sender<FlowsState>) {
    let differs = outcome.differs();
    counter!("svi_flows_reloads_total", "result" => outcome.word()).increment(1);
    gauge!("svi_flows_differ").set(u32::from(differs.is_some()));
    state.send_modify(|state| {
        state.differs = differs;
        if matches!(outcome, Outcome::Swapped(_)) {
            (state.since, state.by) = (clock::wall(), by.clone());
        }
    });
    match outcome {
        Outcome::Swapped(swapped) => {
            let Swapped { files, changes, warnings } = &**swapped;
            warnings.iter().for_each(|warning| tracing::warn!("{}", one_line(warning)));
            let changes = changes.lines().join("; ");
            tracing::info!(%by, files = files.len(), changes, "new calls get the flows as they are on the disk");
        }
        Outcome::Same => tracing::info!(%by, "the flows on the disk run already"),
        Outcome::Refused(diagnostics) => {
            for diagnostic in diagnostics.iter().take(TOLD) {
                match diagnostic.severity {
                    Severity::Error => tracing::error!("{}", one_line(diagnostic)),
                    Severity::Warning => tracing::warn!("{}", one_line(diagnostic)),
                    Severity::Note => tracing::info!("{}", one_line(diagnostic)),
                }
            }
            tracing::error!(%by, "the flows on the disk are refused: those that ran before go on");
        }
        Outcome::Unread(why) => {
            tracing::error!(%by, %why, "the flows on the disk can't be read: those that ran before go on");
        }
    }
}

/// Queues that are taken away although somebody is to be called back for them. Who waits
/// in such a queue is served all the same, so that only promises for later are in the way.
fn broken_promises(directory: &Directory, promised: BTreeMap<QueueName, usize>) -> Vec<Diagnostic> {
    let listed: Vec<QueueName> = directory.queues().iter().map(|rules| rules.name.clone()).collect();
    let gone = promised.into_iter().filter(|(queue, _)| !listed.contains(queue));
    let finding = |(queue, calls): (QueueName, usize)| {
        let message = format!("the queue `{queue}` is gone, and callbacks are promised for it: {calls}");
        let help = "put it back until the citizens are called, or cancel them: `svi callbacks list --state open`";
        Diagnostic::error("promised-queue", message, None).help(help)
    };
    gone.map(finding).collect()
}

/// Findings that are written to the log; the API has all of them.
const TOLD: usize = 20;
const BROKEN: &str = "the check itself has failed; the log has the panic";
