use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, Type};

use super::calendar::Calendar;
use super::hours::Hours;
use super::premium::is_premium;
use crate::base::PhoneNumber;

/// Whom a service calls back, and when people may be called at all.
#[derive(Clone, Debug)]
pub struct Callbacks {
    /// Prefixes of numbers beyond France that are called back, such as `+32`.
    pub abroad: Vec<String>,
    /// When people may be called, beside the opening hours.
    pub lawful: Hours,
}

/// Why a number is not called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotCallable {
    /// No phone has it: too few digits, too many, or of no plan.
    NoNumber,
    /// It costs more than an ordinary call.
    Premium,
    /// A short number, or one that is not somebody's own phone (0 800 …).
    NotPersonal,
    /// It is abroad, and the card does not list its prefix.
    Abroad,
}

impl NotCallable {
    /// The word in the API and the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoNumber => "no-number",
            Self::Premium => "premium",
            Self::NotPersonal => "not-personal",
            Self::Abroad => "abroad",
        }
    }
}

impl Callbacks {
    /// France's numbers with those of its overseas departments; on workdays from eight to eight.
    pub fn usual(calendar: Calendar) -> Self {
        let lawful = Hours::with_calendar(LAWFUL, calendar).expect("invariant: these hours can be read");
        Self { abroad: Vec::new(), lawful }
    }

    /// The number as it is dialled from anywhere, if it is one to call back.
    ///
    /// A French number of ten digits may be one of La Réunion, Guadeloupe, Martinique, Guyane
    /// or Mayotte, which have country codes of their own: `0262…` is `+262 262…`, never `+33 262…`.
    pub fn number(&self, number: &PhoneNumber) -> Result<PhoneNumber, NotCallable> {
        if is_premium(number) {
            return Err(NotCallable::Premium);
        }
        let text = number.as_str();
        if text.len() <= SHORT && !text.starts_with('+') {
            return Err(if text.starts_with('0') { NotCallable::NoNumber } else { NotCallable::NotPersonal });
        }
        let found = Self::parse(number).ok_or(NotCallable::NoNumber)?;
        let international = PhoneNumber::parse(&found.format().mode(Mode::E164).to_string());
        let international = international.map_err(|_| NotCallable::NoNumber)?;
        match found.number_type(&DATABASE) {
            Type::FixedLine | Type::Mobile | Type::FixedLineOrMobile | Type::Voip | Type::PersonalNumber => {}
            Type::PremiumRate | Type::SharedCost => return Err(NotCallable::Premium),
            _ => return Err(NotCallable::NotPersonal),
        }
        let home = FRENCH_CODES.contains(&found.code().value());
        let listed = self.abroad.iter().any(|prefix| international.as_str().starts_with(prefix.as_str()));
        if home || listed { Ok(international) } else { Err(NotCallable::Abroad) }
    }

    fn parse(number: &PhoneNumber) -> Option<phonenumber::PhoneNumber> {
        let text = match number.as_str().strip_prefix("+33") {
            // Some networks present the departments' numbers as if they were the mainland's.
            Some(rest) => PhoneNumber::parse(&format!("0{rest}")).ok()?.international(),
            None => number.international(),
        };
        phonenumber::parse(None, text.as_str()).ok().filter(phonenumber::PhoneNumber::is_valid)
    }
}

/// The longest short number: 118 xyz and 116 xyz.
const SHORT: usize = 6;
/// France, La Réunion and Mayotte, Guadeloupe, Guyane, Martinique.
const FRENCH_CODES: [u16; 5] = [33, 262, 590, 594, 596];
/// Who asked for a call does not want one at night, nor on a holiday.
const LAWFUL: &str = "Mo-Sa 08:00-20:00; PH off";

#[cfg(test)]
mod tests {
    use super::*;

    fn callbacks(abroad: &[&str]) -> Callbacks {
        let calendar = Calendar::new(chrono_tz::Europe::Paris);
        Callbacks { abroad: abroad.iter().map(|p| (*p).to_owned()).collect(), ..Callbacks::usual(calendar) }
    }

    fn check(callbacks: &Callbacks, number: &str) -> Result<String, NotCallable> {
        callbacks.number(&PhoneNumber::parse(number).unwrap()).map(|n| n.to_string())
    }

    #[test]
    fn numbers_of_france_and_its_overseas_departments_are_called_back() {
        let usual = callbacks(&[]);
        for (number, dialled) in [
            ("06 12 34 56 78", "+33612345678"),
            ("0033612345678", "+33612345678"),
            ("01 43 12 45 67", "+33143124567"),
            ("09 72 12 34 56", "+33972123456"),
            ("0262 12 34 56", "+262262123456"),
            ("+33262123456", "+262262123456"),
            ("+262262123456", "+262262123456"),
            ("0692 12 34 56", "+262692123456"),
            ("0590 12 34 56", "+590590123456"),
            ("0690 12 34 56", "+590690123456"),
            ("0594 29 34 56", "+594594293456"),
            ("0596 70 34 56", "+596596703456"),
            ("0639 20 34 56", "+262639203456"),
        ] {
            let called = check(&usual, number);
            assert_eq!(called.as_deref(), Ok(dialled), "{number}");
        }
    }

    #[test]
    fn other_numbers_are_refused_with_the_reason() {
        let usual = callbacks(&[]);
        for (number, why) in [
            ("0892 12 34 56", NotCallable::Premium),
            ("0810123456", NotCallable::Premium),
            ("118218", NotCallable::Premium),
            ("+1 900 555 0123", NotCallable::Premium),
            ("3939", NotCallable::NotPersonal),
            ("15", NotCallable::NotPersonal),
            ("0800 12 34 56", NotCallable::NotPersonal),
            ("+3225551212", NotCallable::Abroad),
            ("0612", NotCallable::NoNumber),
            ("061234567", NotCallable::NoNumber),
            ("06123456789", NotCallable::NoNumber),
            ("612345678", NotCallable::NoNumber),
            ("0000000000", NotCallable::NoNumber),
            ("0596 12 34 56", NotCallable::NoNumber),
        ] {
            assert_eq!(check(&usual, number), Err(why), "{number}");
        }
    }

    #[test]
    fn a_card_may_list_other_countries_but_no_premium_number() {
        let frontier = callbacks(&["+32", "+1"]);
        assert_eq!(check(&frontier, "+32 2 555 12 12").as_deref(), Ok("+3225551212"));
        assert_eq!(check(&frontier, "0032 2 555 12 12").as_deref(), Ok("+3225551212"));
        assert_eq!(check(&frontier, "+4930123456"), Err(NotCallable::Abroad));
        assert_eq!(check(&frontier, "+1 900 555 0123"), Err(NotCallable::Premium));
    }
}
