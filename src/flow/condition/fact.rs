use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use crate::base::{PhoneNumber, WallTime};
use crate::flow::Value;

/// What is known of a call without being set: conditions read it by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The language that the caller is spoken to in.
    Language,
    /// What sort of number calls.
    Caller,
    /// Whether the phone hours say open.
    Open,
    /// The day of the week, in the card's time zone.
    Day,
    /// The hour of the day, 0 to 23, in the card's time zone.
    Hour,
}

impl Fact {
    /// Every fact.
    pub const ALL: [Self; 5] = [Self::Language, Self::Caller, Self::Open, Self::Day, Self::Hour];

    /// The name in conditions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::Caller => "caller",
            Self::Open => "open",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }

    /// The fact of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }

    /// The words that it is one of; none for a number and for yes or no.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Language => &["fr", "en"],
            Self::Caller => &CALLERS,
            Self::Day => &DAYS,
            Self::Open | Self::Hour => &[],
        }
    }

    /// [`Self::Caller`] of a number; a withheld one is `None`. Numbers of a house's own
    /// exchange count as landlines.
    pub fn caller(number: Option<&PhoneNumber>) -> Value {
        let Some(number) = number.map(PhoneNumber::international) else { return word(CALLERS[0]) };
        let number = number.as_str();
        let mobile = MOBILE.iter().any(|prefix| number.starts_with(prefix));
        let here = !number.starts_with('+') || FRENCH.iter().any(|prefix| number.starts_with(prefix));
        word(if mobile {
            "mobile"
        } else if here {
            "landline"
        } else {
            "abroad"
        })
    }

    /// [`Self::Day`] at a moment.
    pub fn day(at: WallTime, zone: Tz) -> Value {
        let day = at.utc().with_timezone(&zone).weekday().num_days_from_monday();
        word(DAYS[day as usize % DAYS.len()])
    }

    /// [`Self::Hour`] at a moment.
    pub fn hour(at: WallTime, zone: Tz) -> Value {
        Value::Number(at.utc().with_timezone(&zone).hour().into())
    }
}

fn word(word: &str) -> Value {
    Value::Text(word.into())
}

const CALLERS: [&str; 4] = ["withheld", "mobile", "landline", "abroad"];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Mobile numbers of France and its overseas departments (ARCEP's numbering plan, decision 2018-0881).
const MOBILE: [&str; 10] =
    ["+336", "+337", "+262639", "+262692", "+262693", "+590690", "+590691", "+594694", "+596696", "+596697"];
const FRENCH: [&str; 5] = ["+33", "+262", "+590", "+594", "+596"];

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: &str) -> String {
        Fact::caller(Some(&PhoneNumber::parse(number).unwrap())).to_string()
    }

    #[test]
    fn callers_are_told_apart_by_their_number() {
        assert_eq!(Fact::caller(None).to_string(), "withheld");
        for (number, sort) in [
            ("06 12 34 56 78", "mobile"),
            ("+33712345678", "mobile"),
            ("0692 12 34 56", "mobile"),
            ("0262 12 34 56", "landline"),
            ("01 43 12 45 67", "landline"),
            ("09 70 12 34 56", "landline"),
            ("204", "landline"),
            ("+3225551234", "abroad"),
            ("0044 20 7946 0958", "abroad"),
        ] {
            assert_eq!(caller(number), sort, "{number}");
        }
    }

    #[test]
    fn day_and_hour_are_the_services_own() {
        // Sunday 28 June 2026, 22:30 UTC: half past midnight on Monday in Paris.
        let at = WallTime::from_millis(1_782_685_800_000);
        assert_eq!(Fact::day(at, chrono_tz::Europe::Paris).to_string(), "monday");
        assert_eq!(Fact::hour(at, chrono_tz::Europe::Paris), Value::Number(0));
        assert_eq!(Fact::day(at, chrono_tz::America::Cayenne).to_string(), "sunday");
    }
}
