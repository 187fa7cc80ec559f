use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;

use super::figures::{Board, Figures};
use super::leg::{Kind, Leg, Received};
use super::plane::Heard;
use super::readiness::{ARRIVALS, Readiness, Token};
use super::seat::{Given, Place, Seat, Seats};
use super::socket::Pair;
use super::wheel::{ROUND, SLOT, Wheel};
use crate::base::{Chance, Digit, Instant, LegId, limits};
use crate::media::{Command, Event};
use crate::rtp::{Packet, rtcp};
use crate::server::clock;

/// What a worker is told, by the plane or by another worker.
#[derive(Debug)]
pub(super) enum Order {
    /// A new leg with its sockets.
    Open { leg: LegId, pair: Pair, port: u16 },
    /// Something for a leg.
    Command(Command),
    /// A leg hears these from now on; with a bridge, those it heard before hear it no more.
    Hear { leg: LegId, sources: Vec<Place>, is_bridge: bool },
    /// A copy of everything that a leg hears goes here from now on.
    Tap { leg: LegId, sink: SyncSender<Heard> },
    /// A leg of this worker is listened to.
    Feed { source: LegId, listener: Place },
    /// It is no more.
    Unfeed { source: LegId, listener: Place },
    /// A leg of this worker hears nothing more of that one.
    Gone { source: LegId, listener: LegId },
    /// A packet that a leg of another worker gives to one of this.
    Given { to: LegId, from: LegId, kind: Kind, digit: Option<Digit>, datagram: Box<[u8]> },
    /// The plane has gone.
    Stop,
}

/// One thread of the media plane with its legs.
pub(super) struct Worker {
    /// Its number.
    desk: usize,
    /// The orders of all workers, its own among them, by their numbers.
    neighbours: Arc<[SyncSender<Order>]>,
    orders: Receiver<Order>,
    events: tokio::sync::mpsc::Sender<Event>,
    /// Events that the channel had no room for.
    waiting: VecDeque<Event>,
    board: Arc<Board>,
    figures: Figures,
    readiness: Readiness,
    /// The sockets that had something at the last look.
    ready: Vec<Token>,
    seats: Seats,
    wheel: Wheel,
    /// Slots turned since the start.
    turns: u64,
    inbox: Box<[u8; DATAGRAM]>,
    outbox: Box<[u8; DATAGRAM]>,
    give_back: Sender<(Instant, u16)>,
    chance: Chance,
    silence: Duration,
    cname: String,
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
}

/// The largest datagram that is read whole: no telephone's packet is larger.
const DATAGRAM: usize = 2_048;
/// Looks at the kernel's list in one slot, of [`ARRIVALS`] sockets each.
const LOOKS: usize = 8;
/// Orders that are obeyed in a slot that is late already.
const ORDERS_WHEN_LATE: usize = 64;

impl Worker {
    pub(super) fn new(equipment: Equipment) -> io::Result<Self> {
        let Equipment { desk, neighbours, orders, events, board, give_back, mut chance, silence } = equipment;
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
        let legs: Vec<LegId> = self.seats.legs().collect();
        for leg in legs {
            self.close(leg);
        }
        self.tell();
    }

    /// Obeys orders until the next slot is due; without legs, for as long as it takes.
    /// False when nobody can give orders any more.
    fn wait(&mut self) -> bool {
        if self.seats.len() == 0 && self.waiting.is_empty() {
            match self.orders.recv() {
                Ok(Order::Stop) | Err(_) => return false,
                Ok(order) => {
                    self.wheel.restart(clock::now());
                    self.obey(order);
                }
            }
        }
        let mut obeyed = 0;
        loop {
            let left = self.wheel.due().since(clock::now());
            if left.is_zero() && obeyed >= ORDERS_WHEN_LATE {
                return true;
            }
            match self.orders.recv_timeout(left) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => return true,
            }
            obeyed += 1;
        }
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
            let socket = if token.is_rtcp { &seat.pair.rtcp } else { &seat.pair.rtp };
            match socket.recv_from(&mut self.inbox[..]) {
                Ok((length, from)) => {
                    self.figures.received += 1;
                    self.listen(token, now, (from, length));
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
        let datagram = &self.inbox[..length];
        if token.is_rtcp || rtcp::is_rtcp(datagram) {
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
        let given = Given { from: leg, packet, kind, digit };
        for i in 0..seat.listeners.len() {
            let Some(&listener) = self.seats.at(token.seat).and_then(|seat| seat.listeners.get(i)) else { break };
            if listener.desk != self.desk {
                let order = Order::Given { to: listener.leg, from: leg, kind, digit, datagram: datagram.into() };
                // A worker that does not keep up misses this packet; this one does not wait.
                self.figures.unsent += u64::from(self.neighbours[listener.desk].try_send(order).is_err());
            } else if let Some(seat) = self.seats.of(listener.leg) {
                seat.take(now, &given, &mut self.outbox[..], &mut self.figures);
            }
        }
        if let Some(digit) = digit {
            self.emit(Event::Digit { leg, digit });
        }
    }

    /// Sends what is due on one seat, and tells what has ended or is missing there.
    fn send(&mut self, index: usize, due: Instant, now: Instant) {
        let Some(seat) = self.seats.at(index) else { return };
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

    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Open { leg, pair, port } => self.open(leg, pair, port),
            Order::Tap { leg, sink } => {
                if let Some(seat) = self.seats.of(leg) {
                    seat.tap = Some(sink);
                }
            }
            Order::Command(Command::Close { leg }) => self.close(leg),
            Order::Command(Command::Unbridge { leg }) => self.unbridge(leg),
            Order::Command(command) => self.command(command),
            Order::Hear { leg, sources, is_bridge } => {
                let before = self.hear(leg, sources.clone());
                let others = before.into_iter().filter(|place| is_bridge && !sources.contains(place));
                self.deafen(leg, others);
            }
            Order::Feed { source, listener } => self.feed(source, listener),
            Order::Unfeed { source, listener } => {
                if let Some(seat) = self.seats.of(source) {
                    seat.listeners.retain(|&known| known != listener);
                }
            }
            Order::Gone { source, listener } => {
                if let Some(seat) = self.seats.of(listener) {
                    seat.sources.retain(|place| place.leg != source);
                    seat.leg.hear(&seat.sources);
                }
            }
            Order::Given { to, from, kind, digit, datagram } => {
                if let (Some(seat), Some(packet)) = (self.seats.of(to), Packet::parse(&datagram)) {
                    let given = Given { from, packet, kind, digit };
                    seat.take(clock::now(), &given, &mut self.outbox[..], &mut self.figures);
                }
            }
            // The loop that reads the orders ends at it.
            Order::Stop => {}
        }
    }

    /// Obeys what concerns one leg only.
    fn command(&mut self, command: Command) {
        let Some(seat) = self.seats.of(command.leg()) else { return };
        match command {
            Command::Connect { stream, .. } => seat.leg.connect(clock::now(), stream),
            Command::Play { play, clips, repeat, stop_on_key, .. } => {
                seat.leg.play(play, clips, repeat, stop_on_key);
            }
            Command::Stop { .. } => seat.leg.stop(),
            Command::SendDigits { digits, .. } => seat.leg.send_digits(&digits),
            // The plane makes orders of their own of these.
            Command::Bridge { .. } | Command::Unbridge { .. } | Command::Hear { .. } | Command::Close { .. } => {}
        }
    }

    fn open(&mut self, leg: LegId, pair: Pair, port: u16) {
        self.close(leg);
        let index = self.seats.next();
        let watched = [(&pair.rtp, false), (&pair.rtcp, true)]
            .into_iter()
            .try_for_each(|(socket, is_rtcp)| self.readiness.watch(socket, Token { seat: index, is_rtcp }));
        if let Err(error) = watched {
            tracing::error!(%leg, %error, "the leg's sockets can't be watched: it will hear nothing");
        }
        let slot = self.wheel.add(index);
        let leg = Leg::new(clock::now(), leg, &mut self.chance);
        let (listeners, sources) = (Vec::new(), Vec::new());
        self.seats.add(Seat { leg, pair, port, slot, read_in: 0, listeners, sources, tap: None });
        self.figures.legs = self.seats.len() as u64;
    }

    fn close(&mut self, leg: LegId) {
        let Some((index, seat)) = self.seats.remove(leg) else { return };
        let place = Place { leg, desk: self.desk };
        for source in &seat.sources {
            self.post(source.desk, Order::Unfeed { source: source.leg, listener: place });
        }
        for listener in &seat.listeners {
            self.post(listener.desk, Order::Gone { source: leg, listener: listener.leg });
        }
        if let Some((bytes, target)) = seat.leg.goodbye(&self.cname) {
            // Courtesy only: the signalling has said goodbye already.
            let _ = seat.pair.rtcp.send_to(&bytes, target);
        }
        self.wheel.remove(index, seat.slot);
        self.figures.legs = self.seats.len() as u64;
        self.emit(Event::Closed { leg, stats: seat.leg.stats() });
        let port = seat.port;
        drop(seat);
        // Nobody takes ports any more once the plane is gone.
        let _ = self.give_back.send((clock::now(), port));
    }

    /// The leg hears these from now on, and they are told to give; whom it heard before.
    fn hear(&mut self, leg: LegId, sources: Vec<Place>) -> Vec<Place> {
        let Some(seat) = self.seats.of(leg) else { return Vec::new() };
        if !sources.is_empty() {
            seat.leg.stop();
        }
        seat.leg.hear(&sources);
        let before = std::mem::replace(&mut seat.sources, sources.clone());
        let listener = Place { leg, desk: self.desk };
        for &Place { leg: source, desk } in &before {
            self.post(desk, Order::Unfeed { source, listener });
        }
        for Place { leg: source, desk } in sources {
            self.post(desk, Order::Feed { source, listener });
        }
        before
    }

    fn feed(&mut self, source: LegId, listener: Place) {
        match self.seats.of(source) {
            Some(seat) if !seat.listeners.contains(&listener) => seat.listeners.push(listener),
            Some(_) => {}
            None => {
                tracing::warn!(%source, listener = %listener.leg, "a leg that is not open can't be heard");
                self.post(listener.desk, Order::Gone { source, listener: listener.leg });
            }
        }
    }

    /// Neither side of a bridge hears the other any more.
    fn unbridge(&mut self, leg: LegId) {
        let others = self.hear(leg, Vec::new());
        self.deafen(leg, others.into_iter());
    }

    /// Those hear nothing more of this leg.
    fn deafen(&mut self, leg: LegId, listeners: impl Iterator<Item = Place>) {
        for listener in listeners {
            self.post(listener.desk, Order::Gone { source: leg, listener: listener.leg });
            self.post(self.desk, Order::Unfeed { source: leg, listener });
        }
    }

    /// Gives an order to the worker whom it concerns, which may be this one.
    fn post(&mut self, desk: usize, order: Order) {
        if desk == self.desk {
            return self.obey(order);
        }
        if self.neighbours[desk].try_send(order).is_err() {
            tracing::error!(desk, "a media worker does not keep up: a leg may hear what it should not, or nothing");
        }
    }

    #[cfg(test)]
    pub(super) fn figures(&self) -> Figures {
        self.figures
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
