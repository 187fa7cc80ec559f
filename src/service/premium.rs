use phonenumber::Type;
use phonenumber::metadata::DATABASE;

use crate::base::PhoneNumber;

/// Whether calling this number costs more than an ordinary call: it is never announced,
/// transferred to or called back.
///
/// In France these are 081x, 082x and 089x (and the old 083x), and the 118 xyz of directory enquiries
/// (ARCEP's numbering plan, decision 2018-0881); elsewhere what libphonenumber's tables call premium rate or
/// shared cost. Four-digit numbers (`3939`) have no rule: their price is their owner's choice.
pub fn is_premium(number: &PhoneNumber) -> bool {
    let number = number.international();
    let french = number.as_str().strip_prefix("+33").unwrap_or(number.as_str());
    let french = french.trim_start_matches('0');
    if french.len() == 6 && french.starts_with("118") {
        return true;
    }
    if number.as_str().starts_with("+33") {
        return french.len() == 9 && ["81", "82", "83", "89"].iter().any(|p| french.starts_with(p));
    }
    // The tables take 30 ms and some MiB to make, and know no number without its country:
    // they are asked for a number abroad only.
    number.as_str().starts_with('+')
        && phonenumber::parse(None, number.as_str())
            .is_ok_and(|n| matches!(n.number_type(&DATABASE), Type::PremiumRate | Type::SharedCost))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premium_numbers_are_told_from_ordinary_ones() {
        for (number, premium) in [
            ("0810123456", true),
            ("+33820123456", true),
            ("0836656565", true),
            ("08 92 12 34 56", true),
            ("0033899123456", true),
            ("118218", true),
            ("+1 900 555 0123", true),
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
}
