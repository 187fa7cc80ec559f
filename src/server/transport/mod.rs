//! How SIP messages come and go: the sockets for datagrams, and the connections.
//!
//! The signalling task owns both. It never waits for a peer: a datagram is sent or not, and
//! a message for a connection is put into that connection's own bounded queue. Each
//! connection has a task that reads, cuts out messages and writes; whoever does not read,
//! or speaks too slowly, stops that task alone.

mod addresses;
mod connection;
mod crowd;
mod doors;
mod lines;
#[cfg(test)]
mod tests;
mod tls;

pub(super) use addresses::{doors, way_to, ways};
pub(super) use connection::News;
pub(super) use doors::{Bound, Doors};
pub(super) use lines::Lines;
pub(super) use tls::{Encryption, renew_at_hangup};
