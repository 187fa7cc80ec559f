//! The ticket and its book: asked, kept, in its line, dialled, retried, given up.
//!
//! A ticket is a promise to call a citizen back. The [`Book`] promises nothing before the
//! shell has written the ticket down, dials nobody before the attempt is written down, and
//! lets nobody talk before that is written down: what was promised survives a crash, and is
//! done once. The one gap that a network leaves, between the citizen's answer and the disk,
//! may cause a second call, and is counted ([`Ticket::redialled`]).
//!
//! What does not live here: the database, the line itself ([`crate::queue`]), and the legs.

mod attempt;
mod book;
mod call_notes;
mod io;
#[cfg(test)]
mod model;
mod refused;
mod rules;
mod tally;
#[cfg(test)]
mod tests;
mod ticket;
mod turn;

pub use attempt::{Attempt, DialogName, Outcome};
pub use book::Book;
pub use call_notes::{About, CallNotes};
pub use io::{Asker, Input, Line, Output, Wish};
pub use refused::Refused;
pub use rules::{Allowed, Door, First, Rules};
pub use ticket::{By, Reason, Source, Ticket, TicketEvent, TicketState, When};
pub use turn::{Turn, TurnEvent};
