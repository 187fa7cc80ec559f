//! Why a callback is not noted, in words for citizens.

use std::time::Duration;

use crate::base::{Language, limits};
use crate::service::NotCallable;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There are several queues, and none of them was chosen.
    NoQueue,
    NoNumber,
    Number(NotCallable),
    LongReason,
    NoTime,
    /// The time that was chosen is not offered any more, or never was.
    TakenTime,
    NoConsent,
    /// The field that people do not see is filled in.
    Trap,
}

/// Why a request is not noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It has these.
    Faults(Vec<Fault>),
    /// Too many were asked for; the next one may be after this, where that is known.
    TooMany { again: Option<Duration> },
    /// It can't be written down at present.
    NotNow,
}

impl Fault {
    /// The field's name in the form and in the API.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::NoQueue => "queue",
            Self::NoNumber | Self::Number(_) => "number",
            Self::LongReason => "reason",
            Self::NoTime | Self::TakenTime => "when",
            Self::NoConsent => "consent",
            Self::Trap => "website",
        }
    }

    /// The word in the API and the metrics.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NoQueue => "no-queue",
            Self::NoNumber => "no-number",
            Self::Number(why) => why.word(),
            Self::LongReason => "long-reason",
            Self::NoTime => "no-time",
            Self::TakenTime => "taken-time",
            Self::NoConsent => "no-consent",
            Self::Trap => "trap",
        }
    }

    /// What to do.
    pub(super) fn text(self, language: Language) -> String {
        let both = match self {
            Self::NoQueue => ["Choisissez un service.", "Choose a service."],
            Self::NoNumber => ["Indiquez votre numéro de téléphone.", "Enter your phone number."],
            Self::Number(NotCallable::NoNumber) => [
                "Ce numéro n’existe pas. Vérifiez qu’il a dix chiffres, par exemple 06 12 34 56 78.",
                "There is no such number. Check that it has ten digits, for example 06 12 34 56 78.",
            ],
            Self::Number(NotCallable::Premium) => [
                "Nous n’appelons pas les numéros surtaxés. Indiquez un autre numéro.",
                "We don’t call premium-rate numbers. Enter another one.",
            ],
            Self::Number(NotCallable::NotPersonal) => [
                "Nous n’appelons que les téléphones de particuliers, fixes ou mobiles. Indiquez un autre numéro.",
                "We only call people’s own phones, landline or mobile. Enter another number.",
            ],
            Self::Number(NotCallable::Abroad) => [
                "Nous n’appelons pas ce pays ou ce type de numéro. Indiquez un numéro français.",
                "We don’t call that country or kind of number. Enter a French number.",
            ],
            Self::LongReason => {
                let most = limits::REASON_LETTERS;
                return match language {
                    Language::Fr => format!("Raccourcissez le motif : {most} caractères au plus."),
                    Language::En => format!("Shorten the reason: {most} characters at most."),
                };
            }
            Self::NoTime => ["Choisissez quand nous vous rappelons.", "Choose when we call you back."],
            Self::TakenTime => [
                "Ce moment n’est plus libre. Choisissez-en un autre.",
                "This time is no longer free. Choose another one.",
            ],
            Self::NoConsent => [
                "Cochez cette case : sans votre accord, nous ne pouvons pas garder votre numéro.",
                "Tick this box: without your consent we can’t keep your number.",
            ],
            Self::Trap => ["Laissez ce champ vide.", "Leave this field empty."],
        };
        both[language as usize].to_owned()
    }
}

impl Trouble {
    /// The word in the API and the metrics.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Faults(faults) => faults.first().map_or("fault", |fault| fault.word()),
            Self::TooMany { .. } => "too-many",
            Self::NotNow => "not-now",
        }
    }

    /// What has happened, in a sentence or two.
    pub(super) fn text(&self, language: Language) -> &'static str {
        let both = match self {
            Self::Faults(_) => ["La demande est à corriger.", "The request must be corrected."],
            Self::TooMany { .. } => [
                "Trop de demandes ont été faites : la vôtre n’est pas enregistrée. Réessayez plus tard, ou appelez-nous.",
                "Too many requests were made: yours is not noted. Try again later, or call us.",
            ],
            Self::NotNow => [
                "Votre demande n’a pas pu être enregistrée : nous ne vous rappellerons pas. Appelez-nous, ou réessayez plus tard.",
                "Your request could not be noted: we will not call you back. Call us, or try again later.",
            ],
        };
        both[language as usize]
    }
}
