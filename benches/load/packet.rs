//! RTP packets (RFC 3550, section 5.1) with G.711 of 20 ms or a telephone event (RFC 4733),
//! and the stamp that ours carry in their payload.

use crate::clock::Nanos;

/// Bytes of an RTP header.
pub(crate) const HEADER: usize = 12;
/// Bytes of a packet of 20 ms.
pub(crate) const AUDIO: usize = HEADER + 160;
/// Payload type of telephone events where we choose it.
pub(crate) const EVENT: u8 = 101;

/// What a header says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) marker: bool,
    pub(crate) kind: u8,
    pub(crate) sequence: u16,
    pub(crate) time: u32,
    pub(crate) ssrc: u32,
}

impl Header {
    /// `None` when it is no RTP.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let head: &[u8; HEADER] = bytes.first_chunk()?;
        (head[0] >> 6 == 2).then(|| Self {
            marker: head[1] & 0x80 != 0,
            kind: head[1] & 0x7f,
            sequence: u16::from_be_bytes([head[2], head[3]]),
            time: u32::from_be_bytes([head[4], head[5], head[6], head[7]]),
            ssrc: u32::from_be_bytes([head[8], head[9], head[10], head[11]]),
        })
    }

    /// Writes it in front of a payload.
    pub(crate) fn write(self, out: &mut [u8]) {
        out[0] = 0x80;
        out[1] = self.kind | if self.marker { 0x80 } else { 0 };
        out[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        out[4..8].copy_from_slice(&self.time.to_be_bytes());
        out[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }

    /// Whether it is a telephone event: every dynamic type is, G.711 has a static one.
    pub(crate) fn is_event(self) -> bool {
        self.kind >= 96
    }
}

/// Who sent a packet and when, in the first bytes of its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// The line of ours that it was sent from.
    pub(crate) line: u32,
    /// Real time.
    pub(crate) sent: Nanos,
}

impl Stamp {
    /// `None` where the payload is not ours, untouched.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let payload = bytes.get(HEADER..)?;
        let (magic, rest) = payload.split_first_chunk::<4>()?;
        let (line, rest) = rest.split_first_chunk::<4>()?;
        let sent = rest.first_chunk::<8>()?;
        (magic == MAGIC).then(|| Self { line: u32::from_be_bytes(*line), sent: Nanos::from_be_bytes(*sent) })
    }

    /// Writes it into a packet's payload.
    pub(crate) fn write(self, packet: &mut [u8; AUDIO]) {
        packet[12..16].copy_from_slice(MAGIC);
        packet[16..20].copy_from_slice(&self.line.to_be_bytes());
        packet[20..28].copy_from_slice(&self.sent.to_be_bytes());
    }
}

const MAGIC: &[u8; 4] = b"svib";
