use std::ops::Range;

use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::placeholder::{Part, parts};
use crate::flow::yaml::{Content, Tree};
use crate::flow::{StepId, ValueKind, VariableId};

/// Variables in texts: `{dossier}` is spoken where it stands. What nobody has recorded can't be
/// said, and a brace that belongs to no variable would be read by nobody.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for id in file.ids() {
        let Some(tree) = file.step_tree(id) else { continue };
        for text in texts(tree) {
            for part in parts(text.tree.written().unwrap_or_default()) {
                out.extend(fault(file, id, &text, &part));
            }
        }
    }
}

/// The variables that a step's texts speak, and where.
pub(super) fn named(file: &FlowFile, id: StepId) -> Vec<(VariableId, Span)> {
    let mut named = Vec::new();
    for text in file.step_tree(id).map(texts).unwrap_or_default() {
        for part in parts(text.tree.written().unwrap_or_default()) {
            if let Part::Name { name, bytes } = part
                && let Some((variable, _)) = file.variable(id, name)
            {
                named.push((variable, text.tree.part(&bytes)));
            }
        }
    }
    named
}

/// A text with a brace in it.
struct Text<'a> {
    tree: &'a Tree,
    /// Whether a variable in it is spoken.
    spoken: bool,
}

fn texts(step: &Tree) -> Vec<Text<'_>> {
    let mut found = Vec::new();
    let mut todo = vec![(step, true)];
    while let Some((tree, spoken)) = todo.pop() {
        match &tree.content {
            Content::List(items) => todo.extend(items.iter().map(|item| (item, spoken))),
            Content::Map(entries) => {
                for entry in entries {
                    match &*entry.key {
                        // These have variables of their own.
                        "if" | "url" => {}
                        // A purpose is one clip with its key; the others are no texts.
                        "for" | "set" | "with" | "send" | "take" => todo.push((&entry.value, false)),
                        _ => todo.push((&entry.value, spoken)),
                    }
                }
            }
            Content::Scalar { written, .. } if written.contains(['{', '}']) => found.push(Text { tree, spoken }),
            Content::Scalar { .. } => {}
        }
    }
    found.reverse();
    found
}

fn fault(file: &FlowFile, id: StepId, text: &Text<'_>, part: &Part<'_>) -> Option<Diagnostic> {
    let error = |bytes: &Range<usize>, message: String| {
        Diagnostic::error("bad-placeholder", message, Some(text.tree.part(bytes)))
    };
    match part {
        Part::Text(_) => None,
        Part::Broken { bytes } => Some(
            error(bytes, "a brace stands alone".to_owned())
                .label("belongs to no variable")
                .help("write `{dossier}` for what a variable holds; nothing else has braces"),
        ),
        Part::Name { name, bytes } if !text.spoken => Some(
            error(bytes, format!("`{{{name}}}` can't stand here"))
                .label("no variable is put in here")
                .help("speak it in a `say:` of its own"),
        ),
        Part::Name { name, bytes } => match file.variable(id, name) {
            None => Some(file.scope(id).unknown(name, text.tree.part(bytes))),
            Some((_, ValueKind::Digits | ValueKind::Number)) => None,
            Some((_, kind @ (ValueKind::Text | ValueKind::YesNo))) => Some(
                error(bytes, format!("`{name}` is {}, and can't be spoken", kind.word()))
                    .label("nobody has recorded it")
                    .help("say it with a `choose:` and a text for each value"),
            ),
        },
    }
}
