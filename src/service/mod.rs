//! The service card: contacts, opening hours, holidays, closures, busy and quiet hours.
//!
//! What does not live here: words. How a fact is said is [`crate::speech`]'s.

mod build;
mod calendar;
mod callable;
mod card;
mod document;
mod holiday;
mod hours;
mod premium;
mod slots;
mod syntax;
mod time_of_day;

pub use build::CardProblem;
pub use calendar::{Calendar, Closure};
pub use callable::{Callbacks, NotCallable};
pub use card::{Card, Desk, Email, HoursKind, Phone, Procedure, Topic, Website};
pub use document::{
    CallbacksDocument, CardDocument, ClosureDocument, DeskDocument, EmailDocument, HoursDocument, LoadDocument,
    PhoneDocument, ProcedureDocument, Text, WebsiteDocument,
};
pub use holiday::{Region, easter};
pub use hours::{Closing, DayHours, Hours, State, WhyClosed};
pub use premium::is_premium;
pub use slots::{Diary, QuietHours, Slot, slots};
pub use syntax::HoursError;
pub use time_of_day::TimeOfDay;
