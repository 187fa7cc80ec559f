use crate::flow::Role;
use crate::flow::schema::path;
use crate::flow::step::VERBS;
use crate::flow::yaml::{Content, Entry, Field, Kind, Shape, Tree};

/// One thing that a file's shape knows.
pub(super) enum Seen<'a> {
    /// A key of the language, with its path in `words.yaml`.
    Key {
        /// The key and its value.
        entry: &'a Entry,
        /// What it is.
        field: &'static Field,
        /// Its path.
        path: String,
    },
    /// A name that the admin gave, such as a step's or a queue's.
    Named {
        /// The name and what it names.
        entry: &'a Entry,
        /// What it names.
        kind: &'static Kind,
    },
    /// A single value.
    Value {
        /// The value.
        tree: &'a Tree,
        /// What it must be.
        kind: &'static Kind,
    },
}

/// Goes over a file along its shape. What the shape does not know is passed by.
pub(super) fn walk<'a>(role: Role, tree: &'a Tree, seen: &mut dyn FnMut(Seen<'a>)) {
    let (kind, word) = role.form(tree);
    value(tree, kind, word, seen);
}

/// The shape of a step, by the first key that says what it does.
pub(super) fn step_shape(tree: &Tree) -> Option<(&'static str, &'static Shape)> {
    let verb = |entry: &Entry| VERBS.into_iter().find(|verb| verb.name == &*entry.key);
    tree.entries().iter().find_map(verb).map(|verb| (verb.name, verb.shape))
}

fn value<'a>(tree: &'a Tree, kind: &'static Kind, at: &str, seen: &mut dyn FnMut(Seen<'a>)) {
    match (kind, &tree.content) {
        (Kind::List(each) | Kind::OneOrMore(each), Content::List(items)) => {
            items.iter().for_each(|item| value(item, each, at, seen))
        }
        (Kind::Map(shape) | Kind::MapOr(shape, _), Content::Map(entries)) => keys(entries, shape, at, seen),
        (Kind::MapOr(_, other) | Kind::OneOrMore(other), _) => value(tree, other, at, seen),
        (Kind::Named(each), Content::Map(entries)) => {
            for entry in entries.iter().filter(|entry| &*entry.key != "allow") {
                seen(Seen::Named { entry, kind: each });
                value(&entry.value, each, at, seen);
            }
        }
        (Kind::Step, Content::Map(entries)) => {
            if let Some((name, shape)) = step_shape(tree) {
                keys(entries, shape, name, seen);
            }
        }
        (_, Content::Scalar { .. }) => seen(Seen::Value { tree, kind }),
        (_, Content::List(_) | Content::Map(_)) => {}
    }
}

fn keys<'a>(entries: &'a [Entry], shape: &'static Shape, at: &str, seen: &mut dyn FnMut(Seen<'a>)) {
    for entry in entries {
        if let Some(field) = shape.fields.iter().find(|field| field.name == &*entry.key) {
            let path = path(at, field.name);
            value(&entry.value, &field.kind, &path, seen);
            seen(Seen::Key { entry, field, path });
        }
    }
}
