//! Records of calls (CDR): kept, shown, counted.

use std::borrow::Borrow;
use std::fmt::Write as _;

use super::engine::{Row as Cells, Statement};
use super::{Error, Store};
use crate::base::{PhoneNumber, Private, WallTime};
use crate::call::Record;

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
    /// Keeps a record; it is on the disk when this returns.
    pub async fn save(&self, record: &Record) -> Result<(), Error> {
        self.save_all(std::slice::from_ref(record)).await
    }

    /// Keeps records, all or none, with one wait for the disk.
    pub async fn save_all<R: Borrow<Record>>(&self, records: &[R]) -> Result<(), Error> {
        let statements: Result<Vec<_>, _> = records.chunks(ROWS).map(insert).collect();
        match statements? {
            none if none.is_empty() => Ok(()),
            statements => self.write(statements).await.map(drop),
        }
    }

    /// The last `n` records, the newest first.
    pub async fn recent(&self, n: u32) -> Result<Vec<Row>, Error> {
        let text = "SELECT started, service, caller, record FROM records ORDER BY started DESC, id DESC LIMIT $1";
        let rows = self.read(Statement::new(text).bind(n)).await?;
        rows.into_iter().map(Row::read).collect()
    }

    /// The taux de décroché of a service: calls that asked for an agent from `from` on and before `to`.
    pub async fn taux_de_decroche(&self, service: &str, from: WallTime, to: WallTime) -> Result<Taux, Error> {
        let text = "SELECT COUNT(*), COUNT(connected) FROM records \
                    WHERE service = $1 AND asked_agent >= $2 AND asked_agent < $3 AND asked_in_hours = 1";
        let counts = self.read_one(Statement::new(text).bind(service).bind(from).bind(to)).await?;
        let Some(mut row) = counts else { return Ok(Taux::default()) };
        Ok(Taux { asked: row.count()?, answered: row.count()? })
    }
}

impl Row {
    fn read(mut row: Cells) -> Result<Self, Error> {
        Ok(Self {
            started: row.time()?,
            service: row.text()?,
            from: row.maybe_text()?.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
            record: serde_json::from_str(&row.text()?)?,
        })
    }
}

/// Rows of one statement.
const ROWS: usize = 32;

const COLUMNS: [&str; 20] = [
    "call",
    "sip_call_id",
    "service",
    "flow",
    "dialled",
    "caller",
    "started",
    "answered",
    "ended",
    "asked_agent",
    "asked_in_hours",
    "queue",
    "rank",
    "agent",
    "connected",
    "wait_ms",
    "talk_ms",
    "ended_by",
    "ended_why",
    "record",
];

fn insert<R: Borrow<Record>>(records: &[R]) -> Result<Statement, Error> {
    let mut statement = Statement::in_order(rows_of("records", &COLUMNS, records.len()));
    for record in records.iter().map(R::borrow) {
        statement = statement
            .bind(record.call.0)
            .bind(record.sip_call_id.as_str())
            .bind(&*record.service)
            .bind(&*record.flow)
            .bind(record.to.as_str())
            .bind(record.from.as_ref().map(|from| from.reveal().as_str()))
            .bind(record.started)
            .bind(record.answered)
            .bind(record.ended)
            .bind(record.asked_agent)
            .bind(record.asked_in_hours)
            .bind(record.queue.as_ref().map(|queue| queue.as_str()))
            .bind(record.rank.map(|rank| rank as u64))
            .bind(record.agent.as_ref().map(|agent| agent.as_str()))
            .bind(record.connected)
            .bind(record.wait_ms)
            .bind(record.talk_ms)
            .bind(record.ending.by.word())
            .bind(record.ending.why)
            .bind(serde_json::to_string(record)?);
    }
    Ok(statement)
}

/// `INSERT INTO table (…) VALUES ($1, …), (…)` of so many rows.
fn rows_of(table: &str, columns: &[&str], rows: usize) -> String {
    let mut text = format!("INSERT INTO {table} ({}) VALUES ", columns.join(", "));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            let comma = if column == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}${}", row * columns.len() + column + 1);
        }
        text.push(')');
    }
    text
}
