//! YAML's traps: what is written is not what is read. Each is told where it was written.

use serde_yaml::Value;

use super::tree::{Entry, Tree};
use crate::diag::{Diagnostic, Span};

/// A value left empty, perhaps because what stands there is a comment.
pub(super) fn empty(tree: &Tree, key: &Span) -> Diagnostic {
    let text = &tree.source().text;
    let name = &text[key.bytes.clone()];
    let rest = text[key.bytes.end..].lines().next().unwrap_or("");
    let diagnostic = Diagnostic::error("empty-value", format!("`{name}` has no value"), Some(key.clone()));
    match rest.trim_start_matches([':', ' ']).starts_with('#') {
        true => diagnostic
            .label("what follows `#` is a comment")
            .help("put the value in quotes: `\"#…\"`; for the telephone key write `hash`"),
        false => diagnostic.label("nothing is written after it").help("write a value, or remove the key"),
    }
}

/// A text between quotes with nothing in it.
pub(super) fn empty_text(tree: &Tree) -> Diagnostic {
    Diagnostic::error("empty-value", "the text is empty", Some(tree.span.clone()))
        .label("nothing between the quotes")
        .help("write a text, or remove the key")
}

/// A number (or truth value) where a text is needed: YAML has changed it already.
pub(super) fn unquoted(tree: &Tree, value: &Value) -> Diagnostic {
    let written = tree.written().unwrap_or_default();
    let read = match value {
        Value::Number(n) => format!("the number {n}"),
        Value::Bool(b) => format!("the truth value {b}"),
        _ => "something else".to_owned(),
    };
    Diagnostic::error("unquoted", format!("`{written}` without quotes is {read}, not a text"), Some(tree.span.clone()))
        .label("needs quotes")
        .help(format!("write `\"{written}\"`"))
}

/// A text that ends at a `#`, one blank before it: more likely meant to be heard than
/// to be a comment. Two blanks before a comment say that it is one.
pub(super) fn cut_by_comment(tree: &Tree) -> Option<Diagnostic> {
    let text = &tree.source().text;
    let rest = text[tree.span.bytes.end..].lines().next()?;
    let quoted = text[tree.span.bytes.clone()].starts_with(['"', '\'']);
    if quoted || !rest.starts_with(" #") {
        return None;
    }
    let end = tree.span.bytes.end;
    let bytes = end + 1..end + rest.trim_end().len();
    let span = Span { source: tree.source().clone(), bytes };
    Some(
        Diagnostic::warning("cut-by-comment", "the text ends before `#`: the rest is a comment", Some(span))
            .label("this is not read")
            .help("put the whole text in quotes; or put two spaces before a comment"),
    )
}

/// `{ fr: Bonjour, monsieur }`: the comma ended the text, and `monsieur` became a key.
pub(super) fn cut_by_comma(tree: &Tree, entry: &Entry) -> Option<Diagnostic> {
    let in_braces = tree.source().text[tree.span.bytes.start..].starts_with('{');
    if !in_braces || !entry.value.is_empty() {
        return None;
    }
    let message = format!("the comma cut the text in two: `{}` became a key", entry.key);
    Some(
        Diagnostic::error("cut-by-comma", message, Some(entry.key_span.clone()))
            .label("read as a key without a value")
            .help("put the whole text in quotes"),
    )
}

/// `say:` and on the next line `Note: bonjour`: the colon made a key of the text's start.
pub(super) fn cut_by_colon(tree: &Tree, entries: &[Entry]) -> Diagnostic {
    let span = entries.first().map_or_else(|| tree.span.clone(), |e| e.key_span.clone());
    let name = entries.first().map_or("", |e| &*e.key);
    Diagnostic::error("cut-by-colon", format!("a text is needed here, and `{name}:` is read as a key"), Some(span))
        .label("the colon made a key of this")
        .help("put the whole text in quotes; for two languages write `fr:` and `en:`")
}
