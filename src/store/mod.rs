//! What must last: records, tickets, messages and statistics, in SQLite.
//!
//! [`Store`] is the database, `svi.db` in the data folder; [`Journal`] is what calls
//! hand their records to, without ever waiting for a disk.
//!
//! What does not live here: what a record says, which is [`crate::call`]'s.

mod database;
mod journal;
mod messages;

pub use database::{Error, Row, Store, Taux};
pub use journal::{Journal, Writer};
pub use messages::MessageFilter;
