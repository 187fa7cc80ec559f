//! The phones' media: a socket, a judge and a talker each, all on one clock of 1 ms slots.

use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};

use anyhow::Result;
use nix::time::ClockId;
use serde_json::{Value, json};

use crate::clock::{self, MS, Nanos};
use crate::judge::{Judge, Pause, Shared};
use crate::sockets::{self, Inbox};
use crate::talker::Talker;

/// One phone's media.
pub(crate) struct Line {
    socket: UdpSocket,
    /// Reports are taken in, so that no ICMP goes back, and read by nobody.
    reports: UdpSocket,
    /// A call is up on it.
    pub(crate) open: bool,
    /// What arrives.
    pub(crate) judge: Judge,
    /// What is sent, if anything is.
    pub(crate) talker: Option<Talker>,
}

/// All phones' media.
pub(crate) struct Lines {
    /// The phones, by number.
    pub(crate) all: Vec<Line>,
    /// Counted over all.
    pub(crate) shared: Shared,
    /// Who has heard another phone of ours for the first time: the line, and whom.
    pub(crate) met: Vec<(usize, u32)>,
    inbox: Inbox,
    slot: usize,
    sent: u64,
    send_errors: u64,
    /// The latest that a slot of ours has begun, while measuring.
    late: Nanos,
    began: Nanos,
    /// CPU time of ours when it began.
    used: Nanos,
}

impl Lines {
    /// No phone yet.
    pub(crate) fn new() -> Self {
        Self {
            all: Vec::new(),
            shared: Shared::new(),
            met: Vec::new(),
            inbox: Inbox::new(512),
            slot: 0,
            sent: 0,
            send_errors: 0,
            late: 0,
            began: 0,
            used: 0,
        }
    }

    /// Adds phones at `ip`, every other port from `base` on; the first one's number.
    pub(crate) fn add(&mut self, ip: Ipv4Addr, base: u16, count: usize) -> Result<usize> {
        let first = self.all.len();
        for n in 0..count {
            let port = base + u16::try_from(2 * n)?;
            self.all.push(Line {
                socket: sockets::stamped(ip, port)?,
                reports: sockets::plain(ip, port + 1)?,
                open: false,
                judge: Judge::default(),
                talker: None,
            });
        }
        Ok(first)
    }

    /// A call is up on a line: its packets are judged, and it sends to `to`.
    pub(crate) fn open(&mut self, line: usize, to: SocketAddrV4, talker: Option<Talker>) {
        let own = &mut self.all[line];
        // What is left of the call before is not this one's.
        self.inbox.drain(&own.socket, |_, _, _| {});
        let _ = own.socket.connect(to);
        own.open = true;
        own.judge.open(clock::real());
        own.talker = talker;
    }

    /// The call is over.
    pub(crate) fn close(&mut self, line: usize) {
        self.read(line);
        self.all[line].open = false;
        self.all[line].talker = None;
    }

    /// One slot of 1 ms: a twentieth of the phones sends, a hundredth is read.
    pub(crate) fn slot(&mut self, due: Nanos) {
        let late = clock::monotonic() - due;
        if self.shared.measuring {
            self.late = self.late.max(late);
        }
        for line in (self.slot % 20..self.all.len()).step_by(20) {
            let own = &mut self.all[line];
            let Some(packet) = own.talker.as_mut().and_then(|talker| talker.next(clock::real())) else { continue };
            match own.socket.send(packet) {
                Ok(_) => self.sent += 1,
                Err(_) => self.send_errors += 1,
            }
        }
        for line in (self.slot % 100..self.all.len()).step_by(100) {
            self.read(line);
        }
        if self.slot.is_multiple_of(100) {
            let turn = self.slot / 100 % 50;
            let mut report = [0; 512];
            for line in self.all.iter().skip(turn).step_by(50) {
                while line.reports.recv(&mut report).is_ok() {}
            }
        }
        self.slot += 1;
    }

    /// From now on it counts.
    pub(crate) fn begin(&mut self) {
        self.read_all();
        self.shared.measuring = true;
        (self.sent, self.send_errors) = (0, 0);
        self.began = clock::real();
        self.used = clock::read(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    }

    /// When it began to count, by the clock of the time stamps.
    pub(crate) fn began(&self) -> Nanos {
        self.began
    }

    /// The end of what counts: the figures.
    pub(crate) fn end(&mut self) -> Value {
        self.read_all();
        let now = clock::real();
        for line in self.all.iter_mut().filter(|line| line.open) {
            line.judge.close(now, &mut self.shared);
        }
        self.shared.measuring = false;
        let seconds = (now - self.began) as f64 / 1e9;
        let mut figures = sum(&self.all, self.began, seconds);
        let more = json!({
            "seconds": round(seconds, 3),
            "gaps": self.shared.gaps.to_json(),
            "relay": self.shared.relay.to_json(),
            "first_packet": self.shared.first.to_json(),
            "sent": self.sent,
            "send_errors": self.send_errors,
            "tool_cores": round((clock::read(ClockId::CLOCK_PROCESS_CPUTIME_ID) - self.used) as f64 / 1e9 / seconds, 3),
            "tool_late_ms": round(self.late as f64 / 1e6, 2),
        });
        if let (Value::Object(figures), Value::Object(more)) = (&mut figures, more) {
            figures.extend(more);
        }
        figures
    }

    fn read_all(&mut self) {
        for line in 0..self.all.len() {
            self.read(line);
        }
    }

    fn read(&mut self, line: usize) {
        let Line { socket, judge, open, .. } = &mut self.all[line];
        let (shared, before) = (&mut self.shared, judge.partner);
        self.inbox.drain(socket, |bytes, at, _| {
            if *open {
                judge.hear(bytes, at, shared);
            }
        });
        if let Some(partner) = judge.partner.filter(|_| judge.partner != before) {
            self.met.push((line, partner));
        }
    }
}

/// Adds the streams up.
fn sum(lines: &[Line], began: Nanos, seconds: f64) -> Value {
    let tallies = || lines.iter().map(|line| &line.judge.tally);
    let total = |pick: &dyn Fn(&crate::judge::Tally) -> u64| -> u64 { tallies().map(pick).sum() };
    let heard: Vec<_> = tallies().filter(|t| t.packets > 0).collect();
    let means: Vec<f64> = heard.iter().map(|t| t.jitter_sum / t.packets as f64).collect();
    let packets = total(&|t| t.packets);
    json!({
        "streams": heard.len(),
        "open": lines.iter().filter(|line| line.open).count(),
        "silent": lines.iter().filter(|line| line.open && line.judge.tally.packets == 0).count(),
        "stalled": tallies().filter(|t| t.stalled).count(),
        "packets": packets,
        "pps": round(packets as f64 / seconds, 1),
        "lost": total(&|t| t.lost),
        "reordered": total(&|t| t.reordered),
        "duplicates": total(&|t| t.duplicates),
        "jumps_after_hold": total(&|t| t.jumps),
        "ssrc_changes": total(&|t| t.ssrc_changes),
        "marks": total(&|t| t.marks),
        "events": total(&|t| t.events),
        "over_30": total(&|t| t.over_30),
        "over_40": total(&|t| t.over_40),
        "over_60": total(&|t| t.over_60),
        "streams_over_60": tallies().filter(|t| t.over_60 > 0).count(),
        "max_gap_ms": round(tallies().map(|t| t.gap).max().unwrap_or(0) as f64 / 1e6, 2),
        "jitter_mean_ms": round(means.iter().sum::<f64>() / means.len().max(1) as f64, 3),
        "jitter_worst_mean_ms": round(means.iter().copied().fold(0.0, f64::max), 3),
        "jitter_max_ms": round(tallies().map(|t| t.jitter_max).fold(0.0, f64::max), 3),
        "worst": worst(lines, began),
        "pauses": pauses(lines, began),
    })
}

/// The longest pauses over 60 ms, each with what went on around it.
fn pauses(lines: &[Line], began: Nanos) -> Vec<Value> {
    let ms = |nanos: Nanos| round(nanos as f64 / 1e6, 1);
    let of = |(n, line): (usize, &Line)| line.judge.tally.pauses.iter().map(move |pause| (n, pause.clone())).collect();
    let mut all: Vec<_> = lines.iter().enumerate().flat_map(|line| -> Vec<_> { of(line) }).collect();
    all.sort_by_key(|(_, pause)| -pause.gap);
    let show = |(n, pause): &(usize, Pause)| {
        json!({ "line": n, "gap_ms": ms(pause.gap), "at_s": round((pause.at - began) as f64 / 1e9, 3),
            "before": pause.before, "after": pause.after, "call_age_ms": ms(pause.call_age),
            "hold_age_ms": pause.hold_age.map(ms) })
    };
    all.iter().take(TOLD).map(show).collect()
}

/// The streams with the longest gaps: line, length, and when in the measurement.
fn worst(lines: &[Line], began: Nanos) -> Vec<Value> {
    let mut by_gap: Vec<_> = lines.iter().enumerate().filter(|(_, l)| l.judge.tally.gap > 0).collect();
    by_gap.sort_by_key(|(_, line)| -line.judge.tally.gap);
    let show = |(n, line): &(usize, &Line)| {
        let tally = &line.judge.tally;
        let at = (tally.gap_at - began) as f64 / 1e9;
        json!({ "line": n, "gap_ms": round(tally.gap as f64 / 1e6, 2), "at_s": round(at, 3), "lost": tally.lost })
    };
    by_gap.iter().take(WORST).map(show).collect()
}

/// A figure with so many decimals.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

/// Runs slot after slot from now on until `over` says so; `each` is called in each slot.
pub(crate) fn run(lines: &mut Lines, mut each: impl FnMut(&mut Lines, Nanos) -> bool) {
    let mut due = clock::monotonic();
    loop {
        lines.slot(due);
        if each(lines, clock::monotonic()) {
            return;
        }
        due += MS;
        clock::sleep_until(due);
    }
}

const WORST: usize = 5;
/// Pauses that are told of.
const TOLD: usize = 2_000;
