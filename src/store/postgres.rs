//! PostgreSQL, 15 or newer: for services that already have one, or several machines.

use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;

use super::claim::{self, Held};
use super::engine::{Access, Engine, Row, Statement, Wiped, Work, run_on};
use super::{Error, Trouble, migrations};
use crate::base::Private;

/// A commit has been answered by the server when it counts as kept: on its disk, as its
/// `synchronous_commit` says.
pub(super) struct Postgres {
    options: PgConnectOptions,
    /// Replaced by a fresh one when a connection has fallen silent: a dead network is
    /// noticed by TCP after a quarter of an hour only.
    pool: RwLock<Arc<PgPool>>,
    /// Whether the database is ours; of a service alone, not of a program beside it.
    held: OnceLock<watch::Receiver<Held>>,
}

impl Postgres {
    /// Connects to `postgres://…`.
    pub(super) async fn open(address: &Private<String>) -> Result<Self, Error> {
        // What was wrong in it is not said: it has a password.
        let options: PgConnectOptions = address.reveal().parse().map_err(|_| Error::Address)?;
        let options = options.application_name("svi").disable_statement_logging().options([
            ("statement_timeout", STATEMENT),
            ("lock_timeout", LOCK),
            ("idle_in_transaction_session_timeout", STATEMENT),
        ]);
        let (pool, held) = (RwLock::new(Arc::new(pool(&options))), OnceLock::new());
        let postgres = Self { pool, held, options };
        let try_it = sqlx::query("SELECT 1").execute(&*postgres.pool()).await;
        match try_it.map_err(lost) {
            Ok(_) => Ok(postgres),
            Err(source) => {
                let options = &postgres.options;
                let database = options.get_database().unwrap_or_default();
                let place = format!("`{database}` of PostgreSQL at {}:{}", options.get_host(), options.get_port());
                Err(Error::Open { place, trouble: Trouble::of(&source), source })
            }
        }
    }

    /// Nothing is written to a database that another service may have taken meanwhile.
    fn is_ours(&self) -> Result<(), sqlx::Error> {
        match self.held.get().map(|held| *held.borrow()) {
            None | Some(Held::Ours) => Ok(()),
            Some(Held::Away) => Err(sqlx::Error::Io(ErrorKind::NotConnected.into())),
            Some(Held::Taken) => Err(sqlx::Error::Io(ErrorKind::ResourceBusy.into())),
        }
    }

    fn pool(&self) -> Arc<PgPool> {
        Arc::clone(&self.pool.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The options have the password.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres({}:{})", self.options.get_host(), self.options.get_port())
    }
}

impl Engine for Postgres {
    fn run(&self, access: Access, statements: Vec<Statement>) -> Work<'_, Vec<Vec<Row>>, sqlx::Error> {
        Box::pin(async move {
            if access == Access::Write {
                self.is_ours()?;
            }
            let pool = self.pool();
            let mut done = Vec::with_capacity(statements.len());
            if access == Access::Read || statements.len() == 1 {
                let mut connection = pool.acquire().await.map_err(lost)?;
                for statement in statements {
                    done.push(run_on!(&mut *connection, statement));
                }
                return Ok(done);
            }
            let mut transaction = pool.begin().await.map_err(lost)?;
            for statement in statements {
                done.push(run_on!(&mut *transaction, statement));
            }
            transaction.commit().await?;
            Ok(done)
        })
    }

    fn migrate(&self) -> Work<'_, (), MigrateError> {
        Box::pin(async move { migrations::postgres().run(&*self.pool()).await })
    }

    fn claim(&self) -> Work<'_, (), sqlx::Error> {
        Box::pin(async move {
            let connection = claim::lock(&self.options).await?;
            let (held, known) = watch::channel(Held::Ours);
            if self.held.set(known).is_ok() {
                tokio::spawn(claim::keep(self.options.clone(), connection, held));
            }
            Ok(())
        })
    }

    /// PostgreSQL looks after that itself (data checksums, `pg_amcheck`).
    fn damage(&self) -> Work<'_, Option<String>, sqlx::Error> {
        Box::pin(async { Ok(None) })
    }

    fn copy_to<'a>(&'a self, file: &'a Path) -> Work<'a, (), Error> {
        let host = self.options.get_host();
        let database = self.options.get_database().unwrap_or("svi");
        let why = format!(
            "PostgreSQL has its own backup: `pg_dump --format=custom --host={host} --file={} {database}`, \
             while the service runs",
            file.display()
        );
        Box::pin(async { Err(Error::Copy { why }) })
    }

    fn wipe(&self) -> Work<'_, Wiped, sqlx::Error> {
        Box::pin(async move {
            // A connection of its own: no caller waits for it, and it takes as long as the tables are large.
            let mut own = self.options.clone().options([("statement_timeout", "0")]).connect().await?;
            let vacuumed = sqlx::raw_sql("VACUUM records, tickets, messages").execute(&mut own).await;
            let _ = own.close().await;
            vacuumed.map(|_| Wiped::Later)
        })
    }

    fn abandon(&self) {
        let fresh = Arc::new(pool(&self.options));
        let old = std::mem::replace(&mut *self.pool.write().unwrap_or_else(PoisonError::into_inner), fresh);
        // Its connections may hang for as long as they like.
        tokio::spawn(async move { old.close().await });
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move { self.pool().close().await })
    }
}

/// A pool that connects when it is first used.
fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_lazy_with(options.clone())
}

/// No connection in time: nothing answers at the address.
fn lost(error: sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::PoolTimedOut => sqlx::Error::Io(ErrorKind::TimedOut.into()),
        error => error,
    }
}

/// Calls ask for little; other services may use the same server.
const CONNECTIONS: u32 = 8;
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(3);
/// After which the server itself ends a statement.
const STATEMENT: &str = "4s";
/// How long the server waits for somebody else's lock.
const LOCK: &str = "2s";
