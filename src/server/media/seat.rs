use std::collections::HashMap;
use std::sync::mpsc::SyncSender;

use super::figures::Figures;
use super::kind::Kind;
use super::leg::Leg;
use super::outgoing::Scratch;
use super::plane::Heard;
use super::socket::Sockets;
use crate::base::{Digit, Instant, LegId};
use crate::rtp::Packet;

/// A leg with what it has at its worker.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) leg: Leg,
    pub(super) sockets: Sockets,
    pub(super) port: u16,
    pub(super) slot: usize,
    /// The number of the slot in which RTP was there last: twice in a row is a burst.
    pub(super) read_in: u64,
    /// Who hears this leg.
    pub(super) listeners: Vec<Place>,
    /// Whom it hears.
    pub(super) sources: Vec<Place>,
    pub(super) tap: Option<SyncSender<Heard>>,
}

/// A leg and the worker that it lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) leg: LegId,
    /// The worker's number.
    pub(super) desk: usize,
}

/// What one leg gives to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'a> {
    pub(super) from: LegId,
    pub(super) packet: Packet<'a>,
    pub(super) kind: Kind,
    /// A key that was pressed with it.
    pub(super) digit: Option<Digit>,
}

impl Seat {
    /// Takes what a leg gives that this one hears, and passes it on at once unless
    /// several are added up.
    pub(super) fn take(&mut self, now: Instant, given: &Given<'_>, scratch: &mut Scratch, figures: &mut Figures) {
        let Self { leg, sockets, .. } = self;
        if let Some(outbound) = leg.take(now, given, sockets.is_waiting(), scratch) {
            figures.relayed += 1;
            sockets.transmit(&outbound, figures);
        }
    }

    /// Sends what is due in this round. What plays waits for the keys: nothing of it is missed.
    pub(super) fn send(&mut self, due: Instant, scratch: &mut Scratch, figures: &mut Figures) {
        if self.sockets.is_waiting() {
            return;
        }
        let Some(outbound) = self.leg.send(due, scratch) else { return };
        self.sockets.transmit(&outbound, figures);
        while let Some(outbound) = self.leg.send_more(due, scratch) {
            self.sockets.transmit(&outbound, figures);
        }
    }
}

/// The legs of one worker, each at a place that stays its own.
#[derive(Debug, Default)]
pub(super) struct Seats {
    seats: Vec<Option<Seat>>,
    vacant: Vec<usize>,
    by_leg: HashMap<LegId, usize>,
}

impl Seats {
    /// Where the next leg will sit.
    pub(super) fn next(&self) -> usize {
        self.vacant.last().copied().unwrap_or(self.seats.len())
    }

    /// Seats a leg at [`Self::next`].
    pub(super) fn add(&mut self, seat: Seat) {
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.seats.push(None);
            self.seats.len() - 1
        });
        self.by_leg.insert(seat.leg.id, index);
        self.seats[index] = Some(seat);
    }

    /// Takes a leg away, with where it sat.
    pub(super) fn remove(&mut self, leg: LegId) -> Option<(usize, Seat)> {
        let index = self.by_leg.remove(&leg)?;
        let seat = self.seats.get_mut(index)?.take()?;
        self.vacant.push(index);
        Some((index, seat))
    }

    pub(super) fn at(&mut self, index: usize) -> Option<&mut Seat> {
        self.seats.get_mut(index)?.as_mut()
    }

    pub(super) fn of(&mut self, leg: LegId) -> Option<&mut Seat> {
        let index = *self.by_leg.get(&leg)?;
        self.at(index)
    }

    pub(super) fn legs(&self) -> impl Iterator<Item = LegId> {
        self.by_leg.keys().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.by_leg.len()
    }
}
