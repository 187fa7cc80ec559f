//! Codes of the web site beside the tickets' own.

use serde_json::Value as Json;

use super::engine::Statement;
use super::{Error, Store, hash_of_code};
use crate::base::{Private, TicketId, WallTime};

/// A code of a request that was added to an earlier ticket of the number.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeRow {
    /// The ticket that it shows.
    pub ticket: TicketId,
    /// What was asked for with it.
    pub asked: Json,
    /// When its request was withdrawn.
    pub withdrawn: Option<WallTime>,
}

impl Store {
    /// Writes such a code; it is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// When the database does not answer: the code means nothing then.
    pub async fn keep_code(&self, code: &Private<String>, ticket: TicketId, asked: &Json) -> Result<(), Error> {
        let text = "INSERT INTO codes (code, ticket, asked) VALUES ($1, $2, $3) RETURNING code";
        let insert = Statement::new(text).bind(hash_of_code(code)).bind(ticket.0).bind(asked.to_string());
        self.write_one(insert).await.map(drop)
    }

    /// What such a code shows.
    pub async fn code(&self, code: &Private<String>) -> Result<Option<CodeRow>, Error> {
        let text = "SELECT ticket, asked, withdrawn FROM codes WHERE code = $1";
        let Some(mut row) = self.read_one(Statement::new(text).bind(hash_of_code(code))).await? else {
            return Ok(None);
        };
        let ticket = TicketId(row.count()?);
        Ok(Some(CodeRow { ticket, asked: serde_json::from_str(&row.text()?)?, withdrawn: row.maybe_time()? }))
    }

    /// Withdraws the request of such a code; the ticket stands.
    pub async fn withdraw_code(&self, code: &Private<String>, now: WallTime) -> Result<(), Error> {
        let text = "UPDATE codes SET withdrawn = COALESCE(withdrawn, $2) WHERE code = $1 RETURNING code";
        self.write_one(Statement::new(text).bind(hash_of_code(code)).bind(now)).await.map(drop)
    }
}

/// Takes away the codes of tickets that are gone.
pub(super) fn drop_stray_codes() -> Statement {
    Statement::new(
        "DELETE FROM codes WHERE NOT EXISTS (SELECT 1 FROM tickets WHERE tickets.id = codes.ticket) RETURNING code",
    )
}
