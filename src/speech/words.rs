//! Numbers in letters: the words that clips are named by.

use french_numbers::{PRE_REFORM_FEMININE, PRE_REFORM_MASCULINE, french_number_options};

use crate::base::Language;

/// A cardinal number below a million in letters, masculine in French.
pub(super) fn cardinal(language: Language, n: u32) -> String {
    match language {
        Language::Fr => french_number_options(&n, &PRE_REFORM_MASCULINE),
        Language::En => english(n),
    }
}

/// A French cardinal number that counts hours or minutes: `vingt et une`.
pub(super) fn feminine(n: u32) -> String {
    french_number_options(&n, &PRE_REFORM_FEMININE)
}

/// A French ordinal that goes with a feminine noun: `première`, `vingt et unième`.
pub(super) fn french_ordinal(n: u32) -> String {
    if n == 1 {
        return "première".to_owned();
    }
    let cardinal = cardinal(Language::Fr, n);
    let stem = match cardinal.as_str() {
        plural if plural.ends_with("vingts") || plural.ends_with("cents") => plural.trim_end_matches('s').to_owned(),
        five if five.ends_with("cinq") => format!("{five}u"),
        nine if nine.ends_with("neuf") => format!("{}v", nine.trim_end_matches('f')),
        other => other.trim_end_matches('e').to_owned(),
    };
    format!("{stem}ième")
}

/// An English ordinal up to 31, for days of the month: `twenty-fourth`.
pub(super) fn english_ordinal(n: u32) -> String {
    let cardinal = english(n);
    let (stem, last) = cardinal.rsplit_once('-').map_or(("", cardinal.as_str()), |(stem, last)| (stem, last));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        tens if tens.ends_with('y') => format!("{}ieth", tens.trim_end_matches('y')),
        other => format!("{other}th"),
    };
    if stem.is_empty() { last } else { format!("{stem}-{last}") }
}

fn english(n: u32) -> String {
    let with_rest = |head: String, rest: u32, joint: &str| {
        if rest == 0 { head } else { format!("{head}{joint}{}", english(rest)) }
    };
    match n {
        0..=19 => UP_TO_NINETEEN[n as usize].to_owned(),
        20..=99 => with_rest(TENS[(n / 10) as usize].to_owned(), n % 10, "-"),
        100..=999 => with_rest(format!("{} hundred", english(n / 100)), n % 100, " and "),
        _ => {
            let joint = if n % 1000 < 100 { " and " } else { " " };
            with_rest(format!("{} thousand", english(n / 1000)), n % 1000, joint)
        }
    }
}

const UP_TO_NINETEEN: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_ordinals_follow_the_two_rules_and_their_exceptions() {
        for (n, word) in [
            (1, "première"),
            (2, "deuxième"),
            (4, "quatrième"),
            (5, "cinquième"),
            (9, "neuvième"),
            (11, "onzième"),
            (19, "dix-neuvième"),
            (21, "vingt et unième"),
            (30, "trentième"),
            (45, "quarante-cinquième"),
            (50, "cinquantième"),
            (80, "quatre-vingtième"),
        ] {
            assert_eq!(french_ordinal(n), word);
        }
    }

    #[test]
    fn english_days_of_the_month_are_ordinals() {
        for (n, word) in [(1, "first"), (12, "twelfth"), (20, "twentieth"), (22, "twenty-second"), (31, "thirty-first")]
        {
            assert_eq!(english_ordinal(n), word);
        }
    }

    #[test]
    fn cardinals_are_written_as_people_write_them() {
        assert_eq!(cardinal(Language::Fr, 71), "soixante et onze");
        assert_eq!(cardinal(Language::Fr, 97), "quatre-vingt-dix-sept");
        assert_eq!(feminine(21), "vingt et une");
        assert_eq!(cardinal(Language::En, 42), "forty-two");
        assert_eq!(cardinal(Language::En, 2_005), "two thousand and five");
    }
}
