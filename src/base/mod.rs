//! The words that every other room speaks: ids, digits, phone numbers, private
//! values, time, named deadlines, languages and limits.
//!
//! What does not live here: anything that knows what a call, a flow or a packet is.

mod chance;
mod chars;
mod check_digits;
mod digit;
mod id;
mod language;
mod lifecycle;
pub mod limits;
mod phone;
mod private;
mod room;
mod time;
mod timer;

pub use chance::Chance;
pub(crate) use chars::{CharSet, Escaped, UNRESERVED, unescaped};
pub use check_digits::CheckDigits;
pub use digit::{Digit, parse_digits};
pub use id::{AgentName, CallId, LegId, MessageId, PlayId, QueueName, Skill, TicketId};
pub use language::{Language, Localized};
pub(crate) use lifecycle::transitions;
pub use lifecycle::{Lifecycle, dot, grid};
pub use phone::{PhoneNumber, PhoneNumberError};
pub use private::{Private, in_the_clear};
pub use room::give_back;
pub use time::{Instant, LocalTimeError, Now, WallTime, local_time};
pub use timer::TimerTable;
