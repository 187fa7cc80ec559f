/// A rule by which the last digits of a number are reckoned from the others, so that
/// a slip of the finger is noticed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDigits {
    /// ISO/IEC 7812-1, annex B ("Luhn"): the last digit.
    Luhn,
    /// The nine digits of a French company: Luhn.
    Siren,
    /// The fourteen digits of a French establishment: Luhn, but for those of La Poste,
    /// whose digits add up to a multiple of five.
    Siret,
    /// The fifteen digits of the French social security number (NIR): the last two are
    /// 97 less the remainder of the first thirteen by 97. Corsica's `2A` and `2B` count
    /// as 19 and 18; on a keypad both are `22`, and some write `20`.
    Nir,
}

impl CheckDigits {
    /// Every rule with its word in flows.
    pub const ALL: [(&'static str, Self); 4] =
        [("luhn", Self::Luhn), ("siren", Self::Siren), ("siret", Self::Siret), ("nir", Self::Nir)];

    /// How many digits such a number has; nothing where that is left open.
    pub fn length(self) -> Option<usize> {
        match self {
            Self::Luhn => None,
            Self::Siren => Some(9),
            Self::Siret => Some(14),
            Self::Nir => Some(15),
        }
    }

    /// Whether these digits are such a number.
    pub fn holds(self, digits: &str) -> bool {
        let values: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(10)).collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else { return false };
        if self.length().is_some_and(|length| length != values.len()) {
            return false;
        }
        match self {
            Self::Luhn | Self::Siren => luhn(&values),
            Self::Siret => luhn(&values) || is_la_poste(digits, &values),
            Self::Nir => nir(digits),
        }
    }
}

fn luhn(values: &[u32]) -> bool {
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(i, value)| match i % 2 {
            0 => *value,
            _ => value * 2 / 10 + value * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_la_poste(digits: &str, values: &[u32]) -> bool {
    digits.starts_with(LA_POSTE) && values.iter().sum::<u32>().is_multiple_of(5)
}

fn nir(digits: &str) -> bool {
    let (number, key) = digits.split_at(13);
    let fits = |number: &str| match (number.parse::<u64>(), key.parse::<u64>()) {
        (Ok(number), Ok(key)) => 97 - number % 97 == key,
        _ => false,
    };
    let (before, department, after) = (&number[..5], &number[5..7], &number[7..]);
    let corsican = |as_if: &str| fits(&format!("{before}{as_if}{after}"));
    fits(number) || (CORSICA.contains(&department) && (corsican("19") || corsican("18")))
}

const LA_POSTE: &str = "356000000";
/// How people type the department of Corsica.
const CORSICA: [&str; 2] = ["22", "20"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_they_are_published_hold_and_a_slip_does_not() {
        // Luhn's own example; INSEE's SIREN and SIRET of the Direction générale; La Poste's
        // seat, and one whose digits add up to 45; the NIR on the social security's specimen card.
        for (check, right) in [
            (CheckDigits::Luhn, "79927398713"),
            (CheckDigits::Siren, "120027016"),
            (CheckDigits::Siret, "12002701600563"),
            (CheckDigits::Siret, "35600000000048"),
            (CheckDigits::Siret, "35600000049837"),
            (CheckDigits::Nir, "269054958815780"),
        ] {
            assert!(check.holds(right), "{right}");
            let last = right.chars().last().and_then(|c| c.to_digit(10)).unwrap();
            let slip = format!("{}{}", &right[..right.len() - 1], (last + 1) % 10);
            assert!(!check.holds(&slip), "{slip}");
        }
    }

    #[test]
    fn two_digits_that_change_places_are_noticed() {
        assert!(!CheckDigits::Siren.holds("210027016"));
        assert!(!CheckDigits::Nir.holds("296054958815780"));
    }

    #[test]
    fn a_number_of_another_length_is_none() {
        assert!(!CheckDigits::Siren.holds("0"));
        assert!(!CheckDigits::Siret.holds("120027016"));
        assert!(!CheckDigits::Nir.holds("2690549588157"));
        assert!(!CheckDigits::Luhn.holds(""));
    }

    #[test]
    fn a_corsican_number_is_typed_with_two_twos() {
        let key = |number: u64| 97 - number % 97;
        let (a, b) = (key(1_800_119_004_012), key(1_800_118_004_012));
        for department in ["22", "20"] {
            assert!(CheckDigits::Nir.holds(&format!("18001{department}004012{a:02}")));
            assert!(CheckDigits::Nir.holds(&format!("18001{department}004012{b:02}")));
        }
        assert!(!CheckDigits::Nir.holds(&format!("1800133004012{a:02}")));
    }
}
