use std::sync::mpsc::SyncSender;

use super::handshake::Step;
use super::kind::Kind;
use super::leg::Leg;
use super::locksmith::Knock;
use super::plane::Heard;
use super::readiness::Token;
use super::seat::{Given, Place, Seat};
use super::socket::Sockets;
use super::worker::Worker;
use crate::base::{Digit, LegId};
use crate::media::{Command, Event};
use crate::rtp::Packet;
use crate::server::clock;

/// What a worker is told, by the plane or by another worker.
#[derive(Debug)]
pub(super) enum Order {
    /// A new leg with its sockets.
    Open { leg: LegId, sockets: Sockets, port: u16 },
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
    /// Something has come of a leg's handshake.
    Handshake { leg: LegId, step: Step },
    /// The plane has gone.
    Stop,
}

impl Worker {
    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::Open { leg, sockets, port } => self.open(leg, sockets, port),
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
                    seat.take(clock::now(), &given, &mut self.scratch, &mut self.figures);
                }
            }
            Order::Handshake { leg, step } => self.on_handshake(leg, step),
            // The loop that reads the orders ends at it.
            Order::Stop => {}
        }
    }

    /// Obeys what concerns one leg only.
    fn command(&mut self, command: Command) {
        if let Command::Connect { leg, stream } = &command
            && !self.seal(*leg, stream)
        {
            return;
        }
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

    fn open(&mut self, leg: LegId, sockets: Sockets, port: u16) {
        self.close(leg);
        let index = self.seats.next();
        if let Err(error) = self.readiness.watch(&sockets.rtp, Token { seat: index, is_rtcp: false }) {
            tracing::error!(%leg, %error, "the leg's socket can't be watched: it will hear nothing");
        }
        let slot = self.wheel.add(index);
        let mut leg = Leg::new(clock::now(), leg, &mut self.chance);
        leg.keys_in_sound = self.keys_in_sound;
        let (listeners, sources) = (Vec::new(), Vec::new());
        self.seats.add(Seat { leg, sockets, port, slot, read_in: 0, listeners, sources, tap: None });
        self.figures.legs = self.seats.len() as u64;
    }

    pub(super) fn close(&mut self, leg: LegId) {
        let Some((index, mut seat)) = self.seats.remove(leg) else { return };
        if seat.sockets.has_handshake() {
            // If this finds no room, the door is forgotten in its time.
            self.knock(Knock::Gone { leg });
        }
        let place = Place { leg, desk: self.desk };
        for source in &seat.sources {
            self.post(source.desk, Order::Unfeed { source: source.leg, listener: place });
        }
        for listener in &seat.listeners {
            self.post(listener.desk, Order::Gone { source: leg, listener: listener.leg });
        }
        if let Some((bytes, target)) = seat.leg.goodbye(&self.cname) {
            seat.sockets.report(seat.leg.rtcp_port(), &bytes, target);
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
}
