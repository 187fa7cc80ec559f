use crate::media::{Codec, Content, Stream};

/// What a packet of the peer carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sound in this codec.
    Sound(Codec),
    /// A telephone event, whose duration has so many steps in a second.
    Key(u32),
    /// Comfort noise (RFC 3389).
    Noise,
    /// Something else, such as a codec that was not agreed on.
    Other,
}

/// The payload type of comfort noise (RFC 3389).
const COMFORT_NOISE: u8 = 13;

impl Kind {
    /// What a payload type stands for.
    pub(super) fn of(payload_type: u8, stream: &Stream) -> Self {
        if payload_type == stream.payload_type {
            Self::Sound(stream.codec)
        } else if Some(payload_type) == stream.event_payload_type {
            Self::Key(stream.event_clock)
        } else if payload_type == COMFORT_NOISE {
            Self::Noise
        } else {
            Self::Other
        }
    }

    /// What a listener hears of a packet of this kind.
    pub(super) fn content(self, payload: &[u8]) -> Content<'_> {
        match self {
            Self::Sound(codec) => Content::Sound(codec, payload),
            Self::Noise => payload.first().map_or(Content::Nothing, |level| Content::Noise(level & 0x7F)),
            Self::Key(_) | Self::Other => Content::Nothing,
        }
    }
}
