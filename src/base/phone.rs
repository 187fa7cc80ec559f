use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A number that can be dialled: `+` and 4 to 15 digits (E.164), or 2 to 15
/// digits as a phone would dial them (`100`, `0143124567`).
///
/// Spaces, dots, dashes and brackets are left out when it is read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(Arc<str>);

/// Why a text is not a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// It holds a character that is on no keypad.
    #[error("`{0}` can't be dialled")]
    Character(char),
    /// It is too short or too long.
    #[error("a phone number has 2 to 15 digits, this has {0}")]
    Length(usize),
}

impl PhoneNumber {
    /// Reads a number as people write it.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let mut out = String::with_capacity(text.len());
        for (i, c) in text.trim().char_indices() {
            match c {
                '+' if i == 0 => out.push('+'),
                '0'..='9' => out.push(c),
                ' ' | '.' | '-' | '(' | ')' | '\u{a0}' | '\u{202f}' => {}
                other => return Err(PhoneNumberError::Character(other)),
            }
        }
        let digits = out.trim_start_matches('+').len();
        if !(2..=15).contains(&digits) {
            return Err(PhoneNumberError::Length(digits));
        }
        Ok(Self(out.into()))
    }

    /// The number as it is dialled, with its `+` if it has one.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits without the `+`.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The number with its country's prefix, read as a French one: `01 43…` is
    /// `+33143…`, and `0262…`, of La Réunion, `+262262…`; short numbers and numbers with a `+` stay as they are.
    pub fn international(&self) -> Self {
        match self.0.strip_prefix('0') {
            Some(rest) if rest.len() == 9 && overseas(rest).is_some() => {
                Self(format!("{}{rest}", overseas(rest).unwrap_or_default()).into())
            }
            Some(rest) if rest.len() == 9 && !rest.starts_with('0') => Self(format!("+33{rest}").into()),
            _ => match self.0.strip_prefix("00") {
                Some(rest) if rest.len() > 7 => Self(format!("+{rest}").into()),
                _ => self.clone(),
            },
        }
    }

    /// The ten digits that a French caller dials for a `+33` number, else the number.
    pub fn national(&self) -> String {
        match self.0.strip_prefix("+33") {
            Some(rest) if rest.len() == 9 => format!("0{rest}"),
            _ => self.0.to_string(),
        }
    }
}

/// The country code of the overseas departments' numbers, by what follows the 0 (ARCEP's
/// numbering plan, decision 2018-0881).
fn overseas(rest: &str) -> Option<&'static str> {
    match rest.get(..3)? {
        "262" | "263" | "269" | "639" | "692" | "693" => Some("+262"),
        "590" | "690" | "691" => Some("+590"),
        "594" | "694" => Some("+594"),
        "596" | "696" | "697" => Some("+596"),
        _ => None,
    }
}

impl AsRef<str> for PhoneNumber {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_ways_of_writing_a_number_meet_in_one() {
        for text in ["01 43 12 45 67", "01.43.12.45.67", "+33143124567", "0033143124567"] {
            let number = PhoneNumber::parse(text).unwrap().international();
            assert_eq!(number.as_str(), "+33143124567", "{text}");
            assert_eq!(number.national(), "0143124567");
        }
        for (text, international) in [("0262 12 34 56", "+262262123456"), ("0696123456", "+596696123456")] {
            assert_eq!(PhoneNumber::parse(text).unwrap().international().as_str(), international);
        }
        assert_eq!(PhoneNumber::parse("100").unwrap().international().as_str(), "100");
    }

    #[test]
    fn what_can_not_be_dialled_is_said() {
        assert_eq!(PhoneNumber::parse("01 x"), Err(PhoneNumberError::Character('x')));
        assert_eq!(PhoneNumber::parse("1"), Err(PhoneNumberError::Length(1)));
        assert_eq!(PhoneNumber::parse("1234567890123456"), Err(PhoneNumberError::Length(16)));
    }
}
