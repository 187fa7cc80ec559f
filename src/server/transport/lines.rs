use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::connection::{Connection, News, Opened, Outgoing, Patience, prepare};
use super::crowd::{Crowd, Full};
use super::doors::Listener;
use super::tls::{Encryption, names, server_name};
use crate::base::{Instant, limits};
use crate::config::Connections;
use crate::server::clock;
use crate::sip::{self, ConnectionId, Door, Hop, Transport};
use crate::web;

/// Every connection, by its name and by who is at its other end.
pub(in crate::server) struct Lines {
    all: HashMap<ConnectionId, Line>,
    by_peer: HashMap<(Transport, SocketAddr), ConnectionId>,
    crowd: Crowd,
    doors: Vec<Door>,
    encryption: Option<Encryption>,
    /// Where the trunks are, and the names that their certificates must have.
    trunks: Vec<Known>,
    patience: Patience,
    news: mpsc::Sender<News>,
    last: NonZeroU32,
}

struct Known {
    trunk: Arc<str>,
    address: SocketAddr,
    name: ServerName<'static>,
}

struct Line {
    peer: (Transport, SocketAddr),
    /// `None` once nothing more is to be said.
    outbox: Option<mpsc::Sender<Outgoing>>,
    /// When it was opened, or the last message came.
    heard: Instant,
}

impl Lines {
    /// No connection yet, and tasks that accept them; the receiver gets the news of all.
    pub(in crate::server) fn open(
        listeners: Vec<Listener>,
        (doors, encryption): (Vec<Door>, Option<Encryption>),
        settings: Connections,
    ) -> (Self, mpsc::Receiver<News>) {
        let (news, receiver) = mpsc::channel(limits::SIP_ARRIVALS);
        for (door, transport, listener) in listeners {
            tokio::spawn(accept(listener, (door, transport), news.clone()));
        }
        let Connections { most, per_address, idle, slow } = settings;
        web::metrics::sip_connections(0);
        let lines = Self {
            all: HashMap::new(),
            by_peer: HashMap::new(),
            crowd: Crowd::new(most, per_address),
            doors,
            encryption,
            trunks: Vec::new(),
            patience: Patience { idle, slow },
            news,
            last: NonZeroU32::MIN,
        };
        (lines, receiver)
    }

    /// Lets somebody in who has opened a connection, if there is room.
    pub(in crate::server) fn welcome(
        &mut self,
        (door, transport): (u8, Transport),
        stream: TcpStream,
        peer: SocketAddr,
    ) {
        let hop = Hop { door: Some(door), ..Hop::by(transport, peer) };
        let Some((id, connection)) = self.enter(hop, Opened::ByPeer) else { return };
        tracing::debug!(%id, %peer, transport = transport.name(), "a connection was opened to us");
        prepare(&stream, self.patience);
        match (transport, self.encryption.clone()) {
            (Transport::Tls, Some(encryption)) => tokio::spawn(encrypt(connection, (id, encryption), stream)),
            _ => tokio::spawn(connection.run(Ok(stream))),
        };
    }

    /// A message has come over a connection.
    pub(in crate::server) fn heard(&mut self, id: ConnectionId) {
        if let Some(line) = self.all.get_mut(&id) {
            line.heard = clock::now();
        }
    }

    /// Whether the next who connect will find no room soon.
    pub(in crate::server) fn is_crowded(&self) -> bool {
        let kept_free = self.crowd.most() / KEPT_FREE;
        let enough = self.crowd.most() - kept_free;
        // Those that are being closed are counted only when there are many.
        kept_free > 0 && self.crowd.len() > enough && self.staying() > enough
    }

    /// Closes those that have said nothing for the longest time and that nobody needs, until
    /// there is room for some more: strangers who connect to everything there is keep no phone
    /// and no caller out.
    pub(in crate::server) fn make_room(&mut self, is_needed: impl Fn(ConnectionId, (Transport, SocketAddr)) -> bool) {
        let wanted = self.staying().saturating_sub(self.crowd.most() - 2 * (self.crowd.most() / KEPT_FREE));
        let is_free = |(id, line): &(&ConnectionId, &Line)| line.outbox.is_some() && !is_needed(**id, line.peer);
        let mut free: Vec<_> = self.all.iter().filter(is_free).map(|(id, line)| (line.heard, *id)).collect();
        free.sort_unstable();
        free.truncate(wanted);
        tracing::debug!(count = free.len(), "connections are closed to make room");
        for (_, id) in free {
            web::metrics::sip_connection_refused("crowd");
            self.finish(id);
        }
    }

    /// How many are up and not being closed.
    fn staying(&self) -> usize {
        self.all.values().filter(|line| line.outbox.is_some()).count()
    }

    /// Encrypted connections are made with this from now on; those that are up stay.
    pub(in crate::server) fn renew(&mut self, encryption: Encryption) {
        self.encryption = Some(encryption);
    }

    /// Whether there is what encrypted connections are made with.
    pub(in crate::server) fn can_encrypt(&self) -> bool {
        self.encryption.is_some()
    }

    /// A trunk is at these places from now on, with certificates of its domain (RFC 5922,
    /// section 4). A domain that no certificate can name is connected to by its addresses.
    pub(in crate::server) fn locate(&mut self, trunk: &Arc<str>, domain: &str, hops: &[Hop]) {
        self.trunks.retain(|known| known.trunk != *trunk);
        let Ok(name) = server_name(domain) else { return };
        let encrypted = hops.iter().filter(|hop| hop.transport == Transport::Tls);
        let known = |hop: &Hop| Known { trunk: Arc::clone(trunk), address: hop.address, name: name.clone() };
        self.trunks.extend(encrypted.map(known));
    }

    /// These are the trunks from now on; where the others were is forgotten.
    pub(in crate::server) fn keep_trunks(&mut self, trunks: &[sip::Trunk]) {
        self.trunks.retain(|known| trunks.iter().any(|trunk| trunk.name == known.trunk));
    }

    /// The name that a certificate from an address must have.
    pub(super) fn name_at(&self, to: SocketAddr) -> ServerName<'static> {
        let known = self.trunks.iter().find(|known| known.address == to).map(|known| known.name.clone());
        known.unwrap_or_else(|| ServerName::IpAddress(to.ip().into()))
    }

    /// Where connections tell their news.
    pub(in crate::server) fn news(&self) -> mpsc::Sender<News> {
        self.news.clone()
    }

    /// Sends a message over the connection that there is, else over a new one.
    ///
    /// # Errors
    /// The bytes, when they can't be sent.
    pub(in crate::server) fn send(&mut self, to: Hop, bytes: Vec<u8>) -> Result<(), Vec<u8>> {
        let own = to.connection.filter(|id| self.is_open(*id));
        let known =
            own.or_else(|| self.by_peer.get(&(to.transport, to.address)).copied().filter(|id| self.is_open(*id)));
        let Some(id) = known.or_else(|| self.connect(to)) else { return Err(bytes) };
        let Some(outbox) = self.all.get(&id).and_then(|line| line.outbox.as_ref()) else { return Err(bytes) };
        // A peer that does not read loses what does not fit; its connection ends by itself.
        outbox.try_send(Outgoing { to, bytes }).map_err(|refused| refused.into_inner().bytes)
    }

    /// Says what is still to be said over a connection, and closes it.
    pub(in crate::server) fn finish(&mut self, id: ConnectionId) {
        if let Some(line) = self.all.get_mut(&id) {
            line.outbox = None;
        }
    }

    /// Forgets a connection that is closed. What it could not deliver is tried over a new one
    /// (RFC 3261, section 18.2.2), if it was meant for that connection; the rest comes back.
    pub(in crate::server) fn closed(&mut self, id: ConnectionId, undelivered: Vec<Outgoing>) -> Vec<Vec<u8>> {
        if let Some(line) = self.all.remove(&id) {
            if self.by_peer.get(&line.peer) == Some(&id) {
                self.by_peer.remove(&line.peer);
            }
            self.crowd.leave(line.peer.1.ip());
            web::metrics::sip_connections(self.crowd.len());
        }
        let mut lost = Vec::new();
        for Outgoing { to, bytes } in undelivered {
            match to.connection {
                Some(_) => lost.extend(self.send(Hop { connection: None, ..to }, bytes).err()),
                None => lost.push(bytes),
            }
        }
        lost
    }

    /// Lets every connection say what is still to be said, and closes it.
    pub(in crate::server) async fn close(mut self, mut news: mpsc::Receiver<News>) {
        self.all.values_mut().for_each(|line| line.outbox = None);
        let closed = async {
            while !self.all.is_empty() {
                match news.recv().await {
                    Some(News::Closed { id, .. }) => drop(self.all.remove(&id)),
                    Some(_) => {}
                    None => return,
                }
            }
        };
        // Who does not listen any more is not waited for.
        let _ = timeout(LAST_WORDS, closed).await;
    }

    fn is_open(&self, id: ConnectionId) -> bool {
        let outbox = self.all.get(&id).and_then(|line| line.outbox.as_ref());
        outbox.is_some_and(|outbox| !outbox.is_closed())
    }

    /// Opens a connection; what is put into its queue meanwhile goes when it is there.
    fn connect(&mut self, to: Hop) -> Option<ConnectionId> {
        let can = to.transport != Transport::Tls || self.encryption.is_some();
        if to.address.port() == 0 || !can {
            return None;
        }
        let (id, connection) = self.enter(Hop { connection: None, ..to }, Opened::ByUs)?;
        let from = to.door.and_then(|door| self.doors.get(usize::from(door))).map(|door| door.bound.ip());
        let (patience, encryption, name) = (self.patience, self.encryption.clone(), self.name_at(to.address));
        tracing::debug!(%id, peer = %to.address, transport = to.transport.name(), "a connection is being opened");
        tokio::spawn(async move {
            // What can go by datagrams as well is not kept waiting.
            let within = if to.grows { patience.slow.min(SHORTLY) } else { patience.slow };
            let stream = dial(from, to.address, within).await;
            if let Ok(stream) = &stream {
                prepare(stream, patience);
            }
            match (to.transport, stream, encryption) {
                (Transport::Tls, Ok(stream), Some(encryption)) => {
                    let encrypted = timeout(patience.slow, encryption.connect(stream, name)).await;
                    connection.run(in_time(encrypted)).await;
                }
                (_, stream, _) => connection.run(stream).await,
            }
        });
        Some(id)
    }

    /// Makes room for one more, and its belongings.
    fn enter(&mut self, hop: Hop, opened: Opened) -> Option<(ConnectionId, Connection)> {
        if let Err(full) = self.crowd.enter(hop.address.ip()) {
            web::metrics::sip_connection_refused(match full {
                Full::All => "full",
                Full::Address => "address",
            });
            tracing::debug!(peer = %hop.address, ?full, "there is no room for one more connection");
            return None;
        }
        web::metrics::sip_connections(self.crowd.len());
        let id = self.next_id();
        let (outbox, waiting) = mpsc::channel(limits::SIP_CONNECTION_QUEUE);
        let peer = (hop.transport, hop.address);
        self.all.insert(id, Line { peer, outbox: Some(outbox), heard: clock::now() });
        self.by_peer.insert(peer, id);
        let hop = Hop { connection: Some(id), ..hop };
        let (news, patience) = (self.news.clone(), self.patience);
        Some((id, Connection { hop, outbox: waiting, news, patience, opened }))
    }

    /// A name that no connection has.
    fn next_id(&mut self) -> ConnectionId {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(NonZeroU32::MIN);
            if !self.all.contains_key(&ConnectionId(self.last)) {
                return ConnectionId(self.last);
            }
        }
    }
}

/// Hands over who opens a connection, for as long as there is a signalling task.
async fn accept(listener: TcpListener, (door, transport): (u8, Transport), news: mpsc::Sender<News>) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if news.send(News::Accepted { door, transport, stream, peer }).await.is_err() {
                    return;
                }
            }
            // Too many open files, most of the time: some are closed in a moment.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                clock::until(Some(clock::now() + REST)).await;
            }
        }
    }
}

/// Connects, from the address that peers know us by if there is one.
async fn dial(from: Option<IpAddr>, to: SocketAddr, within: Duration) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if let Some(from) = from.filter(|from| !from.is_unspecified() && from.is_ipv4() == to.is_ipv4()) {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    in_time(timeout(within, socket.connect(to)).await)
}

/// Encrypts a connection that was opened to us, tells whose certificate the peer has shown,
/// and lets it speak.
async fn encrypt(connection: Connection, (id, encryption): (ConnectionId, Encryption), stream: TcpStream) {
    let stream = in_time(timeout(connection.patience.slow, encryption.accept(stream)).await);
    let names = stream.as_ref().map(names).unwrap_or_default();
    if !names.is_empty() {
        // Without a signalling task nobody asks who it is.
        let _ = connection.news.send(News::Certified { id, names }).await;
    }
    connection.run(stream).await;
}

fn in_time<T>(done: Result<io::Result<T>, Elapsed>) -> io::Result<T> {
    done.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// The part of all connections that is kept free for who comes: one in sixteen.
const KEPT_FREE: usize = 16;
/// How long a connection is waited for that there is another way beside.
const SHORTLY: Duration = Duration::from_secs(2);
/// How long the last messages may take when the service ends.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// A pause after a connection could not be accepted.
const REST: Duration = Duration::from_millis(100);
