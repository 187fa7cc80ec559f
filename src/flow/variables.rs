//! The variables of a flow: declared in its header, or by a `collect` that names one.

use std::sync::Arc;

use serde_yaml::Value as Yaml;

use super::condition::{Fact, is_in_name};
use super::yaml::{Content, Entry, Field, Kind, Shape, Tree, nearest, suggestion};
use super::{Value, ValueKind, ValueSource, Variable, VariableId};
use crate::base::limits::{COLLECTED_DIGITS, FLOW_VARIABLES};
use crate::diag::{Diagnostic, Span};

/// What stands behind a variable's name in `variables:`.
pub(super) const DECLARATION: Kind = Kind::MapOr(&DECLARED, &TYPE);

const TYPE: Kind = Kind::OneOf(&ValueKind::WORDS);
const DECLARED: Shape = Shape { fields: &[Field::needed("type", TYPE), Field::optional("value", Kind::Any)] };

/// The words of conditions, which no variable can have as its name.
pub(super) const KEYWORDS: [&str; 12] =
    ["and", "or", "not", "is", "set", "empty", "starts", "with", "length", "of", "yes", "no"];

/// The variables that one place of a flow may name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    /// All of the flow, those of its sub-flows under the name of the calling step.
    pub(super) variables: &'a [Variable],
    /// What stands before the names of this place, such as `appel/`.
    pub(super) prefix: &'a str,
}

impl Scope<'_> {
    /// The variable of a name.
    pub(super) fn find(&self, name: &str) -> Option<(VariableId, ValueKind)> {
        let here = |variable: &Variable| variable.name.strip_prefix(self.prefix).is_some_and(|rest| rest == name);
        let at = self.variables.iter().position(here)?;
        Some((VariableId(u32::try_from(at).ok()?), self.variables[at].kind))
    }

    /// All names, for suggestions.
    pub(super) fn names(&self) -> Vec<&str> {
        let here = |variable: &'_ Variable| {
            variable.name.strip_prefix(self.prefix).filter(|rest| !rest.contains('/')).is_some()
        };
        self.variables.iter().filter(|v| here(v)).map(|v| &v.name[self.prefix.len()..]).collect()
    }

    /// A name that no variable has.
    pub(super) fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error("unknown-variable", format!("there is no variable `{name}`"), Some(span))
            .label("no variable of this name");
        diagnostic.help(match suggestion(name, self.names()) {
            Some(help) => help,
            None => "declare it under `variables:`".to_owned(),
        })
    }
}

/// The variables of a flow: those of its header, and the digits of every `collect` that are
/// kept under a name of their own.
pub(super) fn declared(tree: &Tree, steps: &[Entry], out: &mut Vec<Diagnostic>) -> Vec<Variable> {
    let mut all = declared_under("variables", tree, out);
    for entry in steps {
        let Some(collect) = entry.value.at(&["collect"]) else { continue };
        let name = collect.at(&["name"]).and_then(Tree::written).unwrap_or(&entry.key);
        if is_free(name) && all.iter().all(|variable| *variable.name != *name) {
            all.push(Variable { name: name.into(), kind: ValueKind::Digits, initial: None });
        }
    }
    all
}

/// The variables that a key of the header declares.
pub(super) fn declared_under(key: &str, tree: &Tree, out: &mut Vec<Diagnostic>) -> Vec<Variable> {
    let entries = tree.at(&[key]).map_or(&[][..], Tree::entries);
    if entries.len() > FLOW_VARIABLES {
        let message = format!("there are {} variables, {FLOW_VARIABLES} are allowed", entries.len());
        out.push(
            Diagnostic::error("too-many-variables", message, Some(tree.key_place(key)))
                .help("keep what is only looked up where it comes from"),
        );
        return Vec::new();
    }
    entries.iter().filter_map(|entry| declaration(entry, out)).collect()
}

/// A call keeps the variables of its flow, of each call of a sub-flow, and each number that is typed.
pub(super) fn within_limit(variables: Vec<Variable>, tree: &Tree, out: &mut Vec<Diagnostic>) -> Vec<Variable> {
    if variables.len() > FLOW_VARIABLES {
        let message = format!(
            "with its sub-flows and what callers type the flow has {} variables, {FLOW_VARIABLES} are allowed",
            variables.len()
        );
        out.push(
            Diagnostic::error("too-many-variables", message, Some(tree.key_place("steps")))
                .help("give several `collect` the same `name`, or call fewer sub-flows"),
        );
    }
    variables
}

/// Whether a variable may have this name.
fn is_free(name: &str) -> bool {
    let reserved = KEYWORDS.contains(&name) || Fact::from_name(name).is_some();
    !reserved && name.starts_with(char::is_alphabetic) && name.chars().all(is_in_name)
}

fn declaration(entry: &Entry, out: &mut Vec<Diagnostic>) -> Option<Variable> {
    let name = &entry.key;
    if !is_free(name) {
        let message = format!("`{name}` can't be the name of a variable");
        let diagnostic = Diagnostic::error("bad-variable", message, Some(entry.key_span.clone()));
        out.push(if Fact::from_name(name).is_some() || KEYWORDS.contains(&&**name) {
            diagnostic.label("a word of conditions").help("give it another name")
        } else {
            diagnostic.label("not a name").help("write letters, digits, `-` and `_`, a letter first")
        });
        return None;
    }
    let word = entry.value.at(&["type"]).unwrap_or(&entry.value).written()?;
    // One that is mistyped is told already; what is meant keeps the rest from being told too.
    let kind = ValueKind::from_word(nearest(word, ValueKind::WORDS)?)?;
    let initial = match entry.value.at(&["value"]) {
        Some(tree) => match source(tree, kind, &Scope { variables: &[], prefix: "" }) {
            Ok(ValueSource::Written(value)) => Some(value),
            Ok(ValueSource::Variable(_) | ValueSource::Nothing) => None,
            Err(diagnostic) => {
                out.push(diagnostic);
                None
            }
        },
        None => None,
    };
    Some(Variable { name: name.clone(), kind, initial })
}

/// What is written behind a variable of this kind: a value, or the name of another variable.
/// As in conditions, what is in quotes is a value and what is not is a name.
pub(super) fn source(tree: &Tree, kind: ValueKind, scope: &Scope<'_>) -> Result<ValueSource, Diagnostic> {
    let Content::Scalar { value, written } = &tree.content else {
        return Err(wrong(tree, kind, "a list or keys"));
    };
    let text: String = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let made = if is_quoted(tree) {
        match kind {
            ValueKind::Digits => is_digits(&text).then(|| Value::Digits(text.as_str().into())),
            ValueKind::Text => Some(Value::Text(text.as_str().into())),
            ValueKind::Number | ValueKind::YesNo => None,
        }
    } else {
        match (kind, value, &*text) {
            (ValueKind::Number, Yaml::Number(n), _) => n.as_u64().filter(|n| *n <= Value::MOST).map(Value::Number),
            (ValueKind::YesNo, _, "yes" | "true") => Some(Value::YesNo(true)),
            (ValueKind::YesNo, _, "no" | "false") => Some(Value::YesNo(false)),
            (_, Yaml::String(_), name) if name.starts_with(char::is_alphabetic) => {
                return variable(tree, name, kind, scope);
            }
            _ => None,
        }
    };
    made.map(ValueSource::Written).ok_or_else(|| wrong(tree, kind, &format!("`{}`", shortened(&text))))
}

/// What is written where a value of any kind may stand.
pub(super) fn any_source(tree: &Tree, scope: &Scope<'_>) -> Result<ValueSource, Diagnostic> {
    let kind = match &tree.content {
        Content::Scalar { .. } if is_quoted(tree) => ValueKind::Text,
        Content::Scalar { value: Yaml::Number(_), .. } => ValueKind::Number,
        Content::Scalar { written, .. } if matches!(&**written, "yes" | "no" | "true" | "false") => ValueKind::YesNo,
        Content::Scalar { written, .. } => scope.find(written).map_or(ValueKind::Text, |(_, kind)| kind),
        Content::List(_) | Content::Map(_) => ValueKind::Text,
    };
    source(tree, kind, scope)
}

fn variable(tree: &Tree, name: &str, kind: ValueKind, scope: &Scope<'_>) -> Result<ValueSource, Diagnostic> {
    match scope.find(name) {
        Some((id, other)) if other == kind => Ok(ValueSource::Variable(id)),
        Some((_, other)) => {
            let message = format!("`{name}` is {}, {} is needed here", other.word(), kind.word());
            let diagnostic = Diagnostic::error("wrong-type", message, Some(tree.span.clone()));
            Err(diagnostic.label("a variable of another type"))
        }
        None if kind == ValueKind::Text => {
            let diagnostic = scope.unknown(name, tree.span.clone());
            Err(diagnostic.help(format!("if it is a text, write `\"{}\"`, in quotes", shortened(name))))
        }
        None => Err(scope.unknown(name, tree.span.clone())),
    }
}

fn wrong(tree: &Tree, kind: ValueKind, found: &str) -> Diagnostic {
    let (needed, help) = match kind {
        ValueKind::Digits => ("a row of digits", "write it in quotes, such as `\"0123\"`, at most 32"),
        ValueKind::Number => ("a number", "write a whole number from 0 to 999999999999, without quotes"),
        ValueKind::Text => ("a text", "write it in quotes"),
        ValueKind::YesNo => ("yes or no", "write `yes` or `no`, without quotes"),
    };
    Diagnostic::error("wrong-type", format!("{needed} is needed here, not {found}"), Some(tree.span.clone()))
        .label(format!("not {needed}"))
        .help(help)
}

fn is_digits(text: &str) -> bool {
    (1..=COLLECTED_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text is written in quotes, or as a block, which are never names.
fn is_quoted(tree: &Tree) -> bool {
    tree.source().text.get(tree.span.bytes.clone()).is_some_and(|text| text.starts_with(['"', '\'', '|', '>']))
}

fn shortened(text: &str) -> Arc<str> {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
