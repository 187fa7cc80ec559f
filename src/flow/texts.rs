//! The files of services as texts, and how two readings of them differ.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};

/// The files of every service, as they were read: the path below the folder of services,
/// with `/` between its parts, and the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(BTreeMap<String, String>);

/// How one file differs from an earlier reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Its path, as in [`Texts`].
    pub path: String,
    /// What became of it.
    pub what: FileFate,
    /// Lines that were added.
    pub added: usize,
    /// Lines that were taken out.
    pub removed: usize,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFate {
    /// It is there, and was not.
    New,
    /// It was there before.
    Changed,
    /// It is there no longer.
    Gone,
}

impl Texts {
    /// A file's text, by its path.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Every file in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All texts together, in bytes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(|(path, text)| path.len() + text.len()).sum()
    }

    /// The files that differ from an `older` reading, in the order of their paths.
    pub fn changes_since(&self, older: &Self) -> Vec<FileChange> {
        self.differing(older).map(|path| change(path, older.get(path), self.get(path))).collect()
    }

    /// The difference to an `older` reading as a unified diff with three lines around each
    /// change; empty when there is none.
    pub fn diff_since(&self, older: &Self) -> String {
        let mut all = String::new();
        for path in self.differing(older) {
            let (old, new) = (older.get(path), self.get(path));
            let name = |side, text: Option<&str>| text.map_or("/dev/null".to_owned(), |_| format!("{side}/{path}"));
            let diff = TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default());
            let mut unified = diff.unified_diff();
            all += &unified.context_radius(3).header(&name("a", old), &name("b", new)).to_string();
        }
        all
    }

    fn differing<'a>(&'a self, older: &'a Self) -> impl Iterator<Item = &'a str> {
        let paths: BTreeSet<&str> = self.0.keys().chain(older.0.keys()).map(String::as_str).collect();
        paths.into_iter().filter(|path| self.get(path) != older.get(path))
    }
}

impl FromIterator<(String, String)> for Texts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

fn change(path: &str, old: Option<&str>, new: Option<&str>) -> FileChange {
    let what = match (old, new) {
        (None, _) => FileFate::New,
        (_, None) => FileFate::Gone,
        _ => FileFate::Changed,
    };
    let (mut added, mut removed) = (0, 0);
    for line in TextDiff::from_lines(old.unwrap_or_default(), new.unwrap_or_default()).iter_all_changes() {
        match line.tag() {
            ChangeTag::Insert => added += 1,
            ChangeTag::Delete => removed += 1,
            ChangeTag::Equal => {}
        }
    }
    FileChange { path: path.to_owned(), what, added, removed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(files: &[(&str, &str)]) -> Texts {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_same_texts_differ_in_nothing() {
        let texts = texts(&[("s/service.yaml", "name: x\n")]);
        assert_eq!(texts.changes_since(&texts), []);
        assert_eq!(texts.diff_since(&texts), "");
    }

    #[test]
    fn each_file_that_is_new_changed_or_gone_is_told_with_its_lines() {
        let old = texts(&[("s/a.yaml", "one\ntwo\n"), ("s/b.yaml", "b\n"), ("s/c.yaml", "c\n")]);
        let new = texts(&[("s/a.yaml", "one\n2\nthree\n"), ("s/c.yaml", "c\n"), ("s/d.yaml", "d\n")]);
        let told: Vec<_> = new.changes_since(&old).into_iter().map(|c| (c.path, c.what, c.added, c.removed)).collect();
        assert_eq!(
            told,
            [
                ("s/a.yaml".to_owned(), FileFate::Changed, 2, 1),
                ("s/b.yaml".to_owned(), FileFate::Gone, 0, 1),
                ("s/d.yaml".to_owned(), FileFate::New, 1, 0),
            ]
        );
    }

    #[test]
    fn the_difference_is_what_patch_reads() {
        let old = texts(&[("s/a.yaml", "one\ntwo\nthree\nfour\nfive\n"), ("s/b.yaml", "b\n")]);
        let new = texts(&[("s/a.yaml", "one\ntwo\nthree\nfour\n5"), ("s/d.yaml", "d\n")]);
        insta::assert_snapshot!(new.diff_since(&old));
    }
}
