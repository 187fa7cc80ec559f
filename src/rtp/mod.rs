//! RTP packets, sequence, telephone events and RTCP, without a socket.
//!
//! What lives here: packets ([`Packet`], [`Header`]), what a receiver counts
//! ([`Reception`]) and what the peer counts of us ([`FarEnd`]), keys after RFC 4733 ([`DigitReceiver`], [`DigitSender`]), RTCP
//! ([`rtcp`]) and whom we listen to ([`Latch`]).
//!
//! What does not live here: sockets, clocks and the pace of sending, which are
//! [`crate::server`]'s, and sound, which is [`crate::media`]'s.
//!
//! ```
//! use svi::rtp::{Header, Packet};
//! let header = Header { payload_type: 8, marker: true, sequence: 7, timestamp: 160, ssrc: 42 };
//! let mut buffer = [0; 172];
//! let length = header.write(&[0xD5; 160], &mut buffer).unwrap();
//! let packet = Packet::parse(&buffer[..length]).unwrap();
//! assert_eq!(packet.header, header);
//! assert_eq!(packet.payload.len(), 160);
//! ```

mod digit_receiver;
mod digit_sender;
mod far_end;
mod incoming;
mod interval;
mod latch;
mod packet;
mod protection;
mod reception;
pub mod rtcp;
mod telephone_event;

pub use digit_receiver::DigitReceiver;
pub use digit_sender::{DigitSender, Step};
pub use far_end::FarEnd;
pub use interval::Interval;
pub use latch::{Latch, Verdict};
pub use packet::{HEADER_BYTES, Header, Packet, later};
pub use protection::{Protection, Sealed};
pub use reception::Reception;
pub use telephone_event::TelephoneEvent;
