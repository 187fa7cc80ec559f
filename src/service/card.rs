use std::sync::Arc;

use super::{Callbacks, Hours};
use crate::base::{Localized, PhoneNumber, WallTime};

/// The service card: the one place where a service's facts live.
#[derive(Clone, Debug)]
pub struct Card {
    /// The service's name, as it is spoken and shown.
    pub name: Arc<str>,
    /// Its identifier in the directory of the administration.
    pub annuaire: Option<Arc<str>>,
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
    /// How who can't hear reaches an agent.
    pub relay: Relay,
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
    /// Words that its callers don't know, beside those of offices everywhere.
    pub jargon: Vec<Jargon>,
}

/// A word that callers don't know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jargon {
    /// The word, or some words.
    pub word: Arc<str>,
    /// What people say.
    pub instead: Arc<str>,
}

impl Card {
    /// The hours of a kind; the desk's are `None` where there is no desk.
    pub fn hours(&self, kind: HoursKind) -> Option<&Hours> {
        match kind {
            HoursKind::Phone => Some(&self.phone_hours),
            HoursKind::Desk => self.desk_hours.as_ref(),
        }
    }

    /// The procedure of an id.
    pub fn procedure(&self, id: &str) -> Option<usize> {
        self.procedures.iter().position(|procedure| procedure.id.as_deref() == Some(id))
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
    /// The essentials of a procedure, by its place in [`Card::procedures`], with the way online and the agent's.
    Procedure(usize),
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
    /// Whether citizens find the procedures of this service explained there.
    pub role: SiteRole,
}

/// What a web site is to a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SiteRole {
    /// One of its sites.
    #[default]
    Own,
    /// The one that explains its procedures, where that is not service-public.gouv.fr.
    Reference,
}

impl Website {
    /// Whether citizens find rights and procedures explained there.
    pub fn is_reference(&self) -> bool {
        self.role == SiteRole::Reference || is_service_public(&self.url)
    }
}

/// Whether a web address is one of service-public.gouv.fr, or of service-public.fr as it was called
/// until 1 October 2025.
pub fn is_service_public(url: &str) -> bool {
    let url = url.trim().to_lowercase();
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(&url);
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    ["service-public.gouv.fr", "service-public.fr"]
        .iter()
        .any(|site| host == *site || host.strip_suffix(site).is_some_and(|sub| sub.ends_with('.')))
}

/// How who can't hear, or can't speak, reaches an agent by phone.
#[derive(Clone, Debug, Default)]
pub struct Relay {
    /// The numbers that relay services call from: straight to an agent.
    pub numbers: Vec<PhoneNumber>,
    /// Where a citizen finds the relay service.
    pub site: Option<String>,
    /// When it can be used, where that is not when the phone is answered.
    pub hours: Option<Hours>,
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
    /// How flows call it.
    pub id: Option<Arc<str>>,
    /// Its name.
    pub name: Localized,
    /// What the citizen must know.
    pub essentials: Localized,
    /// Where it is done online.
    pub online: Option<String>,
    /// How it is done with an agent.
    pub agent: Option<Localized>,
}
