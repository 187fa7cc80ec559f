use crate::base::PhoneNumber;

/// Whether a number costs more than an ordinary call: it is never called, transferred
/// to or announced.
///
/// In France 081, 082 and 089 (Arcep's numbering plan; 080 is free or ordinary), the
/// directory enquiries 118, and the four-digit numbers on 3 unless they are known to
/// be ordinary: their price can't be seen in the number. Abroad the premium ranges of
/// the neighbours and the international ones.
pub fn is_premium(number: &PhoneNumber) -> bool {
    let number = number.international();
    let text = number.as_str();
    if text.starts_with('+') {
        return PREMIUM.iter().any(|prefix| text.starts_with(prefix));
    }
    let short = (text.starts_with("118") && text.len() == 6) || (text.starts_with('3') && text.len() == 4);
    short && !ORDINARY.contains(&text)
}

const PREMIUM: &[&str] = &[
    "+3381", "+3382", "+3389", // France
    "+3290", // Belgium
    "+34803", "+34806", "+34807", // Spain
    "+39892", "+39899", // Italy
    "+41900", "+41901", "+41906", // Switzerland
    "+449",   // United Kingdom
    "+49900", // Germany
    "+1900",  // North America
    "+979",   // International premium rate service (ITU-T E.169.2)
];

/// Short numbers at the price of an ordinary call, or free.
const ORDINARY: &[&str] = &["3939", "3646", "3960", "3949", "3919", "3018", "3020", "3114", "3977"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn premium_numbers_are_known_however_they_are_written() {
        for text in ["0892 70 50 50", "+33 826 10 10 10", "0033891123456", "118218", "3265", "+979123456789"] {
            assert!(is_premium(&PhoneNumber::parse(text).unwrap()), "{text}");
        }
        for text in ["01 43 12 45 67", "0800 123 456", "0809 10 10 10", "3939", "112", "+33612345678"] {
            assert!(!is_premium(&PhoneNumber::parse(text).unwrap()), "{text}");
        }
    }
}
