//! The service card: contacts, opening hours, holidays, closures, busy and quiet hours.
//!
//! What does not live here: words. How a fact is said is [`crate::speech`]'s.

pub mod annuaire;
mod build;
mod calendar;
mod callable;
mod card;
mod document;
mod exceptions;
mod holiday;
mod hours;
mod jsonld;
mod premium;
mod slots;
mod syntax;
mod time_of_day;

pub use build::CardProblem;
pub use calendar::{Calendar, Closure};
pub use callable::{Callbacks, NotCallable};
pub use card::{
    Card, Desk, Email, HoursKind, Jargon, Phone, Procedure, Relay, SiteRole, Topic, Website, is_service_public,
};
pub use document::{
    CallbacksDocument, CardDocument, ClosureDocument, DeskDocument, EmailDocument, HoursDocument, JargonDocument,
    LoadDocument, PARIS, PhoneDocument, ProcedureDocument, RelayDocument, RelayKeys, Text, WebsiteDocument,
};
pub use exceptions::Exception;
pub use holiday::{Region, easter};
pub use hours::{Closing, DayHours, Hours, State, WhyClosed};
pub use jsonld::{json_ld, json_ld_script};
pub use premium::{Price, is_premium, price};
pub use slots::{Diary, QuietHours, Slot, slots};
pub use syntax::HoursError;
pub use time_of_day::TimeOfDay;
