//! Offers and answers (RFC 3264) for one audio stream of G.711, G.722 or Opus with keys
//! as telephone events (RFC 4733). `sdp-types` reads and writes the lines.
//!
//! What is not here: the dialog that carries them.

mod crypto;
mod dtls;
mod insist;
mod offer;
mod peer;
mod place;

pub(crate) use insist::{insist, like_before};
pub use offer::{accept, answer, offer};
pub(crate) use place::{Lacking, lacking, place};

use std::net::SocketAddr;
use std::sync::Arc;

use crate::media::OwnKeys;

/// Our side of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where our media port listens; unspecified while it is not known which of our
    /// addresses the other side reaches, and of IPv6 if it may be one of either family.
    pub address: SocketAddr,
    /// The session's id, the same for as long as the dialog lives.
    pub session: u64,
    /// One more with each SDP that says something new (RFC 3264, section 8).
    pub version: u64,
    /// What sound may be encrypted with; nothing where it must not be.
    pub keys: Option<Arc<OwnKeys>>,
}

/// Who sends, seen from the one who says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    #[default]
    SendRecv,
    /// The one who says it: the other is on hold and may hear music.
    SendOnly,
    /// The other.
    RecvOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    /// The name of the attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// Whether the one who says it sends.
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the one who says it listens.
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same thing as the other side would say it.
    pub fn reversed(self) -> Self {
        Self::new(self.receives(), self.sends())
    }

    /// What both allow, seen from one side.
    pub fn and(self, other: Self) -> Self {
        Self::new(self.sends() && other.sends(), self.receives() && other.receives())
    }

    fn new(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }
}

/// Why no session comes of an SDP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// It can't be read.
    #[error("this is no SDP: {reason}")]
    NotSdp {
        /// Why, in words.
        reason: String,
    },
    /// It has no audio over RTP in the clear, or encrypted, as it is allowed; or refuses ours.
    #[error("there is no audio over RTP that may be spoken here")]
    NoAudio,
    /// It has audio, but no codec that we speak: 488.
    #[error("there is no codec in common")]
    NoCodec,
}

#[cfg(test)]
mod codec_tests;
#[cfg(test)]
mod tests;
