use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};
use tokio::sync::mpsc::error::TrySendError;

use super::figures::{Board, Figures};
use super::leg::{Kind, Leg, Received};
use super::plane::Heard;
use super::socket::Pair;
use super::wheel::{SLOT, Wheel};
use crate::base::{Chance, Instant, LegId, limits};
use crate::media::{Command, Event};
use crate::rtp::{Packet, rtcp};
use crate::server::clock;

/// What a worker is told.
#[derive(Debug)]
pub(super) enum Order {
    /// A new leg with its sockets.
    Open { leg: LegId, pair: Pair, port: u16 },
    /// Something for a leg.
    Command(Command),
    /// A copy of everything that a leg hears goes here from now on.
    Tap { leg: LegId, sink: SyncSender<Heard> },
}

/// One thread of the media plane with its legs.
pub(super) struct Worker {
    orders: Receiver<Order>,
    events: tokio::sync::mpsc::Sender<Event>,
    /// Events that the channel had no room for.
    waiting: VecDeque<Event>,
    board: Arc<Board>,
    figures: Figures,
    poll: Poll,
    arrivals: Events,
    seats: Vec<Option<Seat>>,
    vacant: Vec<usize>,
    by_leg: HashMap<LegId, usize>,
    wheel: Wheel,
    /// Sockets with something to read, by their tokens.
    unread: Vec<Token>,
    inbox: Box<[u8; DATAGRAM]>,
    outbox: Box<[u8; DATAGRAM]>,
    give_back: Sender<(Instant, u16)>,
    chance: Chance,
    silence: Duration,
    cname: String,
}

/// What a worker is made of.
pub(super) struct Equipment {
    pub(super) orders: Receiver<Order>,
    pub(super) events: tokio::sync::mpsc::Sender<Event>,
    pub(super) board: Arc<Board>,
    pub(super) give_back: Sender<(Instant, u16)>,
    pub(super) chance: Chance,
    pub(super) silence: Duration,
}

/// A leg with what it has at this worker.
struct Seat {
    leg: Leg,
    pair: Pair,
    port: u16,
    slot: usize,
    /// Whether RTP and RTCP have something to read.
    has_unread: [bool; 2],
    tap: Option<SyncSender<Heard>>,
}

/// A leg's first socket.
const RTP: usize = 0;
/// Its second.
const RTCP: usize = 1;
/// The largest datagram that is read whole: no telephone's packet is larger.
const DATAGRAM: usize = 2_048;
/// Sockets that one look at the kernel's list tells of.
const ARRIVALS: usize = 1_024;
/// Orders that are obeyed in a slot that is late already.
const ORDERS_WHEN_LATE: usize = 64;

impl Worker {
    pub(super) fn new(equipment: Equipment) -> io::Result<Self> {
        let Equipment { orders, events, board, give_back, mut chance, silence } = equipment;
        Ok(Self {
            orders,
            events,
            waiting: VecDeque::new(),
            board,
            figures: Figures::default(),
            poll: Poll::new()?,
            arrivals: Events::with_capacity(ARRIVALS),
            seats: Vec::new(),
            vacant: Vec::new(),
            by_leg: HashMap::new(),
            wheel: Wheel::new(clock::now()),
            unread: Vec::new(),
            inbox: Box::new([0; DATAGRAM]),
            outbox: Box::new([0; DATAGRAM]),
            give_back,
            cname: chance.token(12),
            chance,
            silence,
        })
    }

    /// Works until the plane is gone, then closes what is open.
    pub(super) fn run(&mut self) {
        while self.wait() {
            self.turn();
        }
        let legs: Vec<LegId> = self.by_leg.keys().copied().collect();
        for leg in legs {
            self.close(leg);
        }
        self.tell();
    }

    /// Obeys orders until the next slot is due; without legs, for as long as it takes.
    /// False when nobody can give orders any more.
    fn wait(&mut self) -> bool {
        if self.by_leg.is_empty() && self.waiting.is_empty() {
            let Ok(order) = self.orders.recv() else { return false };
            self.wheel.restart(clock::now());
            self.obey(order);
        }
        let mut obeyed = 0;
        loop {
            let left = self.wheel.due().since(clock::now());
            if left.is_zero() && obeyed >= ORDERS_WHEN_LATE {
                return true;
            }
            match self.orders.recv_timeout(left) {
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
            obeyed += 1;
        }
    }

    /// One slot: what has arrived, then what is due.
    fn turn(&mut self) {
        let now = clock::now();
        self.figures.skipped_rounds += self.wheel.skip_missed(now);
        let (due, slot) = self.wheel.turn();
        if now.since(due) > SLOT {
            self.figures.late_slots += 1;
        }
        self.look();
        let mut unread = std::mem::take(&mut self.unread);
        unread.retain(|&token| self.read(token, now));
        self.unread = unread;
        for i in 0..self.wheel.members(slot).len() {
            let seat = self.wheel.members(slot)[i];
            self.send(seat, due, now);
        }
        self.tell();
    }

    /// Asks the kernel which sockets have something to read.
    fn look(&mut self) {
        loop {
            if self.poll.poll(&mut self.arrivals, Some(Duration::ZERO)).is_err() {
                return;
            }
            let mut seen = 0;
            for arrival in &self.arrivals {
                seen += 1;
                let token = arrival.token();
                let (index, which) = place(token);
                if let Some(Some(seat)) = self.seats.get_mut(index)
                    && !std::mem::replace(&mut seat.has_unread[which], true)
                {
                    self.unread.push(token);
                }
            }
            if seen < ARRIVALS {
                return;
            }
        }
    }

    /// Reads what one socket has, within bounds; true when there is more.
    fn read(&mut self, token: Token, now: Instant) -> bool {
        let (index, which) = place(token);
        for _ in 0..limits::PACKETS_PER_SLOT {
            let Some(Some(seat)) = self.seats.get_mut(index) else { return false };
            let socket = if which == RTP { &seat.pair.rtp } else { &seat.pair.rtcp };
            match socket.recv_from(&mut self.inbox[..]) {
                Ok((length, from)) => {
                    self.figures.received += 1;
                    self.hear(index, which, now, (from, length));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    seat.has_unread[which] = false;
                    return false;
                }
                // An error of an earlier packet's way (ICMP) says nothing of this one.
                Err(_) => {}
            }
        }
        self.figures.floods += 1;
        true
    }

    /// Takes a datagram of the inbox that came to a seat.
    fn hear(&mut self, index: usize, which: usize, now: Instant, (from, length): (SocketAddr, usize)) {
        let Some(Some(seat)) = self.seats.get_mut(index) else { return };
        let datagram = &self.inbox[..length];
        if which == RTCP || rtcp::is_rtcp(datagram) {
            seat.leg.receive_rtcp(now, from, datagram);
            return;
        }
        let strangers = seat.leg.strangers;
        let received = seat.leg.receive(now, from, datagram);
        self.figures.strangers += seat.leg.strangers - strangers;
        let Received::Heard { packet, kind, digit } = received else { return };
        if let Some(sink) = &seat.tap {
            // A sink that is full or gone misses this packet; nothing waits for it.
            let _ = sink.try_send(Heard::new(now, &packet, kind));
        }
        let leg = seat.leg.id;
        let relay_to = seat.leg.bridged.and_then(|other| self.by_leg.get(&other).copied());
        if let Some(other) = relay_to.and_then(|other| self.seats.get_mut(other)?.as_mut()) {
            other.relay(now, &packet, kind, &mut self.outbox[..], &mut self.figures);
        }
        if let Some(digit) = digit {
            self.emit(Event::Digit { leg, digit });
        }
    }

    /// Sends what is due on one seat, and tells what has ended or is missing there.
    fn send(&mut self, index: usize, due: Instant, now: Instant) {
        let Some(Some(seat)) = self.seats.get_mut(index) else { return };
        if let Some((length, target)) = seat.leg.send(due, &mut self.outbox[..]) {
            seat.transmit(&self.outbox[..length], target, &mut self.figures);
        }
        if let Some((bytes, target)) = seat.leg.report(now, clock::wall, &mut self.chance, &self.cname) {
            // A lost report is followed by the next one.
            let _ = seat.pair.rtcp.send_to(&bytes, target);
        }
        if let Some(event) = seat.leg.news(now, self.silence) {
            self.emit(event);
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Open { leg, pair, port } => self.open(leg, pair, port),
            Order::Tap { leg, sink } => {
                if let Some(seat) = self.seat(leg) {
                    seat.tap = Some(sink);
                }
            }
            Order::Command(Command::Close { leg }) => self.close(leg),
            Order::Command(Command::Bridge { leg, with }) => self.bridge(leg, with),
            Order::Command(Command::Unbridge { leg }) => self.unbridge(leg),
            Order::Command(command) => self.command(command),
        }
    }

    /// Obeys what concerns one leg only.
    fn command(&mut self, command: Command) {
        let Some(seat) = self.seat(command.leg()) else { return };
        match command {
            Command::Connect { stream, .. } => seat.leg.connect(clock::now(), stream),
            Command::Play { play, clips, repeat, stop_on_key, .. } => {
                seat.leg.play(play, clips, repeat, stop_on_key);
            }
            Command::Stop { .. } => seat.leg.stop(),
            Command::SendDigits { digits, .. } => seat.leg.send_digits(&digits),
            Command::Bridge { .. } | Command::Unbridge { .. } | Command::Close { .. } => {}
        }
    }

    fn open(&mut self, leg: LegId, mut pair: Pair, port: u16) {
        self.close(leg);
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.seats.push(None);
            self.seats.len() - 1
        });
        let registry = self.poll.registry();
        let watched = registry
            .register(&mut pair.rtp, token(index, RTP), Interest::READABLE)
            .and_then(|()| registry.register(&mut pair.rtcp, token(index, RTCP), Interest::READABLE));
        if let Err(error) = watched {
            tracing::error!(%leg, %error, "the leg's sockets can't be watched: it will hear nothing");
        }
        let slot = self.wheel.add(index);
        let leg = Leg::new(clock::now(), leg, &mut self.chance);
        self.by_leg.insert(leg.id, index);
        self.seats[index] = Some(Seat { leg, pair, port, slot, has_unread: [false; 2], tap: None });
        self.figures.legs = self.by_leg.len() as u64;
    }

    fn close(&mut self, leg: LegId) {
        self.unbridge(leg);
        let Some(index) = self.by_leg.remove(&leg) else { return };
        let Some(seat) = self.seats[index].take() else { return };
        if let Some((bytes, target)) = seat.leg.goodbye(&self.cname) {
            // Courtesy only: the signalling has said goodbye already.
            let _ = seat.pair.rtcp.send_to(&bytes, target);
        }
        self.wheel.remove(index, seat.slot);
        self.unread.retain(|&unread| place(unread).0 != index);
        self.vacant.push(index);
        self.figures.legs = self.by_leg.len() as u64;
        self.emit(Event::Closed { leg, stats: seat.leg.stats() });
        let port = seat.port;
        drop(seat);
        // Nobody takes ports any more once the plane is gone.
        let _ = self.give_back.send((clock::now(), port));
    }

    fn bridge(&mut self, leg: LegId, with: LegId) {
        self.unbridge(leg);
        self.unbridge(with);
        if leg == with || !self.by_leg.contains_key(&leg) || !self.by_leg.contains_key(&with) {
            tracing::warn!(%leg, %with, "legs that are not both open can't be bridged");
            return;
        }
        for (one, other) in [(leg, with), (with, leg)] {
            if let Some(seat) = self.seat(one) {
                seat.leg.bridge(Some(other));
            }
        }
    }

    fn unbridge(&mut self, leg: LegId) {
        let Some(other) = self.seat(leg).and_then(|seat| seat.leg.bridged) else { return };
        for one in [leg, other] {
            if let Some(seat) = self.seat(one) {
                seat.leg.bridge(None);
            }
        }
    }

    fn seat(&mut self, leg: LegId) -> Option<&mut Seat> {
        let index = *self.by_leg.get(&leg)?;
        self.seats.get_mut(index)?.as_mut()
    }

    fn emit(&mut self, event: Event) {
        if self.waiting.len() >= limits::MEDIA_EVENTS_WAITING {
            self.waiting.pop_front();
            self.figures.lost_events += 1;
        }
        self.waiting.push_back(event);
    }

    /// Hands events up as far as there is room, and shows the figures.
    fn tell(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    break;
                }
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
        self.board.show(&self.figures);
    }
}

impl Seat {
    fn relay(&mut self, now: Instant, packet: &Packet<'_>, kind: Kind, outbox: &mut [u8], figures: &mut Figures) {
        if let Some((length, target)) = self.leg.relay(now, packet, kind, outbox) {
            figures.relayed += 1;
            self.transmit(&outbox[..length], target, figures);
        }
    }

    fn transmit(&self, bytes: &[u8], target: SocketAddr, figures: &mut Figures) {
        match self.pair.rtp.send_to(bytes, target) {
            Ok(_) => figures.sent += 1,
            Err(_) => figures.unsent += 1,
        }
    }
}

/// The token of a seat's socket.
fn token(index: usize, which: usize) -> Token {
    Token(index * 2 + which)
}

/// The seat and the socket of a token.
fn place(token: Token) -> (usize, usize) {
    (token.0 / 2, token.0 % 2)
}
