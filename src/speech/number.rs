use super::phrase::Phrase;
use super::words::{cardinal, french_ordinal};
use crate::base::{Language, PhoneNumber};

/// A number, below a million in words, above that digit by digit.
///
/// Numbers up to a hundred are one clip each; greater ones are put together:
/// `mille` `deux cents` `trente-quatre`.
pub fn number(language: Language, n: u32) -> Phrase {
    let mut phrase = Phrase::default();
    match n {
        0..=100 => phrase.push(language, cardinal(language, n)),
        101..=999_999 => {
            if n >= 1_000 {
                push_thousands(language, n / 1_000, &mut phrase);
            }
            let rest = n % 1_000;
            if language == Language::En && n >= 1_000 && (1..100).contains(&rest) {
                phrase.push(language, AND);
            }
            if rest > 0 {
                push_below_thousand(language, rest, &mut phrase);
            }
        }
        _ => return digits(language, &n.to_string()),
    }
    phrase
}

/// A row of digits, one by one; other characters are left out.
pub fn digits(language: Language, text: &str) -> Phrase {
    let mut phrase = Phrase::default();
    for digit in text.chars().filter_map(|c| c.to_digit(10)) {
        phrase.push(language, cardinal(language, digit));
    }
    phrase
}

/// A phone number as people say it: in French the ten digits in pairs (`zéro un`
/// `quarante-trois` …), short numbers in one or two parts (`trente-neuf` `trente-neuf`,
/// `cent quinze`); other countries' numbers, and all English ones, digit by digit.
pub fn phone(language: Language, number: &PhoneNumber) -> Phrase {
    let dialled = dialled(number);
    match (language, dialled.len()) {
        (Language::Fr, _) if dialled.starts_with('+') => {
            let mut phrase = Phrase::one(language, pair(0));
            phrase.append(digits(language, &dialled));
            phrase
        }
        (Language::En, _) if dialled.starts_with('+') => {
            let mut phrase = Phrase::one(language, PLUS);
            phrase.append(digits(language, &dialled));
            phrase
        }
        (Language::Fr, 2 | 4 | 10) => in_groups(language, &dialled, 2),
        (Language::Fr, 3 | 6) if !has_group_with_leading_zero(&dialled) => in_groups(language, &dialled, 3),
        (Language::Fr | Language::En, _) => digits(language, &dialled),
    }
}

/// The caller's place in the queue, from 1, in a whole sentence.
pub fn rank(language: Language, rank: usize) -> Phrase {
    let rank = u32::try_from(rank.max(1)).unwrap_or(u32::MAX);
    if rank <= whole_ranks(language) {
        return Phrase::one(language, rank_sentence(language, rank));
    }
    let (before, after) = RANK_PARTS[language as usize];
    let mut phrase = Phrase::one(language, before);
    phrase.append(number(language, rank));
    phrase.push(language, after);
    phrase
}

/// Every clip that this file's phrases are made of.
pub(super) fn clips(language: Language) -> Vec<String> {
    let mut clips: Vec<String> = (0..=100).map(|n| cardinal(language, n)).collect();
    clips.extend((1..=9).map(|n| hundreds(language, n)));
    clips.extend((1..=whole_ranks(language)).map(|n| rank_sentence(language, n)));
    let (before, after) = RANK_PARTS[language as usize];
    clips.extend([before.to_owned(), after.to_owned()]);
    match language {
        Language::Fr => {
            clips.push(THOUSAND_FR.to_owned());
            clips.extend((0..=9).map(pair));
        }
        Language::En => clips.extend([AND, THOUSAND_EN, PLUS].map(str::to_owned)),
    }
    clips
}

fn push_thousands(language: Language, thousands: u32, phrase: &mut Phrase) {
    match language {
        Language::Fr => {
            if thousands > 1 {
                push_below_thousand(language, thousands, phrase);
            }
            phrase.push(language, THOUSAND_FR);
        }
        Language::En => {
            push_below_thousand(language, thousands, phrase);
            phrase.push(language, THOUSAND_EN);
        }
    }
}

fn push_below_thousand(language: Language, n: u32, phrase: &mut Phrase) {
    if n > 100 || (n == 100 && language == Language::En) {
        phrase.push(language, hundreds(language, n / 100));
        if n.is_multiple_of(100) {
            return;
        }
        if language == Language::En {
            phrase.push(language, AND);
        }
        phrase.push(language, cardinal(language, n % 100));
    } else {
        phrase.push(language, cardinal(language, n));
    }
}

/// `deux cents` also stands in `deux cent trois`: both sound the same.
fn hundreds(language: Language, n: u32) -> String {
    cardinal(language, n * 100)
}

/// The number as a French caller dials it; numbers of the overseas departments
/// have ten digits too (`0262…` for `+262 262…`), other countries keep their `+`.
fn dialled(number: &PhoneNumber) -> String {
    let number = number.international();
    for code in ["262", "590", "594", "596"] {
        match number.as_str().strip_prefix('+').and_then(|n| n.strip_prefix(code)) {
            Some(rest) if rest.len() == 9 => return format!("0{rest}"),
            _ => {}
        }
    }
    number.national()
}

fn in_groups(language: Language, digits: &str, size: usize) -> Phrase {
    let mut phrase = Phrase::default();
    for start in (0..digits.len()).step_by(size) {
        let group = digits.get(start..start + size).unwrap_or_default();
        match group.parse() {
            Ok(n) if n < 10 && size == 2 => phrase.push(language, pair(n)),
            Ok(n) => phrase.append(number(language, n)),
            Err(_) => phrase.append(self::digits(language, group)),
        }
    }
    phrase
}

fn has_group_with_leading_zero(digits: &str) -> bool {
    digits.bytes().step_by(3).any(|b| b == b'0')
}

/// `zéro un`: a pair of digits of which the first is zero.
fn pair(n: u32) -> String {
    format!("{} {}", cardinal(Language::Fr, 0), cardinal(Language::Fr, n))
}

fn rank_sentence(language: Language, rank: u32) -> String {
    match language {
        Language::Fr => format!("Vous êtes en {} position dans la file d'attente.", french_ordinal(rank)),
        Language::En => format!("You are number {} in the queue.", cardinal(language, rank)),
    }
}

/// Up to this rank the whole sentence is one clip.
fn whole_ranks(language: Language) -> u32 {
    match language {
        Language::Fr => 50,
        Language::En => 20,
    }
}

/// What is said before and after a greater rank, by [`Language`].
const RANK_PARTS: [(&str, &str); 2] =
    [("Vous êtes en position numéro", "dans la file d'attente."), ("You are number", "in the queue.")];
const THOUSAND_FR: &str = "mille";
const THOUSAND_EN: &str = "thousand";
const AND: &str = "and";
const PLUS: &str = "plus";

#[cfg(test)]
mod tests {
    use super::*;

    fn said(phrase: &Phrase) -> String {
        phrase.0.iter().map(|f| &*f.text).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn numbers_above_a_hundred_are_put_together() {
        let fr = |n| said(&number(Language::Fr, n));
        assert_eq!(fr(0), "zéro");
        assert_eq!(fr(91), "quatre-vingt-onze");
        assert_eq!(fr(100), "cent");
        assert_eq!(fr(121), "cent | vingt et un");
        assert_eq!(fr(200), "deux cents");
        assert_eq!(fr(1_000), "mille");
        assert_eq!(fr(80_307), "quatre-vingts | mille | trois cents | sept");
        assert_eq!(fr(1_000_000), "un | zéro | zéro | zéro | zéro | zéro | zéro");
        let en = |n| said(&number(Language::En, n));
        assert_eq!(en(100), "one hundred");
        assert_eq!(en(115), "one hundred | and | fifteen");
        assert_eq!(en(2_005), "two | thousand | and | five");
        assert_eq!(en(100_100), "one hundred | thousand | one hundred");
    }

    #[test]
    fn french_phone_numbers_are_said_in_pairs() {
        let fr = |n: &str| said(&phone(Language::Fr, &PhoneNumber::parse(n).unwrap()));
        assert_eq!(fr("+33143124567"), "zéro un | quarante-trois | douze | quarante-cinq | soixante-sept");
        assert_eq!(fr("0800 00 12 34"), "zéro huit | zéro zéro | zéro zéro | douze | trente-quatre");
        assert_eq!(fr("+262262123456"), "zéro deux | soixante-deux | douze | trente-quatre | cinquante-six");
        assert_eq!(fr("3939"), "trente-neuf | trente-neuf");
        assert_eq!(fr("15"), "quinze");
        assert_eq!(fr("115"), "cent | quinze");
        assert_eq!(fr("116117"), "cent | seize | cent | dix-sept");
        assert_eq!(fr("+4930123"), "zéro zéro | quatre | neuf | trois | zéro | un | deux | trois");
    }

    #[test]
    fn english_phone_numbers_are_said_digit_by_digit() {
        let en = |n: &str| said(&phone(Language::En, &PhoneNumber::parse(n).unwrap()));
        assert_eq!(en("+33143124567"), "zero | one | four | three | one | two | four | five | six | seven");
        assert_eq!(en("+4930123"), "plus | four | nine | three | zero | one | two | three");
    }

    #[test]
    fn a_rank_is_a_sentence_and_a_great_one_is_put_together() {
        assert_eq!(said(&rank(Language::Fr, 1)), "Vous êtes en première position dans la file d'attente.");
        assert_eq!(said(&rank(Language::Fr, 21)), "Vous êtes en vingt et unième position dans la file d'attente.");
        assert_eq!(
            said(&rank(Language::Fr, 51)),
            "Vous êtes en position numéro | cinquante et un | dans la file d'attente."
        );
        assert_eq!(said(&rank(Language::En, 21)), "You are number | twenty-one | in the queue.");
        assert_eq!(rank(Language::Fr, 0), rank(Language::Fr, 1));
    }
}
