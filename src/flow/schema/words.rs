use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// What a key means, in one line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::flow) struct About {
    /// In French.
    pub(in crate::flow) fr: String,
    /// In English.
    pub(in crate::flow) en: String,
}

/// What the key at this path means, such as `menu.menu.key`; the path begins with the
/// file's role or with the step's kind. Keys that mean the same everywhere are under `any`.
pub(in crate::flow) fn about(path: &str) -> Option<&'static About> {
    let name = path.rsplit('.').next()?;
    WORDS.get(path).or_else(|| WORDS.get(&format!("any.{name}")))
}

/// Every key that is explained.
#[cfg(test)]
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    WORDS.keys().map(String::as_str)
}

static WORDS: LazyLock<BTreeMap<String, About>> =
    LazyLock::new(|| serde_yaml::from_str(include_str!("words.yaml")).expect("invariant: a test reads words.yaml"));
