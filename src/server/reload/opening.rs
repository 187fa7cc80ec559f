use std::sync::Arc;

use anyhow::{Error, Result};

use super::history::{History, Kept, now};
use super::{Checked, Differs, Reading};
use crate::config::Settings;
use crate::diag::{Diagnostic, errors, has_errors};
use crate::flow::{Service, Texts};
use crate::server::prompts::PromptStore;
use crate::store::{How, Store, Version};

/// What a service begins with.
#[derive(Debug)]
pub struct Opening {
    /// How the files are read.
    pub(in crate::server) reading: Arc<dyn Reading>,
    /// What there was.
    pub(in crate::server) history: History,
    /// What must last.
    pub(in crate::server) store: Store,
    /// What callers hear.
    pub(in crate::server) prompts: PromptStore,
    /// The files.
    pub(in crate::server) texts: Texts,
    /// Its number, where it is kept already.
    pub(in crate::server) number: Option<u64>,
    /// Why it is not what is on the disk.
    pub(in crate::server) differs: Option<Differs>,
    services: Vec<Arc<Service>>,
}

/// Whether a service can begin.
#[derive(Debug)]
pub enum Begin {
    /// It can; with what the admin should look at.
    With(Box<Opening>, Vec<Diagnostic>),
    /// What is on the disk has errors, and nothing ran before.
    Refused(Vec<Diagnostic>),
}

/// Why what is on the disk can't begin.
enum Wrong {
    Refused(Vec<Diagnostic>),
    Unread(Error),
}

impl Opening {
    /// Reads what is on the disk. Where that is refused or can't be read, the version that ran
    /// last begins instead, so that a service that is restarted answers.
    ///
    /// # Errors
    /// When the files can't be read, and nothing ran before.
    pub async fn read(
        reading: Arc<dyn Reading>,
        (settings, store): (&Settings, Store),
        prompts: PromptStore,
    ) -> Result<Begin> {
        let history = History::of(&store, reading.root());
        if let Err(error) = history.finish(&reading).await {
            tracing::error!(%error, "it can't be read whether a rollback was cut off");
        }
        let last = history.last().await.unwrap_or_else(|error| {
            tracing::error!(%error, "the versions that ran before can't be read");
            None
        });
        let wrong = match reading.texts() {
            Err(error) => Wrong::Unread(error),
            Ok(texts) => {
                let Checked { services, diagnostics } = reading.check(&texts, &prompts, settings);
                if !has_errors(&diagnostics) {
                    let number = last.filter(|(_, known)| *known == texts).map(|(version, _)| version.number);
                    let opening = Self { reading, history, store, prompts, texts, number, differs: None, services };
                    return Ok(Begin::With(Box::new(opening), diagnostics));
                }
                Wrong::Refused(diagnostics)
            }
        };
        let Some((version, texts)) = last else { return wrong.or_none() };
        let Checked { services, diagnostics } = reading.check(&texts, &prompts, settings);
        if has_errors(&diagnostics) {
            return wrong.or_none();
        }
        let number = Some(version.number);
        let (differs, mut told) = wrong.told();
        told.push(instead(version.number));
        let opening = Self { reading, history, store, prompts, texts, number, differs: Some(differs), services };
        Ok(Begin::With(Box::new(opening), told))
    }

    /// The services, which are checked.
    pub fn services(&self) -> &[Arc<Service>] {
        &self.services
    }

    /// Keeps what begins as a version, if it is a new one; its number.
    pub(in crate::server) async fn keep(&self) -> Option<u64> {
        if self.number.is_some() {
            return self.number;
        }
        let before = self.history.last().await.ok().flatten().map(|(_, texts): Kept| texts).unwrap_or_default();
        let version = Version { changes: self.texts.changes_since(&before), ..now(How::Start, None) };
        let kept = self.history.keep(version, &self.texts).await;
        kept.inspect_err(|error| tracing::error!(%error, "what runs can't be kept as a version")).ok()
    }
}

impl Wrong {
    fn or_none(self) -> Result<Begin> {
        match self {
            Self::Refused(diagnostics) => Ok(Begin::Refused(diagnostics)),
            Self::Unread(error) => Err(error),
        }
    }

    fn told(self) -> (Differs, Vec<Diagnostic>) {
        match self {
            Self::Refused(diagnostics) => (Differs::Refused { errors: errors(&diagnostics) }, diagnostics),
            Self::Unread(error) => {
                (Differs::Unread, vec![Diagnostic::error("unreadable-files", format!("{error:#}"), None)])
            }
        }
    }
}

fn instead(number: u64) -> Diagnostic {
    let message = format!("version {number}, which ran last, answers instead of the files on the disk");
    Diagnostic::warning("last-version", message, None).help("mend them, then `svi reload`; or `svi rollback --keep`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_can_not_be_read_are_told() {
        let (differs, told) = Wrong::Unread(Error::msg("no such folder")).told();
        assert_eq!((differs, told[0].code, &*told[0].message), (Differs::Unread, "unreadable-files", "no such folder"));
    }

    #[test]
    fn files_that_are_refused_are_told_with_their_own_findings() {
        let found = [Diagnostic::error("unknown-step", "there is no step `x`", None), instead(3)];
        let (differs, told) = Wrong::Refused(found.to_vec()).told();
        assert_eq!(differs, Differs::Refused { errors: 1 });
        assert_eq!(told.iter().map(|d| d.code).collect::<Vec<_>>(), ["unknown-step", "last-version"]);
    }
}
