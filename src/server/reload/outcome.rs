use std::fmt;
use std::sync::Arc;

use crate::base::WallTime;
use crate::diag::{Diagnostic, Severity};
use crate::flow::{Changes, FileChange};

/// What a reload came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// New calls get what is on the disk.
    Swapped(Box<Swapped>),
    /// What is on the disk runs already.
    Same,
    /// There are errors: what ran goes on.
    Refused(Arc<[Diagnostic]>),
    /// The files can't be read, in words: what ran goes on.
    Unread(Arc<str>),
}

/// What is different since a reload.
#[derive(Clone, Debug)]
pub struct Swapped {
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
            Self::Same => "unchanged",
            Self::Refused(_) => "refused",
            Self::Unread(_) => "unreadable",
        }
    }

    /// How the files on the disk differ from what runs.
    pub(super) fn differs(&self) -> Option<Differs> {
        match self {
            Self::Swapped(_) | Self::Same => None,
            Self::Refused(diagnostics) => {
                let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
                Some(Differs::Refused { errors })
            }
            Self::Unread(_) => Some(Differs::Unread),
        }
    }
}

/// What runs, and whether it is what the files say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowsState {
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
}

impl Differs {
    /// The word on the pages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Unread => "unreadable",
        }
    }
}

/// Who wants other flows, and by which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// By which way.
    pub how: How,
    /// Who, as they call themselves; nothing where nobody knows.
    pub who: Option<Arc<str>>,
}

/// By which way other flows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The service was started.
    Start,
    /// SIGHUP.
    Signal,
    /// The API, or the command line by it.
    Api,
}

impl How {
    /// The word in logs, in the API and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Signal => "sighup",
            Self::Api => "api",
        }
    }
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
