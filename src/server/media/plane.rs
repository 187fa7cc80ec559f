use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tokio::sync::mpsc;

use super::figures::{Board, Figures};
use super::identity::Identity;
use super::kind::Kind;
use super::locksmith::{self, Knock};
use super::orders::Order;
use super::placement::Placement;
use super::ports::Ports;
use super::seat::Place;
use super::socket::Sockets;
use super::worker::{Equipment, Worker};
use crate::base::{Chance, Instant, LegId, limits};
use crate::media::{Command, Content, Event, KeysInSound};
use crate::rtp::{Header, Packet};
use crate::server::clock;

/// How the media plane is set up.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Worker threads, at least one.
    pub workers: usize,
    /// Whether each worker stays on a core of its own.
    pub pin: bool,
    /// The UDP ports that legs may have; each takes an even one and the next.
    pub ports: RangeInclusive<u16>,
    /// The address that they are bound to.
    pub bind: IpAddr,
    /// After how long without a packet [`Event::Silent`] is told.
    pub silence: Duration,
    /// Whether keys are looked for in the sound of peers.
    pub keys_in_sound: KeysInSound,
    /// What we come to handshakes with (DTLS-SRTP); without it there are none.
    pub identity: Option<Identity>,
    /// Where ports, sources and numberings are drawn from.
    pub chance: Chance,
}

/// The media plane: a handle that can be cloned; with the last one, the workers end.
#[derive(Clone, Debug)]
pub struct MediaPlane(Arc<Plane>);

#[derive(Debug)]
struct Plane {
    desks: Vec<Desk>,
    /// Taken for a few microseconds by the call plane alone, never by a worker.
    ports: Mutex<Ports>,
    /// The same.
    placement: Mutex<Placement>,
    bind: IpAddr,
    /// Who makes handshakes.
    locksmith: Option<(SyncSender<Knock>, JoinHandle<()>)>,
}

/// One worker as it is seen from outside.
#[derive(Debug)]
struct Desk {
    orders: SyncSender<Order>,
    board: Arc<Board>,
    thread: Option<JoinHandle<()>>,
}

/// A packet that a tapped leg heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When the worker read it: up to 2 ms after it came.
    pub at: Instant,
    /// Its header.
    pub header: Header,
    /// What it carries.
    kind: Kind,
    /// Its payload.
    pub payload: Box<[u8]>,
}

/// Ports that are tried before it is said that none is free: those that other
/// programs hold are rare.
const ATTEMPTS: usize = 32;

impl MediaPlane {
    /// Starts the workers. The receiver gets the events of all legs.
    ///
    /// # Errors
    /// When a thread or the kernel's readiness list can't be had.
    pub fn start(settings: MediaSettings) -> io::Result<(Self, mpsc::Receiver<Event>)> {
        let MediaSettings { workers, pin, ports, bind, silence, keys_in_sound, identity, mut chance } = settings;
        let (ports, give_back) = Ports::new(ports, chance.split());
        let (events, receiver) = mpsc::channel(limits::MEDIA_EVENTS);
        let (orders, inboxes): (Vec<_>, Vec<_>) =
            (0..workers.max(1)).map(|_| sync_channel(limits::MEDIA_ORDERS)).unzip();
        let neighbours: Arc<[SyncSender<Order>]> = orders.into();
        let locksmith = identity.map(|identity| locksmith::start(identity, Arc::clone(&neighbours))).transpose()?;
        let desks = inboxes.into_iter().enumerate().map(|(number, inbox)| {
            let board = Arc::new(Board::default());
            let worker = Worker::new(Equipment {
                desk: number,
                neighbours: Arc::clone(&neighbours),
                orders: inbox,
                events: events.clone(),
                board: Arc::clone(&board),
                give_back: give_back.clone(),
                chance: chance.split(),
                silence,
                keys_in_sound,
                locksmith: locksmith.as_ref().map(|(knocks, _)| knocks.clone()),
            })?;
            let thread = Builder::new().name(format!("media-{number}")).spawn(move || {
                if pin {
                    stay_on_core(number);
                }
                keep_working(worker);
            })?;
            Ok(Desk { orders: neighbours[number].clone(), board, thread: Some(thread) })
        });
        let desks = desks.collect::<io::Result<Vec<_>>>()?;
        let placement = Mutex::new(Placement::new(desks.len()));
        let plane = Plane { desks, ports: Mutex::new(ports), placement, bind, locksmith };
        Ok((Self(Arc::new(plane)), receiver))
    }

    /// Opens a leg's ports and tells the RTP one's address, as it is bound (the
    /// caller puts the public address in place of an unspecified one). Takes some
    /// tens of microseconds and waits for nobody.
    ///
    /// # Errors
    /// `AddrInUse` when no port is free, `NotConnected` when the worker is gone, and
    /// the system's own when it has no more sockets.
    pub fn open(&self, leg: LegId) -> io::Result<SocketAddr> {
        let (sockets, port) = self.bind()?;
        let address = SocketAddr::new(self.0.bind, port);
        let desk = self.placement().add(leg);
        if self.0.desks[desk].order(Order::Open { leg, sockets, port }) {
            return Ok(address);
        }
        self.placement().remove(leg);
        Err(io::ErrorKind::NotConnected.into())
    }

    /// Gives an order to a leg's worker. Orders for a leg that is not open do nothing.
    ///
    /// Waits while [`limits::MEDIA_ORDERS`] are unread, which a worker that lives
    /// reads within 2 ms.
    pub fn command(&self, command: Command) {
        match command {
            Command::Bridge { leg, with } => {
                for (leg, other) in [(leg, with), (with, leg)] {
                    let sources = self.places(leg, &[other]);
                    self.order(leg, Order::Hear { leg, sources, is_bridge: true });
                }
            }
            Command::Hear { leg, sources } => {
                let sources = self.places(leg, &sources);
                self.order(leg, Order::Hear { leg, sources, is_bridge: false });
            }
            Command::Close { leg } => {
                let desk = self.placement().remove(leg);
                if let Some(desk) = desk {
                    self.0.desks[desk].order(Order::Command(command));
                }
            }
            Command::Connect { leg, .. }
            | Command::Play { leg, .. }
            | Command::Stop { leg }
            | Command::Unbridge { leg }
            | Command::SendDigits { leg, .. } => self.order(leg, Order::Command(command)),
        }
    }

    /// Sends a copy of everything that a leg hears from its peer to `sink`, from now
    /// on; what the sink has no room for is left out.
    pub fn tap(&self, leg: LegId, sink: SyncSender<Heard>) {
        self.order(leg, Order::Tap { leg, sink });
    }

    /// What the plane has done since its start.
    pub fn figures(&self) -> Figures {
        Board::sum(self.0.desks.iter().map(|desk| &*desk.board))
    }

    fn bind(&self) -> io::Result<(Sockets, u16)> {
        // A panic of another holder leaves a list of ports, which is always whole.
        let mut ports = self.0.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        for _ in 0..ATTEMPTS {
            let Some(port) = ports.take(now) else { break };
            match Sockets::bind(self.0.bind, port) {
                Ok(sockets) => return Ok((sockets, port)),
                Err(error) => {
                    ports.rest(now, port);
                    if error.kind() != io::ErrorKind::AddrInUse {
                        return Err(error);
                    }
                }
            }
        }
        Err(io::Error::new(io::ErrorKind::AddrInUse, "no media port is free"))
    }

    fn order(&self, leg: LegId, order: Order) {
        let place = self.placement().of(leg);
        if let Some(place) = place {
            self.0.desks[place.desk].order(order);
        }
    }

    /// Where the legs are that one shall hear; those that are not open are left out.
    fn places(&self, leg: LegId, sources: &[LegId]) -> Vec<Place> {
        let placement = self.placement();
        let mut places: Vec<Place> = Vec::with_capacity(sources.len());
        for &source in sources {
            match placement.of(source) {
                Some(place) if source != leg && !places.contains(&place) => places.push(place),
                Some(_) | None => tracing::warn!(%leg, %source, "a leg can't hear itself, nor one that is not open"),
            }
        }
        places
    }

    /// A panic of another holder leaves a table that is whole between its steps.
    fn placement(&self) -> MutexGuard<'_, Placement> {
        self.0.placement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// False when the worker is gone.
    fn order(&self, order: Order) -> bool {
        self.orders.send(order).is_ok()
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        for desk in &self.desks {
            desk.order(Order::Stop);
        }
        for thread in self.desks.iter_mut().filter_map(|desk| desk.thread.take()) {
            // A worker that panicked has said so.
            let _ = thread.join();
        }
        if let Some((knocks, thread)) = self.locksmith.take() {
            let _ = knocks.send(Knock::Stop);
            let _ = thread.join();
        }
    }
}

impl Heard {
    pub(super) fn new(at: Instant, packet: &Packet<'_>, kind: Kind) -> Self {
        Self { at, header: packet.header, kind, payload: packet.payload.into() }
    }

    /// What is heard of it.
    pub fn content(&self) -> Content<'_> {
        self.kind.content(&self.payload)
    }
}

/// Keeps this thread on the core of its number, among those that this process may use.
fn stay_on_core(number: usize) {
    let allowed = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect();
    let mut own = CpuSet::new();
    if !cores.is_empty() {
        own.set(cores[number % cores.len()]);
    }
    if let Err(error) = sched_setaffinity(None, &own) {
        tracing::warn!(number, %error, "a media worker can't be kept on a core of its own");
    }
}

/// A mistake in one leg's path must not end all others: the worker goes on with the
/// next slot.
fn keep_working(mut worker: Worker) {
    while catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
        tracing::error!("a media worker panicked and goes on");
    }
}
