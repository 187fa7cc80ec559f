use std::ops::Range;
use std::sync::Arc;

use marked_yaml::{LoadError, LoaderOptions, Marker, Node};
use serde_yaml::Value;

use super::extent::{Lines, scalar};
use super::syntax;
use super::tree::{Content, Entry, Tree};
use crate::base::limits::FLOW_BYTES;
use crate::diag::{Diagnostic, Source, Span};

/// Values inside values: a flow has six levels, a bomb thousands.
const DEPTH: usize = 100;
/// Bytes of one line: a place in a line is found by counting, so a file of one endless
/// line would take minutes.
const LINE: usize = 10_000;
/// Keys given twice that are told in one run.
const REPEATED: usize = 20;

/// Reads a file into a tree with places. What is wrong with its YAML is told in `out`;
/// there is no tree when nothing can be read from it.
pub(in crate::flow) fn parse(source: &Arc<Source>, out: &mut Vec<Diagnostic>) -> Option<Tree> {
    let whole = Span { source: source.clone(), bytes: 0..0 };
    if source.text.len() as u64 > FLOW_BYTES {
        let message = format!("the file is longer than {FLOW_BYTES} bytes");
        out.push(Diagnostic::error("yaml-syntax", message, Some(whole)));
        return None;
    }
    if is_too_deep(&source.text) {
        out.push(Diagnostic::error("yaml-syntax", "lists and maps are nested too deeply", Some(whole)));
        return None;
    }
    if let Some(line) = source.text.lines().find(|line| line.len() > LINE) {
        let start = source.text.find(line).unwrap_or(0);
        let span = Span { source: source.clone(), bytes: start..start };
        out.push(Diagnostic::error("yaml-syntax", format!("the line is longer than {LINE} bytes"), Some(span)));
        return None;
    }
    let (text, repeated) = without_repeated_keys(source, out);
    let value: Value = match serde_yaml::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            out.push(syntax::diagnostic(source, &error));
            return None;
        }
    };
    if value.is_null() {
        let message = "the file is empty";
        out.push(Diagnostic::error("empty-value", message, Some(whole)));
        return None;
    }
    match marked_yaml::parse_yaml(0, &*text) {
        Ok(node) => {
            let reading = Reading { source, lines: Lines::new(&source.text), repeated: &repeated };
            Some(reading.tree(&node, &value, 0..0))
        }
        Err(error) => {
            out.push(syntax::not_used_here(source, &error));
            None
        }
    }
}

/// Tells each key that is given twice (also as `1` and `"1"`), and gives the text with
/// the second one renamed to something of the same length, so that the rest can be
/// read and told in the same run.
fn without_repeated_keys(source: &Arc<Source>, out: &mut Vec<Diagnostic>) -> (String, Vec<Range<usize>>) {
    let mut text = source.text.clone();
    let mut repeated = Vec::new();
    for round in 0..REPEATED {
        let options = LoaderOptions::default().error_on_duplicate_keys(true);
        let Err(LoadError::DuplicateKey(pair)) = marked_yaml::parse_yaml_with_options(0, &*text, options) else {
            break;
        };
        let lines = Lines::new(&source.text);
        let place = |key: &marked_yaml::types::MarkedScalarNode| {
            let start = byte(&lines, key.span().start());
            scalar(&source.text, start, key.as_str())
        };
        let (first, second) = (place(&pair.prev_key), place(&pair.key));
        if second.is_empty() {
            break;
        }
        let (line, _) = source.line_column(first.start);
        let span = Span { source: source.clone(), bytes: second.clone() };
        out.push(
            Diagnostic::error("duplicate-key", format!("the key `{}` is given twice", pair.key.as_str()), Some(span))
                .label(format!("first given in line {line}"))
                .help("remove one of them, or give it another name"),
        );
        text.replace_range(second.clone(), &replacement(round, second.len()));
        repeated.push(second);
    }
    (text, repeated)
}

/// A key of exactly this length that nobody writes.
fn replacement(round: usize, length: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(round).unwrap_or(0));
    std::iter::repeat_n(letter, length).collect()
}

fn byte(lines: &Lines<'_>, marker: Option<&Marker>) -> usize {
    marker.map_or(0, |m| lines.byte(m.line(), m.column()))
}

/// Whether brackets, or dashes in one line, open more levels than a parser should recurse.
fn is_too_deep(text: &str) -> bool {
    let mut depth: usize = 0;
    for c in text.chars() {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > DEPTH {
            return true;
        }
    }
    text.lines().any(|line| line.split_whitespace().take_while(|w| matches!(*w, "-" | "?" | ":")).count() > DEPTH)
}

/// The walk over both parsers' results, which have the same form.
struct Reading<'a> {
    source: &'a Arc<Source>,
    lines: Lines<'a>,
    repeated: &'a [Range<usize>],
}

impl Reading<'_> {
    /// The tree of a node; `fallback` is the place of a value that is not written.
    fn tree(&self, node: &Node, value: &Value, fallback: Range<usize>) -> Tree {
        let start = byte(&self.lines, node.span().start());
        match node {
            Node::Scalar(node) => {
                let bytes = match value {
                    Value::Null if node.as_str().is_empty() => fallback,
                    _ => scalar(&self.source.text, start, node.as_str()),
                };
                self.made(bytes, Content::Scalar { value: value.clone(), written: node.as_str().into() })
            }
            Node::Sequence(list) => {
                let values = value.as_sequence().map_or(&[][..], Vec::as_slice);
                let items: Vec<Tree> =
                    list.iter().zip(values).map(|(n, v)| self.tree(n, v, fallback.clone())).collect();
                let inside = items.first().map(|f| f.span.bytes.start).zip(items.last().map(|l| l.span.bytes.end));
                self.made(self.extent(start, byte(&self.lines, node.span().end()), inside), Content::List(items))
            }
            Node::Mapping(map) => {
                let values = value.as_mapping().into_iter().flat_map(serde_yaml::Mapping::values);
                let entries: Vec<Entry> =
                    map.iter().zip(values).filter_map(|((k, n), v)| self.entry(k, n, v)).collect();
                let inside =
                    entries.first().map(|f| f.key_span.bytes.start).zip(entries.last().map(|l| l.value.span.bytes.end));
                self.made(self.extent(start, byte(&self.lines, node.span().end()), inside), Content::Map(entries))
            }
        }
    }

    fn entry(&self, key: &marked_yaml::types::MarkedScalarNode, node: &Node, value: &Value) -> Option<Entry> {
        let bytes = scalar(&self.source.text, byte(&self.lines, key.span().start()), key.as_str());
        if self.repeated.iter().any(|r| r.start == bytes.start) {
            return None;
        }
        let value = self.tree(node, value, bytes.clone());
        Some(Entry { key: key.as_str().into(), key_span: self.span(bytes), value })
    }

    /// From bracket to bracket, or from the first to the last thing inside.
    fn extent(&self, start: usize, end: usize, inside: Option<(usize, usize)>) -> Range<usize> {
        let text = &self.source.text;
        match inside {
            Some((first, last)) if !text[start..].starts_with(['[', '{']) => first..last.max(first),
            _ => start..(end + 1).clamp(start, text.len()),
        }
    }

    fn made(&self, bytes: Range<usize>, content: Content) -> Tree {
        Tree { span: self.span(bytes), content }
    }

    fn span(&self, bytes: Range<usize>) -> Span {
        Span { source: self.source.clone(), bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Tree>, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let tree = parse(&Source::new("a.yaml", text), &mut out);
        (tree, out)
    }

    fn word(tree: &Tree, path: &[&str]) -> String {
        let span = tree.place(path);
        span.source.text[span.bytes].to_owned()
    }

    #[test]
    fn every_value_knows_the_words_it_was_read_from() {
        let (tree, out) = read("é: été\nm:\n  - key: 1\n    for: \"à là\" # c\n  - {key: 2, for: [x, y]}\nn:\n");
        let tree = tree.unwrap();
        assert_eq!(out, []);
        assert_eq!(word(&tree, &["é"]), "été");
        assert_eq!(word(&tree, &["m", "0", "for"]), "\"à là\"");
        assert_eq!(word(&tree, &["m", "0"]), "key: 1\n    for: \"à là\"");
        assert_eq!(word(&tree, &["m", "1"]), "{key: 2, for: [x, y]}");
        assert_eq!(word(&tree, &["m", "1", "for"]), "[x, y]");
        assert_eq!(word(&tree, &["n"]), "n");
        assert_eq!(word(&tree, &["m", "0", "nowhere"]), "key: 1\n    for: \"à là\"");
    }

    #[test]
    fn every_repeated_key_is_told_and_the_rest_is_still_read() {
        let (tree, out) = read("a: 1\n\"a\": 2\ns:\n  1: x\n  \"1\": y\n  z: w\n");
        let marked: Vec<_> = out.iter().map(|d| (d.span.as_ref().unwrap().line_column(), d.label.as_str())).collect();
        assert_eq!(marked, [((2, 1), "first given in line 1"), ((5, 3), "first given in line 4")]);
        let tree = tree.unwrap();
        assert_eq!(word(&tree, &["a"]), "1");
        assert_eq!(word(&tree, &["s", "1"]), "x");
        assert_eq!(word(&tree, &["s", "z"]), "w");
        assert_eq!(tree.at(&["s"]).unwrap().entries().len(), 2);
    }

    #[test]
    fn a_bomb_is_refused_before_a_parser_recurses() {
        for bomb in [
            "[".repeat(9_000),
            format!("a: [{}1]", "1,".repeat(300_000)),
            "- ".repeat(4_000),
            "{a: ".repeat(2_000),
            "- ".repeat(500_000),
        ] {
            let (tree, out) = read(&bomb);
            assert!(tree.is_none());
            assert_eq!(out[0].code, "yaml-syntax");
        }
    }
}
