use super::g711;

/// Samples in a second of what is played, mixed, recorded and listened to for keys.
pub const RATE: u32 = 8_000;
/// Samples of the 20 ms that one round has, at [`RATE`].
pub const FRAME: usize = 160;

/// An audio codec that a leg can speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 A-law, payload type 8 (RFC 3551).
    Pcma,
    /// G.711 µ-law, payload type 0 (RFC 3551).
    Pcmu,
    /// G.722 at 64 kbit/s, payload type 9 (RFC 3551, section 4.5.2).
    G722,
    /// Opus, one channel (RFC 7587).
    Opus,
}

/// How G.711 writes a sample as a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// As in Europe.
    A,
    /// As in North America and Japan.
    Mu,
}

impl Codec {
    /// All of them: A-law first, as trunks in Europe speak it; those that are worked for last.
    pub const ALL: [Self; 4] = [Self::Pcma, Self::Pcmu, Self::G722, Self::Opus];

    /// Its name in SDP, which has any case there.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
            Self::G722 => "G722",
            Self::Opus => "opus",
        }
    }

    /// Steps of its RTP timestamps in a second. That of G.722 is a mistake of long ago that
    /// was kept: it has 16,000 samples in a second (RFC 3551, section 4.5.2).
    pub fn clock(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => RATE,
            Self::Opus => 48_000,
        }
    }

    /// Steps of its RTP timestamps for each sample at [`RATE`].
    pub fn steps(self) -> u32 {
        self.clock() / RATE
    }

    /// How G.711 writes it, where it is G.711.
    pub fn law(self) -> Option<Law> {
        match self {
            Self::Pcma => Some(Law::A),
            Self::Pcmu => Some(Law::Mu),
            Self::G722 | Self::Opus => None,
        }
    }

    /// Whether every 20 ms are bytes that can be cut anywhere: one for each sample at [`RATE`].
    pub fn is_bytes(self) -> bool {
        !matches!(self, Self::Opus)
    }
}

impl Law {
    /// 20 ms of silence.
    pub fn silent_frame(self) -> &'static [u8; FRAME] {
        match self {
            Self::A => &[0xD5; FRAME],
            Self::Mu => &[0xFF; FRAME],
        }
    }

    /// The sample that a byte stands for.
    pub fn decode(self, byte: u8) -> i16 {
        g711::decode(self, byte)
    }

    /// The byte that stands for a sample.
    pub fn encode(self, sample: i16) -> u8 {
        g711::encode(self, sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_decodes_to_the_smallest_sample() {
        for law in [Law::A, Law::Mu] {
            assert!(law.silent_frame().iter().all(|&byte| law.decode(byte).abs() <= 8));
        }
    }
}
