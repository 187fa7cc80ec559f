//! The rows of messages; their sound is in files beside the database.

use std::time::Duration;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Error, Store};
use crate::base::{MessageId, PhoneNumber, Private, WallTime};
use crate::callback::{Mail, Message, MessageState};

/// Which messages are wanted.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Those in this state; those that are left when not said.
    pub state: Option<MessageState>,
    /// Those of this service.
    pub service: Option<String>,
}

impl Store {
    /// Writes down that a message is being recorded; its id.
    ///
    /// # Errors
    /// When it is not on the disk.
    pub async fn begin_message(&self, message: &Message) -> Result<MessageId, Error> {
        let (id,): (i64,) = sqlx::query_as(
            "INSERT INTO messages (service, flow, number, started, length_ms, file, state, changed, callback, mail, \
             mail_tries) VALUES ($1, $2, $3, $4, 0, $5, 'recording', $4, $6, 'none', 0) RETURNING id",
        )
        .bind(&message.service)
        .bind(&message.flow)
        .bind(message.from.as_ref().map(|from| from.reveal().as_str()))
        .bind(message.at.millis())
        .bind(&message.file)
        .bind(i64::from(message.callback))
        .fetch_one(self.pool())
        .await?;
        Ok(MessageId(id.unsigned_abs()))
    }

    /// The sound is on the disk and this long; in place of another message, which is no more.
    ///
    /// # Errors
    /// When that is not on the disk: both are as they were.
    pub async fn keep_message(
        &self,
        id: MessageId,
        length: Duration,
        instead_of: Option<MessageId>,
    ) -> Result<(), Error> {
        let mut transaction = self.pool().begin().await?;
        let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
        sqlx::query("UPDATE messages SET state = 'kept', length_ms = $2 WHERE id = $1")
            .bind(number(id))
            .bind(length)
            .execute(&mut *transaction)
            .await?;
        if let Some(old) = instead_of {
            sqlx::query("DELETE FROM messages WHERE id = $1").bind(number(old)).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The caller has left it: it waits for somebody, who is told by mail at once if `mail` says so.
    ///
    /// # Errors
    /// When that is not on the disk.
    pub async fn leave_message(&self, id: MessageId, at: WallTime, mail: Mail) -> Result<(), Error> {
        sqlx::query("UPDATE messages SET state = 'new', changed = $2, mail = $3, mail_due = $2 WHERE id = $1")
            .bind(number(id))
            .bind(at.millis())
            .bind(mail.word())
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// How far a message is, from now on; whether there is such a message that was left.
    ///
    /// # Errors
    /// When that is not on the disk.
    pub async fn set_message(
        &self,
        id: MessageId,
        state: MessageState,
        (at, by): (WallTime, Option<&str>),
    ) -> Result<bool, Error> {
        let done = sqlx::query(
            "UPDATE messages SET state = $2, changed = $3, changed_by = $4 \
             WHERE id = $1 AND state NOT IN ('recording', 'kept')",
        )
        .bind(number(id))
        .bind(state.word())
        .bind(at.millis())
        .bind(by)
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Erases a message's row.
    ///
    /// # Errors
    /// When that is not on the disk.
    pub async fn erase_message(&self, id: MessageId) -> Result<(), Error> {
        sqlx::query("DELETE FROM messages WHERE id = $1").bind(number(id)).execute(self.pool()).await?;
        Ok(())
    }

    /// One message.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn message(&self, id: MessageId) -> Result<Option<Message>, Error> {
        let text = format!("SELECT {COLUMNS} FROM messages WHERE id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(number(id)).fetch_optional(self.pool()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Messages, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn messages(&self, filter: &MessageFilter, most: u32) -> Result<Vec<Message>, Error> {
        let text = format!(
            "SELECT {COLUMNS} FROM messages WHERE ($1 IS NULL OR service = $1) \
             AND (state = $2 OR ($2 IS NULL AND state NOT IN ('recording', 'kept'))) \
             ORDER BY started DESC, id DESC LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(filter.service.as_deref())
            .bind(filter.state.map(MessageState::word))
            .bind(most)
            .fetch_all(self.pool())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Those that were not left when the service ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unfinished_messages(&self) -> Result<Vec<Message>, Error> {
        let text = format!("SELECT {COLUMNS} FROM messages WHERE state IN ('recording', 'kept') ORDER BY id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(text)).fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// Which of these files are a message's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_message_file(&self, file: &str) -> Result<bool, Error> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM messages WHERE file = $1").bind(file).fetch_one(self.pool()).await?;
        Ok(count > 0)
    }

    /// How many messages a number has begun since then; those without a number for `None`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn messages_from(&self, from: Option<&PhoneNumber>, since: WallTime) -> Result<u32, Error> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM messages WHERE number IS $1 AND started >= $2")
                .bind(from.map(PhoneNumber::as_str))
                .bind(since.millis())
                .fetch_one(self.pool())
                .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Messages whose mail is due.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn mails_due(&self, now: WallTime, most: u32) -> Result<Vec<Message>, Error> {
        let text = format!(
            "SELECT {COLUMNS} FROM messages WHERE mail = 'waiting' AND mail_due <= $1 ORDER BY mail_due, id LIMIT $2"
        );
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(text)).bind(now.millis()).bind(most).fetch_all(self.pool()).await?;
        rows.iter().map(read).collect()
    }

    /// What became of a mail; when it waits, until when.
    ///
    /// # Errors
    /// When that is not on the disk.
    pub async fn set_mail(&self, id: MessageId, mail: Mail, due: Option<WallTime>) -> Result<(), Error> {
        let tries = if let Mail::Waiting { tries } = mail { Some(tries) } else { None };
        sqlx::query("UPDATE messages SET mail = $2, mail_tries = COALESCE($3, mail_tries), mail_due = $4 WHERE id = $1")
            .bind(number(id))
            .bind(mail.word())
            .bind(tries)
            .bind(due.map(WallTime::millis))
            .execute(self.pool())
            .await?;
        Ok(())
    }
}

const COLUMNS: &str =
    "id, service, flow, number, started, length_ms, file, state, changed, changed_by, callback, mail, mail_tries";

fn number(id: MessageId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn read(row: &SqliteRow) -> Result<Message, Error> {
    let time = |column| Ok::<_, sqlx::Error>(WallTime::from_millis(row.try_get(column)?));
    let wrong = |column: &str| sqlx::Error::Decode(format!("an unknown word in `{column}`").into());
    let state: String = row.try_get("state")?;
    let mail: String = row.try_get("mail")?;
    let from: Option<String> = row.try_get("number")?;
    Ok(Message {
        id: MessageId(row.try_get::<i64, _>("id")?.unsigned_abs()),
        service: row.try_get("service")?,
        flow: row.try_get("flow")?,
        from: from.and_then(|text| PhoneNumber::parse(&text).ok()).map(Private::new),
        at: time("started")?,
        length: Duration::from_millis(row.try_get::<i64, _>("length_ms")?.unsigned_abs()),
        file: row.try_get("file")?,
        state: MessageState::from_word(&state).ok_or_else(|| wrong("state"))?,
        changed: time("changed")?,
        changed_by: row.try_get("changed_by")?,
        callback: row.try_get::<i64, _>("callback")? != 0,
        mail: Mail::from_word(&mail, row.try_get("mail_tries")?).ok_or_else(|| wrong("mail"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::store) fn message(file: &str, from: Option<&str>, at: i64) -> Message {
        Message {
            id: MessageId(0),
            service: "france-services".into(),
            flow: "accueil".into(),
            from: from.map(|from| Private::new(PhoneNumber::parse(from).unwrap())),
            at: WallTime::from_millis(at),
            length: Duration::ZERO,
            file: file.into(),
            state: MessageState::Recording,
            changed: WallTime::from_millis(at),
            changed_by: None,
            callback: false,
            mail: Mail::None,
        }
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        (data, store)
    }

    #[tokio::test]
    async fn a_message_goes_from_recording_to_settled_and_is_shown_once_it_is_left() {
        let (_data, store) = store().await;
        let at = WallTime::from_millis(1_000);
        let id = store.begin_message(&message("a.wav", Some("+33612345678"), 1_000)).await.unwrap();
        assert_eq!(store.messages(&MessageFilter::default(), 10).await.unwrap(), []);
        assert!(!store.set_message(id, MessageState::Settled, (at, None)).await.unwrap(), "nobody has left it yet");
        store.keep_message(id, Duration::from_millis(2_500), None).await.unwrap();
        assert_eq!(store.unfinished_messages().await.unwrap()[0].state, MessageState::Kept);
        store.leave_message(id, at, Mail::None).await.unwrap();
        assert_eq!(store.unfinished_messages().await.unwrap(), []);
        let listed = store.messages(&MessageFilter::default(), 10).await.unwrap();
        assert_eq!((listed[0].id, listed[0].length), (id, Duration::from_millis(2_500)));
        assert_eq!(listed[0].from.as_ref().unwrap().reveal().as_str(), "+33612345678");
        assert!(store.set_message(id, MessageState::Settled, (at, Some("amina"))).await.unwrap());
        let settled = store.message(id).await.unwrap().unwrap();
        assert_eq!((settled.state, settled.changed_by.as_deref()), (MessageState::Settled, Some("amina")));
        let new = MessageFilter { state: Some(MessageState::New), ..MessageFilter::default() };
        assert_eq!(store.messages(&new, 10).await.unwrap(), []);
        let other = MessageFilter { service: Some("autre".into()), ..MessageFilter::default() };
        assert_eq!(store.messages(&other, 10).await.unwrap(), []);
        store.erase_message(id).await.unwrap();
        assert_eq!(store.message(id).await.unwrap(), None);
        assert!(!store.is_message_file("a.wav").await.unwrap());
    }

    #[tokio::test]
    async fn one_that_is_done_again_takes_the_place_of_the_first() {
        let (_data, store) = store().await;
        let first = store.begin_message(&message("a.wav", None, 1_000)).await.unwrap();
        store.keep_message(first, Duration::from_secs(1), None).await.unwrap();
        let second = store.begin_message(&message("b.wav", None, 2_000)).await.unwrap();
        store.keep_message(second, Duration::from_secs(2), Some(first)).await.unwrap();
        let left: Vec<MessageId> = store.unfinished_messages().await.unwrap().iter().map(|m| m.id).collect();
        assert_eq!(left, [second]);
    }

    #[tokio::test]
    async fn a_number_s_messages_are_counted_and_those_without_one_apart() {
        let (_data, store) = store().await;
        let rows = [("+33612345678", 900), ("+33612345678", 1_000), ("+33612345678", 2_000), ("+33698765432", 2_000)];
        for (n, (from, at)) in rows.into_iter().enumerate() {
            store.begin_message(&message(&format!("{n}.wav"), Some(from), at)).await.unwrap();
        }
        store.begin_message(&message("w.wav", None, 2_000)).await.unwrap();
        let since = WallTime::from_millis(1_000);
        let number = PhoneNumber::parse("+33612345678").unwrap();
        assert_eq!(store.messages_from(Some(&number), since).await.unwrap(), 2);
        assert_eq!(store.messages_from(None, since).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_mail_waits_until_it_is_due_and_is_sent_once() {
        let (_data, store) = store().await;
        let at = WallTime::from_millis;
        let id = store.begin_message(&message("a.wav", None, 1_000)).await.unwrap();
        store.keep_message(id, Duration::from_secs(1), None).await.unwrap();
        store.leave_message(id, at(2_000), Mail::Waiting { tries: 0 }).await.unwrap();
        assert_eq!(store.mails_due(at(1_999), 10).await.unwrap(), []);
        assert_eq!(store.mails_due(at(2_000), 10).await.unwrap().len(), 1);
        store.set_mail(id, Mail::Waiting { tries: 1 }, Some(at(32_000))).await.unwrap();
        assert_eq!(store.mails_due(at(31_000), 10).await.unwrap(), []);
        assert_eq!(store.mails_due(at(32_000), 10).await.unwrap()[0].mail, Mail::Waiting { tries: 1 });
        store.set_mail(id, Mail::Sent, None).await.unwrap();
        assert_eq!(store.mails_due(at(99_000), 10).await.unwrap(), []);
        assert_eq!(store.message(id).await.unwrap().unwrap().mail, Mail::Sent);
    }
}
