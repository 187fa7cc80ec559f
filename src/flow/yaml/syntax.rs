use std::sync::Arc;

use marked_yaml::LoadError;

use super::extent::Lines;
use crate::diag::{Diagnostic, Source, Span};

/// What `serde_yaml` can't read, in the admin's words, at the place that is to blame.
pub(super) fn diagnostic(source: &Arc<Source>, error: &serde_yaml::Error) -> Diagnostic {
    let text = error.to_string();
    let said = text.split(" at line ").next().unwrap_or(&text).to_owned();
    let lines = Lines::new(&source.text);
    let at = error.location().map_or(0, |l| lines.byte(l.line(), l.column()));
    if let Some(tab) = tab(source, &lines, at) {
        return tab;
    }
    let at = blamed(source, &said, at);
    let (at, known) = match opened(&text, &lines) {
        Some((opened, what)) => (opened, (format!("{what} is opened here and never closed"), Some("close it"))),
        None => (at, in_words(&said, source.text[at..].chars().next())),
    };
    let (message, help) = known;
    let line = lines.trimmed(at.min(source.text.len()));
    let bytes = if line.contains(&at) { at..line.end } else { line };
    let diagnostic = Diagnostic::error("yaml-syntax", message, Some(Span { source: source.clone(), bytes }));
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// What YAML allows and the language does not use: anchors, tags, lists as keys.
pub(super) fn not_used_here(source: &Arc<Source>, error: &LoadError) -> Diagnostic {
    let (marker, message) = match error {
        LoadError::TopLevelMustBeMapping(m) | LoadError::TopLevelMustBeSequence(m) => {
            (m, "the file does not begin with a key".to_owned())
        }
        LoadError::UnexpectedAnchor(m) => (m, "anchors (`&name`) are not used here".to_owned()),
        LoadError::MappingKeyMustBeScalar(m) => (m, "a list or a map can't be a key".to_owned()),
        LoadError::UnexpectedTag(m) => (m, "tags (`!name`) are not used here".to_owned()),
        LoadError::ScanError(m, e) => (m, e.info().to_owned()),
        LoadError::DuplicateKey(pair) => {
            let message = format!("the key `{}` is given twice", pair.key.as_str());
            return Diagnostic::error("duplicate-key", message, None);
        }
    };
    let lines = Lines::new(&source.text);
    let at = lines.byte(marker.line(), marker.column());
    let help = match error {
        LoadError::TopLevelMustBeMapping(_) | LoadError::TopLevelMustBeSequence(_) => "write `key: value` lines",
        _ => "write the text in quotes if it is one",
    };
    let bytes = lines.trimmed(at);
    Diagnostic::error("yaml-syntax", message, Some(Span { source: source.clone(), bytes })).help(help)
}

/// A tab that indents the line of the error.
fn tab(source: &Arc<Source>, lines: &Lines<'_>, at: usize) -> Option<Diagnostic> {
    let words = lines.trimmed(at.min(source.text.len())).start;
    let start = source.text[..words].rfind('\n').map_or(0, |i| i + 1);
    let tab = start + source.text[start..words].find('\t')?;
    let span = Span { source: source.clone(), bytes: tab..tab + 1 };
    Some(
        Diagnostic::error("tab-indent", "a tab indents this line", Some(span))
            .label("a tab")
            .help("indent with spaces: YAML takes no tabs"),
    )
}

/// The place that is to blame where the parser marks the one before or none.
fn blamed(source: &Source, said: &str, at: usize) -> usize {
    let text = &source.text;
    let found = if said.contains("more than one document") {
        text.match_indices("\n---").last().map(|(i, _)| i + 1)
    } else if is_alias(said) {
        let line = text[..at].trim_end().rfind('\n').map_or(0, |i| i + 1);
        text[line..].find(['*', '&']).map(|i| line + i)
    } else {
        None
    };
    found.unwrap_or(at)
}

fn is_alias(said: &str) -> bool {
    said.contains("unknown anchor") || said.contains("alias") || said.contains("alphabetic or numeric")
}

/// Where a quote or a bracket that is never closed was opened, if the error says so.
fn opened(text: &str, lines: &Lines<'_>) -> Option<(usize, &'static str)> {
    let kinds = [
        ("while scanning a quoted scalar", "the quote"),
        ("while parsing a flow sequence", "the list"),
        ("while parsing a flow mapping", "the map"),
    ];
    let (at, what) = kinds.into_iter().find_map(|(sign, what)| Some((text.find(sign)? + sign.len(), what)))?;
    let mut numbers = text[at..].split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    let line = numbers.next()?.parse().ok()?;
    let column = numbers.next()?.parse().ok()?;
    Some((lines.byte(line, column), what))
}

/// The parser's words in the admin's, with advice.
fn in_words(said: &str, at: Option<char>) -> (String, Option<&'static str>) {
    if said.contains("mapping values are not allowed") {
        let message = "this colon begins a second key in the same line";
        return (message.to_owned(), Some("put the whole text in quotes"));
    }
    if said.contains("cannot start any token") {
        let c = at.unwrap_or(' ');
        return (format!("`{c}` can't begin a text"), Some("put the whole text in quotes"));
    }
    if is_alias(said) {
        let message = "`*` and `&` mean something else in YAML";
        return (message.to_owned(), Some("write `star` for the key, or put the text in quotes"));
    }
    if said.contains("more than one document") {
        let message = "the file has more than one document";
        return (message.to_owned(), Some("remove the line `---`"));
    }
    if said.contains("did not find expected key") {
        let message = "here YAML expects a key";
        return (message.to_owned(), Some("check the indentation and the quotes of this line and the one above"));
    }
    (said.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Colour, framed};

    #[test]
    fn each_mistake_of_syntax_is_told_in_plain_words_on_its_line() {
        let mut shown = String::new();
        for text in [
            "steps:\n  a:\n    say: Bonjour: bienvenue\n",
            "steps:\n\ta: 1\n",
            "numbers: [\"100\", \"200\"\nlanguage: fr\n",
            "a:\n  say: \"Bonjour\n  then: b\n",
            "a: @amina\n",
            "key: *\n",
            "a: 1\n---\nb: 2\n",
            "a: 'c'est'\n",
            "a: &x 1\n",
            "a: !x 1\n",
            "- a\n",
        ] {
            let mut out = Vec::new();
            assert!(super::super::parse(&Source::new("a.yaml", text), &mut out).is_none(), "{text}");
            shown += &format!("{}\n\n", framed(&out[0], Colour::Never));
        }
        insta::assert_snapshot!(shown);
    }
}
