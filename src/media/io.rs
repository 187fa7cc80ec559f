use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::{Clip, Codec, Sealing};
use crate::base::{Digit, LegId, PlayId};

/// What the call plane asks of the media plane, per leg. The leg's port was opened
/// before (the shell's `MediaPlane::open` gives its local address).
#[derive(Clone, Debug)]
pub enum Command {
    /// Tells where and how to send; again after a re-INVITE.
    Connect {
        /// The leg.
        leg: LegId,
        /// What SDP agreed on.
        stream: Stream,
    },
    /// Plays clips one after the other, in place of what is playing.
    Play {
        /// The leg.
        leg: LegId,
        /// Comes back in [`Event::Finished`] unless stopped or replaced.
        play: PlayId,
        /// The clips.
        clips: Vec<Arc<Clip>>,
        /// Once, or round and round.
        repeat: Repeat,
        /// Whether the first key stops it within one packet time.
        stop_on_key: bool,
    },
    /// Stops what is playing.
    Stop {
        /// The leg.
        leg: LegId,
    },
    /// Each leg hears the other from now on; what was playing to both stops.
    Bridge {
        /// One leg.
        leg: LegId,
        /// The other.
        with: LegId,
    },
    /// The leg hears nobody any more; said to one side, it holds for both.
    Unbridge {
        /// One leg of the bridge.
        leg: LegId,
    },
    /// The leg hears these legs from now on, and what was playing to it stops: nobody,
    /// one as it is, or several added up. Whom the others hear does not change.
    Hear {
        /// The leg that listens.
        leg: LegId,
        /// Whom it hears; keys of the first are passed on.
        sources: Vec<LegId>,
    },
    /// Sends keys as RFC 4733 events, 100 ms each with a pause of 100 ms.
    SendDigits {
        /// The leg.
        leg: LegId,
        /// The keys.
        digits: Vec<Digit>,
    },
    /// Ends the leg; [`Event::Closed`] follows, and the port rests.
    Close {
        /// The leg.
        leg: LegId,
    },
}

impl Command {
    /// The leg that it is about; of a bridge, the first one.
    pub fn leg(&self) -> LegId {
        match self {
            Self::Connect { leg, .. }
            | Self::Play { leg, .. }
            | Self::Stop { leg }
            | Self::Bridge { leg, .. }
            | Self::Unbridge { leg }
            | Self::Hear { leg, .. }
            | Self::SendDigits { leg, .. }
            | Self::Close { leg } => *leg,
        }
    }
}

/// What SDP agreed on for one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Where SDP says that the peer listens; symmetric RTP may latch elsewhere.
    pub remote: SocketAddr,
    /// The codec of both directions.
    pub codec: Codec,
    /// The payload type of the codec.
    pub payload_type: u8,
    /// The payload type of telephone-event, as the peer numbered it.
    pub event_payload_type: Option<u8>,
    /// Steps in a second of the durations of its events: the codec's clock, as it should be
    /// (RFC 4733, section 2.1), or 8000, as many phones have it beside Opus.
    pub event_clock: u32,
    /// Whether we send (false while the peer holds us).
    pub send: bool,
    /// Whether the peer sends (false while we hold it).
    pub receive: bool,
    /// Where RTCP goes and comes.
    pub rtcp: RtcpPort,
    /// Milliseconds of sound in each packet that we send: 10 to 60, as the peer asked.
    pub packet_ms: u8,
    /// Milliseconds of the longest packet that the peer can take (`maxptime`).
    pub longest_ms: u8,
    /// What both encrypt with; nothing for sound in the clear.
    pub secret: Option<Box<Sealing>>,
}

/// What a packet of ours carries where the peer does not say, in milliseconds.
pub const PACKET_MS: u8 = 20;

/// The port of a stream's RTCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RtcpPort {
    /// The one above that of RTP (RFC 3550, section 11), on both sides.
    #[default]
    Next,
    /// That of RTP itself, as both sides want it (RFC 5761).
    Shared,
}

/// Whether keys are heard in the sound of a peer too (ITU-T Q.23), or as telephone events alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeysInSound {
    /// Of a peer that has not agreed on telephone events.
    #[default]
    WithoutEvents,
    /// Of every peer, until its first telephone event.
    Always,
    /// Of none.
    Never,
}

/// Once, or round and round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Once, then [`Event::Finished`].
    Once,
    /// Until it is stopped.
    Forever,
    /// The same, from where the same clips were interrupted last: music goes on after an
    /// announcement.
    Resumed,
}

/// What the media plane tells the call plane.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A key was pressed; told at its first packet, once per press.
    Digit {
        /// The leg.
        leg: LegId,
        /// The key.
        digit: Digit,
    },
    /// What was playing has been sent to its end.
    Finished {
        /// The leg.
        leg: LegId,
        /// Which order.
        play: PlayId,
    },
    /// Nothing has come from the peer (RTP or RTCP) for this long; told again
    /// each time that the limit has passed once more.
    Silent {
        /// The leg.
        leg: LegId,
        /// How long.
        lasted: Duration,
    },
    /// The handshake that should have given the leg's keys has failed: nothing will be heard.
    Unkeyed {
        /// The leg.
        leg: LegId,
    },
    /// The leg is closed; what it saw.
    Closed {
        /// The leg.
        leg: LegId,
        /// The figures.
        stats: LegStats,
    },
}

impl Event {
    /// The leg that it is about.
    pub fn leg(&self) -> LegId {
        match self {
            Self::Digit { leg, .. }
            | Self::Finished { leg, .. }
            | Self::Silent { leg, .. }
            | Self::Unkeyed { leg }
            | Self::Closed { leg, .. } => *leg,
        }
    }
}

/// What one leg sent and received.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct LegStats {
    /// The codec that was agreed on last, as SDP names it, whose [values](super::Codec::bears_loss)
    /// the estimates have; `None` without one.
    pub codec: Option<&'static str>,
    /// RTP packets sent.
    pub sent: u64,
    /// RTP packets received from the latched peer.
    pub received: u64,
    /// Packets that never came, by sequence number (RFC 3550, A.3).
    pub lost: u64,
    /// Packets that came later than a jitter buffer waits ([`Deadline`](super::Deadline)): lost for
    /// who listens.
    pub late: u64,
    /// Packets from another source than the latched one, dropped.
    pub strangers: u64,
    /// Interarrival jitter in milliseconds (RFC 3550, 6.4.1).
    pub jitter_ms: f64,
    /// The longest time between two received packets, in milliseconds.
    pub longest_gap_ms: f64,
    /// How what was received sounded, 1 to 4.5: an estimate ([`Line::mos`](super::Line::mos)).
    /// `None` when there was less than a second of it.
    pub mos: Option<f64>,
    /// What the peer said of the sound that it heard; `None` when it never did.
    pub far: Option<FarStats>,
}

/// What a peer reported by RTCP about the sound that we sent it.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct FarStats {
    /// Packets that never came there.
    pub lost: u64,
    /// Interarrival jitter there, in milliseconds.
    pub jitter_ms: f64,
    /// The mean way there and back, in milliseconds; `None` when no report was echoed.
    pub round_trip_ms: Option<f64>,
    /// The longest way there and back, in milliseconds.
    pub longest_round_trip_ms: Option<f64>,
    /// How it sounded there, 1 to 4.5: an estimate.
    pub mos: Option<f64>,
}
