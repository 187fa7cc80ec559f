//! Sound as values: codecs, WAV, the prompt library, player, recorder, tone and
//! digit detection, jitter buffer; and the two enums that the call plane and the
//! media plane speak through.
//!
//! What does not live here: sockets and threads, which are [`crate::server`]'s, and
//! packets, which are [`crate::rtp`]'s.

mod clip;
mod io;

pub use clip::{Clip, Codec};
pub use io::{Command, Event, LegStats, Repeat, Stream};
