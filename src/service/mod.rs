//! The service card: contacts, opening hours, holidays, closures, busy and quiet hours.
//!
//! What does not live here: words. How a fact is said is [`crate::speech`]'s.

mod card;
mod hours;

pub use card::{Card, Desk, Email, HoursKind, Phone, Procedure, Topic, Website};
pub use hours::Hours;
