//! Tickets to and from the store.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::base::{Lifecycle, TicketId, WallTime, limits};
use crate::callback::{Book, Rules, Ticket};
use crate::server::callbacks::ForBook;
use crate::server::hub::ToHub;
use crate::server::{clock, crash};
use crate::store::{Error, Kept, Store, TicketRow};

/// Where the hub puts what is to be written down.
pub(in crate::server) struct Disk(pub(super) mpsc::Sender<Ticket>);

/// What became of a version of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Written {
    /// It is on the disk.
    Yes,
    /// The store has a newer one.
    Overtaken,
    /// It could not be written.
    No,
}

/// An empty book of these rules; what they risk is told.
pub(in crate::server) fn book(rules: Rules, first: TicketId) -> Book {
    if rules.guard <= OLD_CALL {
        tracing::warn!("`callbacks.guard` is so short that a crash may lead to a second call beside the first");
    }
    Book::new(rules, first)
}

impl Disk {
    /// Starts to write: everything that is waiting shares one wait for the disk.
    pub(in crate::server) fn open(store: Store, hub: mpsc::Sender<ToHub>) -> Self {
        let (disk, mut inbox) = mpsc::channel(limits::TICKETS_UNWRITTEN);
        tokio::spawn(async move {
            let mut tickets = Vec::new();
            while inbox.recv_many(&mut tickets, AT_ONCE).await > 0 {
                for (ticket, version, written) in write(&store, std::mem::take(&mut tickets)).await {
                    if hub.send(ToHub::Callbacks(ForBook::Written { ticket, version, written })).await.is_err() {
                        return;
                    }
                }
            }
        });
        Self(disk)
    }
}

async fn write(store: &Store, tickets: Vec<Ticket>) -> Vec<(TicketId, u32, Written)> {
    let rows: Vec<Option<TicketRow>> = tickets.iter().map(row).collect();
    let good: Vec<TicketRow> = rows.iter().flatten().cloned().collect();
    crash::before_write(&tickets);
    let kept = store.keep_tickets(&good).await;
    if let Err(error) = &kept {
        tracing::error!(%error, tickets = tickets.len(), "callbacks could not be written down");
    }
    let mut kept = kept.unwrap_or_default().into_iter();
    let mut told = Vec::new();
    for (ticket, row) in tickets.iter().zip(rows) {
        let written = match row.and_then(|_| kept.next()) {
            Some(Kept::Written) => Written::Yes,
            Some(Kept::Older) => Written::Overtaken,
            None => Written::No,
        };
        told.push((ticket.id, ticket.version, written));
    }
    crash::after_write(&tickets, &told);
    told
}

/// The open tickets and those of the last day, with an id that no ticket ever had.
///
/// # Errors
///
/// When the store does not answer.
pub(in crate::server) async fn restore(store: &Store) -> Result<(TicketId, Vec<Ticket>), Error> {
    let first = store.next_ticket_id().await?;
    let since = clock::wall().millis() - i64::try_from(DAY.as_millis()).unwrap_or(0);
    let mut rows = store.open_tickets().await?;
    let since = WallTime::from_millis(since);
    rows.extend(store.tickets_since(since, limits::TICKETS_PER_DAY).await?.into_iter().filter(|r| r.ended.is_some()));
    rows.sort_unstable_by_key(|row| row.id);
    let mut tickets = Vec::new();
    for row in rows {
        let (id, erased) = (row.id, row.number.is_none());
        match ticket(row) {
            Some(ticket) => tickets.push(ticket),
            None if erased => {}
            None => tracing::error!(%id, "a callback in the store can't be read"),
        }
    }
    Ok((first, tickets))
}

fn row(ticket: &Ticket) -> Option<TicketRow> {
    let mut rest = serde_json::to_value(ticket).ok()?;
    for key in APART {
        rest.as_object_mut()?.remove(key);
    }
    Some(TicketRow {
        id: ticket.id,
        version: ticket.version.into(),
        state: ticket.state.name().to_owned(),
        number: Some(ticket.number.clone()),
        queue: ticket.queue.clone(),
        source: ticket.source.word().to_owned(),
        code: ticket.code.reveal().clone(),
        asked: ticket.asked,
        due: ticket.due,
        attempts: ticket.attempts.len().try_into().ok()?,
        ended: ticket.state.is_over().then(clock::wall),
        rest,
    })
}

fn ticket(row: TicketRow) -> Option<Ticket> {
    let mut value = row.rest;
    let fields = value.as_object_mut()?;
    fields.insert("number".to_owned(), Value::String(row.number?.reveal().to_string()));
    fields.insert("code".to_owned(), row.code.map_or(Value::Null, Value::String));
    // What was cancelled in the store alone shows in its columns.
    fields.insert("version".to_owned(), row.version.into());
    fields.insert("state".to_owned(), Value::String(row.state));
    serde_json::from_value(value).ok()
}

/// What has a column of its own, because it is a citizen's.
const APART: [&str; 2] = ["number", "code"];
/// Tickets that share one wait for the disk.
const AT_ONCE: usize = 64;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a call may be up of which a crash has left nothing but its answer (64 × T1; RFC 3261, section 13.3.1.4).
const OLD_CALL: Duration = Duration::from_secs(32);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Language, MessageId, PhoneNumber, Private};
    use crate::callback::{Attempt, DialogName, Outcome, Source, TicketState, When};

    fn full() -> Ticket {
        let at = WallTime::from_millis(1_795_510_800_000);
        let dialog =
            DialogName { call_id: "c".into(), from_tag: "f".into(), branch: "b".into(), to_tag: Some("t".into()) };
        Ticket {
            id: TicketId(9),
            version: 7,
            state: TicketState::Retry,
            number: Private::new(PhoneNumber::parse("+33612345678").unwrap()),
            queue: "france-services/agents".into(),
            needs: vec!["fiscal".into()],
            priority: 2,
            language: Language::En,
            source: Source::Voicemail,
            reason: Private::new(Some("un passeport".into())),
            message: Some(MessageId(4)),
            code: Private::new(Some("a hash".into())),
            asked: at,
            since: at,
            when: When::Slot { from: at, to: at + DAY },
            due: at,
            attempts: vec![Attempt { nth: 1, at, agent: "amina".into(), dialog, outcome: Some(Outcome::Busy) }],
            redialled: 1,
            ended: None,
        }
    }

    #[test]
    fn a_ticket_comes_back_from_its_row_as_it_was() {
        let row = row(&full()).unwrap();
        assert_eq!((row.state.as_str(), row.source.as_str(), row.attempts), ("retry", "voicemail", 1));
        let rest = row.rest.to_string();
        assert!(!rest.contains("612345678") && !rest.contains("a hash"), "{rest}");
        assert_eq!(ticket(row), Some(full()));
    }

    #[test]
    fn what_was_cancelled_in_the_store_alone_is_cancelled_and_what_was_erased_is_nobody_s() {
        let mut cancelled = row(&full()).unwrap();
        (cancelled.state, cancelled.version) = ("cancelled".into(), 8);
        let back = ticket(cancelled.clone()).unwrap();
        assert_eq!((back.state, back.version), (TicketState::Cancelled, 8));
        cancelled.number = None;
        assert_eq!(ticket(cancelled), None);
    }
}
