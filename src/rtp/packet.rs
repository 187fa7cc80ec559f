use rtp_rs::{RtpPacketBuilder, RtpReader};

/// Bytes of the header that we write: no contributing sources, no extension.
pub const HEADER_BYTES: usize = 12;

/// The fields of an RTP header that a telephone uses (RFC 3550, section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The payload type, 0 to 127.
    pub payload_type: u8,
    /// The marker: a talk spurt or an event starts.
    pub marker: bool,
    /// The sequence number, one more for each packet.
    pub sequence: u16,
    /// The sampling moment of the first sample, in samples at 8 kHz.
    pub timestamp: u32,
    /// The source of the stream.
    pub ssrc: u32,
}

impl Header {
    /// Writes the packet into `buffer` and tells its length; `None` when it does not
    /// fit or the payload type is above 127. Allocates nothing.
    pub fn write(&self, payload: &[u8], buffer: &mut [u8]) -> Option<usize> {
        RtpPacketBuilder::new()
            .payload_type(self.payload_type)
            .marked(self.marker)
            .sequence(self.sequence.into())
            .timestamp(self.timestamp)
            .ssrc(self.ssrc)
            .payload(payload)
            .build_into(buffer)
            .ok()
    }
}

/// A received packet, borrowed from the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its header.
    pub header: Header,
    /// Its payload, without padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram; `None` when it is no RTP of version 2.
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let reader = RtpReader::new(datagram).ok()?;
        Some(Self {
            header: Header {
                payload_type: reader.payload_type(),
                marker: reader.mark(),
                sequence: reader.sequence_number().into(),
                timestamp: reader.timestamp(),
                ssrc: reader.ssrc(),
            },
            payload: reader.payload(),
        })
    }
}

/// Whether sequence number `a` comes after `b`, across the turn at 65 536.
pub fn later(a: u16, b: u16) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_payload_type_or_a_buffer_that_can_not_be_is_refused() {
        let header = Header { payload_type: 128, marker: false, sequence: 0, timestamp: 0, ssrc: 0 };
        assert_eq!(header.write(&[0; 10], &mut [0; 100]), None);
        let header = Header { payload_type: 8, ..header };
        assert_eq!(header.write(&[0; 160], &mut [0; 171]), None);
        assert_eq!(header.write(&[0; 160], &mut [0; 172]), Some(172));
    }

    #[test]
    fn sequence_order_holds_across_the_turn() {
        assert!(later(0, 65_535));
        assert!(!later(65_535, 0));
        assert!(!later(5, 5));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(packet) = Packet::parse(&bytes) {
                prop_assert!(packet.payload.len() + HEADER_BYTES <= bytes.len());
            }
        }
    }
}
