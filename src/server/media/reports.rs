use std::net::SocketAddr;
use std::time::Duration;

use super::outgoing::Outgoing;
use crate::base::{Chance, Instant, WallTime};
use crate::media::{Codec, Deadline, FarStats, LegStats, Line, RATE, RtcpPort};
use crate::rtp::rtcp::{self, Echo, Sent};
use crate::rtp::{FarEnd, Header, Interval, Reception};

/// What a leg counts of its peer's stream, what the peer says of ours, and when it is
/// told what.
#[derive(Debug)]
pub(super) struct Reports {
    pub(super) reception: Reception,
    deadline: Deadline,
    /// Steps of the timestamps for each sample at 8 kHz.
    steps: u32,
    far: FarEnd,
    interval: Interval,
    /// The peer's last sender report, and when it came.
    sender_report: Option<(u32, Instant)>,
    /// Where RTCP comes from, once it has.
    from: Option<SocketAddr>,
    /// When a port for RTCP is wanted, until it has been asked for.
    port_at: Option<Instant>,
    /// Whether the peer was ever told anything.
    has_reported: bool,
}

/// After this long a call is no short one, and has a port for RTCP: before the first
/// report of a phone that waits as long as it should (RFC 3550, section 6.3.1).
const RTCP_AFTER: Duration = Duration::from_secs(1);
/// Less sound than this says nothing about a call: packets of 20 ms.
const ENOUGH: u64 = 50;
/// What a packet adds to the way.
const PACKET: Duration = Duration::from_millis(20);
/// What the peer's buffer adds at least, before jitter.
const BUFFER: Duration = Duration::from_millis(20);

impl Reports {
    pub(super) fn new(now: Instant, chance: &mut Chance) -> Self {
        Self {
            reception: Reception::default(),
            deadline: Deadline::default(),
            steps: 1,
            far: FarEnd::default(),
            interval: Interval::new(now, chance),
            sender_report: None,
            from: None,
            port_at: Some(now + RTCP_AFTER),
            has_reported: false,
        }
    }

    /// The peer may have moved.
    pub(super) fn reopen(&mut self) {
        self.reception.pause();
        self.from = None;
    }

    /// Timestamps of both sides are a codec's from now on.
    pub(super) fn set_clock(&mut self, codec: Codec) {
        self.reception.set_clock(codec.clock());
        self.steps = codec.steps();
    }

    pub(super) fn count(&mut self, now: Instant, header: &Header, is_sound: bool) {
        self.reception.receive(now, header, is_sound);
        if is_sound {
            self.deadline.push(now, header.timestamp / self.steps);
        }
    }

    /// Reads RTCP of the peer; false when it is none.
    pub(super) fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8], out: &Outgoing) -> bool {
        let Some(received) = rtcp::parse(datagram, out.ssrc()) else { return false };
        self.from = Some(from);
        if let Some(report) = received.sender_report {
            self.sender_report = Some((report, now));
        }
        if let Some(block) = received.block {
            self.far.on_block(now, block, out.packets);
        }
        true
    }

    /// Whether it is time for a port of RTCP's own; said once.
    pub(super) fn wants_port(&mut self, now: Instant) -> bool {
        self.port_at.is_some_and(|at| now >= at) && self.port_at.take().is_some()
    }

    /// Where RTCP comes from, or the port above that of RTP, or that of RTP itself.
    pub(super) fn target(&self, rtp: SocketAddr, port: RtcpPort) -> Option<SocketAddr> {
        if rtp.port() == 0 || rtp.ip().is_unspecified() {
            return None;
        }
        if port == RtcpPort::Shared {
            return Some(rtp);
        }
        Some(self.from.unwrap_or(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?)))
    }

    /// Whether it is time for a report.
    pub(super) fn is_due(&mut self, now: Instant, chance: &mut Chance) -> bool {
        self.interval.is_due(now, chance)
    }

    pub(super) fn report(&mut self, now: Instant, wall: WallTime, out: &Outgoing, cname: &str) -> Option<Vec<u8>> {
        let (packets, octets) = out.sent();
        let sent = Sent {
            ssrc: out.ssrc(),
            wall,
            timestamp: out.timestamp_at(now),
            packets: packets as u32,
            octets: octets as u32,
        };
        let echo = self.sender_report.map(|(sender_report, at)| Echo {
            sender_report,
            delay: (now.since(at).as_micros() * 65_536 / 1_000_000) as u32,
        });
        let bytes = rtcp::report(&sent, self.reception.report().as_ref(), echo, cname)?;
        if out.packets > 0 {
            self.far.on_sent(now, rtcp::middle(wall));
        }
        self.has_reported = true;
        Some(bytes)
    }

    /// The packet that ends the stream; who never sent anything says no goodbye (RFC 3550, section 6.3.7).
    pub(super) fn goodbye(&self, out: &Outgoing, cname: &str) -> Option<Vec<u8>> {
        if out.packets == 0 && !self.has_reported {
            return None;
        }
        rtcp::bye(out.ssrc(), cname)
    }

    pub(super) fn stats(&self, out: &Outgoing, strangers: u64, codec: Option<Codec>) -> LegStats {
        let (heard, late) = (&self.reception, self.deadline.late());
        let way = self.far.round_trip().unwrap_or_default() / 2;
        let mos =
            |codec, loss, burst, buffer| hundredths(Line::measured(codec, loss, burst, way + PACKET + buffer).mos());
        let clock = codec.map_or(RATE, Codec::clock);
        let far = self.far.jitter_ms(clock).zip(self.far.loss()).map(|(jitter_ms, loss)| FarStats {
            lost: self.far.lost().unwrap_or(0),
            jitter_ms,
            round_trip_ms: self.far.round_trip().map(millis),
            longest_round_trip_ms: self.far.longest_round_trip().map(millis),
            mos: codec.filter(|_| out.packets >= ENOUGH).map(|codec| {
                // How its buffer waits is not told.
                mos(codec, loss, 1.0, BUFFER + Duration::from_secs_f64(2.0 * jitter_ms / 1_000.0))
            }),
        });
        let sent_to_us = heard.received() + heard.lost();
        // What came too late is as lost as what never came.
        let loss = (heard.lost() + late) as f64 / sent_to_us.max(1) as f64;
        LegStats {
            codec: codec.map(Codec::name),
            sent: out.packets,
            received: heard.received(),
            lost: heard.lost(),
            late,
            strangers,
            jitter_ms: heard.jitter_ms(),
            longest_gap_ms: millis(heard.longest_gap()),
            mos: codec
                .filter(|_| sent_to_us >= ENOUGH)
                .map(|codec| mos(codec, loss, heard.burst(), self.deadline.wait())),
            far,
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// More digits would say more than an estimate knows.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
