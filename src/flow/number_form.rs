use std::fmt::{self, Write};

use crate::base::{CheckDigits, limits};

/// What a typed number has to look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberForm {
    /// It has to be one of these; any digits where there is none.
    pub patterns: Vec<Pattern>,
    /// How many digits it may have, at least one choice; patterns have lengths of their own.
    pub lengths: Vec<usize>,
    /// How its check digits are reckoned.
    pub check: Option<CheckDigits>,
}

/// One way that a number may look: `NN NNNNNN`, `0N NN NN NN NN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Place>);

/// One digit of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Any,
    Digit(char),
}

/// Whether a typed number is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It is.
    Right,
    /// It has fewer digits than any that is.
    Short,
    /// It looks otherwise, or its check digits do not hold.
    Wrong,
}

impl Pattern {
    /// Reads `N` for any digit and a digit for itself; blanks, dots and dashes between them
    /// are for the reader's eye.
    ///
    /// # Errors
    ///
    /// The first character that is none of these; nothing when there are no or too many digits.
    pub fn parse(text: &str) -> Result<Self, Option<char>> {
        let mut places = Vec::new();
        for c in text.chars() {
            match c {
                'N' => places.push(Place::Any),
                '0'..='9' => places.push(Place::Digit(c)),
                ' ' | '\u{a0}' | '.' | '-' => {}
                other => return Err(Some(other)),
            }
        }
        let fits = (1..=limits::COLLECTED_DIGITS).contains(&places.len());
        if fits { Ok(Self(places)) } else { Err(None) }
    }

    /// How many digits it has.
    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// Whether a number may begin so.
    fn begins(&self, typed: &str) -> bool {
        typed.len() <= self.0.len() && typed.chars().zip(&self.0).all(|(c, place)| place.takes(c))
    }
}

impl Place {
    fn takes(self, c: char) -> bool {
        match self {
            Self::Any => c.is_ascii_digit(),
            Self::Digit(digit) => digit == c,
        }
    }
}

impl NumberForm {
    /// Any digits, so many of them.
    pub fn digits(at_least: usize, at_most: usize) -> Self {
        Self { patterns: Vec::new(), lengths: (at_least..=at_most).collect(), check: None }
    }

    /// Whether a number of these digits is of use.
    pub fn fit(&self, typed: &str) -> Fit {
        if typed.len() < self.all_lengths().min().unwrap_or(1) {
            return Fit::Short;
        }
        let looks_right = match self.patterns.as_slice() {
            [] => self.lengths.contains(&typed.len()),
            patterns => patterns.iter().any(|pattern| pattern.length() == typed.len() && pattern.begins(typed)),
        };
        let right = looks_right && self.check.is_none_or(|check| check.holds(typed));
        if right { Fit::Right } else { Fit::Wrong }
    }

    /// Whether no number goes on behind these digits. One that looks like none of the
    /// patterns is waited for to its end, so that the rest of it is no answer to what comes next.
    pub fn is_full(&self, typed: &str) -> bool {
        let begun = self.patterns.iter().filter(|pattern| pattern.begins(typed)).map(Pattern::length).max();
        let longest = begun.or(self.all_lengths().max()).unwrap_or(limits::COLLECTED_DIGITS);
        typed.len() >= longest.min(limits::COLLECTED_DIGITS)
    }

    /// How many digits a number may have.
    pub fn all_lengths(&self) -> impl Iterator<Item = usize> {
        let own = if self.patterns.is_empty() { self.lengths.as_slice() } else { &[] };
        self.patterns.iter().map(Pattern::length).chain(own.iter().copied())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|place| match place {
            Place::Any => f.write_char('N'),
            Place::Digit(digit) => f.write_char(*digit),
        })
    }
}

impl fmt::Display for NumberForm {
    /// Its patterns, or its lengths, and the word of its check digits: `9, 14 (luhn)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways: Vec<String> = match (self.patterns.as_slice(), self.lengths.as_slice()) {
            ([], [first, .., last]) if last - first + 1 == self.lengths.len() => vec![format!("{first}–{last}")],
            ([], lengths) => lengths.iter().map(usize::to_string).collect(),
            (patterns, _) => patterns.iter().map(Pattern::to_string).collect(),
        };
        f.write_str(&ways.join(", "))?;
        match CheckDigits::ALL.iter().find(|(_, check)| self.check == Some(*check)) {
            Some((word, _)) => write!(f, " ({word})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(patterns: &[&str]) -> NumberForm {
        let patterns = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        NumberForm { patterns, lengths: Vec::new(), check: None }
    }

    #[test]
    fn a_pattern_is_read_as_it_looks() {
        assert_eq!(Pattern::parse("0N NN-N.N").unwrap().length(), 6);
        assert_eq!(Pattern::parse("NN/NN"), Err(Some('/')));
        assert_eq!(Pattern::parse("  "), Err(None));
        assert_eq!(Pattern::parse(&"N".repeat(33)), Err(None));
    }

    #[test]
    fn a_number_fits_one_of_the_patterns() {
        let form = form(&["0N NN NN NN NN", "NN NN"]);
        for (typed, fit) in [
            ("0612345678", Fit::Right),
            ("3939", Fit::Right),
            ("1612345678", Fit::Wrong),
            ("39393", Fit::Wrong),
            ("393", Fit::Short),
        ] {
            assert_eq!(form.fit(typed), fit, "{typed}");
        }
    }

    #[test]
    fn a_number_is_full_when_none_that_begins_so_is_longer() {
        let form = form(&["0N NN NN NN NN", "NN NN"]);
        assert!(form.is_full("3939"), "no long number begins with three");
        assert!(!form.is_full("0639"), "it may be a long one");
        assert!(form.is_full("0612345678"));
        assert!(!form.is_full("39393"), "the rest of what is wrong is waited for");
    }

    #[test]
    fn lengths_may_be_a_list_and_check_digits_must_hold() {
        let form = NumberForm { patterns: Vec::new(), lengths: vec![9, 14], check: Some(CheckDigits::Luhn) };
        assert_eq!(form.fit("120027016"), Fit::Right);
        assert_eq!(form.fit("120027017"), Fit::Wrong);
        assert_eq!(form.fit("1200270160"), Fit::Wrong);
        assert_eq!(form.fit("12002701"), Fit::Short);
        assert!(!form.is_full("120027016") && form.is_full("12002701600563"));
        assert_eq!(form.to_string(), "9, 14 (luhn)");
        assert_eq!(NumberForm::digits(4, 8).to_string(), "4–8");
    }
}
