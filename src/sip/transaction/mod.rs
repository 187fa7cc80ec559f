//! The transaction layer (RFC 3261, section 17; RFC 6026; RFC 4320): the four machines,
//! and the table of all that are under way.
//!
//! What does not live here: dialogs, and what a request means.

mod client;
mod core;
mod invite_client;
mod invite_server;
mod key;
mod server;
mod table;
#[cfg(test)]
mod tests;
mod timer;

pub(crate) use core::Sent;
pub(crate) use key::COOKIE;
pub(crate) use table::{Arrival, Share, Transactions, TxId};
pub(crate) use timer::{PATIENCE, T1, T2};
