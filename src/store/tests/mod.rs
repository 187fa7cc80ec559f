//! What both databases must do (`conformance`), what each does when it is in trouble, and
//! what is erased.

#[cfg(feature = "postgres")]
mod claims;
mod conformance;
mod erasure;
mod files;
#[cfg(feature = "postgres")]
mod server;
mod troubles;
mod versions;

use tempfile::TempDir;

use super::{CallBack, Mail, Message, MessageState, Store, TicketRow};
use crate::base::{CallId, PhoneNumber, Private, TicketId, WallTime};
use crate::call::{By, Ending, Record, StepLine};

/// A store of its own in a folder of its own.
struct Fresh {
    store: Store,
    data: TempDir,
}

impl Fresh {
    async fn sqlite() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { store: Store::open(data.path()).await.unwrap(), data }
    }

    #[cfg(feature = "postgres")]
    async fn postgres() -> Self {
        let data = tempfile::tempdir().unwrap();
        let address = Private::new(server::shared().database());
        Self { store: Store::connect(data.path(), &address).await.unwrap(), data }
    }
}

pub(super) fn number() -> Private<PhoneNumber> {
    Private::new(PhoneNumber::parse("+33612345678").unwrap())
}

fn at(millis: i64) -> WallTime {
    WallTime::from_millis(millis)
}

pub(super) fn record(call: u64, started: i64) -> Record {
    Record {
        call: CallId(call),
        sip_call_id: format!("{call}@phone"),
        service: "france-services".into(),
        flow: "accueil".into(),
        to: "100".into(),
        from: Some(number()),
        started: at(started),
        answered: Some(at(started + 50)),
        ended: at(started + 60_000),
        language: None,
        asked_agent: Some(at(started + 1_000)),
        asked_in_hours: true,
        queue: Some("france-services/agents".into()),
        rank: Some(3),
        told_waits: Vec::new(),
        survey: Vec::new(),
        told_ranks: vec![3, 1],
        agent: Some("amina".into()),
        connected: Some(at(started + 9_000)),
        wait_ms: Some(8_000),
        talk_ms: Some(51_000),
        ending: Ending { by: By::Caller, why: "hangup" },
        diverted: None,
        reason: None,
        media: None,
        others: Box::default(),
        steps: vec![StepLine { at_ms: 0, what: "step menu".into() }],
        callback: None,
    }
}

fn ticket(id: u64, asked: i64) -> TicketRow {
    TicketRow {
        id: TicketId(id),
        version: 0,
        state: "asked".into(),
        number: Some(Private::new(PhoneNumber::parse(&format!("+336{id:08}")).unwrap())),
        queue: "france-services/agents".into(),
        source: "queue".into(),
        code: None,
        asked: at(asked),
        due: at(asked + 1_000),
        attempts: 0,
        ended: None,
        rest: serde_json::json!({ "language": "fr", "reason": "carte d'identité ☎" }),
    }
}

fn message(file: &str, started: i64) -> Message {
    Message {
        id: 0,
        service: "france-services".into(),
        flow: "accueil".into(),
        queue: Some("france-services/agents".into()),
        number: Some(number()),
        started: at(started),
        length_ms: 12_340,
        file: file.into(),
        state: MessageState::New,
        changed: at(started),
        changed_by: None,
        reason: Some("une carte d'identité".into()),
        ticket: Some(TicketId(7)),
        callback: CallBack::No,
        mail: Mail::None,
    }
}
