use std::sync::Arc;

use super::{Callbacks, Hours};
use crate::base::{Localized, PhoneNumber, WallTime};

/// The service card: the one place where a service's facts live.
#[derive(Clone, Debug)]
pub struct Card {
    /// The service's name, as it is spoken and shown.
    pub name: Arc<str>,
    /// Its phone numbers.
    pub phones: Vec<Phone>,
    /// Its e-mail addresses.
    pub emails: Vec<Email>,
    /// Its web sites.
    pub websites: Vec<Website>,
    /// Its desk, if there is one.
    pub desk: Option<Desk>,
    /// How to get an appointment.
    pub appointments: Option<Localized>,
    /// The essentials of procedures.
    pub procedures: Vec<Procedure>,
    /// Relay services for deaf callers: straight to an agent.
    pub relay: Vec<PhoneNumber>,
    /// When the phone is answered.
    pub phone_hours: Hours,
    /// When the desk is open.
    pub desk_hours: Option<Hours>,
    /// When many phone, if the card says it.
    pub busy: Option<Hours>,
    /// When it is quiet, if the card says it.
    pub quiet: Option<Hours>,
    /// Whom it calls back, and when.
    pub callbacks: Callbacks,
}

impl Card {
    /// The hours of a kind; the desk's are `None` where there is no desk.
    pub fn hours(&self, kind: HoursKind) -> Option<&Hours> {
        match kind {
            HoursKind::Phone => Some(&self.phone_hours),
            HoursKind::Desk => self.desk_hours.as_ref(),
        }
    }

    /// Whether it is open at this moment.
    pub fn is_open(&self, kind: HoursKind, at: WallTime) -> bool {
        self.hours(kind).is_some_and(|hours| hours.is_open(at))
    }
}

/// Which opening hours of the card are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoursKind {
    /// When the phone is answered.
    Phone,
    /// When the desk is open.
    Desk,
}

/// A fact that `tell:` can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The opening hours of phone and desk, with the next closure or holiday.
    Hours,
    /// Every phone, e-mail and web site with its purpose.
    Contact,
    /// The desk's address and its access.
    Address,
    /// How to get an appointment.
    Appointments,
    /// When many phone.
    Busy,
    /// When it is quiet.
    Quiet,
}

/// A phone number with what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Phone {
    /// The number.
    pub number: PhoneNumber,
    /// What it is for.
    pub purpose: Localized,
}

/// An e-mail address with what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Email {
    /// The address as it is written.
    pub address: String,
    /// The address as it is said, if that differs.
    pub spoken: Option<Localized>,
    /// What it is for.
    pub purpose: Localized,
}

/// A web site with what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Website {
    /// The address as it is written.
    pub url: String,
    /// The address as it is said, if that differs.
    pub spoken: Option<Localized>,
    /// What it is for.
    pub purpose: Localized,
}

/// The desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// The postal address.
    pub address: Localized,
    /// How it is reached and entered.
    pub access: Option<Localized>,
}

/// The essentials of one procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// Its name.
    pub name: Localized,
    /// What the citizen must know.
    pub essentials: Localized,
}
