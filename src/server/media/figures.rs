use std::sync::atomic::{AtomicU64, Ordering};

/// What the media plane has done since its start, for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Legs now open.
    pub legs: u64,
    /// RTP packets sent, bridged ones among them.
    pub sent: u64,
    /// RTP packets passed on from a bridged leg.
    pub relayed: u64,
    /// Datagrams received.
    pub received: u64,
    /// Datagrams of unknown sources, dropped.
    pub strangers: u64,
    /// Packets that the kernel did not take.
    pub unsent: u64,
    /// Slots that began more than a slot late.
    pub late_slots: u64,
    /// Packets that were sent a round late, to catch up: at most one per leg at a time.
    pub caught_up: u64,
    /// Rounds of 20 ms that were left out because the worker was too late for them.
    pub skipped_rounds: u64,
    /// Times that a leg had more to read than one slot allows.
    pub floods: u64,
    /// Events that nobody took in time, dropped.
    pub lost_events: u64,
    /// Packets that a tap had no room for: a message has silence in their place.
    pub untapped: u64,
}

/// The figures of one worker, as others can read them: stored once a slot.
#[derive(Debug, Default)]
pub(super) struct Board([AtomicU64; 12]);

impl Figures {
    fn values(&self) -> [u64; 12] {
        let Self {
            legs,
            sent,
            relayed,
            received,
            strangers,
            unsent,
            late_slots,
            caught_up,
            skipped_rounds,
            floods,
            lost_events,
            untapped,
        } = *self;
        [
            legs,
            sent,
            relayed,
            received,
            strangers,
            unsent,
            late_slots,
            caught_up,
            skipped_rounds,
            floods,
            lost_events,
            untapped,
        ]
    }
}

impl Board {
    /// Shows these figures from now on.
    pub(super) fn show(&self, figures: &Figures) {
        for (shown, value) in self.0.iter().zip(figures.values()) {
            shown.store(value, Ordering::Relaxed);
        }
    }

    /// The sum of several workers.
    pub(super) fn sum<'a>(boards: impl Iterator<Item = &'a Self>) -> Figures {
        let mut sum = [0_u64; 12];
        for board in boards {
            for (total, shown) in sum.iter_mut().zip(&board.0) {
                *total += shown.load(Ordering::Relaxed);
            }
        }
        let [
            legs,
            sent,
            relayed,
            received,
            strangers,
            unsent,
            late_slots,
            caught_up,
            skipped_rounds,
            floods,
            lost_events,
            untapped,
        ] = sum;
        Figures {
            legs,
            sent,
            relayed,
            received,
            strangers,
            unsent,
            late_slots,
            caught_up,
            skipped_rounds,
            floods,
            lost_events,
            untapped,
        }
    }
}
