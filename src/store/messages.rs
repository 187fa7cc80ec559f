//! Voice messages: the sound is a file in the data folder, the rest is here.

use super::engine::{Row, Statement};
use super::{Error, Store};
use crate::base::{PhoneNumber, Private, QueueName, TicketId, WallTime};

/// A voice message as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its id; 0 until it is kept.
    pub id: u64,
    /// The service.
    pub service: String,
    /// The flow.
    pub flow: String,
    /// The queue whose agents listen to it.
    pub queue: Option<QueueName>,
    /// Who left it; `None` when withheld or erased.
    pub number: Option<Private<PhoneNumber>>,
    /// When it was begun.
    pub started: WallTime,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// The sound's file, from the data folder on (`messages/….wav`).
    pub file: String,
    /// Whether it was heard.
    pub state: MessageState,
    /// When that changed.
    pub changed: WallTime,
    /// Who changed it.
    pub changed_by: Option<String>,
    /// What it is about, as the flow says.
    pub reason: Option<String>,
    /// The callback that was promised with it.
    pub ticket: Option<TicketId>,
    /// Whether one is wanted.
    pub callback: CallBack,
    /// The notice by e-mail.
    pub mail: Mail,
}

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// The caller speaks, or did when the service ended.
    Recording,
    /// It is on the disk, and its caller may still do it again.
    Kept,
    /// It is left, and was heard by nobody.
    New,
    /// It was heard by somebody.
    Heard,
    /// Nothing is left to do for it.
    Settled,
}

/// Whether the caller of a message is to be called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallBack {
    /// No.
    No,
    /// Yes: there is a ticket for it, or will be.
    Wanted,
    /// It was wanted, and could not be promised: who reads the message calls.
    Refused,
}

/// How far the notice by e-mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Mail {
    /// None is wanted.
    None,
    /// It is to be sent, or sent again, at this time.
    Waiting {
        /// When.
        due: WallTime,
        /// How often it was tried.
        tries: u32,
    },
    /// A mail server has taken it.
    Sent,
    /// It was tried as often as it may be.
    Failed,
}

impl MessageState {
    /// The word in the database, the API and the terminal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Kept => "kept",
            Self::New => "new",
            Self::Heard => "heard",
            Self::Settled => "settled",
        }
    }

    /// From that word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Recording, Self::Kept, Self::New, Self::Heard, Self::Settled]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

impl Store {
    /// Keeps a message; its id. The same file again is the same message.
    pub async fn keep_message(&self, message: &Message) -> Result<u64, Error> {
        let (mail, tries, due) = message.mail.cells();
        let insert = Statement::new(INSERT)
            .bind(message.service.as_str())
            .bind(message.flow.as_str())
            .bind(message.queue.as_ref().map(QueueName::as_str))
            .bind(message.number.as_ref().map(|number| number.reveal().as_str()))
            .bind(message.started)
            .bind(message.length_ms)
            .bind(message.file.as_str())
            .bind(message.state.word())
            .bind(message.changed)
            .bind(message.changed_by.as_deref())
            .bind(message.reason.as_deref())
            .bind(message.ticket.map(|ticket| ticket.0))
            .bind(mail)
            .bind(tries)
            .bind(due)
            .bind(message.callback.cell());
        match self.write_one(insert).await?.first_mut() {
            Some(row) => row.count(),
            None => Err(Error::Row { what: "no id" }),
        }
    }

    /// A message.
    pub async fn message(&self, id: u64) -> Result<Option<Message>, Error> {
        self.one_message(select("WHERE id = $1").bind(id)).await
    }

    /// The message of a file: `None` for one that a crash has left behind.
    pub async fn message_of_file(&self, file: &str) -> Result<Option<Message>, Error> {
        self.one_message(select("WHERE file = $1").bind(file)).await
    }

    /// The latest messages, in one state or all that were left, `n` at most.
    pub async fn messages(&self, state: Option<MessageState>, n: u32) -> Result<Vec<Message>, Error> {
        let some = match state {
            Some(state) => {
                select("WHERE state = $1 ORDER BY started DESC, id DESC LIMIT $2").bind(state.word()).bind(n)
            }
            None => select("WHERE state NOT IN ('recording', 'kept') ORDER BY started DESC, id DESC LIMIT $1").bind(n),
        };
        self.read(some).await?.into_iter().map(read).collect()
    }

    /// The sound of a message is on the disk, and this long; another one, which it is in
    /// place of, is no more. Whether there is such a message: it may have been erased meanwhile.
    pub async fn finish_message(&self, id: u64, length_ms: u64, instead_of: Option<u64>) -> Result<bool, Error> {
        let text =
            "UPDATE messages SET state = 'kept', length_ms = $1 WHERE id = $2 AND state = 'recording' RETURNING id";
        let mut statements = vec![Statement::new(text).bind(length_ms).bind(id)];
        let delete = |old: u64| Statement::new("DELETE FROM messages WHERE id = $1").bind(old);
        statements.extend(instead_of.map(delete));
        Ok(self.write(statements).await?.first().is_some_and(|rows| !rows.is_empty()))
    }

    /// The caller has left it: it waits for somebody, who is told by mail if `mail` says so.
    /// Whether there is such a message.
    pub async fn leave_message(&self, id: u64, now: WallTime, mail: Mail) -> Result<bool, Error> {
        let (mail, tries, due) = mail.cells();
        let text = "UPDATE messages SET state = 'new', changed = $1, mail = $2, mail_tries = $3, mail_due = $4 \
                    WHERE id = $5 AND state = 'kept' RETURNING id";
        let leave = Statement::new(text).bind(now).bind(mail).bind(tries).bind(due).bind(id);
        Ok(!self.write_one(leave).await?.is_empty())
    }

    /// The messages whose callers are to be called back and have no ticket yet, the earliest
    /// first, `n` at most: what a crash has left between a message and its ticket is among them.
    pub async fn callbacks_wanted(&self, n: u32) -> Result<Vec<Message>, Error> {
        let wanted = "WHERE callback = 1 AND ticket IS NULL AND number IS NOT NULL \
                      AND state IN ('new', 'heard') ORDER BY started, id LIMIT $1";
        self.read(select(wanted).bind(n)).await?.into_iter().map(read).collect()
    }

    /// Says that no callback could be promised with a message; not where one was.
    pub async fn refuse_callback(&self, id: u64) -> Result<(), Error> {
        let refuse = "UPDATE messages SET callback = 2 WHERE id = $1 AND ticket IS NULL";
        self.write_one(Statement::new(refuse).bind(id)).await.map(drop)
    }

    /// Says which ticket was promised with a message, where the number had one before. A
    /// ticket that is made for a message says so itself, in the same write.
    pub async fn give_ticket(&self, id: u64, ticket: TicketId) -> Result<(), Error> {
        let give = Statement::new("UPDATE messages SET ticket = $1 WHERE id = $2").bind(ticket.0).bind(id);
        self.write_one(give).await.map(drop)
    }

    /// Erases a message's row.
    pub async fn delete_message(&self, id: u64) -> Result<(), Error> {
        self.write_one(Statement::new("DELETE FROM messages WHERE id = $1").bind(id)).await.map(drop)
    }

    /// How many messages a number has begun since then; those without a number for `None`.
    pub async fn count_messages(&self, number: Option<&PhoneNumber>, since: WallTime) -> Result<u64, Error> {
        let count = "SELECT COUNT(*) FROM messages WHERE started >= $1 AND";
        let count = match number {
            Some(number) => Statement::new(format!("{count} number = $2")).bind(since).bind(number.as_str()),
            None => Statement::new(format!("{count} number IS NULL")).bind(since),
        };
        self.read_one(count).await?.map_or(Ok(0), |mut row| row.count())
    }

    /// Says that a message was heard or settled, by whom; the message as it is then.
    pub async fn mark_message(
        &self,
        id: u64,
        state: MessageState,
        (by, now): (&str, WallTime),
    ) -> Result<Option<Message>, Error> {
        let text = "UPDATE messages SET state = $1, changed = $2, changed_by = $3 WHERE id = $4 RETURNING";
        let mark = Statement::new(format!("{text} {COLUMNS}")).bind(state.word()).bind(now).bind(by).bind(id);
        self.write_one(mark).await?.into_iter().next().map(read).transpose()
    }

    /// The messages whose notice is to be sent now, the earliest first, `n` at most.
    pub async fn mails_due(&self, now: WallTime, n: u32) -> Result<Vec<Message>, Error> {
        let due = "WHERE mail = 'waiting' AND mail_due <= $1 ORDER BY mail_due, id LIMIT $2";
        self.read(select(due).bind(now).bind(n)).await?.into_iter().map(read).collect()
    }

    /// Says how far a message's notice is.
    pub async fn mark_mail(&self, id: u64, mail: Mail) -> Result<(), Error> {
        let (word, tries, due) = mail.cells();
        let text = "UPDATE messages SET mail = $1, mail_tries = $2, mail_due = $3 WHERE id = $4";
        self.write_one(Statement::new(text).bind(word).bind(tries).bind(due).bind(id)).await.map(drop)
    }

    async fn one_message(&self, statement: Statement) -> Result<Option<Message>, Error> {
        self.read_one(statement).await?.map(read).transpose()
    }
}

impl CallBack {
    fn cell(self) -> u32 {
        match self {
            Self::No => 0,
            Self::Wanted => 1,
            Self::Refused => 2,
        }
    }

    fn read(cell: u64) -> Self {
        match cell {
            0 => Self::No,
            1 => Self::Wanted,
            _ => Self::Refused,
        }
    }
}

impl Mail {
    fn cells(self) -> (&'static str, u32, Option<WallTime>) {
        match self {
            Self::None => ("none", 0, None),
            Self::Waiting { due, tries } => ("waiting", tries, Some(due)),
            Self::Sent => ("sent", 0, None),
            Self::Failed => ("failed", 0, None),
        }
    }

    fn read(word: &str, tries: u64, due: Option<WallTime>) -> Self {
        match (word, due) {
            ("waiting", Some(due)) => Self::Waiting { due, tries: u32::try_from(tries).unwrap_or(u32::MAX) },
            ("sent", _) => Self::Sent,
            ("failed", _) => Self::Failed,
            _ => Self::None,
        }
    }
}

const COLUMNS: &str = "id, service, flow, queue, number, started, length_ms, file, state, changed, changed_by, \
    reason, ticket, mail, mail_tries, mail_due, callback";

const INSERT: &str = "INSERT INTO messages (service, flow, queue, number, started, length_ms, file, state, changed, \
    changed_by, reason, ticket, mail, mail_tries, mail_due, callback) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
    ON CONFLICT (file) DO UPDATE SET file = excluded.file RETURNING id";

fn select(which: &str) -> Statement {
    Statement::new(format!("SELECT {COLUMNS} FROM messages {which}"))
}

fn read(mut row: Row) -> Result<Message, Error> {
    Ok(Message {
        id: row.count()?,
        service: row.text()?,
        flow: row.text()?,
        queue: row.maybe_text()?.map(|queue| queue.as_str().into()),
        number: row.maybe_text()?.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
        started: row.time()?,
        length_ms: row.count()?,
        file: row.text()?,
        state: MessageState::of(&row.text()?).unwrap_or(MessageState::New),
        changed: row.time()?,
        changed_by: row.maybe_text()?,
        reason: row.maybe_text()?,
        ticket: row.maybe_int()?.map(|id| TicketId(id.unsigned_abs())),
        mail: Mail::read(&row.text()?, row.count()?, row.maybe_time()?),
        callback: CallBack::read(row.count()?),
    })
}
