//! What arrives on one stream: losses, order, gaps, jitter, and how old it is.

use crate::clock::{self, MS, Nanos};
use crate::histogram::Histogram;
use crate::packet::{Header, Stamp};

/// What all streams count together.
pub(crate) struct Shared {
    /// Counted now: the ramp and the warm-up are not.
    pub(crate) measuring: bool,
    /// Between two packets of one stream.
    pub(crate) gaps: Histogram,
    /// From the sender's clock to the kernel's arrival, of packets that were sent by us.
    pub(crate) relay: Histogram,
    /// From the answer to the first packet.
    pub(crate) first: Histogram,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            measuring: false,
            gaps: Histogram::new(MS / 2, 4_000 * MS),
            relay: Histogram::new(MS / 100, 200 * MS),
            first: Histogram::new(MS / 2, 10_000 * MS),
        }
    }
}

/// One stream's judge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judge {
    last: Option<Last>,
    answered: Option<Nanos>,
    jitter: f64,
    /// Silence is as it should be (on hold): no gap is counted.
    excused: bool,
    /// When that began or ended last.
    excused_at: Option<Nanos>,
    opened: Nanos,
    /// An agent's: until the first packet of a caller, nobody knows whether the caller is on hold.
    awaits_partner: bool,
    /// Nothing has come since then: where the numbers go on is no loss.
    resumed: bool,
    /// Whose packets arrive here, as their payload says.
    pub(crate) partner: Option<u32>,
    /// Packets since the stream was opened, measured or not.
    pub(crate) heard: u64,
    /// What was measured.
    pub(crate) tally: Tally,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    header: Header,
    at: Option<Nanos>,
    stamp: Option<Stamp>,
}

/// The figures of one stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) packets: u64,
    pub(crate) lost: u64,
    pub(crate) reordered: u64,
    pub(crate) duplicates: u64,
    /// Sequence numbers that went on elsewhere after a hold.
    pub(crate) jumps: u64,
    pub(crate) ssrc_changes: u64,
    pub(crate) marks: u64,
    pub(crate) events: u64,
    pub(crate) over_30: u64,
    pub(crate) over_40: u64,
    pub(crate) over_60: u64,
    /// The longest pause between two packets, and when it ended (real time).
    pub(crate) gap: Nanos,
    pub(crate) gap_at: Nanos,
    pub(crate) jitter_sum: f64,
    pub(crate) jitter_max: f64,
    pub(crate) stalled: bool,
    /// The first pauses over 60 ms, with what went on around them.
    pub(crate) pauses: Vec<Pause>,
}

/// A long pause, with what tells whose it may be.
#[derive(Clone, Debug)]
pub(crate) struct Pause {
    pub(crate) gap: Nanos,
    /// When it ended (real time).
    pub(crate) at: Nanos,
    /// Who made the packets before and after it: a phone of ours, by its line, or the server.
    pub(crate) before: Option<u32>,
    pub(crate) after: Option<u32>,
    /// Since this call was answered.
    pub(crate) call_age: Nanos,
    /// Since silence was last expected, or no longer expected, here.
    pub(crate) hold_age: Option<Nanos>,
}

impl Judge {
    /// A new call on this stream: what was heard before is another call's.
    pub(crate) fn open(&mut self, answered: Nanos) {
        let tally = std::mem::take(&mut self.tally);
        *self = Self { answered: Some(answered), opened: answered, tally, ..Self::default() };
    }

    /// The call is an agent's: it is judged from the first packet of a caller on.
    pub(crate) fn await_partner(&mut self) {
        self.awaits_partner = true;
    }

    /// Silence is expected from now on, or no longer.
    pub(crate) fn excuse(&mut self, excused: bool) {
        self.excused = excused;
        self.excused_at = Some(clock::real());
        self.resumed = true;
        if let Some(last) = &mut self.last {
            last.at = None;
        }
    }

    /// One packet that has come.
    pub(crate) fn hear(&mut self, bytes: &[u8], at: Nanos, shared: &mut Shared) {
        let Some(header) = Header::read(bytes) else { return };
        let stamp = Stamp::read(bytes);
        self.heard += 1;
        if let Some(answered) = self.answered.take() {
            shared.first.add(at - answered);
        }
        if let Some(stamp) = stamp {
            self.partner = Some(stamp.line);
            if shared.measuring {
                shared.relay.add(at - stamp.sent);
            }
        }
        let knew_partner = !self.awaits_partner;
        self.awaits_partner &= stamp.is_none();
        // It is read up to 100 ms after it has come: perhaps before the silence ended.
        let is_recent = self.excused_at.is_none_or(|excused| at > excused);
        let before = self.last.replace(Last { header, at: is_recent.then_some(at), stamp });
        let Some(before) = before else { return };
        let forward = self.order(&before, header, shared.measuring);
        if !forward {
            // A late or second copy says nothing about the pace.
            self.last = Some(before);
            return;
        }
        let Some(was) = before.at else { return };
        let gap = pause(&before, stamp, at - was);
        self.note_jitter(&before, header, at - was, shared.measuring);
        if shared.measuring {
            self.tally.packets += 1;
            self.tally.marks += u64::from(header.marker);
            self.tally.events += u64::from(header.is_event());
            if !self.excused && knew_partner {
                self.note_gap(gap, at, shared);
                self.note_pause(gap, at, (before.stamp, stamp));
            }
        }
    }

    fn note_pause(&mut self, gap: Nanos, at: Nanos, (before, after): (Option<Stamp>, Option<Stamp>)) {
        if gap > LONG && self.tally.pauses.len() < PAUSES {
            self.tally.pauses.push(Pause {
                gap,
                at,
                before: before.map(|stamp| stamp.line),
                after: after.map(|stamp| stamp.line),
                call_age: at - self.opened,
                hold_age: self.excused_at.map(|excused| at - excused),
            });
        }
    }

    /// The end of the measurement: a stream that has stopped has a gap that no packet ends.
    pub(crate) fn close(&mut self, now: Nanos, shared: &mut Shared) {
        let Some(at) = self.last.and_then(|last| last.at) else { return };
        if !self.excused && !self.awaits_partner && now - at > LONG {
            self.tally.stalled = true;
            self.note_gap(now - at, now, shared);
        }
    }

    /// Counts losses and disorder; whether the packet is a step forward.
    fn order(&mut self, before: &Last, header: Header, measuring: bool) -> bool {
        let tally = &mut self.tally;
        if before.header.ssrc != header.ssrc {
            tally.ssrc_changes += u64::from(measuring);
            return true;
        }
        let step = header.sequence.wrapping_sub(before.header.sequence).cast_signed();
        if std::mem::take(&mut self.resumed) || self.excused {
            tally.jumps += u64::from(measuring && step != 1);
            return true;
        }
        if measuring {
            match step {
                0 => tally.duplicates += 1,
                i16::MIN..0 => {
                    tally.reordered += 1;
                    tally.lost = tally.lost.saturating_sub(1);
                }
                _ => tally.lost += u64::from(step.unsigned_abs()) - 1,
            }
        }
        step > 0
    }

    fn note_gap(&mut self, gap: Nanos, at: Nanos, shared: &mut Shared) {
        let tally = &mut self.tally;
        shared.gaps.add(gap);
        tally.over_30 += u64::from(gap > 30 * MS);
        tally.over_40 += u64::from(gap > 40 * MS);
        tally.over_60 += u64::from(gap > LONG);
        if gap > tally.gap {
            (tally.gap, tally.gap_at) = (gap, at);
        }
    }

    /// Interarrival jitter in milliseconds (RFC 3550, section 6.4.1 and appendix A.8).
    fn note_jitter(&mut self, before: &Last, header: Header, step: Nanos, measuring: bool) {
        let same = before.header.ssrc == header.ssrc && !header.marker;
        if same && !header.is_event() && !before.header.is_event() {
            let media = f64::from(header.time.wrapping_sub(before.header.time).cast_signed()) / 8.0;
            let difference = (step as f64 / 1e6 - media).abs();
            self.jitter += (difference - self.jitter) / 16.0;
        }
        if measuring {
            self.tally.jitter_sum += self.jitter;
            self.tally.jitter_max = self.tally.jitter_max.max(self.jitter);
        }
    }
}

/// The pause between two packets; where both carry the time of their sending, only what
/// the way between us and us has added to a packet time: our own lateness is not held
/// against the server.
fn pause(before: &Last, stamp: Option<Stamp>, step: Nanos) -> Nanos {
    match (before.stamp, stamp) {
        (Some(a), Some(b)) if a.line == b.line => step - (b.sent - a.sent - 20 * MS).max(0),
        _ => step,
    }
}

/// A pause that is heard.
const LONG: Nanos = 60 * MS;
/// Pauses of one stream that are told of.
const PAUSES: usize = 20;
