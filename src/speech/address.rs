use super::words::cardinal;
use crate::base::Language;

/// An e-mail or web address as it is said: `accueil arobase f s tiret montreuil point example`.
///
/// What begins it and says nothing (`https://`, `www.`) is left out; short parts and parts
/// without a vowel are spelled.
pub(super) fn spoken_address(language: Language, address: &str) -> String {
    let address = address.trim().to_lowercase();
    let address = ["https://", "http://", "mailto:"].iter().find_map(|s| address.strip_prefix(s)).unwrap_or(&address);
    let address = address.strip_prefix("www.").unwrap_or(address).trim_end_matches('/');
    let mut said: Vec<String> = Vec::new();
    let mut part = String::new();
    for c in address.chars() {
        match sign(language, c) {
            None if c.is_alphabetic() => part.push(c),
            sign => {
                say_part(&mut part, &mut said);
                let digit = c.to_digit(10).map(|d| cardinal(language, d));
                said.extend(sign.map(str::to_owned).or(digit));
            }
        }
    }
    say_part(&mut part, &mut said);
    said.join(" ")
}

fn say_part(part: &mut String, said: &mut Vec<String>) {
    let part = std::mem::take(part);
    let has_vowel = part.contains(['a', 'e', 'i', 'o', 'u', 'y', 'é', 'è', 'ê']);
    let is_word = part.chars().count() > 2 || WORDS.contains(&part.as_str());
    if part.is_empty() {
    } else if is_word && has_vowel {
        said.push(part);
    } else {
        said.extend(part.chars().map(String::from));
    }
}

fn sign(language: Language, c: char) -> Option<&'static str> {
    let (fr, en) = match c {
        '@' => ("arobase", "at"),
        '.' => ("point", "dot"),
        '-' => ("tiret", "dash"),
        '_' => ("tiret bas", "underscore"),
        '/' => ("barre oblique", "slash"),
        '+' => ("plus", "plus"),
        '?' => ("point d'interrogation", "question mark"),
        '=' => ("égal", "equals"),
        '#' => ("dièse", "hash"),
        ':' => ("deux-points", "colon"),
        '&' => ("et commercial", "ampersand"),
        '%' => ("pour cent", "percent"),
        _ => return None,
    };
    Some(match language {
        Language::Fr => fr,
        Language::En => en,
    })
}

/// Words of two letters and fewer that are said, not spelled.
const WORDS: [&str; 16] =
    ["le", "la", "de", "du", "et", "en", "au", "un", "à", "ma", "ta", "sa", "ou", "tu", "on", "ne"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_said_without_what_says_nothing() {
        for (written, said) in [
            ("accueil@fs-montreuil.example", "accueil arobase f s tiret montreuil point example"),
            ("https://www.service-public.fr/", "service tiret public point f r"),
            (
                "https://france-services.gouv.fr/a_propos",
                "france tiret services point gouv point f r barre oblique a tiret bas propos",
            ),
            ("bureau2@caf.fr", "bureau deux arobase caf point f r"),
            ("cpam93.example", "cpam neuf trois point example"),
            ("vie-de-quartier.example", "vie tiret de tiret quartier point example"),
        ] {
            assert_eq!(spoken_address(Language::Fr, written), said);
        }
        assert_eq!(spoken_address(Language::En, "info@gov.example"), "info at gov dot example");
    }
}
