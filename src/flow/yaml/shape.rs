use std::time::Duration;

use serde_yaml::Value;

use super::traps;
use super::tree::{Content, Entry, Tree};
use super::{duration, nearest, percent, suggestion};
use crate::base::{Digit, PhoneNumber};
use crate::diag::{Diagnostic, Span};

/// The keys that may be written in one place: what the check takes, what
/// [`crate::flow::schema()`] publishes, and what an editor is offered.
#[derive(Debug)]
pub(in crate::flow) struct Shape {
    /// Their fields.
    pub(in crate::flow) fields: &'static [Field],
}

/// One key of a shape. What it means is told in `schema/words.yaml`.
#[derive(Debug)]
pub(in crate::flow) struct Field {
    /// The key.
    pub(in crate::flow) name: &'static str,
    /// What its value is.
    pub(in crate::flow) kind: Kind,
    /// Whether it must be written.
    pub(in crate::flow) must: Must,
    /// What holds where it is not written.
    pub(in crate::flow) usual: Usual,
    /// What is taken of its kind, where who reads the value takes less.
    pub(in crate::flow) written: Written,
}

/// Whether a key must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Must {
    /// Always: the check of the shape tells when it is missing.
    Always,
    /// Always, and a rule of its own tells why.
    Ruled,
    /// It may be left out.
    Never,
}

/// What holds where a key is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Usual {
    /// Nothing, or what depends on the rest of the file.
    Nothing,
    /// A whole number.
    Count(u64),
    /// Yes or no.
    Flag(bool),
    /// A time, in whole milliseconds.
    Duration(Duration),
    /// A word.
    Word(&'static str),
}

/// How a value must be written beyond its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Written {
    /// In any way of its kind.
    Freely,
    /// As this regular expression (ECMA-262) says.
    As(&'static str),
    /// As one of these words.
    OneOf(&'static [&'static str]),
}

impl Field {
    /// A key that must be written.
    pub(in crate::flow) const fn needed(name: &'static str, kind: Kind) -> Self {
        Self { must: Must::Always, ..Self::optional(name, kind) }
    }

    /// A key that must be written, and of which a rule tells when it is missing.
    pub(in crate::flow) const fn ruled(name: &'static str, kind: Kind) -> Self {
        Self { must: Must::Ruled, ..Self::optional(name, kind) }
    }

    /// A key that may be left out.
    pub(in crate::flow) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, must: Must::Never, usual: Usual::Nothing, written: Written::Freely }
    }

    /// The same with what holds where it is not written.
    pub(in crate::flow) const fn usual(self, usual: Usual) -> Self {
        Self { usual, ..self }
    }

    /// The same with how it must be written beyond its kind.
    pub(in crate::flow) const fn written(self, written: Written) -> Self {
        Self { written, ..self }
    }
}

/// What a value is.
#[derive(Debug)]
pub(in crate::flow) enum Kind {
    /// A text, in one language or as `{ fr: …, en: … }`.
    Text,
    /// A text in one language, or a name.
    Word,
    /// The name of a step of this flow.
    StepName,
    /// The name of a queue of this service.
    QueueName,
    /// A telephone key.
    Key,
    /// A whole number, bounds included.
    Count(u64, u64),
    /// `true` or `false`.
    Flag,
    /// Such as `20s`.
    Duration,
    /// Such as `20%`.
    Percent,
    /// A phone number, in quotes.
    Phone,
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// Several of the same.
    List(&'static Kind),
    /// One of something, or a list of such.
    OneOrMore(&'static Kind),
    /// Keys and values.
    Map(&'static Shape),
    /// A map, or something shorter.
    MapOr(&'static Shape, &'static Kind),
    /// A map whose keys the admin chooses, each with such a value.
    Named(&'static Kind),
    /// Nothing, `true` or a text.
    Ending,
    /// A step: a map with the one key that says what it does, checked by who reads it.
    Step,
    /// One value, checked by who reads it.
    Any,
}

/// The keys of a text that is written once for each language.
pub(in crate::flow) const TEXTS: Shape =
    Shape { fields: &[Field::needed("fr", Kind::Word), Field::optional("en", Kind::Word)] };

/// Checks a map against its shape; `owner` is marked when a key is missing.
pub(in crate::flow) fn check_map(tree: &Tree, owner: &Span, shape: &Shape, out: &mut Vec<Diagnostic>) {
    let Content::Map(entries) = &tree.content else {
        out.push(wrong(tree, "keys and values", "write `key: value` on lines of its own"));
        return;
    };
    for entry in entries {
        match shape.fields.iter().find(|field| field.name == &*entry.key) {
            Some(field) => check(&entry.value, &entry.key_span, &field.kind, out),
            None => out.push(unknown_key(tree, entry, shape)),
        }
    }
    let mistyped = |name: &str| {
        let near = |e: &Entry| nearest(&e.key, shape.fields.iter().map(|f| f.name)) == Some(name);
        entries.iter().any(|e| shape.fields.iter().all(|f| f.name != &*e.key) && near(e))
    };
    let missing =
        |field: &&Field| field.must == Must::Always && tree.entry(field.name).is_none() && !mistyped(field.name);
    for field in shape.fields.iter().filter(missing) {
        out.push(
            Diagnostic::error("missing-key", format!("`{}` is missing", field.name), Some(owner.clone()))
                .label(format!("`{}:` is needed here", field.name))
                .help(format!("add a line `{}: …`", field.name)),
        );
    }
}

/// Checks a value against what it must be; `key` is marked when it is empty.
pub(in crate::flow) fn check(tree: &Tree, key: &Span, kind: &Kind, out: &mut Vec<Diagnostic>) {
    if tree.is_empty() && !matches!(kind, Kind::Ending | Kind::Step | Kind::Any) {
        out.push(traps::empty(tree, key));
        return;
    }
    match kind {
        Kind::Step | Kind::Any => {}
        Kind::Text => text(tree, key, out),
        Kind::Map(shape) => check_map(tree, key, shape, out),
        Kind::MapOr(shape, _) if matches!(tree.content, Content::Map(_)) => check_map(tree, key, shape, out),
        Kind::MapOr(_, other) => check(tree, key, other, out),
        Kind::List(each) => match &tree.content {
            Content::List(items) => {
                for item in items {
                    // What is missing in an item is told on the item, not on the list.
                    let owner = if matches!(item.content, Content::Map(_)) { &item.span } else { key };
                    check(item, owner, each, out);
                }
            }
            Content::Scalar { .. } | Content::Map(_) => {
                out.push(wrong(tree, "a list", "write it as `[one, two]`, or as lines that begin with `- `"));
            }
        },
        Kind::OneOrMore(each) if matches!(tree.content, Content::List(_)) => check(tree, key, &Kind::List(each), out),
        Kind::OneOrMore(each) => check(tree, key, each, out),
        Kind::Named(each) => match &tree.content {
            Content::Map(entries) => entries.iter().for_each(|e| check(&e.value, &e.key_span, each, out)),
            Content::Scalar { .. } | Content::List(_) => {
                out.push(wrong(tree, "names and values", "write `name: …` on lines of its own"));
            }
        },
        Kind::Ending if matches!(tree.content, Content::Map(_)) => text(tree, key, out),
        Kind::Word
        | Kind::StepName
        | Kind::QueueName
        | Kind::Key
        | Kind::Count(..)
        | Kind::Flag
        | Kind::Duration
        | Kind::Percent
        | Kind::Phone
        | Kind::OneOf(_)
        | Kind::Ending => scalar(tree, kind, out),
    }
}

/// A text in one language, or one for each.
fn text(tree: &Tree, key: &Span, out: &mut Vec<Diagnostic>) {
    match &tree.content {
        Content::Map(entries) if entries.iter().any(|e| matches!(&*e.key, "fr" | "en")) => {
            check_map(tree, key, &TEXTS, out);
        }
        Content::Map(entries) => out.push(traps::cut_by_colon(tree, entries)),
        Content::List(_) => out.push(wrong(tree, "a text", "put the text in quotes")),
        Content::Scalar { .. } => scalar(tree, &Kind::Word, out),
    }
}

fn scalar(tree: &Tree, kind: &Kind, out: &mut Vec<Diagnostic>) {
    let Content::Scalar { value, written } = &tree.content else {
        out.push(wrong(tree, expected(kind), "write one value here"));
        return;
    };
    let text = value.as_str();
    let fine = match kind {
        Kind::Word | Kind::StepName | Kind::QueueName => match text {
            Some(text) => {
                out.extend(traps::cut_by_comment(tree));
                out.extend(text.trim().is_empty().then(|| traps::empty_text(tree)));
                true
            }
            None => return out.push(traps::unquoted(tree, value)),
        },
        Kind::Phone => match text {
            Some(text) => return out.extend(phone(tree, text)),
            None => return out.push(traps::unquoted(tree, value)),
        },
        Kind::Key => key(written).is_some(),
        Kind::Count(least, most) => value.as_u64().is_some_and(|n| (*least..=*most).contains(&n)),
        Kind::Flag => value.is_bool(),
        Kind::Duration => text.and_then(duration).is_some(),
        Kind::Percent => text.and_then(percent).is_some(),
        Kind::OneOf(words) => match text.filter(|t| !words.contains(t)) {
            Some(text) => return out.push(not_among(tree, text, words)),
            None => text.is_some(),
        },
        Kind::Ending => matches!(value, Value::Null | Value::String(_) | Value::Bool(true)),
        Kind::Text
        | Kind::List(_)
        | Kind::OneOrMore(_)
        | Kind::Map(_)
        | Kind::MapOr(..)
        | Kind::Named(_)
        | Kind::Step
        | Kind::Any => true,
    };
    if fine {
        return;
    }
    let help = match kind {
        Kind::Duration => "write `20s`, `2m` or `1m30s`".to_owned(),
        Kind::Percent => "write `20%`, from 1 to 100".to_owned(),
        Kind::Key => match key(written.trim_start_matches('0')) {
            Some(key) => format!("write `{key}`, without the zero"),
            None => "the keys are `0` to `9`, `star` and `hash`".to_owned(),
        },
        Kind::Count(least, most) => format!("write a number from {least} to {most}, without quotes"),
        Kind::Flag => "write `true` or `false`, without quotes".to_owned(),
        _ => "write a text in quotes".to_owned(),
    };
    out.push(wrong(tree, expected(kind), &help));
}

/// The telephone key that a text names.
pub(in crate::flow) fn key(written: &str) -> Option<Digit> {
    match written {
        "star" => Some(Digit::STAR),
        "hash" => Some(Digit::HASH),
        one => {
            let mut chars = one.chars();
            chars.next().filter(|_| chars.next().is_none()).and_then(Digit::from_char)
        }
    }
}

fn phone(tree: &Tree, text: &str) -> Option<Diagnostic> {
    let error = PhoneNumber::parse(text).err()?;
    let message = format!("`{text}` is not a phone number: {error}");
    Some(
        Diagnostic::error("wrong-type", message, Some(tree.span.clone()))
            .label("not a phone number")
            .help("write it as `\"+33143124567\"` or `\"0143124567\"`"),
    )
}

fn not_among(tree: &Tree, typed: &str, words: &[&'static str]) -> Diagnostic {
    let diagnostic = Diagnostic::error("wrong-type", format!("`{typed}` can't stand here"), Some(tree.span.clone()));
    match suggestion(typed, words.iter().copied()) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn unknown_key(tree: &Tree, entry: &Entry, shape: &Shape) -> Diagnostic {
    if let Some(trap) = traps::cut_by_comma(tree, entry) {
        return trap;
    }
    let message = format!("the key `{}` is not known here", entry.key);
    let diagnostic = Diagnostic::error("unknown-key", message, Some(entry.key_span.clone())).label("not known");
    match suggestion(&entry.key, shape.fields.iter().map(|f| f.name)) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn wrong(tree: &Tree, expected: &str, help: &str) -> Diagnostic {
    let found = match &tree.content {
        Content::Map(_) => "keys and values".to_owned(),
        Content::List(_) => "a list".to_owned(),
        Content::Scalar { written, .. } => format!("`{written}`"),
    };
    Diagnostic::error("wrong-type", format!("{expected} is needed here, not {found}"), Some(tree.span.clone()))
        .label(format!("not {expected}"))
        .help(help)
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Word | Kind::StepName | Kind::QueueName | Kind::OneOf(_) | Kind::OneOrMore(_) => "a text",
        Kind::Key => "a telephone key",
        Kind::Count(..) => "a whole number",
        Kind::Flag => "`true` or `false`",
        Kind::Duration => "a duration",
        Kind::Percent => "a share in percent",
        Kind::Phone => "a phone number",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::MapOr(..) | Kind::Named(_) => "keys and values",
        Kind::Ending => "a text, `true` or nothing",
        Kind::Step => "a step",
        Kind::Any => "a value",
    }
}
