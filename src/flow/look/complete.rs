use std::ops::Range;
use std::sync::Arc;

use super::names::{Named, given};
use super::seek::{Free, Slot, seek};
use super::{Look, Sheet, repair};
use crate::diag::Source;
use crate::flow::schema::{about, usual};
use crate::flow::yaml::{Field, Kind, Usual, Written};

/// What may be written at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Completions {
    /// The bytes of what is half typed, which one of them replaces.
    pub typed: Range<usize>,
    /// What fits there, typed or not.
    pub all: Vec<Completion>,
}

/// One thing that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is written.
    pub text: String,
    /// What it is.
    pub what: Offered,
    /// What it means, Markdown; may be empty.
    pub about: String,
}

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// A key of the language.
    Key,
    /// One of its words.
    Word,
    /// A step.
    Step,
    /// A queue.
    Queue,
}

impl Completions {
    /// Nothing fits at this byte.
    pub(super) fn none(byte: usize) -> Self {
        Self { typed: byte..byte, all: Vec::new() }
    }
}

/// What may be written at a byte. A mark is put in the place of the word there, once as a
/// value and once as a key: where the mark turns up in the tree says what fits.
pub(super) fn complete(look: &Look, sheet: &Sheet, byte: usize) -> Completions {
    let text = &sheet.source.text;
    let byte = text.floor_char_boundary(byte.min(text.len()));
    let start = byte - word(text[..byte].chars().rev());
    let end = byte + word(text[byte..].chars());
    let mut all = Vec::new();
    for mark in [MARK.to_owned(), format!("{MARK}:")] {
        let marked = format!("{}{mark}{}", &text[..start], &text[end..]);
        let tree = repair::tree(&Source::new(sheet.source.path.as_str(), marked));
        match tree.and_then(|tree| seek(sheet.role, &tree, MARK)) {
            Some(Slot::Key(free)) => add(&mut all, free.iter().map(key)),
            Some(Slot::Value(field, kind)) => add(&mut all, values(look, sheet, field, kind)),
            None => {}
        }
    }
    Completions { typed: start..byte, all }
}

fn add(all: &mut Vec<Completion>, more: impl IntoIterator<Item = Completion>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

fn key(free: &Free) -> Completion {
    let text = match free.field.kind {
        Kind::List(_) | Kind::Map(_) | Kind::Named(_) => format!("{}:", free.name),
        _ => format!("{}: ", free.name),
    };
    let about = about(&free.path).map(|about| format!("{}\n\n{}", about.fr, about.en)).unwrap_or_default();
    Completion { text, what: Offered::Key, about }
}

fn values(look: &Look, sheet: &Sheet, field: &'static Field, kind: &'static Kind) -> Vec<Completion> {
    let named = |of, what| {
        let names: Vec<Arc<str>> = given(look, &sheet.source.path, of);
        names.iter().map(|name| Completion { text: name.to_string(), what, about: String::new() }).collect()
    };
    match (kind, field.written) {
        (Kind::StepName, _) => named(Named::Step, Offered::Step),
        (Kind::QueueName, _) => named(Named::Queue, Offered::Queue),
        (Kind::OneOf(words), _) => words.iter().copied().map(word_of).collect(),
        (_, Written::OneOf(words)) => words.iter().copied().map(word_of).collect(),
        (Kind::Flag, _) => ["true", "false"].map(word_of).to_vec(),
        (Kind::List(each), _) => {
            let item = |one: Completion| Completion { text: format!("[{}]", one.text), ..one };
            values(look, sheet, field, each).into_iter().map(item).collect()
        }
        (Kind::MapOr(_, other) | Kind::OneOrMore(other), _) => values(look, sheet, field, other),
        (Kind::Key, _) => ('1'..='9').map(|key| word_of(key.to_string())).collect(),
        (Kind::Duration | Kind::Count(..) | Kind::Word, _) => default_of(field.usual).into_iter().collect(),
        (
            Kind::Text
            | Kind::Percent
            | Kind::Phone
            | Kind::Any
            | Kind::Map(_)
            | Kind::Named(_)
            | Kind::Ending
            | Kind::Step,
            _,
        ) => Vec::new(),
    }
}

fn word_of(text: impl Into<String>) -> Completion {
    Completion { text: text.into(), what: Offered::Word, about: String::new() }
}

fn default_of(default: Usual) -> Option<Completion> {
    let value = usual(default)?;
    Some(word_of(value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
}

/// The bytes of the characters that a name or a word can hold.
fn word(chars: impl Iterator<Item = char>) -> usize {
    chars.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).map(char::len_utf8).sum()
}

/// A word that nobody writes.
const MARK: &str = "SviMarkHere";
