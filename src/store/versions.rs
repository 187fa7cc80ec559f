//! Versions of the flows, cards and queues: the newest twenty, each with all of its files.

use super::engine::{Row, Statement};
use super::{Error, Store};
use crate::base::{WallTime, limits};
use crate::flow::{FileChange, Texts};

/// A version, without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number: each new one has the next.
    pub number: u64,
    /// When it was kept.
    pub kept: WallTime,
    /// Why.
    pub how: How,
    /// Who had it kept, as they call themselves; nothing where nobody knows.
    pub who: Option<String>,
    /// The version that it has put back, if it is a rollback's.
    pub restores: Option<u64>,
    /// Whether the files on the disk are this version's, or are still being written.
    pub files: Files,
    /// What is different in the files, against the version before.
    pub changes: Vec<FileChange>,
}

/// Why a version was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The service was started with it.
    Start,
    /// A file was saved.
    Watch,
    /// SIGHUP.
    Signal,
    /// The API, or the command line by it.
    Api,
    /// An earlier version was put back.
    Rollback,
    /// It was on the disk before a rollback, and never ran.
    Kept,
}

/// How far the files of a version are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// They are on the disk, or were when it was kept.
    Written,
    /// A rollback is about to write them.
    Unwritten,
}

impl How {
    const ALL: [Self; 6] = [Self::Start, Self::Watch, Self::Signal, Self::Api, Self::Rollback, Self::Kept];

    /// The word in the database, in logs and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Watch => "watch",
            Self::Signal => "sighup",
            Self::Api => "api",
            Self::Rollback => "rollback",
            Self::Kept => "kept",
        }
    }
}

impl Store {
    /// Keeps a version of the files in a folder, and forgets those beyond the newest
    /// [`limits::VERSIONS`]; its number. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When the database does not answer: nothing is kept then.
    pub async fn keep_version(&self, root: &str, version: &Version, texts: &Texts) -> Result<u64, Error> {
        let insert = "INSERT INTO versions (number, kept, how, who, restores, unwritten, root, changes, texts) \
                      SELECT COALESCE(MAX(number), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8 FROM versions \
                      RETURNING number";
        let insert = Statement::new(insert)
            .bind(version.kept)
            .bind(version.how.word())
            .bind(version.who.as_deref())
            .bind(version.restores)
            .bind(version.files == Files::Unwritten)
            .bind(root)
            .bind(json(&version.changes))
            .bind(json(texts));
        let old = "DELETE FROM versions WHERE number <= (SELECT MAX(number) FROM versions) - $1";
        let old = Statement::new(old).bind(limits::VERSIONS);
        let mut given = self.write(vec![insert, old]).await?.into_iter();
        let row = given.next().and_then(|rows| rows.into_iter().next());
        row.ok_or(Error::Row { what: "a version without a number" })?.count()
    }

    /// Every version of the files in a folder, the newest first.
    pub async fn versions(&self, root: &str) -> Result<Vec<Version>, Error> {
        let text = format!("SELECT {COLUMNS} FROM versions WHERE root = $1 ORDER BY number DESC");
        self.read(Statement::new(text).bind(root)).await?.into_iter().map(|mut row| version(&mut row)).collect()
    }

    /// A version with its texts.
    pub async fn version(&self, root: &str, number: u64) -> Result<Option<(Version, Texts)>, Error> {
        let text = format!("SELECT {COLUMNS}, texts FROM versions WHERE root = $1 AND number = $2");
        let Some(mut row) = self.read_one(Statement::new(text).bind(root).bind(number)).await? else {
            return Ok(None);
        };
        let version = version(&mut row)?;
        let texts = serde_json::from_str(&row.text()?).map_err(|_| Error::Row { what: "texts that are no JSON" })?;
        Ok(Some((version, texts)))
    }

    /// Forgets a version that came to nothing.
    pub async fn drop_version(&self, number: u64) -> Result<(), Error> {
        let text = "DELETE FROM versions WHERE number = $1";
        self.write_one(Statement::new(text).bind(number)).await.map(drop)
    }

    /// The files of a version are on the disk now.
    pub async fn mark_written(&self, number: u64) -> Result<(), Error> {
        let text = "UPDATE versions SET unwritten = 0 WHERE number = $1";
        self.write_one(Statement::new(text).bind(number)).await.map(drop)
    }
}

const COLUMNS: &str = "number, kept, how, who, restores, unwritten, changes";

fn version(row: &mut Row) -> Result<Version, Error> {
    let (number, kept, how, who) = (row.count()?, row.time()?, row.text()?, row.maybe_text()?);
    let how = How::ALL.into_iter().find(|known| known.word() == how);
    let how = how.ok_or(Error::Row { what: "a version of an unknown kind" })?;
    let restores = row.maybe_int()?.and_then(|number| u64::try_from(number).ok());
    let files = if row.int()? == 0 { Files::Written } else { Files::Unwritten };
    let changes = serde_json::from_str(&row.text()?).map_err(|_| Error::Row { what: "changes that are no JSON" })?;
    Ok(Version { number, kept, how, who, restores, files, changes })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("invariant: strings and numbers always serialize")
}
