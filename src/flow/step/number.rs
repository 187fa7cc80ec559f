use serde::Deserialize;

use super::Site;
use crate::base::CheckDigits;
use crate::base::limits::COLLECTED_DIGITS;
use crate::diag::{Diagnostic, Span};
use crate::flow::yaml::Kind;
use crate::flow::{NumberForm, Pattern};

/// How many digits a number may have.
pub(super) const LENGTH: Kind = Kind::Count(1, COLLECTED_DIGITS as u64);
/// The words of [`CheckDigits::ALL`].
pub(super) const CHECK: Kind = Kind::OneOf(&["luhn", "siren", "siret", "nir"]);

/// The keys of `collect:` that say what its number looks like.
#[derive(Deserialize)]
pub(super) struct NumberDocument {
    at_least: Option<usize>,
    at_most: Option<usize>,
    #[serde(default)]
    lengths: Vec<usize>,
    pattern: Option<PatternDocument>,
    check: Option<String>,
}

/// One pattern, or several of which one has to fit.
#[derive(Deserialize)]
#[serde(untagged)]
enum PatternDocument {
    One(String),
    Each(Vec<String>),
}

/// What a number looks like; `None` when nothing could be typed that does.
pub(super) fn form(site: &mut Site<'_>, document: &NumberDocument) -> Option<NumberForm> {
    one_way(site, document)?;
    let patterns = patterns(site, document)?;
    let check = CheckDigits::ALL.iter().find(|(word, _)| document.check.as_deref() == Some(word)).map(|(_, c)| *c);
    let of_check = check.and_then(CheckDigits::length);
    let form = NumberForm { patterns, lengths: lengths(site, document, of_check)?, check };
    match of_check {
        Some(length) if !form.all_lengths().any(|own| own == length) => {
            let word = document.check.as_deref().unwrap_or_default();
            let message = format!("a `{word}` number has {length} digits, and none of that length is taken");
            site.out.push(
                Diagnostic::error("no-such-number", message, Some(site.tree.place(&["collect", "check"])))
                    .label("every number would be wrong")
                    .help(format!("leave the other keys out: `check: {word}` takes {length} digits")),
            );
            None
        }
        _ => Some(form),
    }
}

/// The length is said in one of three ways.
fn one_way(site: &mut Site<'_>, document: &NumberDocument) -> Option<()> {
    let written = [
        ("pattern", document.pattern.is_some()),
        ("lengths", !document.lengths.is_empty()),
        ("at_least", document.at_least.is_some()),
        ("at_most", document.at_most.is_some()),
    ];
    let mut keys = written.iter().filter(|(_, written)| *written).map(|(key, _)| *key);
    let (first, second) = (keys.next(), keys.next());
    let (Some(first), Some(second)) = (first, second.filter(|key| *key != "at_most" || first != Some("at_least")))
    else {
        return Some(());
    };
    let message = format!("`{first}` and `{second}` both say how long the number is");
    site.out.push(
        Diagnostic::error("two-in-one", message, Some(site.tree.place(&["collect", second])))
            .label("said twice")
            .help(format!("keep `{first}` alone, or `{second}`")),
    );
    None
}

fn patterns(site: &mut Site<'_>, document: &NumberDocument) -> Option<Vec<Pattern>> {
    let texts = match &document.pattern {
        None => &[][..],
        Some(PatternDocument::One(text)) => std::slice::from_ref(text),
        Some(PatternDocument::Each(texts)) => texts,
    };
    let mut patterns = Vec::with_capacity(texts.len());
    for (i, text) in texts.iter().enumerate() {
        match Pattern::parse(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(stray) => {
                let i = i.to_string();
                let place = site.tree.place(&["collect", "pattern", i.as_str()]);
                site.out.push(bad_pattern(text, stray, place));
            }
        }
    }
    (patterns.len() == texts.len()).then_some(patterns)
}

fn bad_pattern(text: &str, stray: Option<char>, place: Span) -> Diagnostic {
    let message = match stray {
        Some(c) => format!("`{c}` can't stand in a pattern"),
        None => format!("the pattern `{text}` must have 1 to {COLLECTED_DIGITS} digits"),
    };
    Diagnostic::error("bad-pattern", message, Some(place))
        .label("not a pattern")
        .help("write `N` for any digit, a digit for itself: `\"0N NN NN NN NN\"`")
}

fn lengths(site: &mut Site<'_>, document: &NumberDocument, of_check: Option<usize>) -> Option<Vec<usize>> {
    if !document.lengths.is_empty() {
        return Some(document.lengths.clone());
    }
    if let (None, None, Some(length)) = (document.at_least, document.at_most, of_check) {
        return Some(vec![length]);
    }
    let at_least = document.at_least.unwrap_or(1);
    let at_most = document.at_most.unwrap_or(COLLECTED_DIGITS);
    if at_least > at_most {
        let span = site.tree.place(&["collect", "at_least"]);
        site.out.push(
            Diagnostic::error("wrong-type", "`at_least` is more than `at_most`", Some(span))
                .label(format!("more than {at_most}"))
                .help("no number can be that long and that short"),
        );
        return None;
    }
    Some((at_least..=at_most).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_may_be_written_is_a_rule_of_check_digits() {
        let Kind::OneOf(words) = CHECK else { panic!("a choice of words") };
        assert_eq!(words, CheckDigits::ALL.map(|(word, _)| word));
    }
}
