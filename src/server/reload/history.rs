use std::path::Path;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::{Reading, disk};
use crate::flow::Texts;
use crate::server::clock;
use crate::store::{Error, Files, How, Store, Version};

/// The versions of the files in one folder.
#[derive(Clone, Debug)]
pub struct History {
    store: Store,
    root: Arc<str>,
}

/// A version, and what was in its files.
pub(super) type Kept = (Version, Texts);

impl History {
    /// Of the files in a folder.
    pub fn of(store: &Store, root: &Path) -> Self {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        Self { store: store.clone(), root: root.to_string_lossy().into() }
    }

    /// Every version, the newest first.
    ///
    /// # Errors
    /// When the database does not answer; so for all that follow.
    pub async fn list(&self) -> Result<Vec<Version>, Error> {
        self.store.versions(&self.root).await
    }

    /// A version with its files.
    pub async fn get(&self, number: u64) -> Result<Option<(Version, Texts)>, Error> {
        self.store.version(&self.root, number).await
    }

    /// The version that ran last.
    pub async fn last(&self) -> Result<Option<(Version, Texts)>, Error> {
        match self.list().await?.into_iter().find(ran) {
            Some(version) => self.get(version.number).await,
            None => Ok(None),
        }
    }

    /// The version that ran before another one; before a rollback's, that is the one before
    /// the version that it has put back: who goes back twice does not come round again.
    pub(super) async fn before(&self, number: u64) -> Result<Option<Kept>, Error> {
        let versions = self.list().await?;
        let from = versions.iter().find(|version| version.number == number);
        let from = from.and_then(|version| version.restores).unwrap_or(number);
        match versions.iter().find(|version| version.number < from && ran(version)) {
            Some(version) => self.get(version.number).await,
            None => Ok(None),
        }
    }

    /// Keeps a version; its number.
    pub(super) async fn keep(&self, version: Version, texts: &Texts) -> Result<u64, Error> {
        self.store.keep_version(&self.root, &version, texts).await
    }

    /// A version came to nothing.
    pub(super) async fn forget(&self, number: u64) -> Result<(), Error> {
        self.store.drop_version(number).await
    }

    /// The files of a version are on the disk.
    pub(super) async fn is_written(&self, number: u64) -> Result<(), Error> {
        self.store.mark_written(number).await
    }

    /// Writes the files of a rollback that a crash has cut off. Where somebody has changed
    /// them since, they are left alone.
    pub async fn finish(&self, reading: &Arc<dyn Reading>) -> Result<(), Error> {
        let versions = self.list().await?;
        let Some(cut_off) = versions.first().filter(|version| version.files == Files::Unwritten) else { return Ok(()) };
        let number = cut_off.number;
        let wanted = self.get(number).await?.map(|(_, texts)| texts).unwrap_or_default();
        let before = match versions.get(1) {
            Some(version) => self.get(version.number).await?.map(|(_, texts)| texts).unwrap_or_default(),
            None => Texts::default(),
        };
        let reading = Arc::clone(reading);
        let written = spawn_blocking(move || {
            let found = reading.texts().unwrap_or_default();
            let known = |(path, text)| before.get(path) == Some(text) || wanted.get(path) == Some(text);
            match found.iter().all(known) {
                true => disk::write(&*reading, &found, &wanted).map_err(|error| error.to_string()),
                false => Err("they were changed since".to_owned()),
            }
        });
        match written.await.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(()) => tracing::info!(version = number, "the files of a rollback were cut off, and are written now"),
            Err(why) => {
                tracing::error!(version = number, why, "the files of a rollback were cut off, and stay as they are")
            }
        }
        self.is_written(number).await
    }
}

/// Whether callers have met it.
fn ran(version: &Version) -> bool {
    version.how != How::Kept
}

/// A version that is to be kept, of now.
pub(super) fn now(how: How, who: Option<&str>) -> Version {
    Version {
        number: 0,
        kept: clock::wall(),
        how,
        who: who.map(str::to_owned),
        restores: None,
        files: Files::Written,
        changes: Vec::new(),
    }
}
