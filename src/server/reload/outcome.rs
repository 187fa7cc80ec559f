use std::fmt;
use std::sync::Arc;

use crate::base::WallTime;
use crate::diag::Diagnostic;
use crate::flow::{Changes, FileChange};
use crate::store::How;

/// What a reload came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// New calls get what is on the disk.
    Swapped(Box<Swapped>),
    /// What is on the disk runs already; with what an admin should know.
    Same(Arc<[Diagnostic]>),
    /// There are errors: what ran goes on.
    Refused(Arc<[Diagnostic]>),
    /// The files can't be read, in words: what ran goes on.
    Unread(Arc<str>),
    /// No version is put back.
    Hindered(Hindrance),
}

/// Why no version is put back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    /// There is none.
    #[error("there is no such version: `svi flows versions` lists them")]
    NoVersion,
    /// It would overwrite what is nowhere else.
    #[error(
        "the files on the disk have changes that no version has: reload them, or say `--keep` to keep them as a version"
    )]
    Unsaved,
    /// The files can't be written.
    #[error("{0}")]
    Unwritable(Arc<str>),
    /// The database does not answer.
    #[error("{0}")]
    Store(Arc<str>),
}

/// What becomes of changes on the disk that no version has, when a version is put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// They are in the way.
    Refuse,
    /// They are kept as a version, which never runs.
    Keep,
}

impl Hindrance {
    /// The word in metrics and the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoVersion => "no-version",
            Self::Unsaved => "unsaved",
            Self::Unwritable(_) => "unwritable",
            Self::Store(_) => "not-kept",
        }
    }
}

/// What is different since a reload.
#[derive(Clone, Debug)]
pub struct Swapped {
    /// The version that runs now; nothing where it could not be kept.
    pub version: Option<u64>,
    /// The files.
    pub files: Vec<FileChange>,
    /// For callers, agents and queues.
    pub changes: Changes,
    /// What an admin should look at.
    pub warnings: Arc<[Diagnostic]>,
}

impl Outcome {
    /// The word in metrics and the API.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Swapped(_) => "swapped",
            Self::Same(_) => "unchanged",
            Self::Refused(_) => "refused",
            Self::Unread(_) => "unreadable",
            Self::Hindered(hindrance) => hindrance.word(),
        }
    }
}

/// What runs, and whether it is what the files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowsState {
    /// Its version; nothing where it could not be kept.
    pub version: Option<u64>,
    /// Since when it runs.
    pub since: WallTime,
    /// Who had it loaded.
    pub by: By,
    /// Why the files on the disk are not what runs; nothing where they are.
    pub differs: Option<Differs>,
}

/// Why the files on the disk are not what runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// They have errors.
    Refused {
        /// How many.
        errors: usize,
    },
    /// They can't be read.
    Unread,
    /// The settings say that somebody says when they are loaded, and nobody has.
    Unloaded,
}

impl Differs {
    /// The word on the pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Unread => "unreadable",
            Self::Unloaded => "not-loaded",
        }
    }
}

/// Who wants other flows, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Why, and by which way.
    pub how: How,
    /// Who, as they call themselves; nothing where nobody knows.
    pub who: Option<Arc<str>>,
}

impl By {
    /// Somebody without a name.
    pub fn way(how: How) -> Self {
        Self { how, who: None }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Some(who) => write!(f, "{} ({who})", self.how.word()),
            None => f.write_str(self.how.word()),
        }
    }
}
