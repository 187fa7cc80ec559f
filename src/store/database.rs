use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::engine::{Access, Engine, Row, Statement};
use super::sqlite::{self, Sqlite};
use super::{Error, Health, Trouble, Wiped, migrations};
use crate::base::Private;
use crate::config::Settings;

/// The database: SQLite's file `svi.db` in the data folder, or PostgreSQL.
///
/// What it has said to be kept is on the disk. Every operation ends within
/// [`Store::LONGEST`], with an error when the database does not answer; the next one
/// tries anew, so that it works again by itself when the trouble is over.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<dyn Engine>,
    health: watch::Sender<Health>,
    data: Arc<Path>,
    /// Held for as long as this store is: no second service may use the data folder.
    _claim: Option<Arc<File>>,
}

impl Store {
    /// No operation takes longer, whatever the database does.
    pub const LONGEST: Duration = Duration::from_secs(5);

    /// Opens what the settings name and brings its tables up to date, for one service
    /// alone: two would both call a citizen back.
    ///
    /// # Errors
    ///
    /// When it can't be opened, is damaged, or another service uses it or the data folder.
    pub async fn of(settings: &Settings) -> Result<Self, Error> {
        let data = &settings.paths.data;
        make(data).await?;
        let claim = claim(data)?;
        let store = match &settings.store {
            None => Self::open(data).await,
            Some(address) => Self::connect(data, address).await,
        }?;
        store.engine.claim().await.map_err(|source| match Trouble::of(&source) {
            Trouble::Locked => Error::Taken,
            _ => Error::trouble(source),
        })?;
        Ok(Self { _claim: Some(Arc::new(claim)), ..store })
    }

    /// Opens what the settings name as a second program beside the running service:
    /// nothing is made, and no table is changed.
    ///
    /// # Errors
    ///
    /// When it is not there, or has the tables of another version.
    pub async fn beside(settings: &Settings) -> Result<Self, Error> {
        let data = &settings.paths.data;
        let store = match &settings.store {
            None => Self::on(data, Sqlite::existing(data).await?),
            Some(address) => Self::reach(data, address).await?,
        };
        let question = Statement::new("SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations");
        let found = match store.read(question).await?.first_mut() {
            Some(row) => row.int()?,
            None => 0,
        };
        let ours = migrations::version();
        if found == ours { Ok(store) } else { Err(Error::Version { found, ours }) }
    }

    /// With one connection, so that a test can tell it that its disk is full.
    #[cfg(test)]
    pub(super) async fn narrow(data: &Path) -> Result<Self, Error> {
        let store = Self::on(data, Sqlite::open_with(data, 1).await?);
        store.engine.migrate().await?;
        Ok(store)
    }

    /// Opens `svi.db` in the data folder and brings it up to date; both are made when missing.
    ///
    /// # Errors
    ///
    /// When it can't be opened, or is damaged.
    pub async fn open(data: &Path) -> Result<Self, Error> {
        make(data).await?;
        let store = Self::on(data, Sqlite::open(data).await?);
        if let Some(findings) = store.engine.damage().await.map_err(Error::trouble)? {
            let place = format!("`{}`", sqlite::place(data).display());
            return Err(Error::Damaged { place, findings });
        }
        store.engine.migrate().await?;
        Ok(store)
    }

    /// Connects to `postgres://…` and brings its tables up to date; sound stays in the data folder.
    ///
    /// # Errors
    ///
    /// When nothing answers there, or the program was built without PostgreSQL.
    pub async fn connect(data: &Path, address: &Private<String>) -> Result<Self, Error> {
        make(data).await?;
        let store = Self::reach(data, address).await?;
        store.engine.migrate().await?;
        Ok(store)
    }

    #[cfg(feature = "postgres")]
    async fn reach(data: &Path, address: &Private<String>) -> Result<Self, Error> {
        Ok(Self::on(data, super::postgres::Postgres::open(address).await?))
    }

    #[cfg(not(feature = "postgres"))]
    async fn reach(_: &Path, _: &Private<String>) -> Result<Self, Error> {
        Err(Error::NoPostgres)
    }

    fn on(data: &Path, engine: impl Engine + 'static) -> Self {
        let health = watch::Sender::new(Health::Works);
        Self { engine: Arc::new(engine), health, data: data.into(), _claim: None }
    }

    /// Whether what has to last is kept at present, and why not.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// Writes something that does not matter, to see whether writing works again.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn probe(&self) -> Result<(), Error> {
        let text = "INSERT INTO counters (name, value) VALUES ('probe', 1) \
                    ON CONFLICT (name) DO UPDATE SET value = 1 - counters.value";
        self.write(vec![Statement::new(text)]).await.map(drop)
    }

    /// Writes a copy of everything to a new file, while the service runs. The copy is
    /// whole, of one moment, on the disk and read once when this returns.
    ///
    /// # Errors
    ///
    /// When the file is there already, or can't be written; with PostgreSQL, which has its own.
    pub async fn backup(&self, file: &Path) -> Result<(), Error> {
        let folder = |source| Error::Folder { path: file.to_owned(), source };
        if file.exists() {
            return Err(Error::Copy { why: format!("`{}` is there already: name a new file", file.display()) });
        }
        // Under another name until it is whole, and for nobody else's eyes from the first byte on.
        let partial = PathBuf::from(format!("{}.partial", file.display()));
        let copied = async {
            let mut new = tokio::fs::OpenOptions::new();
            new.write(true).create_new(true).mode(0o600).open(&partial).await.map_err(folder)?;
            self.engine.copy_to(&partial).await?;
            tokio::fs::File::open(&partial).await.map_err(folder)?.sync_all().await.map_err(folder)?;
            tokio::fs::rename(&partial, file).await.map_err(folder)
        };
        let copied = copied.await;
        if copied.is_err() {
            let _ = tokio::fs::remove_file(&partial).await;
        }
        copied
    }

    /// The data folder, from which the files of messages are named.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Closes it; what was kept is kept.
    pub async fn close(&self) {
        let _ = tokio::time::timeout(Self::LONGEST, self.engine.close()).await;
    }

    /// The rows that a statement finds.
    pub(super) async fn read(&self, statement: Statement) -> Result<Vec<Row>, Error> {
        Ok(self.run(Access::Read, vec![statement]).await?.pop().unwrap_or_default())
    }

    /// The first row that a statement finds.
    pub(super) async fn read_one(&self, statement: Statement) -> Result<Option<Row>, Error> {
        Ok(self.read(statement).await?.into_iter().next())
    }

    /// Changes all or nothing; what each statement gave back (`RETURNING`).
    pub(super) async fn write(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, Error> {
        self.run(Access::Write, statements).await
    }

    /// Changes with one statement; what it gave back.
    pub(super) async fn write_one(&self, statement: Statement) -> Result<Vec<Row>, Error> {
        Ok(self.write(vec![statement]).await?.pop().unwrap_or_default())
    }

    pub(super) async fn wipe(&self) -> Result<Wiped, Error> {
        // Long, and without a caller who waits.
        self.engine.wipe().await.map_err(Error::trouble)
    }

    async fn run(&self, access: Access, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, Error> {
        let outcome = match tokio::time::timeout(Self::LONGEST, self.engine.run(access, statements)).await {
            Ok(outcome) => outcome.map_err(Error::trouble),
            Err(_) => {
                self.engine.abandon();
                Err(Error::Trouble { trouble: Trouble::Slow, source: None })
            }
        };
        match &outcome {
            // That reading works says nothing about a full disk.
            Ok(_) if access == Access::Read => {}
            Ok(_) => self.note(Health::Works),
            Err(Error::Trouble { trouble, .. }) if trouble.is_state() => self.note(Health::Fails(*trouble)),
            Err(_) => {}
        }
        outcome
    }

    fn note(&self, health: Health) {
        self.health.send_if_modified(|known| std::mem::replace(known, health) != health);
    }
}

/// Makes the data folder, for nobody else's eyes: it holds personal data.
async fn make(data: &Path) -> Result<(), Error> {
    let made = tokio::fs::DirBuilder::new().recursive(true).mode(0o700).create(data).await;
    made.map_err(|source| Error::Folder { path: data.to_owned(), source })
}

/// Locks the data folder; the system lets go of it when the program ends, however it ends.
fn claim(data: &Path) -> Result<File, Error> {
    let path = data.join("svi.lock");
    let folder = |source| Error::Folder { path: path.clone(), source };
    let mut file = OpenOptions::new();
    let file = file.write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Claimed { data: data.to_owned() }),
        Err(TryLockError::Error(source)) => Err(folder(source)),
    }
}
