use std::borrow::Borrow;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, QueryBuilder, SqlSafeStr, Sqlite, SqliteConnection};

use crate::base::{PhoneNumber, Private, WallTime};
use crate::call::Record;

/// The database: one SQLite file, `svi.db`.
///
/// What it has said to be kept is on the disk: the log is written ahead (WAL) and
/// synced at every commit.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
}

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data folder could not be made.
    #[error("the data folder `{}` could not be made", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file could not be opened.
    #[error("the database `{}` could not be opened", path.display())]
    Open {
        /// Which.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// The file was written by a newer version, or is no database of ours.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A query failed: the disk is full, the file is locked or broken.
    #[error("the database did not answer")]
    Query(#[from] sqlx::Error),
    /// A record could not be written as JSON, or read back.
    #[error("a record is not JSON")]
    Json(#[from] serde_json::Error),
}

/// A kept record.
#[derive(Clone, Debug)]
pub struct Row {
    /// When the call came.
    pub started: WallTime,
    /// Which service.
    pub service: String,
    /// The caller's number, unless withheld or erased.
    pub from: Option<Private<PhoneNumber>>,
    /// The whole record, without the caller's number.
    pub record: serde_json::Value,
}

/// How many calls asked for an agent in opening hours, and how many of them an agent
/// answered: the taux de décroché is their quotient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Taux {
    /// Calls that asked for an agent in opening hours.
    pub asked: u64,
    /// Those that an agent answered.
    pub answered: u64,
}

impl Taux {
    /// The share from 0 to 1; `None` when nobody asked.
    pub fn share(self) -> Option<f64> {
        // Exact below 2⁵³ calls.
        #[allow(clippy::cast_precision_loss, reason = "no service has 2⁵³ calls")]
        (self.asked > 0).then(|| self.answered as f64 / self.asked as f64)
    }
}

impl Store {
    /// Opens `svi.db` in the data folder and brings it up to date; both are made when missing.
    pub async fn open(data: &Path) -> Result<Self, Error> {
        let folder = |source| Error::Folder { path: data.to_owned(), source };
        // Personal data: nobody but the service's own user reads it.
        tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(data).await.map_err(folder)?;
        let path = data.join("svi.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // A slow disk is the operator's business in the metrics, not on a caller's log line.
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await;
        let pool = pool.map_err(|source| Error::Open { path: path.clone(), source })?;
        // It holds callers' numbers.
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))
            .map_err(|source| Error::Folder { path, source })?;
        migrations().run(&pool).await?;
        Ok(Self { pool })
    }

    /// Keeps a record; it is on the disk when this returns.
    pub async fn save(&self, record: &Record) -> Result<(), Error> {
        self.save_all(std::slice::from_ref(record)).await
    }

    /// Keeps records, all or none, with one wait for the disk.
    pub async fn save_all<R: Borrow<Record>>(&self, records: &[R]) -> Result<(), Error> {
        let mut transaction = self.pool.begin().await?;
        for records in records.chunks(ROWS) {
            insert(&mut transaction, records).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The last `n` records, the newest first.
    pub async fn recent(&self, n: u32) -> Result<Vec<Row>, Error> {
        let rows: Vec<(i64, String, Option<String>, String)> = sqlx::query_as(
            "SELECT started, service, caller, record FROM records ORDER BY started DESC, id DESC LIMIT $1",
        )
        .bind(n)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The taux de décroché of a service: calls that asked for an agent from `from` on and before `to`.
    pub async fn taux_de_decroche(&self, service: &str, from: WallTime, to: WallTime) -> Result<Taux, Error> {
        let (asked, answered): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(connected) FROM records \
             WHERE service = $1 AND asked_agent >= $2 AND asked_agent < $3 AND asked_in_hours = 1",
        )
        .bind(service)
        .bind(from.millis())
        .bind(to.millis())
        .fetch_one(&self.pool)
        .await?;
        Ok(Taux { asked: asked.unsigned_abs(), answered: answered.unsigned_abs() })
    }

    /// Where the rooms of this folder ask.
    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Closes the file; what was kept is kept.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Row {
    fn read((started, service, caller, record): (i64, String, Option<String>, String)) -> Result<Self, Error> {
        Ok(Self {
            started: WallTime::from_millis(started),
            service,
            from: caller.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
            record: serde_json::from_str(&record)?,
        })
    }
}

/// One writes at a time in SQLite; the others read.
const CONNECTIONS: u32 = 4;

fn migrations() -> Migrator {
    let step = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(vec![
        step(1, "records", include_str!("migrations/0001_records.sql")),
        step(2, "messages", include_str!("migrations/0002_messages.sql")),
    ])
}

/// Rows of one statement: it is asked about once instead of once for each.
const ROWS: usize = 64;

async fn insert<R: Borrow<Record>>(connection: &mut SqliteConnection, records: &[R]) -> Result<(), Error> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let json = |record: &R| serde_json::to_string(record.borrow());
    let texts = records.iter().map(json).collect::<Result<Vec<_>, _>>()?;
    let mut query = QueryBuilder::<Sqlite>::new(
        "INSERT INTO records (call, sip_call_id, service, flow, dialled, caller, started, answered, ended, \
         asked_agent, asked_in_hours, queue, rank, agent, connected, wait_ms, talk_ms, ended_by, ended_why, record) ",
    );
    query.push_values(records.iter().map(R::borrow).zip(texts), |mut row, (record, text)| {
        row.push_bind(number(record.call.0))
            .push_bind(&record.sip_call_id)
            .push_bind(&*record.service)
            .push_bind(&*record.flow)
            .push_bind(&record.to)
            .push_bind(record.from.as_ref().map(|from| from.reveal().as_str()))
            .push_bind(record.started.millis())
            .push_bind(record.answered.map(WallTime::millis))
            .push_bind(record.ended.millis())
            .push_bind(record.asked_agent.map(WallTime::millis))
            .push_bind(record.asked_in_hours)
            .push_bind(record.queue.as_ref().map(|queue| queue.as_str()))
            .push_bind(record.rank.map(|rank| number(rank as u64)))
            .push_bind(record.agent.as_ref().map(|agent| agent.as_str()))
            .push_bind(record.connected.map(WallTime::millis))
            .push_bind(record.wait_ms.map(number))
            .push_bind(record.talk_ms.map(number))
            .push_bind(record.ending.by.word())
            .push_bind(record.ending.why)
            .push_bind(text);
    });
    // Statements of every number of rows are not worth keeping.
    query.build().persistent(false).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::base::CallId;
    use crate::call::{By, Ending};

    pub(in crate::store) fn record(call: u64, at: i64) -> Record {
        Record {
            call: CallId(call),
            sip_call_id: format!("{call}@phone"),
            service: "france-services".into(),
            flow: "accueil".into(),
            to: "100".into(),
            from: Some(Private::new(PhoneNumber::parse("+33612345678").unwrap())),
            started: WallTime::from_millis(at),
            answered: Some(WallTime::from_millis(at + 50)),
            ended: WallTime::from_millis(at + 60_000),
            asked_agent: Some(WallTime::from_millis(at + 1_000)),
            asked_in_hours: true,
            queue: Some("france-services/agents".into()),
            rank: Some(3),
            told_waits: Vec::new(),
            survey: Vec::new(),
            told_ranks: vec![3, 1],
            agent: Some("amina".into()),
            connected: Some(WallTime::from_millis(at + 9_000)),
            wait_ms: Some(8_000),
            talk_ms: Some(51_000),
            ending: Ending { by: By::Caller, why: "hangup" },
            media: None,
            steps: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_record_outlives_the_service() {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("not/yet/there");
        let store = Store::open(&folder).await.unwrap();
        store.save(&record(1, 1_000)).await.unwrap();
        store.save(&Record { from: None, ..record(2, 2_000) }).await.unwrap();
        store.close().await;

        let store = Store::open(&folder).await.unwrap();
        let rows = store.recent(10).await.unwrap();
        assert_eq!(rows.iter().map(|r| r.started.millis()).collect::<Vec<_>>(), [2_000, 1_000]);
        assert_eq!(rows[0].from, None);
        assert_eq!(rows[1].from.as_ref().unwrap().reveal().as_str(), "+33612345678");
        assert_eq!(rows[1].record["told_ranks"], serde_json::json!([3, 1]));
        assert_eq!(store.recent(1).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn the_number_stands_in_its_own_column_only() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        store.save(&record(1, 1_000)).await.unwrap();
        assert!(!store.recent(1).await.unwrap()[0].record.to_string().contains("612345678"));
    }

    #[tokio::test]
    async fn what_is_kept_is_synced_to_the_disk() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&store.pool).await.unwrap();
        let (sync,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&store.pool).await.unwrap();
        assert_eq!((mode.as_str(), sync), ("wal", 2));
    }

    #[tokio::test]
    async fn the_taux_counts_who_asked_in_hours_and_was_answered() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let unanswered = |call, at| Record { connected: None, ..record(call, at) };
        let records = [
            record(1, 10_000),
            record(2, 11_000),
            unanswered(3, 12_000),
            Record { asked_agent: None, ..unanswered(4, 12_000) },
            Record { asked_in_hours: false, ..unanswered(5, 12_000) },
            Record { service: "autre".into(), ..record(6, 12_000) },
            record(7, 99_000),
        ];
        store.save_all(&records).await.unwrap();
        let (from, to) = (WallTime::from_millis(11_000), WallTime::from_millis(100_000));
        let taux = store.taux_de_decroche("france-services", from, to).await.unwrap();
        assert_eq!(taux, Taux { asked: 3, answered: 2 }, "1 and 2 asked a second after they came; 7 asked at 100 s");
        assert_eq!(Taux { asked: 4, answered: 3 }.share(), Some(0.75));
        assert_eq!(Taux::default().share(), None);
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_refused() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("svi.db"), "not a database at all, and long enough to be read").unwrap();
        assert!(matches!(Store::open(data.path()).await, Err(Error::Open { .. })));
    }
}
