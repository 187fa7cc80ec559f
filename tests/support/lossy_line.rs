//! A bad line between the service and its peers: a translator of addresses for SIP and RTP
//! over UDP that loses, delays, reorders and doubles what passes, both ways, by dice of a seed.
//!
//! Peers take [`LossyLine::sip`] for the service. For each of them the service sees another
//! address, and for each call the media goes by two ports of the line: in what passes, addresses
//! are replaced by others of the same length. Each direction of each has dice of its own, so
//! that the nth datagram of it has the same fate in each run.

use std::collections::{BinaryHeap, HashMap};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use svi::base::Chance;

/// What befalls datagrams.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// How many of a hundred are lost.
    pub(crate) lost: usize,
    /// How many of a hundred come twice.
    pub(crate) doubled: usize,
    /// Each is late by something up to this, ms; who is less late overtakes.
    pub(crate) late_ms: usize,
}

/// A line that is hardly one: 20 % lost, 100 ms of jitter, one in twenty doubled.
pub(crate) const BAD: Faults = Faults { lost: 20, doubled: 5, late_ms: 100 };
/// Nothing befalls them.
pub(crate) const GOOD: Faults = Faults { lost: 0, doubled: 0, late_ms: 0 };

/// The line; it ends with the test.
pub(crate) struct LossyLine {
    /// Where peers find the service.
    pub(crate) sip: SocketAddr,
    inner: Arc<Inner>,
}

impl LossyLine {
    /// A line to a service, with these dice, to signalling and to sound.
    pub(crate) fn start(service: SocketAddr, seed: u64, (signalling, sound): (Faults, Faults)) -> Self {
        let (parcels, due) = channel();
        let front = Arc::new(socket());
        let sip = front.local_addr().unwrap();
        let inner = Arc::new(Inner {
            service,
            front: front.clone(),
            faults: [signalling, sound],
            seed,
            streams: AtomicU64::new(0),
            parcels,
            over: AtomicBool::new(false),
            lost: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            peers: Mutex::default(),
            calls: Mutex::default(),
        });
        let end = inner.clone();
        thread::spawn(move || deliver(&due, &end));
        Inner::read(&inner, front, 0, Inner::from_peer);
        Self { sip, inner }
    }

    /// How many datagrams were lost, of how many.
    pub(crate) fn lost(&self) -> (u64, u64) {
        let Inner { lost, passed, .. } = &*self.inner;
        let lost = lost.load(Ordering::Relaxed);
        (lost, lost + passed.load(Ordering::Relaxed))
    }
}

impl Drop for LossyLine {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::Relaxed);
    }
}

struct Inner {
    service: SocketAddr,
    front: Arc<UdpSocket>,
    /// Of signalling, of sound.
    faults: [Faults; 2],
    seed: u64,
    streams: AtomicU64,
    parcels: Sender<Parcel>,
    over: AtomicBool,
    lost: AtomicU64,
    passed: AtomicU64,
    /// The sockets that stand for peers before the service.
    peers: Mutex<HashMap<SocketAddr, Arc<UdpSocket>>>,
    /// The media of calls, by Call-ID.
    calls: Mutex<HashMap<String, Arc<Media>>>,
}

/// The media of a call.
struct Media {
    /// Stands for the peer before the service.
    outer: Arc<UdpSocket>,
    /// Stands for the service before the peer.
    inner: Arc<UdpSocket>,
    peer: Mutex<Option<u16>>,
    service: Mutex<Option<u16>>,
}

/// A datagram that is on its way.
struct Parcel {
    due: Instant,
    by: Arc<UdpSocket>,
    to: SocketAddr,
    bytes: Vec<u8>,
}

/// Where a datagram goes, by which socket, and what is in it by then.
type Passed = Option<(Arc<UdpSocket>, SocketAddr, Vec<u8>)>;

impl Inner {
    /// Reads a socket to the end of the test; what comes goes where `way` says, if it comes through.
    fn read(
        this: &Arc<Self>,
        socket: Arc<UdpSocket>,
        kind: usize,
        way: impl Fn(&Arc<Self>, SocketAddr, &[u8]) -> Passed + Send + 'static,
    ) {
        let this = this.clone();
        let stream = this.streams.fetch_add(1, Ordering::Relaxed);
        let mut dice = Chance::seeded(this.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(stream));
        thread::spawn(move || {
            let mut buffer = [0; 65_535];
            while !this.over.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                let Some((by, to, bytes)) = way(&this, from, &buffer[..length]) else { continue };
                let faults = this.faults[kind];
                // As many dice for each, whatever they say.
                let [lost, doubled] = [faults.lost, faults.doubled].map(|of_hundred| dice.below(100) < of_hundred);
                let late = [(); 2].map(|()| Duration::from_millis(dice.below(faults.late_ms + 1) as u64));
                let copies = usize::from(!lost) + usize::from(!lost && doubled);
                if lost { &this.lost } else { &this.passed }.fetch_add(1, Ordering::Relaxed);
                for late in &late[..copies] {
                    let parcel = Parcel { due: Instant::now() + *late, by: by.clone(), to, bytes: bytes.clone() };
                    let _ = this.parcels.send(parcel);
                }
            }
        });
    }

    fn from_peer(this: &Arc<Self>, peer: SocketAddr, datagram: &[u8]) -> Passed {
        let outer = this.peers.lock().unwrap().entry(peer).or_insert_with(|| this.stand_in(peer)).clone();
        let shown = outer.local_addr().unwrap();
        let text = String::from_utf8_lossy(datagram).replace(&peer.to_string(), &shown.to_string());
        let text = this.with_media(&text, |media| (&media.peer, &media.outer));
        Some((outer, this.service, text.into_bytes()))
    }

    /// A socket for a peer, which passes on what the service says.
    fn stand_in(self: &Arc<Self>, peer: SocketAddr) -> Arc<UdpSocket> {
        let outer = Arc::new(socket());
        let shown = outer.local_addr().unwrap();
        Self::read(self, outer.clone(), 0, move |this, _, datagram| {
            let sip = this.front.local_addr().unwrap();
            // The Call-ID may hold the address, and is known as the service has it.
            let text = this.with_media(&String::from_utf8_lossy(datagram), |media| (&media.service, &media.inner));
            let text = text.replace(&this.service.to_string(), &sip.to_string());
            let text = text.replace(&shown.to_string(), &peer.to_string());
            Some((this.front.clone(), peer, text.into_bytes()))
        });
        outer
    }

    /// The message with the line's port for sound in place of its sender's.
    fn with_media(
        self: &Arc<Self>,
        text: &str,
        side: impl Fn(&Media) -> (&Mutex<Option<u16>>, &Arc<UdpSocket>),
    ) -> String {
        const AUDIO: &str = "\r\nm=audio ";
        let Some(call) = text.lines().find_map(|line| line.strip_prefix("Call-ID: ")) else { return text.to_owned() };
        let Some((head, tail)) = text.split_once(AUDIO) else { return text.to_owned() };
        let (port, rest) = tail.split_once(' ').unwrap();
        let media = self.calls.lock().unwrap().entry(call.to_owned()).or_insert_with(|| self.media()).clone();
        let (own, stands) = side(&media);
        *own.lock().unwrap() = port.parse().ok();
        let shown = stands.local_addr().unwrap().port();
        assert_eq!(shown.to_string().len(), port.len(), "the length stays: {text}");
        format!("{head}{AUDIO}{shown} {rest}")
    }

    /// Two ports that pass sound on.
    fn media(self: &Arc<Self>) -> Arc<Media> {
        let [outer, inner] = [(); 2].map(|()| Arc::new(socket()));
        let (peer, service) = (Mutex::default(), Mutex::default());
        let media = Arc::new(Media { outer: outer.clone(), inner: inner.clone(), peer, service });
        let to_peer = media.clone();
        Self::read(self, outer, 1, move |_, _, datagram| {
            let port = (*to_peer.peer.lock().unwrap())?;
            Some((to_peer.inner.clone(), here(port), datagram.to_vec()))
        });
        let to_service = media.clone();
        Self::read(self, inner, 1, move |_, _, datagram| {
            let port = (*to_service.service.lock().unwrap())?;
            Some((to_service.outer.clone(), here(port), datagram.to_vec()))
        });
        media
    }
}

/// Sends each parcel when it is due.
fn deliver(parcels: &Receiver<Parcel>, inner: &Inner) {
    let mut under_way = BinaryHeap::new();
    while !inner.over.load(Ordering::Relaxed) {
        let now = Instant::now();
        while under_way.peek().is_some_and(|parcel: &Parcel| parcel.due <= now) {
            if let Some(Parcel { by, to, bytes, .. }) = under_way.pop() {
                let _ = by.send_to(&bytes, to);
            }
        }
        let next = under_way.peek().map_or(MOMENT, |parcel| parcel.due.saturating_duration_since(now).min(MOMENT));
        match parcels.recv_timeout(next) {
            Ok(parcel) => under_way.push(parcel),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Ord for Parcel {
    /// The first that is due is the greatest.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.due.cmp(&self.due)
    }
}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Parcel {}

/// How long a thread waits before it looks whether the test is over.
const MOMENT: Duration = Duration::from_millis(100);

fn here(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind(here(0)).unwrap();
    socket.set_read_timeout(Some(MOMENT)).unwrap();
    socket
}
