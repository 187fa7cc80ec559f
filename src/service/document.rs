//! The card as it is written in YAML: shape only, nothing is checked yet.

use std::fmt;
use std::sync::Arc;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::base::Localized;

/// A `service.yaml`, as it is written; [`Card::build`](super::Card::build) checks it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardDocument {
    /// The service's name.
    pub name: String,
    /// Its identifier in the directory of the administration.
    #[serde(default)]
    pub annuaire: Option<String>,
    /// An IANA time zone, `Europe/Paris` when not written.
    #[serde(default = "paris")]
    pub timezone: String,
    /// Whose public holidays are kept, `metropole` when not written.
    #[serde(default = "metropole")]
    pub region: String,
    /// Its phone numbers.
    #[serde(default)]
    pub phones: Vec<PhoneDocument>,
    /// Its e-mail addresses.
    #[serde(default)]
    pub emails: Vec<EmailDocument>,
    /// Its web sites.
    #[serde(default)]
    pub websites: Vec<WebsiteDocument>,
    /// Its desk.
    #[serde(default)]
    pub desk: Option<DeskDocument>,
    /// How to get an appointment.
    #[serde(default)]
    pub appointments: Option<Text>,
    /// How who can't hear reaches an agent.
    #[serde(default)]
    pub relay: Option<RelayDocument>,
    /// Opening hours.
    pub hours: HoursDocument,
    /// When many phone.
    #[serde(default)]
    pub busy: Option<LoadDocument>,
    /// When it is quiet.
    #[serde(default)]
    pub quiet: Option<LoadDocument>,
    /// Days on which everything is closed.
    #[serde(default)]
    pub closures: Vec<ClosureDocument>,
    /// The essentials of procedures.
    #[serde(default)]
    pub procedures: Vec<ProcedureDocument>,
    /// Whom it calls back, and when.
    #[serde(default)]
    pub callbacks: CallbacksDocument,
    /// Words that callers don't know.
    #[serde(default)]
    pub jargon: Vec<JargonDocument>,
}

/// A word that callers don't know.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JargonDocument {
    /// The word, or some words.
    pub word: String,
    /// What people say.
    pub instead: String,
}

/// Whom a service calls back, and when.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbacksDocument {
    /// Prefixes of numbers beyond France, in quotes.
    #[serde(default)]
    pub abroad: Vec<String>,
    /// When people may be called, beside the opening hours.
    #[serde(default)]
    pub hours: Option<String>,
}

/// A phone number and what it is for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneDocument {
    /// The number, in quotes.
    pub number: String,
    /// What it is for.
    pub purpose: Text,
}

/// An e-mail address and what it is for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailDocument {
    /// The address.
    pub address: String,
    /// The address as it is said; made from `address` when not written.
    #[serde(default)]
    pub spoken: Option<Text>,
    /// What it is for.
    pub purpose: Text,
}

/// A web site and what it is for.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebsiteDocument {
    /// The address, with `https://`.
    pub url: String,
    /// The address as it is said; made from `url` when not written.
    #[serde(default)]
    pub spoken: Option<Text>,
    /// What it is for.
    pub purpose: Text,
    /// Whether it explains the service's procedures, as service-public.gouv.fr does.
    #[serde(default)]
    pub reference: bool,
}

/// How who can't hear reaches an agent: numbers alone, or more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum RelayDocument {
    /// The numbers that relay services call from.
    Numbers(Vec<String>),
    /// Everything.
    Full(RelayKeys),
}

/// Everything about relay services.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayKeys {
    /// The numbers that relay services call from.
    #[serde(default)]
    pub numbers: Vec<String>,
    /// Where a citizen finds the relay service.
    #[serde(default)]
    pub site: Option<String>,
    /// When it can be used; when the phone is answered, when not written.
    #[serde(default)]
    pub hours: Option<String>,
}

/// The desk.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskDocument {
    /// The postal address.
    pub address: Text,
    /// How it is reached and entered.
    #[serde(default)]
    pub access: Option<Text>,
}

/// Opening hours in OpenStreetMap's syntax.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursDocument {
    /// When the phone is answered.
    pub phone: String,
    /// When the desk is open.
    #[serde(default)]
    pub desk: Option<String>,
}

/// Busy or quiet times in OpenStreetMap's syntax, or the word `measured`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadDocument {
    /// On the phone.
    pub phone: String,
}

/// Days on which everything is closed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureDocument {
    /// The first day, such as `2026-12-24`.
    pub from: String,
    /// The last day; the first one when not written.
    #[serde(default)]
    pub to: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: Option<Text>,
}

/// The essentials of one procedure.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcedureDocument {
    /// How flows call it.
    #[serde(default)]
    pub id: Option<String>,
    /// Its name.
    pub name: Text,
    /// What the citizen must know.
    pub essentials: Text,
    /// Where it is done online.
    #[serde(default)]
    pub online: Option<String>,
    /// How it is done with an agent.
    #[serde(default)]
    pub agent: Option<Text>,
}

/// A text: a string, or one per language, `{ fr: …, en: … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub Localized);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or one per language such as `{ fr: …, en: … }`")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Localized { fr: text.into(), en: None }))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let (mut fr, mut en): (Option<Arc<str>>, Option<Arc<str>>) = (None, None);
        while let Some(language) = map.next_key::<String>()? {
            let (slot, name) = match language.as_str() {
                "fr" => (&mut fr, "fr"),
                "en" => (&mut en, "en"),
                other => return Err(A::Error::unknown_field(other, &["fr", "en"])),
            };
            if slot.replace(map.next_value::<String>()?.into()).is_some() {
                return Err(A::Error::duplicate_field(name));
            }
        }
        Ok(Text(Localized { fr: fr.ok_or_else(|| A::Error::missing_field("fr"))?, en }))
    }
}

/// The time zone of a card that names none.
pub const PARIS: &str = "Europe/Paris";

fn paris() -> String {
    PARIS.to_owned()
}

fn metropole() -> String {
    "metropole".to_owned()
}
