use super::walk::step_shape;
use crate::flow::Role;
use crate::flow::schema::path;
use crate::flow::step::VERBS;
use crate::flow::yaml::{Content, Entry, Field, Kind, Shape, Tree};

/// What may stand where a mark stands in a file.
#[derive(Debug)]
pub(super) enum Slot {
    /// A key of a map.
    Key(Vec<Free>),
    /// A value of the key.
    Value(&'static Field, &'static Kind),
}

/// A key that is not written yet.
#[derive(Clone, Debug)]
pub(super) struct Free {
    /// The key.
    pub(super) name: &'static str,
    /// Its path in `words.yaml`.
    pub(super) path: String,
    /// What it is.
    pub(super) field: &'static Field,
}

/// Finds the key or the value that is exactly `mark`, and what may stand there.
pub(super) fn seek(role: Role, tree: &Tree, mark: &str) -> Option<Slot> {
    let (kind, word) = role.form(tree);
    Seeker { mark }.value(tree, kind, None, word)
}

struct Seeker<'a> {
    mark: &'a str,
}

impl Seeker<'_> {
    fn value(&self, tree: &Tree, kind: &'static Kind, field: Option<&'static Field>, at: &str) -> Option<Slot> {
        match (kind, &tree.content) {
            (Kind::Map(shape) | Kind::MapOr(shape, _), Content::Map(entries)) => self.keys(entries, shape, at),
            (Kind::Step, Content::Map(entries)) => match step_shape(tree) {
                Some((verb, shape)) => self.keys(entries, shape, verb),
                None => self.is_key_of(entries).then(|| Slot::Key(verbs())),
            },
            (Kind::Named(each), Content::Map(entries)) => {
                entries.iter().find_map(|entry| self.value(&entry.value, each, field, at))
            }
            (Kind::List(each) | Kind::OneOrMore(each), Content::List(items)) => {
                items.iter().find_map(|item| self.value(item, each, field, at))
            }
            (_, Content::Scalar { written, .. }) if **written == *self.mark => match kind {
                Kind::Step => Some(Slot::Key(verbs())),
                Kind::Map(shape) => Some(Slot::Key(free(&[], shape, at))),
                _ => field.map(|field| Slot::Value(field, kind)),
            },
            (Kind::MapOr(_, other) | Kind::OneOrMore(other), _) => self.value(tree, other, field, at),
            (_, Content::Scalar { .. } | Content::List(_) | Content::Map(_)) => None,
        }
    }

    fn keys(&self, entries: &[Entry], shape: &'static Shape, at: &str) -> Option<Slot> {
        if self.is_key_of(entries) {
            return Some(Slot::Key(free(entries, shape, at)));
        }
        entries.iter().find_map(|entry| {
            let field = shape.fields.iter().find(|field| field.name == &*entry.key)?;
            self.value(&entry.value, &field.kind, Some(field), &path(at, field.name))
        })
    }

    fn is_key_of(&self, entries: &[Entry]) -> bool {
        entries.iter().any(|entry| *entry.key == *self.mark)
    }
}

/// The keys of a shape that are not written.
fn free(entries: &[Entry], shape: &'static Shape, at: &str) -> Vec<Free> {
    let written = |field: &Field| entries.iter().any(|entry| &*entry.key == field.name);
    let free = |field: &'static Field| Free { name: field.name, path: path(at, field.name), field };
    shape.fields.iter().filter(|field| !written(field)).map(free).collect()
}

/// The keys that say what a step does.
fn verbs() -> Vec<Free> {
    let verb = |shape: &'static Shape, name: &'static str| {
        let field = shape.fields.iter().find(|field| field.name == name)?;
        Some(Free { name, path: path(name, name), field })
    };
    VERBS.into_iter().filter_map(|v| verb(v.shape, v.name)).collect()
}
