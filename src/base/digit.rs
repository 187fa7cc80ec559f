use std::fmt;

use serde::{Deserialize, Serialize};

/// A key of the telephone's keypad: `0` to `9`, `*` and `#`.
///
/// The letters A to D of RFC 4733 are on no citizen's phone; they parse as `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Digit(u8);

impl Digit {
    /// The key that always leads to an agent.
    pub const ZERO: Self = Self(b'0');
    /// `1`
    pub const ONE: Self = Self(b'1');
    /// `*`: back, or delete while a number is typed.
    pub const STAR: Self = Self(b'*');
    /// `#`: again, or the end of a number.
    pub const HASH: Self = Self(b'#');

    /// The key for a character, if it is one of the twelve.
    pub fn from_char(c: char) -> Option<Self> {
        matches!(c, '0'..='9' | '*' | '#').then(|| Self(c as u8))
    }

    /// The key for an event code of RFC 4733, section 3.2 (0–9, 10 is `*`, 11 is `#`).
    pub fn from_event(code: u8) -> Option<Self> {
        match code {
            0..=9 => Some(Self(b'0' + code)),
            10 => Some(Self::STAR),
            11 => Some(Self::HASH),
            _ => None,
        }
    }

    /// The event code of RFC 4733, section 3.2.
    pub fn event(self) -> u8 {
        match self.0 {
            b'*' => 10,
            b'#' => 11,
            n => n - b'0',
        }
    }

    /// The character printed on the key.
    pub fn as_char(self) -> char {
        char::from(self.0)
    }

    /// The value of a numeric key, `None` for `*` and `#`.
    pub fn number(self) -> Option<u8> {
        self.0.is_ascii_digit().then(|| self.0 - b'0')
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_char())
    }
}

impl TryFrom<char> for Digit {
    type Error = String;

    fn try_from(c: char) -> Result<Self, Self::Error> {
        Self::from_char(c).ok_or_else(|| format!("`{c}` is not a key of the telephone"))
    }
}

impl From<Digit> for char {
    fn from(digit: Digit) -> Self {
        digit.as_char()
    }
}

/// Reads a run of keys, such as `0612#`; `None` if a character is no key.
pub fn parse_digits(text: &str) -> Option<Vec<Digit>> {
    text.chars().map(Digit::from_char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_codes_and_characters_name_the_same_keys() {
        for (code, c) in "0123456789*#".chars().enumerate() {
            let digit = Digit::from_char(c).unwrap();
            assert_eq!(digit.event() as usize, code);
            assert_eq!(Digit::from_event(code as u8), Some(digit));
        }
        assert_eq!(Digit::from_event(12), None);
        assert_eq!(Digit::from_char('A'), None);
    }
}
