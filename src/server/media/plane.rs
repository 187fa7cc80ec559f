use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc;

use super::figures::{Board, Figures};
use super::leg::Kind;
use super::ports::Ports;
use super::socket::Pair;
use super::worker::{Equipment, Order, Worker};
use crate::base::{Chance, Instant, LegId, limits};
use crate::media::{Codec, Command, Event};
use crate::rtp::{Header, Packet};
use crate::server::clock;

/// How the media plane is set up.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Worker threads, at least one.
    pub workers: usize,
    /// The UDP ports that legs may have; each takes an even one and the next.
    pub ports: RangeInclusive<u16>,
    /// The address that they are bound to.
    pub bind: IpAddr,
    /// After how long without a packet [`Event::Silent`] is told.
    pub silence: Duration,
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
    bind: IpAddr,
}

/// One worker as it is seen from outside.
#[derive(Debug)]
struct Desk {
    orders: Option<SyncSender<Order>>,
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
    /// The codec of its sound; `None` for keys and what is no sound.
    pub codec: Option<Codec>,
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
        let MediaSettings { workers, ports, bind, silence, mut chance } = settings;
        let (ports, give_back) = Ports::new(ports, chance.split());
        let (events, receiver) = mpsc::channel(limits::MEDIA_EVENTS);
        let desks = (0..workers.max(1))
            .map(|number| {
                let (orders, inbox) = sync_channel(limits::MEDIA_ORDERS);
                let board = Arc::new(Board::default());
                let worker = Worker::new(Equipment {
                    orders: inbox,
                    events: events.clone(),
                    board: Arc::clone(&board),
                    give_back: give_back.clone(),
                    chance: chance.split(),
                    silence,
                })?;
                let thread = Builder::new().name(format!("media-{number}")).spawn(move || keep_working(worker))?;
                Ok(Desk { orders: Some(orders), board, thread: Some(thread) })
            })
            .collect::<io::Result<Vec<_>>>()?;
        let plane = Plane { desks, ports: Mutex::new(ports), bind };
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
        let (pair, port) = self.bind()?;
        let address = pair.rtp.local_addr()?;
        let opened = self.desk(leg).order(Order::Open { leg, pair, port });
        if opened { Ok(address) } else { Err(io::ErrorKind::NotConnected.into()) }
    }

    /// Gives an order to a leg's worker. Orders for a leg that is not open do nothing.
    ///
    /// Waits while [`limits::MEDIA_ORDERS`] are unread, which a worker that lives
    /// reads within 2 ms.
    pub fn command(&self, command: Command) {
        let leg = command.leg();
        if let Command::Bridge { with, .. } = &command
            && self.desk_number(leg) != self.desk_number(*with)
        {
            tracing::error!(%leg, %with, "legs of two calls can't be bridged: they have two workers");
            return;
        }
        self.desk(leg).order(Order::Command(command));
    }

    /// Sends a copy of everything that a leg hears from its peer to `sink`, from now
    /// on; what the sink has no room for is left out.
    pub fn tap(&self, leg: LegId, sink: SyncSender<Heard>) {
        self.desk(leg).order(Order::Tap { leg, sink });
    }

    /// What the plane has done since its start.
    pub fn figures(&self) -> Figures {
        Board::sum(self.0.desks.iter().map(|desk| &*desk.board))
    }

    fn bind(&self) -> io::Result<(Pair, u16)> {
        // A panic of another holder leaves a list of ports, which is always whole.
        let mut ports = self.0.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::now();
        for _ in 0..ATTEMPTS {
            let Some(port) = ports.take(now) else { break };
            match Pair::bind(self.0.bind, port) {
                Ok(pair) => return Ok((pair, port)),
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

    /// All legs of a call have one worker; calls are numbered as they come, so each
    /// worker has as many.
    fn desk_number(&self, leg: LegId) -> usize {
        ((leg.0 >> 8) % self.0.desks.len() as u64) as usize
    }

    fn desk(&self, leg: LegId) -> &Desk {
        &self.0.desks[self.desk_number(leg)]
    }
}

impl Desk {
    /// False when the worker is gone.
    fn order(&self, order: Order) -> bool {
        self.orders.as_ref().is_some_and(|orders| orders.send(order).is_ok())
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        for desk in &mut self.desks {
            desk.orders = None;
        }
        for thread in self.desks.iter_mut().filter_map(|desk| desk.thread.take()) {
            // A worker that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Heard {
    pub(super) fn new(at: Instant, packet: &Packet<'_>, kind: Kind) -> Self {
        let codec = match kind {
            Kind::Sound(codec) => Some(codec),
            Kind::Key | Kind::Other => None,
        };
        Self { at, header: packet.header, codec, payload: packet.payload.into() }
    }
}

/// A mistake in one leg's path must not end all others: the worker goes on with the
/// next slot.
fn keep_working(mut worker: Worker) {
    while catch_unwind(AssertUnwindSafe(|| worker.run())).is_err() {
        tracing::error!("a media worker panicked and goes on");
    }
}
