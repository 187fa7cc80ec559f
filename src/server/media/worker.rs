use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender, TryRecvError};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;

use super::figures::{Board, Figures};
use super::leg::Received;
use super::locksmith::Knock;
use super::orders::Order;
use super::outgoing::Scratch;
use super::plane::Heard;
use super::readiness::{ARRIVALS, Readiness, Token};
use super::seat::{Given, Seats};
use super::socket::{self, Opened};
use super::wheel::{ROUND, SLOT, Wheel};
use crate::base::{Chance, Instant, LegId, limits};
use crate::media::{Event, KeysInSound};
use crate::rtp::rtcp;
use crate::server::clock;

/// One thread of the media plane with its legs.
pub(super) struct Worker {
    /// Its number.
    pub(super) desk: usize,
    /// The orders of all workers, its own among them, by their numbers.
    pub(super) neighbours: Arc<[SyncSender<Order>]>,
    orders: Receiver<Order>,
    events: tokio::sync::mpsc::Sender<Event>,
    /// Events that the channel had no room for.
    waiting: VecDeque<Event>,
    board: Arc<Board>,
    pub(super) figures: Figures,
    pub(super) readiness: Readiness,
    /// The sockets that had something at the last look.
    ready: Vec<Token>,
    pub(super) seats: Seats,
    pub(super) wheel: Wheel,
    /// Slots turned since the start.
    turns: u64,
    pub(super) inbox: Box<[u8; DATAGRAM]>,
    pub(super) scratch: Box<Scratch>,
    pub(super) give_back: Sender<(Instant, u16)>,
    pub(super) chance: Chance,
    silence: Duration,
    pub(super) keys_in_sound: KeysInSound,
    /// Who makes handshakes, where any are made.
    pub(super) locksmith: Option<SyncSender<Knock>>,
    pub(super) cname: String,
}

/// What a worker is made of.
pub(super) struct Equipment {
    pub(super) desk: usize,
    pub(super) neighbours: Arc<[SyncSender<Order>]>,
    pub(super) orders: Receiver<Order>,
    pub(super) events: tokio::sync::mpsc::Sender<Event>,
    pub(super) board: Arc<Board>,
    pub(super) give_back: Sender<(Instant, u16)>,
    pub(super) chance: Chance,
    pub(super) silence: Duration,
    pub(super) keys_in_sound: KeysInSound,
    pub(super) locksmith: Option<SyncSender<Knock>>,
}

/// The largest datagram that is read whole: no telephone's packet is larger.
const DATAGRAM: usize = 2_048;
/// Looks at the kernel's list in one slot, of [`ARRIVALS`] sockets each.
const LOOKS: usize = 8;

impl Worker {
    pub(super) fn new(equipment: Equipment) -> io::Result<Self> {
        let Equipment { desk, neighbours, orders, events, board, .. } = equipment;
        let Equipment { give_back, mut chance, silence, keys_in_sound, locksmith, .. } = equipment;
        Ok(Self {
            desk,
            neighbours,
            orders,
            events,
            waiting: VecDeque::new(),
            board,
            figures: Figures::default(),
            readiness: Readiness::new()?,
            ready: Vec::with_capacity(ARRIVALS),
            seats: Seats::default(),
            wheel: Wheel::new(clock::now()),
            turns: 0,
            inbox: Box::new([0; DATAGRAM]),
            scratch: Box::new([0; DATAGRAM]),
            give_back,
            cname: chance.token(12),
            chance,
            silence,
            keys_in_sound,
            locksmith,
        })
    }

    /// Works until the plane is gone, then closes what is open.
    pub(super) fn run(&mut self) {
        while self.wait() {
            self.turn();
        }
        let legs: Vec<LegId> = self.seats.legs().collect();
        for leg in legs {
            self.close(leg);
        }
        self.tell();
    }

    /// Sleeps until the next slot is due and obeys what has been ordered by then; without
    /// legs, until there is an order. An order wakes nobody who has legs: a call gives
    /// several, and waking costs more than obeying. False when the plane has gone.
    fn wait(&mut self) -> bool {
        if self.seats.len() == 0 && self.waiting.is_empty() {
            match self.orders.recv() {
                Ok(Order::Stop) | Err(_) => return false,
                Ok(order) => {
                    self.wheel.restart(clock::now());
                    self.obey(order);
                }
            }
        } else {
            clock::sleep(self.wheel.due().since(clock::now()));
        }
        for _ in 0..limits::MEDIA_ORDERS {
            match self.orders.try_recv() {
                Ok(Order::Stop) | Err(TryRecvError::Disconnected) => return false,
                Ok(order) => self.obey(order),
                Err(TryRecvError::Empty) => break,
            }
        }
        true
    }

    /// One slot: what has arrived, then what is due.
    pub(super) fn turn(&mut self) {
        let now = clock::now();
        self.figures.skipped_rounds += self.wheel.skip_missed(now);
        let (due, slot) = self.wheel.turn();
        self.turns += 1;
        let late = now.since(due);
        self.figures.late_slots += u64::from(late > SLOT);
        self.receive(now);
        if late >= ROUND {
            self.figures.caught_up += self.wheel.members(slot).len() as u64;
        }
        for i in 0..self.wheel.members(slot).len() {
            let seat = self.wheel.members(slot)[i];
            self.send(seat, due, now);
        }
        self.tell();
    }

    /// Reads what has arrived for any leg.
    fn receive(&mut self, now: Instant) {
        let mut ready = std::mem::take(&mut self.ready);
        for _ in 0..LOOKS {
            self.readiness.look(&mut ready);
            for &token in &ready {
                self.read(token, now);
            }
            if ready.len() < ARRIVALS {
                break;
            }
        }
        self.ready = ready;
    }

    /// Reads a packet of a socket that has one; more when there was one in the slot
    /// before too, for then packets have piled up.
    fn read(&mut self, token: Token, now: Instant) {
        let Some(seat) = self.seats.at(token.seat) else { return };
        let piled_up = !token.is_rtcp && std::mem::replace(&mut seat.read_in, self.turns) + 1 == self.turns;
        let most = if piled_up { limits::PACKETS_PER_SLOT } else { 1 };
        for _ in 0..most {
            let Some(seat) = self.seats.at(token.seat) else { return };
            let socket = if token.is_rtcp { seat.sockets.rtcp.as_ref() } else { Some(&seat.sockets.rtp) };
            let Some(socket) = socket else { return };
            match socket.recv_from(&mut self.inbox[..]) {
                Ok((length, from)) => {
                    self.figures.received += 1;
                    self.listen(token, now, (socket::canonical(from), length));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An error of an earlier packet's way (ICMP) says nothing of this one.
                Err(_) => {}
            }
        }
        self.figures.floods += u64::from(piled_up);
    }

    /// Takes a datagram of the inbox that came to a seat, and gives it to who hears it.
    fn listen(&mut self, token: Token, now: Instant, (from, length): (SocketAddr, usize)) {
        let Some(seat) = self.seats.at(token.seat) else { return };
        let opened = seat.sockets.open(&self.inbox[..length]);
        let datagram = match &opened {
            Opened::Plain(datagram) => *datagram,
            Opened::Secret(datagram) => datagram.as_ref(),
            Opened::Early => return,
            // One on the port of RTCP would give keys for that alone; we share the port, or send none.
            Opened::Handshake if token.is_rtcp => return,
            Opened::Handshake => {
                let leg = seat.leg.id;
                return self.pass_on(leg, from, length);
            }
            Opened::Refused => {
                seat.leg.strangers += 1;
                self.figures.strangers += 1;
                return;
            }
        };
        if token.is_rtcp || rtcp::is_rtcp(datagram) {
            seat.leg.receive_rtcp(now, from, datagram);
            return;
        }
        let strangers = seat.leg.strangers;
        let received = seat.leg.receive(now, from, datagram);
        self.figures.strangers += seat.leg.strangers - strangers;
        let Received::Heard { packet, kind, digit } = received else { return };
        if let Some(sink) = &seat.tap {
            // A sink that is full misses this packet; nothing waits for it.
            match sink.try_send(Heard::new(now, &packet, kind)) {
                Ok(()) => {}
                Err(mpsc::TrySendError::Full(_)) => self.figures.untapped += 1,
                Err(mpsc::TrySendError::Disconnected(_)) => seat.tap = None,
            }
        }
        let leg = seat.leg.id;
        let given = Given { from: leg, packet, kind, digit };
        for i in 0..seat.listeners.len() {
            let Some(&listener) = self.seats.at(token.seat).and_then(|seat| seat.listeners.get(i)) else { break };
            if listener.desk != self.desk {
                let order = Order::Given { to: listener.leg, from: leg, kind, digit, datagram: datagram.into() };
                // A worker that does not keep up misses this packet; this one does not wait.
                self.figures.unsent += u64::from(self.neighbours[listener.desk].try_send(order).is_err());
            } else if let Some(seat) = self.seats.of(listener.leg) {
                seat.take(now, &given, &mut self.scratch, &mut self.figures);
            }
        }
        if let Some(digit) = digit {
            self.emit(Event::Digit { leg, digit });
        }
    }

    /// Sends what is due on one seat, and tells what has ended or is missing there.
    fn send(&mut self, index: usize, due: Instant, now: Instant) {
        let Some(seat) = self.seats.at(index) else { return };
        seat.send(due, &mut self.scratch, &mut self.figures);
        if seat.leg.wants_rtcp(now) {
            let watched = seat.sockets.open_rtcp();
            let token = Token { seat: index, is_rtcp: true };
            if let Err(error) = watched.and_then(|socket| self.readiness.watch(socket, token)) {
                tracing::debug!(leg = %seat.leg.id, %error, "a leg has no RTCP: its port can't be had");
            }
        }
        if let Some((bytes, target)) = seat.leg.report(now, clock::wall, &mut self.chance, &self.cname) {
            seat.sockets.report(seat.leg.rtcp_port(), &bytes, target);
        }
        if let Some(event) = seat.leg.news(now, self.silence) {
            self.emit(event);
        }
    }

    #[cfg(test)]
    pub(super) fn figures(&self) -> Figures {
        self.figures
    }

    pub(super) fn emit(&mut self, event: Event) {
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
