use super::words::cardinal;
use crate::base::Language;

/// Finds numbers that a text dictates in words, as a phone number is said: « zéro huit, quatre-vingt-douze,
/// douze, trente-quatre, cinquante-six » is `0892123456`.
#[derive(Debug)]
pub struct Dictation {
    /// Words of 0 to 99 in their language, with their digits; the longest first.
    known: Vec<(Vec<String>, String)>,
}

impl Dictation {
    /// Knows the numbers of every language.
    pub fn new() -> Self {
        let number = |(language, n): (Language, u32)| (words(&cardinal(language, n)).collect(), n.to_string());
        let mut known: Vec<_> =
            Language::ALL.into_iter().flat_map(|l| (0..100).map(move |n| (l, n))).map(number).collect();
        known.sort_by_key(|(words, _): &(Vec<String>, String)| std::cmp::Reverse(words.len()));
        Self { known }
    }

    /// The runs of digits that the numbers in a row make, each of at least `at_least` digits.
    pub fn numbers(&self, text: &str, at_least: usize) -> Vec<String> {
        let words: Vec<String> = words(text).collect();
        let (mut runs, mut run, mut at) = (Vec::new(), String::new(), 0);
        while at < words.len() {
            let found = self.known.iter().find(|(number, _)| words[at..].starts_with(number));
            match found {
                Some((number, digits)) => {
                    run.push_str(digits);
                    at += number.len();
                }
                None => {
                    runs.push(std::mem::take(&mut run));
                    at += 1;
                }
            }
        }
        runs.push(run);
        runs.retain(|run| run.len() >= at_least);
        runs
    }
}

impl Default for Dictation {
    fn default() -> Self {
        Self::new()
    }
}

/// The words of a text, in small letters.
fn words(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_lowercase();
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_words_is_its_digits_in_either_language() {
        let dictation = Dictation::new();
        let all = |text| dictation.numbers(text, 10);
        assert_eq!(
            all("Appelez le zéro huit, quatre-vingt-douze, douze, trente-quatre, cinquante-six."),
            ["0892123456"]
        );
        assert_eq!(all("Call zero eight nine two, twelve, thirty-four, fifty-six."), ["0892123456"]);
        assert_eq!(all("zéro un, quarante-trois, douze, quarante-cinq, soixante et onze"), ["0143124571"]);
    }

    #[test]
    fn numbers_with_words_between_them_are_no_number() {
        let dictation = Dictation::new();
        let text = "Il y a deux guichets, huit agents et vingt places au douze, rue du Onze-Novembre.";
        assert_eq!(dictation.numbers(text, 3), Vec::<String>::new());
    }
}
