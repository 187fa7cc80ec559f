//! What both databases do: run statements, all or nothing, and give rows back.
//!
//! The statements are written once, for SQLite and PostgreSQL alike: `$1` for what is
//! bound, BIGINT for whole numbers and times (milliseconds), TEXT for the rest, and
//! `RETURNING` where it matters what was changed.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::pin::Pin;

use sqlx::migrate::MigrateError;
use sqlx::{ColumnIndex, Decode, TypeInfo, ValueRef};

use super::Error;
use crate::base::WallTime;

/// One of the two databases.
pub(super) trait Engine: fmt::Debug + Send + Sync {
    /// Runs statements; what each gave back. With [`Access::Write`] all of them count, or none.
    fn run(&self, access: Access, statements: Vec<Statement>) -> Work<'_, Vec<Vec<Row>>, sqlx::Error>;

    /// Brings the tables up to date.
    fn migrate(&self) -> Work<'_, (), MigrateError>;

    /// Keeps other services away from the database, where the data folder's lock does not.
    fn claim(&self) -> Work<'_, (), sqlx::Error>;

    /// What is damaged; nothing for a sound database.
    fn damage(&self) -> Work<'_, Option<String>, sqlx::Error>;

    /// Writes a copy of everything to an empty file.
    fn copy_to<'a>(&'a self, file: &'a Path) -> Work<'a, (), Error>;

    /// Wipes what was deleted from where it still stands.
    fn wipe(&self) -> Work<'_, Wiped, sqlx::Error>;

    /// Called when a statement took too long: what it hangs on must not be used again.
    fn abandon(&self);

    /// Closes it; what was kept is kept.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// What an engine does in its own time.
pub(super) type Work<'a, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

/// Whether statements change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// They look.
    Read,
    /// They change.
    Write,
}

/// Whether deleted data is gone from the files as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiped {
    /// Nothing of it is left in the database's files.
    Gone,
    /// Somebody is reading: it is overwritten within minutes, as the service goes on.
    Soon,
    /// The database's own housekeeping (PostgreSQL's autovacuum) overwrites it.
    Later,
}

/// One statement and what is bound to it.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) text: Cow<'static, str>,
    pub(super) values: Vec<Value>,
    /// Each `$n` stands once, and they stand in order.
    in_order: bool,
}

/// A bound value; its kind is known also when there is none, which PostgreSQL wants.
#[derive(Clone, PartialEq)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl Statement {
    pub(super) fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), values: Vec::new(), in_order: false }
    }

    /// The same for a text in which each `$n` stands once, and they stand in order.
    pub(super) fn in_order(text: String) -> Self {
        Self { in_order: true, ..Self::new(text) }
    }

    /// With `?` for `$n` where that is the same: SQLite looks for a numbered parameter among
    /// all those before it.
    pub(super) fn unnumbered(mut self) -> Self {
        if self.in_order {
            let mut parts = self.text.split('$');
            let first = parts.next().unwrap_or_default().to_owned();
            let digit = |c: char| c.is_ascii_digit();
            let text = parts.fold(first, |text, part| text + "?" + part.trim_start_matches(digit));
            self.text = text.into();
        }
        self
    }

    /// Binds the next `$n`.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// May be a number or what a citizen said: never printed.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Int(_)) { "int" } else { "text" })
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Int(Some(n))
    }
}

impl From<Option<i64>> for Value {
    fn from(n: Option<i64>) -> Self {
        Self::Int(n)
    }
}

/// A count beyond what a database holds is its largest.
impl From<u64> for Value {
    fn from(n: u64) -> Self {
        Self::Int(Some(i64::try_from(n).unwrap_or(i64::MAX)))
    }
}

impl From<Option<u64>> for Value {
    fn from(n: Option<u64>) -> Self {
        Self::Int(n.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
    }
}

impl From<u32> for Value {
    fn from(n: u32) -> Self {
        Self::Int(Some(n.into()))
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Int(Some(yes.into()))
    }
}

impl From<WallTime> for Value {
    fn from(time: WallTime) -> Self {
        Self::Int(Some(time.millis()))
    }
}

impl From<Option<WallTime>> for Value {
    fn from(time: Option<WallTime>) -> Self {
        Self::Int(time.map(WallTime::millis))
    }
}

/// PostgreSQL's text has no NUL, and a stranger's Call-ID may.
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(if text.contains('\0') { text.replace('\0', "") } else { text }))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Text(None), Self::from)
    }
}

/// One cell of a row.
#[derive(Clone, PartialEq)]
pub(super) enum Cell {
    Nothing,
    Int(i64),
    Text(String),
}

/// A row, read from its first cell to its last.
#[derive(Clone)]
pub(super) struct Row(std::vec::IntoIter<Cell>);

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({} cells)", self.0.len())
    }
}

impl Row {
    /// Takes the cells of a database's row.
    pub(super) fn take<'r, R>(row: &'r R) -> Result<Self, sqlx::Error>
    where
        R: sqlx::Row,
        usize: ColumnIndex<R>,
        i64: Decode<'r, R::Database>,
        String: Decode<'r, R::Database>,
    {
        let cell = |n: usize| {
            let raw = row.try_get_raw(n)?;
            if raw.is_null() {
                return Ok(Cell::Nothing);
            }
            let kind = raw.type_info();
            Ok(match kind.name() {
                "INTEGER" | "INT8" | "INT4" | "INT2" => Cell::Int(i64::decode(raw).map_err(sqlx::Error::Decode)?),
                "TEXT" | "VARCHAR" | "NAME" => Cell::Text(String::decode(raw).map_err(sqlx::Error::Decode)?),
                other => {
                    let kind = format!("a column of the type {other}: cast it to BIGINT or TEXT");
                    return Err(sqlx::Error::Decode(kind.into()));
                }
            })
        };
        let cells: Result<Vec<Cell>, sqlx::Error> = (0..row.len()).map(cell).collect();
        Ok(Self(cells?.into_iter()))
    }

    /// The next cell, a whole number.
    pub(super) fn int(&mut self) -> Result<i64, Error> {
        self.maybe_int()?.ok_or_else(|| wrong("a number that is missing"))
    }

    /// The next cell, a whole number or nothing.
    pub(super) fn maybe_int(&mut self) -> Result<Option<i64>, Error> {
        match self.0.next() {
            Some(Cell::Int(n)) => Ok(Some(n)),
            Some(Cell::Nothing) => Ok(None),
            _ => Err(wrong("what should be a whole number")),
        }
    }

    /// The next cell, a count.
    pub(super) fn count(&mut self) -> Result<u64, Error> {
        u64::try_from(self.int()?).map_err(|_| wrong("a count below nothing"))
    }

    /// The next cell, a moment.
    pub(super) fn time(&mut self) -> Result<WallTime, Error> {
        self.int().map(WallTime::from_millis)
    }

    /// The next cell, a moment or nothing.
    pub(super) fn maybe_time(&mut self) -> Result<Option<WallTime>, Error> {
        Ok(self.maybe_int()?.map(WallTime::from_millis))
    }

    /// The next cell, a text.
    pub(super) fn text(&mut self) -> Result<String, Error> {
        self.maybe_text()?.ok_or_else(|| wrong("a text that is missing"))
    }

    /// The next cell, a text or nothing.
    pub(super) fn maybe_text(&mut self) -> Result<Option<String>, Error> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Nothing) => Ok(None),
            _ => Err(wrong("what should be a text")),
        }
    }
}

fn wrong(what: &'static str) -> Error {
    Error::Row { what }
}

/// Runs statements on a database's pool: the two have the same names, and nothing else in common.
macro_rules! run_on {
    ($connection:expr, $statement:expr) => {{
        let mut query = sqlx::query(sqlx::AssertSqlSafe($statement.text.into_owned()));
        for value in $statement.values {
            query = match value {
                $crate::store::engine::Value::Int(n) => query.bind(n),
                $crate::store::engine::Value::Text(text) => query.bind(text),
            };
        }
        let rows = query.fetch_all($connection).await?;
        rows.iter().map($crate::store::engine::Row::take).collect::<Result<Vec<_>, sqlx::Error>>()?
    }};
}
pub(super) use run_on;
