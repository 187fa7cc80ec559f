//! `{name}` in a text or an address: the place of a variable's value.

use std::ops::Range;
use std::sync::Arc;

/// A part of a text that may hold variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// As it is written.
    Text(&'a str),
    /// What a variable holds.
    Name {
        /// Which.
        name: &'a str,
        /// With its braces.
        bytes: Range<usize>,
    },
    /// A brace that belongs to no name.
    Broken {
        /// Where.
        bytes: Range<usize>,
    },
}

/// The parts of a text, in order.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(brace) = text[at..].find(['{', '}']).map(|i| at + i) else {
            parts.push(Part::Text(&text[at..]));
            break;
        };
        if brace > at {
            parts.push(Part::Text(&text[at..brace]));
        }
        let end = text[brace..].find('}').map(|i| brace + i);
        let name = end.and_then(|end| text.get(brace + 1..end)).map(str::trim);
        at = match (name, end) {
            (Some(name), Some(end)) if is_name(name) => {
                parts.push(Part::Name { name, bytes: brace..end + 1 });
                end + 1
            }
            _ => {
                parts.push(Part::Broken { bytes: brace..brace + 1 });
                brace + 1
            }
        };
    }
    parts
}

/// The text with every name as it is called in the flow: what stands in a sub-flow has the
/// calling step before it.
pub(super) fn scoped(text: &Arc<str>, prefix: &str) -> Arc<str> {
    if prefix.is_empty() || !text.contains('{') {
        return Arc::clone(text);
    }
    let part = |part| match part {
        Part::Text(text) => text.to_owned(),
        Part::Name { name, .. } => format!("{{{prefix}{name}}}"),
        Part::Broken { bytes } => text[bytes].to_owned(),
    };
    parts(text).into_iter().map(part).collect::<String>().into()
}

/// A variable's name; that of a sub-flow's has the calling step before it, behind a `/`.
fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/');
    name.starts_with(char::is_alphabetic) && name.chars().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_told_from_text() {
        let text = "Le dossier {dossier} est {É-1}.";
        let parts = parts(text);
        assert_eq!(
            parts,
            [
                Part::Text("Le dossier "),
                Part::Name { name: "dossier", bytes: 11..20 },
                Part::Text(" est "),
                Part::Name { name: "É-1", bytes: 25..31 },
                Part::Text("."),
            ]
        );
        assert_eq!(&text[11..20], "{dossier}");
    }

    #[test]
    fn a_brace_alone_is_broken() {
        for (text, broken) in [("a } b", 2..3), ("a { b", 2..3), ("{}", 0..1), ("{a b}", 0..1), ("{1}", 0..1)] {
            assert!(parts(text).contains(&Part::Broken { bytes: broken }), "{text}");
        }
        assert_eq!(parts(""), []);
    }
}
