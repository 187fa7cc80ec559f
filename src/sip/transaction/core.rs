use std::collections::VecDeque;
use std::time::Duration;

use super::timer::{T1, T2, Timer};
use crate::base::{Instant, TimerTable};
use crate::sip::transport::Hop;

/// A message for the wire.
pub(crate) type Sent = (Hop, Vec<u8>);

/// What the four machines share: where they send, what they send again, and when.
#[derive(Clone, Debug)]
pub(super) struct Core {
    /// Where requests or responses go.
    pub(super) hop: Hop,
    /// Our request, or our last response; empty before there is one.
    pub(super) again: Box<[u8]>,
    /// The deadlines.
    pub(super) timers: TimerTable<Timer>,
    /// The pause before the next sending.
    interval: Duration,
}

impl Core {
    pub(super) fn new(hop: Hop, again: Vec<u8>) -> Self {
        Self { hop, again: again.into(), timers: TimerTable::default(), interval: T1 }
    }

    /// Sends what is to be sent (again).
    pub(super) fn send(&self, out: &mut VecDeque<Sent>) {
        if !self.again.is_empty() {
            out.push_back((self.hop, self.again.to_vec()));
        }
    }

    /// Starts a timer with the delay that the RFC gives it.
    pub(super) fn start(&mut self, timer: Timer, now: Instant) {
        self.timers.set(timer, now + timer.delay(self.hop.transport));
    }

    /// Starts the timer of the retransmissions, where the transport needs them.
    pub(super) fn start_resending(&mut self, timer: Timer, now: Instant) {
        if !self.hop.transport.is_reliable() {
            self.interval = timer.delay(self.hop.transport);
            self.timers.set(timer, now + self.interval);
        }
    }

    /// Sends again and doubles the pause, up to `at_most`.
    pub(super) fn resend(&mut self, timer: Timer, at_most: Option<Duration>, now: Instant, out: &mut VecDeque<Sent>) {
        self.send(out);
        self.interval = (self.interval * 2).min(at_most.unwrap_or(Duration::MAX));
        self.timers.set(timer, now + self.interval);
    }

    /// Sends again and pauses for T2.
    pub(super) fn resend_slowly(&mut self, timer: Timer, now: Instant, out: &mut VecDeque<Sent>) {
        self.interval = T2;
        self.resend(timer, Some(T2), now, out);
    }
}
