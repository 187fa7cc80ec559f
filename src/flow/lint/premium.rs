use std::sync::LazyLock;

use crate::base::PhoneNumber;
use crate::diag::{Diagnostic, Span};
use crate::flow::StepKind;
use crate::flow::card::CardFile;
use crate::flow::file::FlowFile;
use crate::flow::yaml::{Content, Tree};
use crate::service::{Price, price};
use crate::speech::Dictation;

/// Numbers that cost extra, wherever they are written: answered, transferred to, or announced in a
/// text, in digits or in words. Of some short numbers nobody but their owner knows: that is told.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    written(&file.tree, out);
    for id in file.ids() {
        if let StepKind::Transfer(transfer) = &file.program.step(id).kind
            && price(&transfer.to) == Price::OwnersChoice
        {
            let inner = file.step_tree(id).and_then(|t| t.at(&["transfer", "to"])).map(|t| t.span.clone());
            out.push(unknown(transfer.to.as_str(), inner.unwrap_or_else(|| file.place(id, &["transfer"]))));
        }
    }
}

/// The same in a card.
pub(super) fn card(card: &CardFile, out: &mut Vec<Diagnostic>) {
    for entry in card.tree.entries().iter().filter(|entry| &*entry.key != "annuaire") {
        written(&entry.value, out);
    }
    for (i, phone) in card.card.phones.iter().enumerate() {
        if price(&phone.number) == Price::OwnersChoice {
            out.push(unknown(phone.number.as_str(), card.tree.place(&["phones", &i.to_string(), "number"])));
        }
    }
}

/// The same in any file: every value is looked at, whatever it is for.
pub(in crate::flow) fn written(tree: &Tree, out: &mut Vec<Diagnostic>) {
    let mut todo = vec![tree];
    while let Some(tree) = todo.pop() {
        match &tree.content {
            Content::Map(entries) => todo.extend(entries.iter().map(|entry| &entry.value)),
            Content::List(items) => todo.extend(items),
            Content::Scalar { written, .. } => {
                let told = numbers_in(written).chain(DICTATION.numbers(written, 10));
                let mut told: Vec<String> = told.filter(|number| is(number, Price::Extra)).collect();
                told.dedup();
                out.extend(told.iter().map(|number| premium(number, tree.span.clone())));
                let called = called_in(written).filter(|number| is(number, Price::OwnersChoice));
                out.extend(called.map(|number| unknown(number, tree.span.clone())));
            }
        }
    }
}

/// The words of every number up to 99: made once.
static DICTATION: LazyLock<Dictation> = LazyLock::new(Dictation::new);

fn is(number: &str, wanted: Price) -> bool {
    PhoneNumber::parse(number).is_ok_and(|number| price(&number) == wanted)
}

/// The runs of digits in a text that may be phone numbers, such as `08 99 12 34 56`.
fn numbers_in(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | ' ' | '.' | '-' | '\u{a0}')))
        .map(|run| run.trim_matches(|c: char| !(c.is_ascii_digit() || c == '+')).to_owned())
        .filter(|run| run.chars().filter(char::is_ascii_digit).count() >= 6)
}

/// Short numbers that callers are told to call: four digits behind such words as « au ».
fn called_in(text: &str) -> impl Iterator<Item = &str> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let pairs = text.split_whitespace().zip(text.split_whitespace().skip(1));
    pairs.filter(move |(before, _)| BEFORE.contains(&bare(before).as_str())).filter_map(|(_, word)| {
        let number = word.trim_matches(|c: char| !c.is_alphanumeric());
        (number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
    })
}

fn premium(number: &str, span: Span) -> Diagnostic {
    Diagnostic::error("premium-number", format!("calls to `{number}` cost extra"), Some(span))
        .label("a premium-rate number")
        .help("a public service must not use or announce one: give an ordinary number")
}

fn unknown(number: &str, span: Span) -> Diagnostic {
    let message = format!("what calls to `{number}` cost is its owner's choice");
    Diagnostic::warning("number-price-unknown", message, Some(span))
        .label("may cost extra")
        .help("ask its owner, or look it up at infosva.org; give an ordinary number where it costs extra")
}

/// What stands before a number that is to be called.
const BEFORE: [&str; 10] = ["le", "au", "du", "numéro", "appelez", "composez", "faites", "call", "dial", "on"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_number_is_one_that_callers_are_told_to_call() {
        let called = |text| called_in(text).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(called("Appelez le 3939, du lundi au vendredi."), ["3939"]);
        assert_eq!(called("Dial 3646."), ["3646"]);
        assert!(called("En 3939 ans, 3939 fois : prenez les 3939 papiers.").is_empty());
    }
}
