//! The directory of the administration (annuaire de l'administration, published by the DILA under the
//! Licence Ouverte): its records read, turned into cards, made from cards, and compared with them.
//!
//! What the directory says in free words (« 2e et 4e samedis de chaque mois ») is shown to a person
//! and never turned into hours.

mod compare;
mod export;
mod find;
mod import;
mod record;
#[cfg(test)]
mod tests;
mod week;

pub use compare::{Difference, compare};
pub use export::record_of;
pub use find::{Found, find};
pub use import::{Finding, Imported, import};
pub use record::{Address, Line, Link, Opening, Record};
