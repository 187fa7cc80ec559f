use std::sync::Arc;
use std::time::Duration;

/// An audio codec that a leg can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 A-law, payload type 8 (RFC 3551).
    Pcma,
    /// G.711 µ-law, payload type 0 (RFC 3551).
    Pcmu,
}

/// A sound, encoded once for each codec and shared by everyone who hears it.
#[derive(Debug)]
pub struct Clip {
    /// What it says, for logs.
    pub name: Arc<str>,
    /// Its length in samples at 8 kHz.
    pub samples: usize,
    /// G.711 A-law, one byte per sample.
    pub pcma: Box<[u8]>,
    /// G.711 µ-law, one byte per sample.
    pub pcmu: Box<[u8]>,
}

impl Clip {
    /// How long it lasts.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.samples as u64 * 125)
    }
}
