use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A language that callers can be spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// French, the first language of every service.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// Every language, French first.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The two-letter code of ISO 639-1, also the folder's name under `prompts/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language for a two-letter code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One value per language; French stands in where English was not written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Localized<T = Arc<str>> {
    /// The French value, or the only one.
    pub fr: T,
    /// The English value, if there is one.
    pub en: Option<T>,
}

impl<T> Localized<T> {
    /// The value for a language, or the French one.
    pub fn get(&self, language: Language) -> &T {
        match (language, &self.en) {
            (Language::En, Some(en)) => en,
            (Language::En, None) | (Language::Fr, _) => &self.fr,
        }
    }

    /// The language that [`Self::get`] answers in when asked for `language`.
    pub fn language(&self, language: Language) -> Language {
        match (language, &self.en) {
            (Language::En, Some(_)) => Language::En,
            (Language::En, None) | (Language::Fr, _) => Language::Fr,
        }
    }

    /// The same made from each language's value.
    pub fn map<U>(&self, f: impl Fn(Language, &T) -> U) -> Localized<U> {
        Localized { fr: f(Language::Fr, &self.fr), en: self.en.as_ref().map(|en| f(Language::En, en)) }
    }
}
