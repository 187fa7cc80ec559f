//! Why the database does not do its work, and since when it does not.

use std::path::PathBuf;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or a file could not be made.
    #[error("`{}` could not be made or written", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database could not be opened.
    #[error("the database {place} could not be opened: {trouble}")]
    Open {
        /// Which, without any password.
        place: String,
        /// Why, in words for an operator.
        trouble: Trouble,
        /// Why, in the database's words.
        source: sqlx::Error,
    },
    /// The database's file is damaged, or is no database.
    #[error(
        "the database {place} is damaged: {findings}\nKeep the file aside and put the last backup in its place \
         (`svi backup` made it); delete `svi.db-wal` and `svi.db-shm` beside it first. Without a backup, \
         `sqlite3 svi.db .recover | sqlite3 new.db` saves what can be read. See docs/store.md."
    )]
    Damaged {
        /// Which.
        place: String,
        /// What was found.
        findings: String,
    },
    /// Another service uses the data folder.
    #[error(
        "another `svi serve` uses the data folder `{}`: two would both call a citizen back. Give this one another \
         (`--data`)",
        data.display()
    )]
    Claimed {
        /// Which.
        data: PathBuf,
    },
    /// Another service uses the database.
    #[error(
        "another `svi serve` uses this PostgreSQL database: two would both call a citizen back. End it, or give \
         this one another (`store:`)"
    )]
    Taken,
    /// There is no database where one was looked for.
    #[error("there is no database {place}: is this the service's data folder?")]
    Missing {
        /// Where.
        place: String,
    },
    /// The tables are not those of this version.
    #[error("the database has the tables of another version ({found}, this is {ours}): start this version once")]
    Version {
        /// The database's.
        found: i64,
        /// Ours.
        ours: i64,
    },
    /// `store:` names PostgreSQL, and the program was built without it.
    #[error("this program was built without PostgreSQL: build it with `--features postgres`, or take `store:` out")]
    NoPostgres,
    /// `store:` is no address of a database.
    #[error("`store:` is no address of a database: write `postgres://user:password@host:5432/svi`")]
    Address,
    /// The file was written by a newer version, or is no database of ours.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database did not do it. Whether it was done all the same is not known when
    /// the trouble is [`Trouble::Slow`] or [`Trouble::Unreachable`]: doing it again is safe.
    #[error("the database did not answer: {trouble}")]
    Trouble {
        /// Why, in words for an operator.
        trouble: Trouble,
        /// Why, in the database's words.
        source: Option<sqlx::Error>,
    },
    /// A copy can't be made like this.
    #[error("{why}")]
    Copy {
        /// Why not, and what to do.
        why: String,
    },
    /// A row does not have what it should have.
    #[error("a row of the database can't be read: it has {what}")]
    Row {
        /// What is wrong.
        what: &'static str,
    },
    /// A record could not be written as JSON, or read back.
    #[error("a record is not JSON")]
    Json(#[from] serde_json::Error),
}

impl Error {
    pub(super) fn trouble(source: sqlx::Error) -> Self {
        Self::Trouble { trouble: Trouble::of(&source), source: Some(source) }
    }
}

/// What keeps a database from its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No room is left.
    #[error("the disk is full; make room")]
    Full,
    /// Another program holds it.
    #[error("another program holds it locked; end that program")]
    Locked,
    /// The connection is gone.
    #[error("it can't be reached; is it running?")]
    Unreachable,
    /// It did not answer in time.
    #[error("it did not answer in time; look at its disk and load")]
    Slow,
    /// What it has written can't be read.
    #[error("it is damaged; stop the service and put a backup in its place (docs/store.md)")]
    Damaged,
    /// It can't be written to, or not by us.
    #[error("it can't be written to; look at its rights and at how its disk is mounted")]
    ReadOnly,
    /// The disk answers with errors.
    #[error("its disk answers with errors; look at the system's log")]
    Disk,
    /// We were not let in.
    #[error("it lets nobody in with this name and password, or has no such database")]
    Denied,
    /// Something else, said in the log.
    #[error("it refused a statement")]
    Other,
}

impl Trouble {
    /// One word for measures and programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "disk-full",
            Self::Locked => "locked",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Damaged => "damaged",
            Self::ReadOnly => "read-only",
            Self::Disk => "disk-error",
            Self::Denied => "denied",
            Self::Other => "other",
        }
    }

    /// What an error of the database means.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                code.parse().map_or_else(
                    |_| Self::of_state(&code),
                    |n: i64| match code.len() {
                        // A SQLSTATE has five signs; SQLite's numbers have fewer.
                        5 => Self::of_state(&code),
                        _ => Self::of_code(n),
                    },
                )
            }
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::ResourceBusy => Self::Locked,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unreachable,
            sqlx::Error::PoolTimedOut => Self::Slow,
            _ => Self::Other,
        }
    }

    /// SQLite's result codes (<https://sqlite.org/rescode.html>); the low byte is the kind.
    fn of_code(code: i64) -> Self {
        match code & 0xff {
            5 | 6 => Self::Locked,
            8 | 3 | 14 => Self::ReadOnly,
            10 => Self::Disk,
            11 | 26 => Self::Damaged,
            13 => Self::Full,
            _ => Self::Other,
        }
    }

    /// PostgreSQL's codes (appendix A of its manual); the first two signs are the class.
    fn of_state(state: &str) -> Self {
        match (state, state.get(..2).unwrap_or_default()) {
            ("53100", _) => Self::Full,
            ("55P03" | "40P01", _) => Self::Locked,
            ("57014", _) => Self::Slow,
            ("25006", _) => Self::ReadOnly,
            ("42501" | "3D000", _) | (_, "28") => Self::Denied,
            ("58030", _) => Self::Disk,
            (_, "XX") => Self::Damaged,
            (_, "08" | "57" | "53") => Self::Unreachable,
            _ => Self::Other,
        }
    }

    /// Whether it is the database's state, and not one statement's fault.
    pub(super) fn is_state(self) -> bool {
        self != Self::Other
    }
}

/// Whether what has to last is kept at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It is.
    #[default]
    Works,
    /// It is not: nothing may be promised.
    Fails(Trouble),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_databases_codes_have_words_for_operators() {
        for (code, trouble) in [
            (13, Trouble::Full),
            (5, Trouble::Locked),
            (517, Trouble::Locked),
            (11, Trouble::Damaged),
            (26, Trouble::Damaged),
            (778, Trouble::Disk),
            (1032, Trouble::ReadOnly),
            (2067, Trouble::Other),
        ] {
            assert_eq!(Trouble::of_code(code), trouble, "{code}");
        }
        for (state, trouble) in [
            ("53100", Trouble::Full),
            ("55P03", Trouble::Locked),
            ("57014", Trouble::Slow),
            ("57P01", Trouble::Unreachable),
            ("57P03", Trouble::Unreachable),
            ("28P01", Trouble::Denied),
            ("XX001", Trouble::Damaged),
            ("23505", Trouble::Other),
        ] {
            assert_eq!(Trouble::of_state(state), trouble, "{state}");
        }
    }
}
