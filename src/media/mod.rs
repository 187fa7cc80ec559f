//! Sound as values: codecs, WAV, the prompt library, player, recorder, mixer,
//! tone detection, jitter buffer; and the two enums that the call plane and the media
//! plane speak through.
//!
//! What does not live here: sockets and threads, which are [`crate::server`]'s, and
//! packets with the keys in them, which are [`crate::rtp`]'s.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use svi::media::{Clip, Codec, Piece, Player, Repeat};
//! let beep = Arc::new(Clip::tone(440.0, -10.0, Duration::from_millis(40)));
//! let mut player = Player::new(vec![beep], Repeat::Once);
//! while let Some(Piece::Payload(payload)) = player.next(Codec::Pcma) {
//!     assert_eq!(payload.len(), 160); // one packet
//! }
//! assert!(player.is_done());
//! ```

mod clip;
mod codec;
mod concealer;
mod deadline;
mod decoder;
mod dictation;
mod encoder;
mod fingerprint;
mod g711;
mod io;
mod jitter_buffer;
mod keys;
mod library;
mod loudness;
mod master;
mod mixer;
mod player;
mod playout;
mod quality;
mod recorder;
mod resample;
mod secrecy;
mod spread;
mod tone;
mod unpacker;
mod wav;

pub use clip::{Clip, Wide};
pub use codec::{Codec, FRAME, Law, RATE};
pub use concealer::Concealer;
pub use deadline::Deadline;
pub use decoder::{Decoder, Samples, lasts};
pub use dictation::{Dictation, DictationRules, Over, Said};
pub use encoder::Encoder;
pub use fingerprint::{Fingerprint, Handshake, Role};
pub use g711::transcode;
pub use io::{Command, Event, FarStats, KeysInSound, LegStats, PACKET_MS, Repeat, RtcpPort, Stream};
pub use jitter_buffer::JitterBuffer;
pub use keys::KeyTones;
pub use library::{Library, ManifestEntry, ManifestError, file_name, normalise};
pub use loudness::{Level, level};
pub use master::{Master, MasterError};
pub use mixer::Mixer;
pub use player::{Piece, Player};
pub use playout::{Content, Playout, PlayoutFigures};
pub use quality::Line;
pub use recorder::Recorder;
pub use secrecy::{Encryption, KeysBy, MasterKey, OwnKeys, Port, Sealing, Secrecy, Secret, Suite};
pub use tone::{Tone, ToneDetector};
pub use unpacker::Unpacker;
pub use wav::WavError;
