//! What must last: records, callback tickets and messages, in SQLite or PostgreSQL.
//!
//! [`Store`] is the database: `svi.db` in the data folder, or PostgreSQL where the settings
//! name one; [`Journal`] is what calls hand their records to, without ever waiting for a disk.
//!
//! The statements are written once; an `Engine` runs them on one of the two databases,
//! all or nothing, and [`Store`] sees to it that this ends in time. [`Health`] says whether
//! it works at present.
//!
//! What does not live here: what a record says, which is [`crate::call`]'s, and what a
//! ticket may do, which is [`crate::callback`]'s.

mod codes;
#[cfg(feature = "postgres")]
mod claim;
mod database;
mod engine;
mod erase;
mod history;
mod journal;
mod messages;
mod migrations;
#[cfg(feature = "postgres")]
mod postgres;
mod records;
mod sqlite;
#[cfg(test)]
mod tests;
mod tickets;
mod trouble;
mod versions;

pub use codes::CodeRow;
pub use database::Store;
pub use engine::Wiped;
pub use erase::Erased;
pub use history::{Filed, Span};
pub use journal::{Journal, Writer};
pub use messages::{CallBack, Mail, Message, MessageState};
pub use records::{Row, Taux};
pub use tickets::{Asked, Kept, Listed, TicketRow, Which, hash_of_code};
pub use trouble::{Error, Health, Trouble};
pub use versions::{Files, How, Version};
