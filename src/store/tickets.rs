//! Callback tickets: written down before anything is promised, never overwritten by an older version.

use sha2::{Digest, Sha256};

use super::engine::{Row, Statement};
use super::{Error, Store};
use crate::base::{PhoneNumber, Private, QueueName, TicketId, WallTime};

/// A callback ticket as it is kept: what is asked for in columns, the rest as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketRow {
    /// Its id.
    pub id: TicketId,
    /// Counts its changes.
    pub version: u64,
    /// How far it is, in a word.
    pub state: String,
    /// Whom to call; `None` once erased.
    pub number: Option<Private<PhoneNumber>>,
    /// The queue whose agents call.
    pub queue: QueueName,
    /// By which way it was asked for, in a word.
    pub source: String,
    /// The [hash](hash_of_code) of the code by which it is seen and cancelled on the web site.
    pub code: Option<String>,
    /// When it was asked for.
    pub asked: WallTime,
    /// When it is to be called at the earliest.
    pub due: WallTime,
    /// How often the citizen was called.
    pub attempts: u64,
    /// When nothing more could happen to it; `None` while it is open.
    pub ended: Option<WallTime>,
    /// Everything else, without the number and the code: an erased ticket has nothing here.
    /// `message` is the id of the voice message that it was asked for with.
    pub rest: serde_json::Value,
}

/// What became of a ticket that was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is on the disk.
    Written,
    /// The store knows a newer version, or has cancelled or erased it: whoever holds this
    /// one must let go of it, and must not call.
    Older,
}

/// By what a ticket is known to who cancels it.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// Its id.
    Id(TicketId),
    /// The citizen's number.
    Number(Private<PhoneNumber>),
    /// The code of the web site, in the clear.
    Code(Private<String>),
}

/// Whose tickets are counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Everybody's.
    All,
    /// Those of a number.
    By(Private<PhoneNumber>),
    /// Those that came by a way.
    From(String),
}

/// Which tickets are listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// In one of these states; in any, when none is named.
    pub states: Vec<&'static str>,
    /// Only those that are not over.
    pub open: bool,
    /// Of this queue.
    pub queue: Option<QueueName>,
    /// Older than this one.
    pub before: Option<TicketId>,
}

/// The hash by which a code of the web site is kept: the code itself is with the citizen
/// alone. It must be random and long (16 letters or more): nothing slows guessing down.
pub fn hash_of_code(code: &Private<String>) -> String {
    Sha256::digest(code.reveal().trim().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    /// Writes a ticket; it is on the disk when this returns. The same version may be
    /// written again, when it is not known whether it was.
    ///
    /// # Errors
    ///
    /// When the database does not answer: nothing may be promised then.
    pub async fn keep_ticket(&self, ticket: &TicketRow) -> Result<Kept, Error> {
        let kept = self.keep_tickets(std::slice::from_ref(ticket)).await?;
        Ok(kept.first().copied().unwrap_or(Kept::Older))
    }

    /// Writes tickets with one wait for the disk; what became of each. A ticket that is asked
    /// for with a message and that message's mark are one write: no message has two tickets.
    ///
    /// # Errors
    ///
    /// When the database does not answer: none counts as written then.
    pub async fn keep_tickets(&self, tickets: &[TicketRow]) -> Result<Vec<Kept>, Error> {
        if tickets.is_empty() {
            return Ok(Vec::new());
        }
        let marks = tickets.iter().filter_map(mark_message);
        let written = self.write(tickets.iter().map(upsert).chain(marks).collect()).await?;
        Ok(written
            .iter()
            .take(tickets.len())
            .map(|rows| if rows.is_empty() { Kept::Older } else { Kept::Written })
            .collect())
    }

    /// A ticket.
    pub async fn ticket(&self, id: TicketId) -> Result<Option<TicketRow>, Error> {
        self.one_ticket(select("WHERE id = $1").bind(id.0)).await
    }

    /// The latest ticket of a number, however the number is written.
    pub async fn ticket_of(&self, number: &PhoneNumber) -> Result<Option<TicketRow>, Error> {
        let which = "WHERE number IN ($1, $2, $3, $4) ORDER BY asked DESC, id DESC LIMIT 1";
        self.one_ticket(bind_spellings(select(which), number)).await
    }

    /// The ticket that a code belongs to.
    pub async fn ticket_with(&self, code: &Private<String>) -> Result<Option<TicketRow>, Error> {
        self.one_ticket(select("WHERE code = $1").bind(hash_of_code(code))).await
    }

    /// Every open ticket, for who has just started; the oldest first.
    pub async fn open_tickets(&self) -> Result<Vec<TicketRow>, Error> {
        // All of them: how many there may be was decided when they were promised.
        self.tickets(select("WHERE ended IS NULL ORDER BY id")).await
    }

    /// The open tickets whose time has come, the earliest first, `n` at most.
    pub async fn due_tickets(&self, now: WallTime, n: u32) -> Result<Vec<TicketRow>, Error> {
        let due = "WHERE ended IS NULL AND due <= $1 ORDER BY due, id LIMIT $2";
        self.tickets(select(due).bind(now).bind(n)).await
    }

    /// The tickets that were asked for from `from` on, open or not, the latest first, `n` at most.
    pub async fn tickets_since(&self, from: WallTime, n: u32) -> Result<Vec<TicketRow>, Error> {
        let since = "WHERE asked >= $1 ORDER BY asked DESC, id DESC LIMIT $2";
        self.tickets(select(since).bind(from).bind(n)).await
    }

    /// Tickets, the latest first, `n` at most.
    pub async fn list_tickets(&self, listed: &Listed, n: u32) -> Result<Vec<TicketRow>, Error> {
        let words: Vec<String> = listed.states.iter().map(|state| format!("'{state}'")).collect();
        let states = if words.is_empty() { String::new() } else { format!(" AND state IN ({})", words.join(", ")) };
        let open = if listed.open { " AND ended IS NULL" } else { "" };
        let queue = if listed.queue.is_some() { " AND queue = $3" } else { "" };
        let which = format!("WHERE id < $1{states}{open}{queue} ORDER BY id DESC LIMIT $2");
        let mut statement = select(&which).bind(listed.before.map_or(i64::MAX as u64, |id| id.0)).bind(n);
        if let Some(queue) = &listed.queue {
            statement = statement.bind(queue.as_str());
        }
        self.tickets(statement).await
    }

    /// How many tickets were asked for from `from` on: for the caps.
    pub async fn count_asked(&self, who: &Asked, from: WallTime) -> Result<u64, Error> {
        let count = |which: &str| Statement::new(format!("SELECT COUNT(*) FROM tickets WHERE asked >= $1{which}"));
        let count = match who {
            Asked::All => count("").bind(from),
            Asked::From(source) => count(" AND source = $2").bind(from).bind(source.as_str()),
            Asked::By(number) => bind_spellings(count(" AND number IN ($2, $3, $4, $5)").bind(from), number.reveal()),
        };
        self.read_one(count).await?.map_or(Ok(0), |mut row| row.count())
    }

    /// Cancels an open ticket that is not being called; the ticket as it is then, or
    /// `None` when there is none. Whoever holds it in memory is told [`Kept::Older`] at
    /// its next write.
    pub async fn cancel_ticket(&self, which: &Which, now: WallTime) -> Result<Option<TicketRow>, Error> {
        let cancel = |which: &str| {
            let text = "UPDATE tickets SET state = 'cancelled', version = version + 1, ended = $1 \
                        WHERE ended IS NULL AND state NOT IN ('dialling', 'connected') AND";
            Statement::new(format!("{text} {which} RETURNING {COLUMNS}")).bind(now)
        };
        let cancel = match which {
            Which::Id(id) => cancel("id = $2").bind(id.0),
            Which::Code(code) => cancel("code = $2").bind(hash_of_code(code)),
            Which::Number(number) => bind_spellings(cancel("number IN ($2, $3, $4, $5)"), number.reveal()),
        };
        self.write_one(cancel).await?.into_iter().next().map(read).transpose()
    }

    /// An id that no ticket ever had, whatever was deleted since.
    pub async fn next_ticket_id(&self) -> Result<TicketId, Error> {
        let text = "SELECT CAST(COALESCE(MAX(n), 0) AS BIGINT) FROM (SELECT MAX(id) AS n FROM tickets \
                    UNION ALL SELECT value AS n FROM counters WHERE name = 'ticket') AS ids";
        let highest = self.read_one(Statement::new(text)).await?.map_or(Ok(0), |mut row| row.count())?;
        Ok(TicketId(highest + 1))
    }

    async fn tickets(&self, statement: Statement) -> Result<Vec<TicketRow>, Error> {
        self.read(statement).await?.into_iter().map(read).collect()
    }

    async fn one_ticket(&self, statement: Statement) -> Result<Option<TicketRow>, Error> {
        self.read_one(statement).await?.map(read).transpose()
    }
}

/// The ways in which one number may be written, as four values.
pub(super) fn bind_spellings(statement: Statement, number: &PhoneNumber) -> Statement {
    let international = number.international();
    let other_zeros = format!("00{}", international.digits());
    statement.bind(number.as_str()).bind(international.as_str()).bind(international.national()).bind(other_zeros)
}

/// Remembers the highest id before rows are deleted.
pub(super) fn remember_ids() -> Statement {
    let text = "INSERT INTO counters (name, value) SELECT 'ticket', COALESCE(MAX(id), 0) FROM tickets WHERE 1 = 1 \
                ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE counters.value < excluded.value";
    Statement::new(text)
}

const COLUMNS: &str = "id, version, state, number, queue, source, code, asked, due, attempts, ended, ticket";

fn select(which: &str) -> Statement {
    Statement::new(format!("SELECT {COLUMNS} FROM tickets {which}"))
}

/// The same version again is the same write again; another ticket under the same version
/// is somebody else's change.
fn upsert(ticket: &TicketRow) -> Statement {
    Statement::new(UPSERT)
        .bind(ticket.id.0)
        .bind(ticket.version)
        .bind(ticket.state.as_str())
        .bind(ticket.number.as_ref().map(|number| number.reveal().as_str()))
        .bind(ticket.queue.as_str())
        .bind(ticket.source.as_str())
        .bind(ticket.code.as_deref())
        .bind(ticket.asked)
        .bind(ticket.due)
        .bind(ticket.attempts)
        .bind(ticket.ended)
        .bind(ticket.rest.to_string())
}

/// What a new ticket says of its message, and one that was not to be.
fn mark_message(ticket: &TicketRow) -> Option<Statement> {
    let message = ticket.rest.get("message")?.as_u64()?;
    let text = match ticket.state.as_str() {
        "asked" => "UPDATE messages SET ticket = $1 WHERE id = $2 AND ticket IS NULL",
        "refused" => TAKE_BACK,
        // Whoever asked was told nothing, or that nothing is noted.
        "cancelled" if ticket.rest["ended"]["cancelled"] == "unpromised" => TAKE_BACK,
        _ => return None,
    };
    Some(Statement::new(text).bind(ticket.id.0).bind(message))
}

const TAKE_BACK: &str = "UPDATE messages SET ticket = NULL WHERE ticket = $1 AND id = $2";

const UPSERT: &str = "INSERT INTO tickets \
    (id, version, state, number, queue, source, code, asked, due, attempts, ended, ticket) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, number = excluded.number, \
    queue = excluded.queue, source = excluded.source, code = excluded.code, asked = excluded.asked, \
    due = excluded.due, attempts = excluded.attempts, ended = excluded.ended, ticket = excluded.ticket \
    WHERE tickets.version < excluded.version OR (tickets.version = excluded.version \
    AND tickets.state = excluded.state AND tickets.ticket = excluded.ticket) \
    RETURNING id";

fn read(mut row: Row) -> Result<TicketRow, Error> {
    Ok(TicketRow {
        id: TicketId(row.count()?),
        version: row.count()?,
        state: row.text()?,
        number: row.maybe_text()?.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
        queue: row.text()?.as_str().into(),
        source: row.text()?,
        code: row.maybe_text()?,
        asked: row.time()?,
        due: row.time()?,
        attempts: row.count()?,
        ended: row.maybe_time()?,
        rest: serde_json::from_str(&row.text()?)?,
    })
}
