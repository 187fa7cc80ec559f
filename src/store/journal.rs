use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;

use super::Store;
use crate::base::limits;
use crate::call::Record;

/// Where a call leaves its record at its end: never waits, whatever the disk does.
///
/// A full journal (the disk has been stuck for as long as [`limits::JOURNAL`] calls took
/// to end) writes the record to the log instead, and counts it.
#[derive(Clone, Debug)]
pub struct Journal {
    records: mpsc::Sender<Arc<Record>>,
    dropped: Arc<AtomicU64>,
}

/// The other end: writes what comes to the store and to `records.jsonl`.
#[derive(Debug)]
pub struct Writer {
    records: mpsc::Receiver<Arc<Record>>,
    store: Store,
    lines: PathBuf,
}

/// Records written with one wait for the disk.
const BATCH: usize = 512;
/// The pause after a batch, in which the next one gathers: the disk is waited for five
/// times a second at most, and what is not on it yet is that old at most.
const PAUSE: Duration = Duration::from_millis(200);

impl Journal {
    /// A journal and its writer, which must be [run](Writer::run) on a task of its own.
    /// `lines` is the path of `records.jsonl`.
    pub fn new(store: Store, lines: PathBuf) -> (Self, Writer) {
        Self::with_depth(store, lines, limits::JOURNAL)
    }

    fn with_depth(store: Store, lines: PathBuf, depth: usize) -> (Self, Writer) {
        let (sender, records) = mpsc::channel(depth);
        (Self { records: sender, dropped: Arc::default() }, Writer { records, store, lines })
    }

    /// Leaves a record.
    pub fn send(&self, record: impl Into<Arc<Record>>) {
        use mpsc::error::TrySendError::{Closed, Full};
        if let Err(Full(record) | Closed(record)) = self.records.try_send(record.into()) {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            metrics::counter!("svi_records_dropped_total").increment(1);
            tracing::warn!(dropped, record = line(&record), "a record could not be kept: it is in this line only");
        }
    }

    /// How many records could not be kept since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Writer {
    /// Writes until every [`Journal`] is gone and everything is written.
    pub async fn run(mut self) {
        let mut batch = Vec::new();
        while self.records.recv_many(&mut batch, BATCH).await > 0 {
            // Each of the two is worth having without the other.
            let records = batch.len();
            if let Err(error) = self.store.save_all(&batch).await {
                tracing::error!(error = &error as &dyn std::error::Error, lost = records, "records not in the store");
            }
            if let Err(error) = self.append(std::mem::take(&mut batch)).await {
                tracing::error!(%error, lost = records, file = %self.lines.display(), "records not in the file");
            }
            // After a full batch the next one has gathered already; with the last journal gone, none will.
            if records < BATCH && self.records.sender_strong_count() > 0 {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Opened anew each time, so that the file can be rotated.
    async fn append(&self, batch: Vec<Arc<Record>>) -> std::io::Result<()> {
        let path = self.lines.clone();
        let write = move || {
            let text: String = batch.iter().map(|record| line(record) + "\n").collect();
            let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
            file?.write_all(text.as_bytes())
        };
        tokio::task::spawn_blocking(write).await?
    }
}

/// A record in one line of JSON, with the caller's number masked.
fn line(record: &Record) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(flatten)]
        record: &'a Record,
        from: Option<String>,
    }
    let from = record.from.as_ref().map(crate::base::Private::masked);
    serde_json::to_string(&Line { record, from }).unwrap_or_else(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    #[tokio::test]
    async fn every_record_is_in_the_store_and_in_the_file_with_its_number_masked() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let lines = data.path().join("records.jsonl");
        let (journal, writer) = Journal::new(store.clone(), lines.clone());
        (0..200).for_each(|call| journal.send(record(call, 1_000)));
        drop(journal);
        writer.run().await;

        assert_eq!(store.recent(1_000).await.unwrap().len(), 200);
        let text = std::fs::read_to_string(lines).unwrap();
        assert_eq!(text.lines().count(), 200);
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((first["from"].as_str(), first["call"].as_u64()), (Some("+33•••••••78"), Some(0)));
        assert!(!text.contains("612345678"));
    }

    #[tokio::test]
    async fn a_stuck_disk_never_blocks_a_call() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let (journal, writer) = Journal::with_depth(store.clone(), data.path().join("records.jsonl"), 2);
        (0..5).for_each(|call| journal.send(record(call, 1_000)));
        assert_eq!(journal.dropped(), 3);
        drop(journal);
        writer.run().await;
        assert_eq!(store.recent(10).await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn the_store_has_the_records_when_the_file_can_not_be_written() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let (journal, writer) = Journal::new(store.clone(), data.path().join("no/such/folder"));
        journal.send(record(1, 1_000));
        drop(journal);
        writer.run().await;
        assert_eq!(store.recent(10).await.unwrap().len(), 1);
    }
}
