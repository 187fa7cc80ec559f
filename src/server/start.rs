//! Puts the server together and takes it apart again.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use metrics_exporter_prometheus::PrometheusHandle;
use rand::TryRngCore;
use rand::rngs::OsRng;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::agents::AgentsDesk;
use super::bans::BansDesk;
use super::call_task::CallShell;
use super::callbacks::{BookDesk, Callbacks, Disk};
use super::clock;
use super::directory::Directory;
use super::forget::Forgetting;
use super::hub::{Promises, ToHub};
use super::locate::{self, Locator};
use super::lookup::LookUps;
use super::media::{Identity, MediaPlane, MediaSettings};
use super::messages::{Mailer, MessageDesk, MessageRules, Messages, Promiser};
use super::observer::Observer;
use super::reload::{Edition, FlowsDesk, Opening, Owners, Pages, Renewal};
use super::signalling::{CallLimits, House, Signalling, ToSignalling};
use super::transport::{self, Bound, Doors, Encryption, Lines, News, renew_at_hangup};
use super::trunks::TrunksDesk;
use super::{accounts, callbacks, descriptors, footprint, hub, schooling, upkeep};
use crate::base::{Chance, limits};
use crate::config::{self, Connections, Settings};
use crate::media::{KeysBy, Secrecy};
use crate::sip::{self, Door, Endpoint, EndpointSettings, Transport};
use crate::store::{Journal, Store};
use crate::web::{self, Office, Readiness, WebState};

/// A server that answers.
pub struct Running {
    doors: Vec<Door>,
    http: SocketAddr,
    directory: Arc<Directory>,
    signalling: mpsc::Sender<ToSignalling>,
    task: JoinHandle<io::Result<()>>,
    writer: JoinHandle<()>,
    store: Store,
}

impl Running {
    /// Where it listens for SIP, and by what.
    pub fn doors(&self) -> &[Door] {
        &self.doors
    }

    /// Where a program on this machine can call it: by datagrams, if by anything.
    pub fn reachable(&self) -> SocketAddr {
        let udp = self.doors.iter().find(|door| door.transport == Transport::Udp).or(self.doors.first());
        let bound = udp.map_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)), |door| door.bound);
        let here: IpAddr = if bound.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        SocketAddr::new(if bound.ip().is_unspecified() { here } else { bound.ip() }, bound.port())
    }

    /// Where it serves HTTP.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// What it answers.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Runs until SIGTERM or Ctrl-C; then no new calls are taken, those that are up may
    /// end, and at the latest after [`DRAIN_WITHIN`] (or a second signal) they are ended.
    ///
    /// # Errors
    ///
    /// When the SIP socket fails.
    pub async fn until_stopped(mut self) -> Result<()> {
        let mut term = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            done = &mut self.task => return self.close(done).await,
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining: no new calls");
        let _ = self.signalling.send(ToSignalling::Drain).await;
        tokio::select! {
            done = &mut self.task => return self.close(done).await,
            () = clock::until(Some(clock::now() + DRAIN_WITHIN)) => {}
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("ending the calls that are still up");
        let _ = self.signalling.send(ToSignalling::Shutdown).await;
        let done = (&mut self.task).await;
        self.close(done).await
    }

    async fn close(self, done: Result<io::Result<()>, tokio::task::JoinError>) -> Result<()> {
        // The last call has left its record; the journal's end is the writer's.
        if tokio::time::timeout(WRITE_WITHIN, self.writer).await.is_err() {
            tracing::error!("the last records could not be written in time");
        }
        self.store.close().await;
        done.context("the signalling task has panicked")??;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Randomness from the operating system.
///
/// # Errors
///
/// When it has none to give.
pub fn chance() -> io::Result<Chance> {
    let mut seed = [0; 32];
    OsRng.try_fill_bytes(&mut seed).map_err(io::Error::other)?;
    Ok(Chance::from_entropy(seed))
}

/// Binds the sockets and starts every task.
///
/// # Errors
///
/// When an address is taken, or the data folder can't be written.
pub async fn start(settings: &Settings, opening: Opening, mut chance: Chance) -> Result<Running> {
    let bound = Bound::all(&settings.sip.listen)?;
    let doors = transport::doors(&settings.sip, &bound).await?;
    let (web, http) = http_socket(settings.http.listen).await?;
    let directory = Arc::new(Directory::new(opening.services().to_vec()));
    let (store, number) = (opening.store.clone(), opening.keep().await);
    let (renewed, directories) = watch::channel(Arc::clone(&directory));
    let (ready, readiness) = watch::channel(Readiness::Starting);
    let (encryption, identity) = encryption(&settings.rtp)?;
    let (media, media_inbox) = media(settings, sound_at(&doors), identity, chance.split())?;
    let (journal, writer) = Journal::new(store.clone(), settings.paths.data.join("records.jsonl"));
    let writer = tokio::spawn(writer.run());
    let messages = messages(settings, &directories, &store).await?;
    let (metrics, store_state) = (measures()?, upkeep::start(&store, settings.keep));
    let (to_signalling, signalling_inbox) = mpsc::channel(SIGNALLING_INBOX);
    let (to_hub, hub_inbox) = mpsc::channel(HUB_INBOX);
    let (accounts, locator) = outside(settings, (&doors, &directory), (to_signalling.clone(), chance.split())).await?;
    let (calls_at_once, most) = descriptors::share(settings.limits.calls, settings.sip.connections.most);
    let ((datagrams, lines), news) = entrance(settings, (bound, doors.clone()), most, &accounts.trunks)?;
    let trunks = (accounts.trunks.clone(), chance.split());
    let book = book(settings, &directory, (&store, to_hub.clone()), trunks).await?;
    let (queues, people) = (directory.queues(), accounts::people(settings));
    tokio::spawn(hub::run(queues, people, book, hub_inbox, to_signalling.clone()));

    let (plane, desk) = (media.clone(), BookDesk(to_hub.clone()));
    let leaves = Promiser::start(messages.clone(), desk.clone(), to_signalling.clone(), directories.clone());
    let calls = Arc::new(accounts::calls(settings, directory.first_language()));
    let agents = AgentsDesk { hub: to_hub.clone(), signalling: to_signalling.clone(), settings: Arc::clone(&calls) };
    let (hub, asked) = (to_hub.clone(), (desk, store.clone()));
    let office = Office::open(settings, &directory, asked, chance.split()).map_err(anyhow::Error::msg)?;
    let shell = Arc::new(CallShell {
        signalling: to_signalling.clone(),
        hub: to_hub,
        messages: MessageDesk::open(messages.clone(), media.clone(), (to_signalling.clone(), leaves), chance.split()),
        media,
        lookups: LookUps::start(&settings.lookups).context("look-ups can't be made")?,
        prompts: opening.prompts.clone(),
        journal,
        observer: Observer::start(metrics.clone()),
        sound: told_sound(&doors),
        encryption,
        codecs: settings.rtp.codecs.clone().into(),
    });
    let endpoint = Endpoint::new(accounts, chance.split());
    let limits = CallLimits { calls: calls_at_once, per_caller: limits::CALLS_PER_CALLER };
    let house = House { directory: Arc::clone(&directory), settings: Arc::clone(&calls), limits };
    let signalling = Signalling::new((datagrams, lines, locator), endpoint, house, shell, ready);
    let (flows, inbox) = FlowsDesk::open(opening.history.clone(), number, opening.differs);
    let state = WebState {
        ready: readiness,
        metrics,
        media: Arc::new(move || plane.figures()),
        agents,
        bans: BansDesk(to_signalling.clone()),
        trunks: TrunksDesk(to_signalling.clone()),
        messages,
        directory: directories.clone(),
        callbacks: office,
        forgetting: Forgetting { store: store.clone(), hub: hub.clone() },
        token: settings.http.token.clone(),
        store: store_state,
        flows,
    };
    let task = tokio::spawn(signalling.run(news, signalling_inbox, media_inbox));
    afterwards(store.clone(), directories, hub.clone());
    let owners = Owners { hub, signalling: to_signalling.clone(), directory: renewed, pages: Pages::serve(state, web) };
    let (settings, prompts) = (Arc::new(settings.clone()), opening.prompts.clone());
    let edition = Edition { settings, directory: Arc::clone(&directory), prompts, calls };
    Renewal::of(opening, (number, edition), owners).start(inbox)?;
    Ok(Running { doors, http, directory, signalling: to_signalling, task, writer, store })
}

/// What the endpoint knows of the outside, and who looks for the trunks.
async fn outside(
    settings: &Settings,
    (doors, directory): (&[Door], &Directory),
    (signalling, chance): (mpsc::Sender<ToSignalling>, Chance),
) -> Result<(EndpointSettings, Locator)> {
    let mut accounts = accounts::endpoint(settings, doors.to_vec(), directory.first_number().as_ref())?;
    let mut locator = Locator::new(settings, doors, (signalling, chance));
    locator.seek_first(&settings.trunks).await;
    locator.place(&mut accounts.trunks);
    Ok((accounts, locator))
}

/// How sound is encrypted, and what we come to handshakes with: made only where there will be any.
fn encryption(rtp: &config::Rtp) -> Result<(crate::media::Encryption, Option<Identity>)> {
    let (secrecy, keys) = (rtp.srtp, rtp.keys.clone());
    let is_wanted = secrecy != Secrecy::Off && keys.contains(&KeysBy::Dtls);
    let identity = is_wanted.then(Identity::draw).transpose()?;
    let fingerprint = identity.as_ref().map(|identity| identity.fingerprint().clone());
    Ok((crate::media::Encryption { secrecy, keys, fingerprint }, identity))
}

/// What is done once callers are answered.
fn afterwards(store: Store, directories: watch::Receiver<Arc<Directory>>, hub: mpsc::Sender<ToHub>) {
    tokio::spawn(schooling::attend(store, directories, hub));
    tokio::spawn(footprint::shrink());
}

fn media(
    settings: &Settings,
    bind: IpAddr,
    identity: Option<Identity>,
    chance: Chance,
) -> Result<(MediaPlane, mpsc::Receiver<crate::media::Event>)> {
    let config::Rtp { ports, workers, pin, tones: keys_in_sound, .. } = settings.rtp.clone();
    let (silence, workers) = (settings.limits.media_silence, workers.unwrap_or_else(cores));
    MediaPlane::start(MediaSettings { workers, pin, ports, bind, silence, keys_in_sound, identity, chance })
        .context("the media workers can't start")
}

async fn http_socket(at: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let socket = TcpListener::bind(at).await.with_context(|| format!("HTTP can't listen on {at}"))?;
    let at = socket.local_addr()?;
    Ok((socket, at))
}

/// The messages, mended after whatever ended the service last, and who tells of them by mail.
async fn messages(settings: &Settings, directory: &watch::Receiver<Arc<Directory>>, store: &Store) -> Result<Messages> {
    let config::Messages { space, per_number } = settings.messages;
    let rules = MessageRules { per_number, space, mail: settings.mail.is_some() };
    let messages = Messages::open(store.clone(), rules);
    let messages = messages.context("the folder of messages can't be opened")?;
    messages.recover().await;
    if let Some(mail) = &settings.mail {
        tokio::spawn(Mailer::new(messages.clone(), mail.clone(), directory.clone())?.run());
    }
    Ok(messages)
}

/// The book of callbacks, with what was promised before the service was started.
async fn book(
    settings: &Settings,
    directory: &Arc<Directory>,
    (store, hub): (&Store, mpsc::Sender<ToHub>),
    (trunks, chance): (Vec<sip::Trunk>, Chance),
) -> Result<(Callbacks, Promises)> {
    let (first, tickets) = callbacks::restore(store).await.context("the callbacks can't be read")?;
    let book = Callbacks::new(
        callbacks::book(settings.callbacks.rules, first),
        trunks,
        Disk::open(store.clone(), hub),
        chance,
    );
    Ok((book, Promises { directory: Arc::clone(directory), tickets }))
}

/// Makes our recorder the process's.
fn measures() -> Result<PrometheusHandle> {
    let recorder = web::metrics::recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).context("measures are kept by somebody else already")?;
    web::metrics::describe();
    Ok(handle)
}

/// What SIP comes and goes by: the sockets for datagrams, and the connections, `most` at once.
fn entrance(
    settings: &Settings,
    (bound, doors): (Vec<Bound>, Vec<Door>),
    most: usize,
    trunks: &[sip::Trunk],
) -> Result<((Doors, Lines), mpsc::Receiver<News>)> {
    let tls = settings.sip.tls.as_ref();
    let is_tls = |door: &Door| door.transport == Transport::Tls;
    anyhow::ensure!(tls.is_some() || !doors.iter().any(is_tls), "`sip.tls` is missing: TLS needs a certificate");
    let encryption = locate::encrypts(settings).then(|| Encryption::read(tls)).transpose()?;
    let connections = Connections { most, ..settings.sip.connections };
    let (datagrams, listeners) = Doors::open(bound);
    let (mut lines, news) = Lines::open(listeners, (doors, encryption), connections);
    trunks.iter().for_each(|trunk| lines.locate(&trunk.name, &trunk.domain, &trunk.hops));
    if let Some(tls) = tls {
        renew_at_hangup(tls.clone(), lines.news())?;
    }
    Ok(((datagrams, lines), news))
}

/// Where sound is received: at the one address that we listen on, else at all of the families.
fn sound_at(doors: &[Door]) -> IpAddr {
    let mut ips = doors.iter().map(|door| door.bound.ip());
    let first = ips.next().unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    match (ips.all(|ip| ip == first), doors.iter().all(|door| door.bound.is_ipv4())) {
        (true, _) => first,
        (false, true) => Ipv4Addr::UNSPECIFIED.into(),
        (false, false) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// What calls write into SDP: the address, or an unspecified one in the place of which the
/// endpoint puts the one that the peer reaches.
fn told_sound(doors: &[Door]) -> IpAddr {
    let at = sound_at(doors);
    match (doors.iter().all(|door| door.advertised.is_none()), at.is_ipv4()) {
        (true, _) if !at.is_unspecified() => at,
        (_, true) => Ipv4Addr::UNSPECIFIED.into(),
        (_, false) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// One media worker for each core.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Calls that are still up when the service stops may go on for this long.
const DRAIN_WITHIN: Duration = Duration::from_secs(60);
/// The last records may take this long to reach the disk.
const WRITE_WITHIN: Duration = Duration::from_secs(10);
/// Messages to the signalling task that may wait: a burst of 500 calls has about 8 each.
const SIGNALLING_INBOX: usize = 8_192;
/// Inputs to the hub that may wait.
const HUB_INBOX: usize = 4_096;
