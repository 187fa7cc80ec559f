use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::diag::{Source, Span};

/// A YAML value with the place where it is written.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Tree {
    /// The value's text; of an empty value, the key's.
    pub(in crate::flow) span: Span,
    /// What it is.
    pub(in crate::flow) content: Content,
}

/// What a YAML value is.
#[derive(Clone, Debug)]
pub(in crate::flow) enum Content {
    /// A text, number, truth value or nothing.
    Scalar {
        /// As YAML understands it.
        value: Value,
        /// As it is written, without its quotes.
        written: Arc<str>,
    },
    /// A list.
    List(Vec<Tree>),
    /// Keys and values, in the order they are written.
    Map(Vec<Entry>),
}

/// One key with its value.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Entry {
    /// The key.
    pub(in crate::flow) key: Arc<str>,
    /// Where the key is written.
    pub(in crate::flow) key_span: Span,
    /// The value.
    pub(in crate::flow) value: Tree,
}

impl Tree {
    /// The file.
    pub(in crate::flow) fn source(&self) -> &Arc<Source> {
        &self.span.source
    }

    /// The entries of a map; none of anything else.
    pub(in crate::flow) fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            Content::Scalar { .. } | Content::List(_) => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub(in crate::flow) fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            Content::Scalar { .. } | Content::Map(_) => &[],
        }
    }

    /// The entry of a key.
    pub(in crate::flow) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| &*entry.key == key)
    }

    /// The value at a path of keys and list positions.
    pub(in crate::flow) fn at(&self, path: &[&str]) -> Option<&Self> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        let next = match &self.content {
            // One text may stand for a list of one.
            Content::Map(_) if *first == "0" && self.entry("fr").is_some() => self,
            Content::Map(_) => &self.entry(first)?.value,
            Content::List(items) => items.get(first.parse::<usize>().ok()?)?,
            Content::Scalar { .. } if *first == "0" => self,
            Content::Scalar { .. } => return None,
        };
        next.at(rest)
    }

    /// The place of a path, or of the longest part of it that is written.
    pub(in crate::flow) fn place(&self, path: &[&str]) -> Span {
        let mut path = path;
        loop {
            if let Some(tree) = self.at(path) {
                return tree.span.clone();
            }
            path = &path[..path.len() - 1];
        }
    }

    /// The place of a key, or of the whole.
    pub(in crate::flow) fn key_place(&self, key: &str) -> Span {
        self.entry(key).map_or_else(|| self.span.clone(), |entry| entry.key_span.clone())
    }

    /// A scalar's text as it is written.
    pub(in crate::flow) fn written(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { written, .. } => Some(written),
            Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Whether nothing is written.
    pub(in crate::flow) fn is_empty(&self) -> bool {
        matches!(&self.content, Content::Scalar { value: Value::Null, .. })
    }

    /// The plain value, for serde.
    pub(in crate::flow) fn to_value(&self) -> Value {
        match &self.content {
            Content::Scalar { value, .. } => value.clone(),
            Content::List(items) => Value::Sequence(items.iter().map(Self::to_value).collect()),
            Content::Map(entries) => {
                Value::Mapping(entries.iter().map(|e| (Value::String(e.key.to_string()), e.value.to_value())).collect())
            }
        }
    }

    /// The typed model of this value; the error is serde's, without a place.
    pub(in crate::flow) fn model<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_yaml::from_value(self.to_value()).map_err(|error| error.to_string())
    }
}
