//! The media plane: a few worker threads that receive, pace and send for all legs.
//!
//! A leg has a pair of UDP ports (RTP and, where the phone does not share one, RTCP) and lives on one worker for as long as
//! it lasts; all legs of a call live on the same one. A worker turns a wheel: a round
//! of 20 ms has ten slots, and each leg sends in one of them. At each slot the worker
//! obeys what it was ordered, takes what has arrived for any of its legs, passes on
//! what is bridged, and sends for the slot's legs. Between slots it sleeps, and without
//! legs until there is an order.
//!
//! What lives here: [`MediaPlane`], its ports, the wheel, and a leg's life. What does
//! not: sound ([`crate::media`]), packets ([`crate::rtp`]), and what a call wants.
//!
//! Orders go down as [`Command`](crate::media::Command)s, news come up as
//! [`Event`](crate::media::Event)s on one channel that its owner routes by leg.

mod figures;
mod handshake;
mod identity;
mod keys_in;
mod kind;
mod leg;
mod locksmith;
mod orders;
mod outgoing;
mod packing;
mod placement;
mod plane;
mod ports;
mod readiness;
mod reports;
mod sealing;
mod seat;
mod socket;
mod voice;
mod wheel;
mod worker;

pub use figures::Figures;
pub use identity::{HandshakeError, Identity};
pub use plane::{Heard, MediaPlane, MediaSettings};

#[cfg(test)]
mod drift_tests;
#[cfg(test)]
mod handshake_tests;
#[cfg(test)]
mod leg_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod voice_tests;
