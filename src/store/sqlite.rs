//! SQLite: one file, `svi.db`, in the data folder.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::engine::{Access, Engine, Row, Statement, Wiped, Work, run_on};
use super::{Error, Trouble, migrations};

/// What it has said to be kept is on the disk: the log is written ahead (WAL) and
/// synced at every commit.
#[derive(Clone, Debug)]
pub(super) struct Sqlite {
    pool: SqlitePool,
}

impl Sqlite {
    /// Opens the file in its folder; it is made when missing.
    pub(super) async fn open(data: &Path) -> Result<Self, Error> {
        Self::open_with(data, CONNECTIONS).await
    }

    /// The same with another number of connections.
    pub(super) async fn open_with(data: &Path, connections: u32) -> Result<Self, Error> {
        let path = data.join(FILE);
        let sqlite = Self::connect(&path, options(&path).create_if_missing(true), connections).await?;
        // It holds callers' numbers.
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))
            .map_err(|source| Error::Folder { path, source })?;
        Ok(sqlite)
    }

    /// Opens a file that is there, as a second program beside the service.
    pub(super) async fn existing(data: &Path) -> Result<Self, Error> {
        let path = data.join(FILE);
        if !path.is_file() {
            return Err(Error::Missing { place: quoted(&path) });
        }
        Self::connect(&path, options(&path).create_if_missing(false), CONNECTIONS).await
    }

    async fn connect(path: &Path, options: SqliteConnectOptions, connections: u32) -> Result<Self, Error> {
        let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options).await.map_err(|source| match Trouble::of(&source) {
            Trouble::Damaged => Error::Damaged { place: quoted(path), findings: source.to_string() },
            trouble => Error::Open { place: quoted(path), trouble, source },
        })?;
        Ok(Self { pool })
    }
}

impl Engine for Sqlite {
    fn run(&self, access: Access, statements: Vec<Statement>) -> Work<'_, Vec<Vec<Row>>, sqlx::Error> {
        Box::pin(async move {
            let mut done = Vec::with_capacity(statements.len());
            if access == Access::Read || statements.len() == 1 {
                let mut connection = self.pool.acquire().await?;
                for statement in statements.into_iter().map(Statement::unnumbered) {
                    done.push(run_on!(&mut *connection, statement));
                }
                return Ok(done);
            }
            // The lock is taken at once: one that is taken halfway can't be waited for.
            let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
            for statement in statements.into_iter().map(Statement::unnumbered) {
                done.push(run_on!(&mut *transaction, statement));
            }
            transaction.commit().await?;
            Ok(done)
        })
    }

    fn migrate(&self) -> Work<'_, (), MigrateError> {
        Box::pin(async move { migrations::sqlite().run(&self.pool).await })
    }

    fn claim(&self) -> Work<'_, (), sqlx::Error> {
        Box::pin(async { Ok(()) })
    }

    fn damage(&self) -> Work<'_, Option<String>, sqlx::Error> {
        Box::pin(async move {
            let found: Result<Vec<(String,)>, _> = sqlx::query_as("PRAGMA quick_check(3)").fetch_all(&self.pool).await;
            let found = match found {
                Ok(found) => found,
                Err(error) if Trouble::of(&error) == Trouble::Damaged => return Ok(Some(error.to_string())),
                Err(error) => return Err(error),
            };
            let lines: Vec<String> = found.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect();
            Ok((!lines.is_empty()).then(|| lines.join("; ")))
        })
    }

    fn copy_to<'a>(&'a self, file: &'a Path) -> Work<'a, (), Error> {
        Box::pin(async move {
            // A path is a text here, and an apostrophe in it is doubled.
            let path = file.display().to_string().replace('\'', "''");
            let text = AssertSqlSafe(format!("VACUUM INTO '{path}'"));
            sqlx::raw_sql(text).execute(&self.pool).await.map_err(Error::trouble)?;
            // The copy is worth nothing before it was read.
            let options = SqliteConnectOptions::new().filename(file).read_only(true).disable_statement_logging();
            let copy = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
            let copy = Self { pool: copy.map_err(Error::trouble)? };
            let damage = copy.damage().await.map_err(Error::trouble)?;
            copy.pool.close().await;
            match damage {
                None => Ok(()),
                Some(findings) => Err(Error::Damaged { place: quoted(file), findings }),
            }
        })
    }

    fn wipe(&self) -> Work<'_, Wiped, sqlx::Error> {
        Box::pin(async move {
            // `secure_delete` has overwritten the pages; the log still has the old ones.
            let checkpoint = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)");
            let (busy, _, _): (i64, i64, i64) = checkpoint.fetch_one(&self.pool).await?;
            Ok(if busy == 0 { Wiped::Gone } else { Wiped::Soon })
        })
    }

    fn abandon(&self) {}

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.pool.close())
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        // What is erased is overwritten, not only unlinked.
        .pragma("secure_delete", "ON")
        // A slow disk is the operator's business in the metrics, not on a caller's log line.
        .disable_statement_logging()
}

fn quoted(path: &Path) -> String {
    format!("`{}`", path.display())
}

/// The database's name in the data folder.
const FILE: &str = "svi.db";
/// One writes at a time in SQLite; the others read.
const CONNECTIONS: u32 = 4;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long somebody else's lock is waited for: longer than any of our own writes.
const BUSY: Duration = Duration::from_secs(2);

/// Where the file is.
pub(super) fn place(data: &Path) -> PathBuf {
    data.join(FILE)
}
