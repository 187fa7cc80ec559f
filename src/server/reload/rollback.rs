//! An earlier version in the place of the one that runs, on the disk as well.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::history::{Kept, now};
use super::renewal::{Ready, Renewal};
use super::{By, Hindrance, Outcome, Unsaved, disk};
use crate::flow::Texts;
use crate::server::crash;
use crate::store::{Error, Files, How, Version};

impl Renewal {
    /// Puts a version back: the one that is `wanted`, or else the one before. The files are
    /// written before a call gets the version, so that a restart has it too.
    pub(super) async fn rollback(&mut self, wanted: Option<u64>, unsaved: Unsaved, by: &By) -> Outcome {
        match self.put_back(wanted, unsaved, by).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }

    async fn put_back(&mut self, wanted: Option<u64>, unsaved: Unsaved, by: &By) -> Result<Outcome, Outcome> {
        let found = match self.read().await {
            Ok((texts, _)) => texts,
            // Where all files are gone there is nothing to lose.
            Err(Outcome::Unread(_)) if disk::is_bare(self.reading.root()) => Texts::default(),
            Err(outcome) => return Err(outcome),
        };
        let differs = found != self.runs.texts;
        let unkept = differs && !found.is_empty();
        if unkept && unsaved == Unsaved::Refuse {
            return Err(Outcome::Hindered(Hindrance::Unsaved));
        }
        let (version, texts) = self.target(wanted, differs).await?;
        if texts == found && texts == self.runs.texts {
            return Ok(Outcome::Same(Arc::default()));
        }
        let prompts = spawn_blocking({
            let prompts = self.runs.edition.prompts.clone();
            move || prompts.reopen()
        });
        let prompts = prompts.await.map_err(anyhow::Error::from).and_then(|prompts| Ok(prompts?));
        let prompts = prompts.map_err(|error| Outcome::Unread(format!("{error:#}").into()))?;
        let ready = self.check(texts, prompts, Arc::clone(&self.runs.edition.settings)).await?;
        if unkept {
            let (unkept, runs) = (found.clone(), self.runs.texts.clone());
            let compared = spawn_blocking(move || unkept.changes_since(&runs)).await;
            let changes = compared.map_err(|error| Outcome::Unread(format!("{error:#}").into()))?;
            let kept = Version { changes, ..now(How::Kept, by.who.as_deref()) };
            self.history.keep(kept, &found).await.map_err(not_kept)?;
        }
        self.write_and_swap(ready, (found, version.number), by).await
    }

    /// The version that is to run.
    async fn target(&self, wanted: Option<u64>, differs: bool) -> Result<Kept, Outcome> {
        let number = match (wanted, self.runs.number) {
            (Some(number), _) => return self.history.get(number).await.map_err(not_kept)?.ok_or(NONE),
            (None, Some(number)) => number,
            (None, None) => return Err(NONE),
        };
        let found = match differs {
            // What runs is what was before, seen from the disk.
            true => self.history.get(number).await,
            false => self.history.before(number).await,
        };
        found.map_err(not_kept)?.ok_or(NONE)
    }

    async fn write_and_swap(
        &mut self,
        ready: Ready,
        (found, restores): (Texts, u64),
        by: &By,
    ) -> Result<Outcome, Outcome> {
        let mut version = now(How::Rollback, by.who.as_deref());
        (version.restores, version.files) = (Some(restores), Files::Unwritten);
        version.changes = ready.swapped.files.clone();
        let number = self.history.keep(version, &ready.texts).await.map_err(not_kept)?;
        crash::at("version-kept");
        let (reading, texts) = (Arc::clone(&self.reading), ready.texts.clone());
        let written = spawn_blocking(move || disk::write(&*reading, &found, &texts).map_err(|error| error.to_string()));
        if let Err(why) = written.await.unwrap_or_else(|error| Err(error.to_string())) {
            if let Err(error) = self.history.forget(number).await {
                tracing::error!(number, %error, "a refused rollback can't be taken back: the next start will do it");
            }
            return Err(Outcome::Hindered(Hindrance::Unwritable(why.into())));
        }
        crash::at("files-written");
        let swapped = self.swap(ready, Some(number)).await;
        if let Err(error) = self.history.is_written(number).await {
            // The next start looks, and finds nothing to write.
            tracing::warn!(%error, "that the files of a rollback are written can't be written down");
        }
        Ok(Outcome::Swapped(Box::new(swapped)))
    }
}

fn not_kept(error: Error) -> Outcome {
    Outcome::Hindered(Hindrance::Store(error.to_string().into()))
}

const NONE: Outcome = Outcome::Hindered(Hindrance::NoVersion);
