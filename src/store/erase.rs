//! What is kept no longer: by age, or because a citizen asks.

use std::path::{Component, Path, PathBuf};

use serde_json::Value as Json;

use super::codes::drop_stray_codes;
use super::engine::{Row, Statement};
use super::tickets::{bind_spellings, remember_ids};
use super::{Error, Store, Wiped};
use crate::base::{PhoneNumber, WallTime};
use crate::config::Keep;

/// What was erased.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Erased {
    /// Records that are gone.
    pub records: u64,
    /// Records that lost the number, the Call-ID and the story; their figures stay.
    pub numbers: u64,
    /// Tickets that are gone.
    pub tickets: u64,
    /// Open tickets that were cancelled by it.
    pub cancelled: u64,
    /// Messages that are gone, with their sound.
    pub messages: u64,
    /// Files that could not be deleted: their messages are still kept.
    pub stuck: Vec<PathBuf>,
}

impl Erased {
    /// Whether there was nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// Erases what is older than it may be. Each step is short, so that nobody waits for it long.
    ///
    /// What was erased until the database did not answer stays so, and is told.
    pub async fn expire(&self, keep: &Keep, now: WallTime) -> (Erased, Result<(), Error>) {
        let mut erased = Erased::default();
        let done = self.expire_all(keep, now, &mut erased).await;
        (erased, done)
    }

    async fn expire_all(&self, keep: &Keep, now: WallTime, erased: &mut Erased) -> Result<(), Error> {
        let before = |age: std::time::Duration| {
            let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            WallTime::from_millis(now.millis().saturating_sub(age))
        };
        let old = format!("SELECT id FROM records WHERE started < $1 LIMIT {STEP}");
        let old = format!("DELETE FROM records WHERE id IN ({old}) RETURNING id");
        let delete = || vec![Statement::new(old.clone()).bind(before(keep.records))];
        self.all_of(delete, &mut erased.records).await?;
        loop {
            let numbered = format!("WHERE erased IS NULL AND started < $1 ORDER BY started LIMIT {STEP}");
            let some = Statement::new(format!("SELECT id, record FROM records {numbered}")).bind(before(keep.numbers));
            match self.erase_records(some, now).await? {
                0 => break,
                n => erased.numbers += n,
            }
        }
        let over = format!("SELECT id FROM tickets WHERE ended IS NOT NULL AND ended < $1 LIMIT {STEP}");
        let over = format!("DELETE FROM tickets WHERE id IN ({over}) RETURNING id");
        let delete = || vec![remember_ids(), Statement::new(over.clone()).bind(before(keep.tickets))];
        self.all_of(delete, &mut erased.tickets).await?;
        self.write_one(drop_stray_codes()).await?;
        let text = format!("SELECT id, file FROM messages WHERE started < $1 ORDER BY started LIMIT {STEP}");
        loop {
            let stuck = erased.stuck.len();
            let some = self.read(Statement::new(text.clone()).bind(before(keep.messages))).await?;
            let more = some.len() == STEP;
            self.erase_messages(some, erased).await?;
            // A file that can't be deleted stays first in the line: the next day tries again.
            if !more || erased.stuck.len() > stuck {
                break;
            }
        }
        if !erased.is_nothing() {
            self.wipe().await?;
        }
        Ok(())
    }

    /// Erases a person's number, messages and tickets, however the number was written.
    /// An open ticket is cancelled by it, also when a running service holds it: that
    /// one is told [`Older`](super::Kept::Older) before it can call.
    ///
    /// # Errors
    ///
    /// When the database does not answer; doing it again is safe. What was erased is told
    /// also when the database's files could not be wiped of it.
    pub async fn forget(&self, number: &PhoneNumber, now: WallTime) -> Result<(Erased, Result<Wiped, Error>), Error> {
        let mut erased = Erased::default();
        let text = "SELECT id, file FROM messages WHERE number IN ($1, $2, $3, $4)";
        let messages = self.read(bind_spellings(Statement::new(text), number)).await?;
        self.erase_messages(messages, &mut erased).await?;
        let text = "DELETE FROM codes WHERE ticket IN (SELECT id FROM tickets WHERE number IN ($1, $2, $3, $4)) \
                    RETURNING code";
        self.write_one(bind_spellings(Statement::new(text), number)).await?;
        // Emptied, not deleted: no version of it that somebody still holds can come back.
        let text = format!(
            "UPDATE tickets SET number = NULL, code = NULL, ticket = '{{}}', version = {}, \
             state = CASE WHEN ended IS NULL THEN 'cancelled' ELSE state END, \
             due = CASE WHEN ended IS NULL THEN 0 ELSE 1 END, ended = COALESCE(ended, $5) \
             WHERE number IN ($1, $2, $3, $4) RETURNING due",
            i64::MAX
        );
        for mut row in self.write_one(bind_spellings(Statement::new(text), number).bind(now)).await? {
            erased.tickets += 1;
            erased.cancelled += u64::from(row.int()? == 0);
        }
        let text = "SELECT id, record FROM records WHERE caller IN ($1, $2, $3, $4)";
        loop {
            let some = Statement::new(format!("{text} LIMIT {STEP}"));
            match self.erase_records(bind_spellings(some, number), now).await? {
                0 => break,
                n => erased.numbers += n,
            }
        }
        let wiped = self.wipe().await;
        Ok((erased, wiped))
    }

    /// Takes out of records what tells who it was; how many they were.
    async fn erase_records(&self, found: Statement, now: WallTime) -> Result<u64, Error> {
        let mut updates = Vec::new();
        for mut row in self.read(found).await? {
            let (id, text) = (row.int()?, row.text()?);
            let mut record: Json = serde_json::from_str(&text)?;
            if let Some(record) = record.as_object_mut() {
                record.insert("sip_call_id".into(), "".into());
                record.insert("steps".into(), Json::Array(Vec::new()));
                record.remove("diverted");
            }
            let text = "UPDATE records SET caller = NULL, sip_call_id = '', record = $1, erased = $2 WHERE id = $3";
            updates.push(Statement::new(text).bind(record.to_string()).bind(now).bind(id));
        }
        let n = updates.len() as u64;
        if n > 0 {
            self.write(updates).await?;
        }
        Ok(n)
    }

    /// The sound first: a message without its file is seen, a file without its message is not.
    async fn erase_messages(&self, found: Vec<Row>, erased: &mut Erased) -> Result<(), Error> {
        for mut row in found {
            let (id, file) = (row.int()?, row.text()?);
            let Some(path) = inside(self.data(), &file) else {
                erased.stuck.push(file.into());
                continue;
            };
            match tokio::fs::remove_file(&path).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => erased.stuck.push(path),
                _ => {
                    self.write_one(Statement::new("DELETE FROM messages WHERE id = $1").bind(id)).await?;
                    erased.messages += 1;
                }
            }
        }
        Ok(())
    }

    /// Runs steps until the last one of them gives nothing back; adds up how much it was.
    async fn all_of(&self, step: impl Fn() -> Vec<Statement>, all: &mut u64) -> Result<(), Error> {
        loop {
            match self.write(step()).await?.pop().map_or(0, |rows| rows.len() as u64) {
                0 => return Ok(()),
                n => *all += n,
            }
        }
    }
}

/// A file below the folder, and nowhere else.
fn inside(folder: &Path, file: &str) -> Option<PathBuf> {
    let path = Path::new(file);
    let below = path.components().all(|part| matches!(part, Component::Normal(_)));
    (below && !file.is_empty()).then(|| folder.join(path))
}

/// Rows of one step: it holds the database, and the thread of all signalling, for some milliseconds.
const STEP: usize = 100;
