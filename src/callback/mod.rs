//! The ticket and its book: asked, kept, due, dialled, retried, given up.
//!
//! A ticket is a promise to call a citizen back. The [`Book`] says nothing to the
//! caller before the shell has written the ticket down, and dials nobody before the
//! attempt is written down: what was promised survives a crash, and is not done twice.
//!
//! What does not live here: the database, opening hours, and dialling itself.

mod book;
mod io;
#[cfg(test)]
mod tests;
mod ticket;

pub use book::Book;
pub use io::{Input, Output, Refused, Rules};
pub use ticket::{Ticket, TicketEvent, TicketState};
