//! RTCP, as thin as a telephone needs it: reports out, signs of life in (RFC 3550, section 6).

use rtcp_types::prelude::*;
use rtcp_types::{Bye, Compound, Packet, ReceiverReport, ReportBlock, Sdes, SdesChunk, SdesItem, SenderReport};

use crate::base::WallTime;

/// What we have sent, for a sender report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Our source.
    pub ssrc: u32,
    /// The moment of the report.
    pub wall: WallTime,
    /// The RTP timestamp of that moment.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Payload bytes sent.
    pub octets: u32,
}

/// What we have heard of the peer's stream, for a report block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The peer's source.
    pub ssrc: u32,
    /// Lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost in all.
    pub lost: u32,
    /// The highest sequence number, extended to 32 bits.
    pub highest_sequence: u32,
    /// Interarrival jitter in samples.
    pub jitter: u32,
}

/// What came from the peer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Whether the peer says that its stream has ended.
    pub bye: bool,
    /// The middle bits of the NTP time in its sender report, to echo in ours.
    pub sender_report: Option<u32>,
    /// What it has heard of our stream.
    pub block: Option<Block>,
}

/// What the peer has heard of our stream, and which of our reports it had last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its figures.
    pub heard: Heard,
    /// All 0 when it has had no sender report yet.
    pub echo: Echo,
}

/// Which sender report came last, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// [`Received::sender_report`].
    pub sender_report: u32,
    /// How long ago, in 1/65536 s.
    pub delay: u32,
}

/// Seconds from 1900, where NTP starts, to 1970.
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// A compound of a sender report (a receiver report while nothing was sent) and our name.
pub fn report(sent: &Sent, heard: Option<&Heard>, echo: Option<Echo>, cname: &str) -> Option<Vec<u8>> {
    let block = heard.map(|heard| {
        let block = ReportBlock::builder(heard.ssrc)
            .fraction_lost(heard.fraction_lost)
            .cumulative_lost(heard.lost)
            .extended_sequence_number(heard.highest_sequence)
            .interarrival_jitter(heard.jitter);
        match echo {
            Some(echo) => block
                .last_sender_report_timestamp(echo.sender_report)
                .delay_since_last_sender_report_timestamp(echo.delay),
            None => block,
        }
    });
    let compound = Compound::builder();
    let compound = if sent.packets == 0 {
        let report = ReceiverReport::builder(sent.ssrc);
        compound.add_packet(match block {
            Some(block) => report.add_report_block(block),
            None => report,
        })
    } else {
        let report = SenderReport::builder(sent.ssrc)
            .ntp_timestamp(ntp(sent.wall))
            .rtp_timestamp(sent.timestamp)
            .packet_count(sent.packets)
            .octet_count(sent.octets);
        compound.add_packet(match block {
            Some(block) => report.add_report_block(block),
            None => report,
        })
    };
    written(&compound.add_packet(name(sent.ssrc, cname)))
}

/// A compound that says that our stream has ended.
pub fn bye(ssrc: u32, cname: &str) -> Option<Vec<u8>> {
    written(
        &Compound::builder()
            .add_packet(ReceiverReport::builder(ssrc))
            .add_packet(name(ssrc, cname))
            .add_packet(Bye::builder().add_source(ssrc)),
    )
}

/// Whether a datagram on a port that both share is RTCP (RFC 5761, section 4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram, [first, 192..=223, ..] if first >> 6 == 2)
}

/// Reads a datagram; `None` when it is no RTCP compound. `ours` is the source of our stream.
pub fn parse(datagram: &[u8], ours: u32) -> Option<Received> {
    let mut received = Received::default();
    for (i, packet) in Compound::parse(datagram).ok()?.enumerate() {
        match packet {
            Ok(Packet::Bye(_)) => received.bye = true,
            Ok(Packet::Sr(report)) => {
                received.sender_report = Some((report.ntp_timestamp() >> 16) as u32);
                received.block = about(ours, report.report_blocks()).or(received.block);
            }
            Ok(Packet::Rr(report)) => received.block = about(ours, report.report_blocks()).or(received.block),
            // Reports of kinds that we do not know are signs of life as well.
            Ok(_) => {}
            Err(_) if i == 0 => return None,
            Err(_) => break,
        }
    }
    Some(received)
}

/// The block about our stream.
fn about<'a>(ours: u32, mut blocks: impl Iterator<Item = ReportBlock<'a>>) -> Option<Block> {
    let block = blocks.find(|block| block.ssrc() == ours)?;
    // 24 bits with a sign: duplicates can make it negative (appendix A.3).
    let lost = Some(block.cumulative_lost()).filter(|lost| *lost <= MOST_LOST).unwrap_or(0);
    Some(Block {
        heard: Heard {
            ssrc: ours,
            fraction_lost: block.fraction_lost(),
            lost,
            highest_sequence: block.extended_sequence_number(),
            jitter: block.interarrival_jitter(),
        },
        echo: Echo {
            sender_report: block.last_sender_report_timestamp(),
            delay: block.delay_since_last_sender_report_timestamp(),
        },
    })
}

/// The middle of the NTP time that a sender report of this moment carries.
pub fn middle(wall: WallTime) -> u32 {
    (ntp(wall) >> 16) as u32
}

/// The largest loss that 24 bits with a sign can say.
const MOST_LOST: u32 = 0x7F_FFFF;

fn name(ssrc: u32, cname: &str) -> rtcp_types::SdesBuilder<'_> {
    let item = SdesItem::builder(SdesItem::CNAME, cname);
    Sdes::builder().add_chunk(SdesChunk::builder(ssrc).add_item(item))
}

fn written(compound: &rtcp_types::CompoundBuilder<'_>) -> Option<Vec<u8>> {
    let mut bytes = vec![0; compound.calculate_size().ok()?];
    let length = compound.write_into(&mut bytes).ok()?;
    bytes.truncate(length);
    Some(bytes)
}

fn ntp(wall: WallTime) -> u64 {
    let millis = u64::try_from(wall.millis()).unwrap_or(0);
    let seconds = (millis / 1_000 + NTP_TO_UNIX) & 0xFFFF_FFFF;
    (seconds << 32) | (((millis % 1_000) << 32) / 1_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sent() -> Sent {
        Sent { ssrc: 0xAABB, wall: WallTime::from_millis(1_500), timestamp: 160, packets: 3, octets: 480 }
    }
    const HEARD: Heard = Heard { ssrc: 0x1122, fraction_lost: 64, lost: 1, highest_sequence: 70_000, jitter: 12 };

    #[test]
    fn a_report_says_what_was_sent_and_heard() {
        let echo = Echo { sender_report: 0x99, delay: 65_536 };
        let bytes = report(&sent(), Some(&HEARD), Some(echo), "svi@192.0.2.1").unwrap();
        assert!(is_rtcp(&bytes));
        let mut compound = Compound::parse(&bytes).unwrap();
        let Some(Ok(Packet::Sr(report))) = compound.next() else { panic!("no sender report") };
        assert_eq!(report.ntp_timestamp(), ((NTP_TO_UNIX + 1) << 32) | 0x8000_0000);
        assert_eq!((report.packet_count(), report.octet_count()), (3, 480));
        let block = report.report_blocks().next().unwrap();
        assert_eq!((block.ssrc(), block.cumulative_lost(), block.fraction_lost()), (0x1122, 1, 64));
        assert_eq!(block.delay_since_last_sender_report_timestamp(), 65_536);
        let Some(Ok(Packet::Sdes(sdes))) = compound.next() else { panic!("no name") };
        let chunk = sdes.chunks().next().unwrap();
        assert_eq!(chunk.items().next().unwrap().value(), b"svi@192.0.2.1");
        let sender_report = Some((((NTP_TO_UNIX + 1) << 16) | 0x8000) as u32);
        assert_eq!(sender_report, Some(middle(sent().wall)));
        assert_eq!(parse(&bytes, 5), Some(Received { bye: false, sender_report, block: None }));
        let block = Some(Block { heard: HEARD, echo });
        assert_eq!(parse(&bytes, HEARD.ssrc), Some(Received { bye: false, sender_report, block }));
    }

    #[test]
    fn who_has_sent_nothing_makes_a_receiver_report() {
        let bytes = report(&Sent { packets: 0, ..sent() }, Some(&HEARD), None, "svi").unwrap();
        assert!(matches!(Compound::parse(&bytes).unwrap().next(), Some(Ok(Packet::Rr(_)))));
        let echo = Echo { sender_report: 0, delay: 0 };
        assert_eq!(parse(&bytes, HEARD.ssrc).unwrap().block, Some(Block { heard: HEARD, echo }));
    }

    #[test]
    fn a_peer_that_had_more_than_was_sent_has_lost_nothing() {
        let block = ReportBlock::builder(7).cumulative_lost(0xFF_FFFE);
        let bytes =
            written(&Compound::builder().add_packet(ReceiverReport::builder(1).add_report_block(block))).unwrap();
        assert_eq!(parse(&bytes, 7).unwrap().block.unwrap().heard.lost, 0);
    }

    #[test]
    fn an_end_is_heard() {
        let bytes = bye(7, "svi").unwrap();
        assert_eq!(parse(&bytes, 7), Some(Received { bye: true, ..Received::default() }));
    }

    #[test]
    fn rtp_is_not_taken_for_rtcp() {
        assert!(!is_rtcp(&[0x80, 8 | 0x80, 0, 0]));
        assert!(!is_rtcp(&[0x80]));
        assert!(!is_rtcp(&[]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), kind in 200..208_u8, count in 0..32_u8) {
            let mut bytes = bytes;
            if bytes.len() > 3 {
                bytes[0] = 0x80 | count;
                bytes[1] = kind;
                let words = (bytes.len() / 4 - 1) as u8;
                bytes[2..4].copy_from_slice(&[0, words]);
            }
            let _ = parse(&bytes, 0x1122);
        }

        #[test]
        fn a_report_that_was_hurt_is_read_without_a_panic(at in 0..60_usize, value: u8, cut in 0..60_usize) {
            let mut bytes = report(&sent(), Some(&HEARD), None, "svi@host").unwrap();
            let at = at % bytes.len();
            bytes[at] = value;
            bytes.truncate(bytes.len().saturating_sub(cut));
            let _ = parse(&bytes, 0x1122);
        }
    }
}
