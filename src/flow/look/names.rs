use std::sync::Arc;

use super::walk::{Seen, walk};
use super::{Look, Sheet};
use crate::diag::Span;
use crate::flow::Role;
use crate::flow::yaml::{Kind, Tree};

/// A name in a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    /// What it names.
    pub(super) of: Named,
    /// The name.
    pub(super) text: Arc<str>,
    /// Where it stands, quotes included.
    pub(super) span: Span,
    /// Whether it is given here, not used.
    pub(super) defines: bool,
}

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A step, known in its flow.
    Step,
    /// A queue, known in its service.
    Queue,
}

/// Why nothing is renamed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRename {
    /// There is no step at this place.
    #[error("only steps can be renamed here")]
    NotAStep,
    /// The name is of a queue.
    #[error("a queue's name is in the records and the statistics too: rename it by hand")]
    Queue,
    /// The new name can't be one.
    #[error("`{0}` can't be a step's name: it begins with a letter, and letters, digits, `-` and `_` follow")]
    Malformed(String),
    /// Another step has it.
    #[error("there is a step `{0}` already")]
    Taken(String),
}

impl Look {
    /// The name of a step or a queue at a byte, its ends included.
    pub(super) fn name_at(&self, path: &str, byte: usize) -> Option<Name> {
        let names = self.sheet(path).map(names)?;
        names.into_iter().find(|name| (name.span.bytes.start..=name.span.bytes.end).contains(&byte))
    }

    /// Every place of a name: a step's in its file, a queue's in all files.
    pub(super) fn places(&self, path: &str, name: &Name) -> Vec<Name> {
        let reach = |sheet: &&Sheet| name.of == Named::Queue || sheet.source.path == path;
        let same = |other: &Name| other.of == name.of && other.text == name.text;
        self.sheets.iter().filter(reach).flat_map(names).filter(same).collect()
    }
}

/// The step's name at a byte.
pub(super) fn renamable(look: &Look, path: &str, byte: usize) -> Result<Name, NoRename> {
    let name = look.name_at(path, byte).ok_or(NoRename::NotAStep)?;
    match name.of {
        Named::Step => Ok(name),
        Named::Queue => Err(NoRename::Queue),
    }
}

/// Every place where the new name is to be written.
pub(super) fn rename(look: &Look, path: &str, byte: usize, new: &str) -> Result<Vec<Span>, NoRename> {
    let name = renamable(look, path, byte)?;
    if !is_a_name(new) {
        return Err(NoRename::Malformed(new.chars().take(LONGEST).collect()));
    }
    let all = look.sheet(path).map(names).unwrap_or_default();
    if *name.text != *new && all.iter().any(|other| other.of == Named::Step && other.defines && *other.text == *new) {
        return Err(NoRename::Taken(new.to_owned()));
    }
    Ok(look.places(path, &name).into_iter().map(|place| place.span).collect())
}

/// Every name in a file.
pub(super) fn names(sheet: &Sheet) -> Vec<Name> {
    let mut all = Vec::new();
    let Some(tree) = &sheet.tree else { return all };
    walk(sheet.role, tree, &mut |seen| match seen {
        Seen::Named { entry, kind } => {
            let of = match (kind, sheet.role) {
                (Kind::Step, _) => Some(Named::Step),
                (_, Role::Queues) => Some(Named::Queue),
                (_, Role::Flow | Role::Service) => None,
            };
            let name = |of| Name { of, text: entry.key.clone(), span: entry.key_span.clone(), defines: true };
            all.extend(of.map(name));
        }
        Seen::Value { tree, kind: Kind::StepName } => all.extend(used(Named::Step, tree)),
        Seen::Value { tree, kind: Kind::QueueName } => all.extend(used(Named::Queue, tree)),
        Seen::Value { .. } | Seen::Key { .. } => {}
    });
    all
}

/// The names that are given in a file of this role, in their order.
pub(super) fn given(look: &Look, path: &str, of: Named) -> Vec<Arc<str>> {
    let reach = |sheet: &&Sheet| match of {
        Named::Step => sheet.source.path == path,
        Named::Queue => sheet.role == Role::Queues,
    };
    let all = look.sheets.iter().filter(reach).flat_map(names);
    all.filter(|name| name.of == of && name.defines).map(|name| name.text).collect()
}

fn used(of: Named, tree: &Tree) -> Option<Name> {
    let text = tree.written().filter(|_| !tree.is_empty())?;
    Some(Name { of, text: text.into(), span: tree.span.clone(), defines: false })
}

/// Whether it can be written without quotes and is read as the same text everywhere.
fn is_a_name(text: &str) -> bool {
    let follows = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(char::is_alphabetic)
        && text.chars().all(follows)
        && text.chars().count() <= LONGEST
        && !special.contains(&text.to_lowercase().as_str())
}

/// Characters of a name that can still be read in a graph.
const LONGEST: usize = 60;
