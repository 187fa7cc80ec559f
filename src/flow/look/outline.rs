use super::Sheet;
use super::walk::step_shape;
use crate::diag::Span;
use crate::flow::Role;
use crate::flow::yaml::{Entry, Tree};

/// A part of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its name.
    pub name: String,
    /// What it is: a step's kind, a queue's agents; may be empty.
    pub detail: String,
    /// The whole part.
    pub whole: Span,
    /// Its name's place.
    pub place: Span,
    /// The parts in it.
    pub parts: Vec<Self>,
}

/// The parts of a file: of a flow its keys with the steps, of `queues.yaml` the queues.
pub(super) fn outline(sheet: &Sheet) -> Vec<Outline> {
    let entries = sheet.tree.as_ref().map_or(&[][..], Tree::entries);
    entries.iter().map(|entry| part(sheet.role, entry)).collect()
}

fn part(role: Role, entry: &Entry) -> Outline {
    let detail = match role {
        Role::Flow | Role::Service => entry.value.written().unwrap_or_default().to_owned(),
        Role::Queues => members(&entry.value),
    };
    let parts = match (role, &*entry.key) {
        (Role::Flow, "steps") => entry.value.entries().iter().map(step).collect(),
        _ => Vec::new(),
    };
    Outline { parts, ..made(entry, detail) }
}

fn step(entry: &Entry) -> Outline {
    made(entry, step_shape(&entry.value).map(|(verb, _)| verb.to_owned()).unwrap_or_default())
}

fn members(queue: &Tree) -> String {
    let name = |item: &Tree| item.written().or_else(|| item.at(&["agent"])?.written()).map(str::to_owned);
    let members = queue.at(&["members"]).map_or(&[][..], Tree::items);
    members.iter().filter_map(name).collect::<Vec<_>>().join(", ")
}

fn made(entry: &Entry, detail: String) -> Outline {
    let (start, end) = (entry.key_span.bytes.start, entry.value.span.bytes.end);
    let whole = Span { bytes: start..end.max(entry.key_span.bytes.end), ..entry.key_span.clone() };
    Outline { name: entry.key.to_string(), detail, whole, place: entry.key_span.clone(), parts: Vec::new() }
}
