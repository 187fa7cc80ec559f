//! The file as a tree with places, and a section of it that is read key by key.

use std::sync::Arc;

use marked_yaml::types::{MarkedMappingNode, MarkedScalarNode, Marker};
use marked_yaml::{LoadError, LoaderOptions, Node, parse_yaml_with_options};

use super::value::Parsed;
use crate::diag::{Diagnostic, Source, Span};

/// A file being read, and what was found wrong in it.
pub(super) struct Document {
    source: Arc<Source>,
    pub(super) found: Vec<Diagnostic>,
}

/// One mapping of the file.
pub(super) struct Section<'a> {
    document: &'a mut Document,
    name: &'static str,
    map: Option<&'a MarkedMappingNode>,
}

impl Document {
    pub(super) fn new(source: &Arc<Source>) -> Self {
        Self { source: source.clone(), found: Vec::new() }
    }

    /// The tree of the file; `None` for an empty file, or for one that is no YAML.
    pub(super) fn tree(&mut self) -> Option<Node> {
        // serde_yaml has the better words for a broken file, marked-yaml has the places.
        match serde_yaml::from_str::<serde_yaml::Value>(&self.source.text) {
            Ok(serde_yaml::Value::Null) => return None,
            Ok(_) => {}
            Err(error) if error.to_string().contains("duplicate entry") => {}
            Err(error) => {
                let at = error.location().map_or(0, |place| place.index());
                let span = self.span(at, 0);
                // The place is shown by the span.
                let words = error.to_string();
                let words = words.split(" at line ").next().unwrap_or_default();
                self.found.push(Diagnostic::error("yaml-syntax", format!("this is not YAML: {words}"), Some(span)));
                return None;
            }
        }
        let options = LoaderOptions::default().error_on_duplicate_keys(true);
        match parse_yaml_with_options(0, &self.source.text, options) {
            Ok(node) => Some(node),
            Err(error) => {
                self.refuse(&error);
                None
            }
        }
    }

    fn refuse(&mut self, error: &LoadError) {
        let (marker, message) = match error {
            LoadError::DuplicateKey(keys) => {
                let message = format!("`{}` is written twice", keys.key.as_str());
                let help = "only one can count: take one out";
                let span = self.scalar_span(&keys.key);
                return self.found.push(Diagnostic::error("duplicate-key", message, Some(span)).help(help));
            }
            LoadError::TopLevelMustBeMapping(at) => (at, "the file must be `key: value` lines"),
            LoadError::TopLevelMustBeSequence(at) => (at, "the file must be a list"),
            LoadError::UnexpectedAnchor(at) => (at, "`&` anchors are not known here"),
            LoadError::MappingKeyMustBeScalar(at) => (at, "a key must be a word"),
            LoadError::UnexpectedTag(at) => (at, "`!` tags are not known here"),
            LoadError::ScanError(at, _) => (at, "this is not YAML"),
        };
        let span = self.marker_span(marker, 0);
        self.found.push(Diagnostic::error("yaml-syntax", message, Some(span)));
    }

    /// Opens a mapping, and tells the keys in it that are not `known`.
    pub(super) fn section<'a>(
        &'a mut self,
        name: &'static str,
        node: Option<&'a Node>,
        known: &[&'static str],
    ) -> Section<'a> {
        let map = node.and_then(Node::as_mapping);
        if let (None, Some(node)) = (map, node) {
            let keys = known.join("`, `");
            let help = format!("write lines under `{name}:`, of these keys: `{keys}`");
            self.tell("not-a-section", format!("`{name}` must hold keys"), node, help);
        }
        for (key, _) in map.into_iter().flat_map(|map| map.iter()) {
            if !known.contains(&key.as_str()) {
                let place = if name.is_empty() { String::new() } else { format!(" in `{name}`") };
                let message = format!("`{}` is not a key{place}", key.as_str());
                let span = self.scalar_span(key);
                self.found
                    .push(Diagnostic::error("unknown-key", message, Some(span)).help(advice(key.as_str(), known)));
            }
        }
        Section { document: self, name, map }
    }

    /// An error at a node.
    pub(super) fn tell(&mut self, code: &'static str, message: String, node: &Node, help: String) {
        let span = match node {
            Node::Scalar(scalar) => self.scalar_span(scalar),
            Node::Mapping(_) | Node::Sequence(_) => {
                node.span().start().map_or_else(|| self.span(0, 0), |at| self.marker_span(at, 1))
            }
        };
        self.found.push(Diagnostic::error(code, message, Some(span)).help(help));
    }

    fn scalar_span(&self, scalar: &MarkedScalarNode) -> Span {
        let Some(at) = scalar.span().start() else { return self.span(0, 0) };
        let start = self.marker_span(at, 0).bytes.start;
        let quoted = self.source.text[start..].starts_with(['"', '\'']);
        self.span(start, scalar.as_str().len() + if quoted { 2 } else { 0 })
    }

    /// The YAML parser counts characters, a span counts bytes.
    fn marker_span(&self, at: &Marker, bytes: usize) -> Span {
        let start = self.source.text.char_indices().nth(at.character()).map(|(byte, _)| byte);
        self.span(start.unwrap_or(self.source.text.len()), bytes)
    }

    /// `bytes` from `start`, not beyond its line.
    fn span(&self, start: usize, bytes: usize) -> Span {
        let text = &self.source.text;
        let start = text.floor_char_boundary(start);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = text.floor_char_boundary((start + bytes).min(line_end));
        Span { source: self.source.clone(), bytes: start..end }
    }
}

impl Section<'_> {
    /// The node of a key; an empty one is told.
    pub(super) fn node(&mut self, key: &str) -> Option<&Node> {
        let (written, node) = self.map?.iter().find(|(k, _)| k.as_str() == key)?;
        if node.as_scalar().is_some_and(is_empty) {
            let message = format!("`{}` has no value", self.path(key));
            let span = self.document.scalar_span(written);
            let help = "write a value, or take the line out";
            self.document.found.push(Diagnostic::error("empty-value", message, Some(span)).help(help));
            return None;
        }
        Some(node)
    }

    /// The value of a key; `None` where it is not written, or wrong (which is told).
    pub(super) fn read<T>(&mut self, key: &str, parse: impl Fn(&str) -> Parsed<T>) -> Option<T> {
        let node = self.node(key)?.clone();
        self.value(key, &node, parse)
    }

    /// The values of a key that holds a list.
    pub(super) fn read_list<T>(&mut self, key: &str, parse: impl Fn(&str) -> Parsed<T>) -> Option<Vec<T>> {
        let node = self.node(key)?.clone();
        let Some(list) = node.as_sequence() else {
            let message = format!("`{}` must be a list", self.path(key));
            self.document.tell("not-a-list", message, &node, "write `[first, second]`".into());
            return None;
        };
        Some(list.iter().filter_map(|node| self.value(key, node, &parse)).collect())
    }

    /// Tells that the section lacks something.
    pub(super) fn lacks(&mut self, message: String, help: &str) {
        if let Some(map) = self.map {
            self.document.tell("missing-key", message, &Node::Mapping(map.clone()), help.into());
        }
    }

    /// Tells that the value of a key can't stand with the rest.
    pub(super) fn refuse(&mut self, code: &'static str, key: &str, message: String, help: &str) {
        if let Some(node) = self.map.and_then(|map| map.get_node(key)) {
            self.document.tell(code, message, node, help.into());
        }
    }

    fn value<T>(&mut self, key: &str, node: &Node, parse: impl Fn(&str) -> Parsed<T>) -> Option<T> {
        let Some(scalar) = node.as_scalar() else {
            let message = format!("`{}` must be one value", self.path(key));
            self.document.tell("not-a-value", message, node, "write the value behind the key".into());
            return None;
        };
        match parse(scalar.as_str()) {
            Ok(value) => Some(value),
            Err(wanted) => {
                // What was written is in the shown line; it may be a password.
                let message = format!("this can't be `{}`", self.path(key));
                self.document.tell("wrong-value", message, node, wanted);
                None
            }
        }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// Whether a scalar is YAML's null, in whatever way it is written.
fn is_empty(scalar: &MarkedScalarNode) -> bool {
    scalar.as_str().is_empty() || (scalar.may_coerce() && matches!(scalar.as_str(), "~" | "null"))
}

fn advice(key: &str, known: &[&'static str]) -> String {
    let near = known.iter().map(|k| (strsim::damerau_levenshtein(key, k), k)).min();
    match near {
        Some((distance, k)) if distance <= 1 + k.len() / 3 => format!("did you mean `{k}`?"),
        _ => format!("the keys here are `{}`", known.join("`, `")),
    }
}
