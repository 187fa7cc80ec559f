use phonenumber::Type;
use phonenumber::metadata::DATABASE;

use crate::base::PhoneNumber;

/// What calling a number costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// As much as any call, or nothing.
    Ordinary,
    /// More than an ordinary call.
    Extra,
    /// Its owner's choice: ordinary, or more. The number alone does not say.
    OwnersChoice,
}

/// What a number costs its callers, by the French plan (ARCEP's decision 2018-0881 as changed by 2022-1583,
/// annex 1, part 2.4) and, abroad and beyond it, by libphonenumber's tables.
///
/// | number | price |
/// | --- | --- |
/// | 0800 to 0805, 116 xyz, 30xx and 31xx but for 3008 and 3170 to 3179 | free |
/// | 0806 to 0809 | ordinary |
/// | 081, 082, 089, 118 xyz; by the tables also 083 to 086 and 088, of data services | extra |
/// | other 3xxx, 10xx; 087, which is no more given | their owner's choice |
pub fn price(number: &PhoneNumber) -> Price {
    let number = number.international();
    let french = number.as_str().strip_prefix("+33");
    let digits = french.unwrap_or(number.as_str()).trim_start_matches('0');
    match (digits.len(), french) {
        (6, _) if digits.starts_with("118") => Price::Extra,
        (4, _) => short(digits),
        (9, Some(_)) if digits.starts_with('8') => special(digits),
        (_, None) if number.as_str().starts_with('+') => abroad(&number),
        _ => Price::Ordinary,
    }
}

/// Whether calling this number costs more than an ordinary call: it is never announced,
/// transferred to or called back.
pub fn is_premium(number: &PhoneNumber) -> bool {
    price(number) == Price::Extra
}

/// Four digits: 3BPQ and 10YT.
fn short(digits: &str) -> Price {
    match digits.parse::<u16>() {
        Ok(3000..=3007 | 3009..=3169 | 3180..=3199) => Price::Ordinary,
        Ok(3000..=3999 | 1000..=1099) => Price::OwnersChoice,
        _ => Price::Ordinary,
    }
}

/// 08 and eight digits, without the 0.
fn special(digits: &str) -> Price {
    match digits.as_bytes() {
        [_, b'0', ..] => Price::Ordinary,
        [_, b'7', ..] => Price::OwnersChoice,
        _ => Price::Extra,
    }
}

/// The tables take 30 ms and some MiB to make: they are asked for a number abroad only.
fn abroad(number: &PhoneNumber) -> Price {
    let found = phonenumber::parse(None, number.as_str()).map(|number| number.number_type(&DATABASE));
    match found {
        Ok(Type::PremiumRate | Type::SharedCost) => Price::Extra,
        _ => Price::Ordinary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn priced(text: &str) -> Price {
        price(&PhoneNumber::parse(text).unwrap())
    }

    #[test]
    fn premium_numbers_are_told_from_ordinary_ones() {
        for (number, premium) in [
            ("0810123456", true),
            ("+33820123456", true),
            ("0836656565", true),
            ("08 92 12 34 56", true),
            ("0033899123456", true),
            ("118218", true),
            ("+33118218", true),
            ("+1 900 555 0123", true),
            ("+262 892 12 34 56", true),
            ("0143124567", false),
            ("0800123456", false),
            ("0809 12 34 56", false),
            ("0612345678", false),
            ("0972123456", false),
            ("+262262123456", false),
            ("3939", false),
            ("100", false),
            ("116117", false),
            ("+4930123456", false),
        ] {
            assert_eq!(is_premium(&PhoneNumber::parse(number).unwrap()), premium, "{number}");
        }
    }

    #[test]
    fn the_plan_s_lines_are_where_they_are() {
        use Price::{Extra, Ordinary, OwnersChoice};
        for (below, price_below, above, price_above) in [
            ("0809999999", Ordinary, "0810000000", Extra),
            ("0869999999", Extra, "0870000000", OwnersChoice),
            ("0879999999", OwnersChoice, "0880000000", Extra),
            ("0899999999", Extra, "0900000000", Ordinary),
            ("117999", Ordinary, "118000", Extra),
            ("118999", Extra, "119000", Ordinary),
            ("0999", Ordinary, "1000", OwnersChoice),
            ("1099", OwnersChoice, "1100", Ordinary),
            ("2999", Ordinary, "3000", Ordinary),
            ("3007", Ordinary, "3008", OwnersChoice),
            ("3169", Ordinary, "3170", OwnersChoice),
            ("3179", OwnersChoice, "3180", Ordinary),
            ("3199", Ordinary, "3200", OwnersChoice),
            ("3999", OwnersChoice, "4000", Ordinary),
        ] {
            assert_eq!((priced(below), priced(above)), (price_below, price_above), "{below} | {above}");
        }
    }

    #[test]
    fn whatever_the_tables_call_premium_in_france_is_premium_here() {
        for block in 0..10_000 {
            let number = format!("+33{:09}", 800_000_000 + block * 10_000 + 1_234);
            let known = phonenumber::parse(None, &number).map(|number| number.number_type(&DATABASE));
            if matches!(known, Ok(Type::PremiumRate | Type::SharedCost)) {
                assert_eq!(priced(&number), Price::Extra, "{number}");
            }
            if matches!(known, Ok(Type::TollFree | Type::Uan)) {
                assert_eq!(priced(&number), Price::Ordinary, "{number}");
            }
        }
    }
}
