//! What is kept no longer, by age and on demand; on both databases.

use std::path::Path;
use std::time::Duration;

use super::super::engine::Statement;
use super::super::{Kept, Store, TicketRow, Wiped};
use super::{Fresh, at, message, number, record, ticket};
use crate::base::{PhoneNumber, TicketId, WallTime};
use crate::call::Record;
use crate::config::Keep;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Long after everything that these tests keep.
pub(super) const LATER: WallTime = WallTime::from_millis(4_000_000_000_000);

pub(super) fn keep() -> Keep {
    Keep { records: 400 * DAY, numbers: 90 * DAY, tickets: 90 * DAY, messages: 30 * DAY }
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Fresh::sqlite().await).await;
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(&super::Fresh::postgres().await).await;
            })*
        }
    };
}

on_both![
    each_thing_goes_at_its_age,
    more_than_one_step_of_old_things_goes_in_one_day,
    a_person_is_forgotten_however_the_number_was_written,
    a_forgotten_ticket_does_not_come_back,
    a_message_whose_file_can_not_be_deleted_is_said_and_stays,
];

fn days_ago(days: u32) -> WallTime {
    at(LATER.millis() - i64::try_from((days * DAY).as_millis()).unwrap())
}

fn sound(data: &Path, file: &str) -> bool {
    data.join(file).exists()
}

fn write_sound(data: &Path, file: &str) {
    std::fs::create_dir_all(data.join("messages")).unwrap();
    std::fs::write(data.join(file), "RIFF").unwrap();
}

async fn each_thing_goes_at_its_age(fresh: &Fresh) {
    let (store, data) = (&fresh.store, fresh.data.path());
    for (call, days) in [(1, 399), (2, 401), (3, 89), (4, 91)] {
        store.save(&record(call, days_ago(days).millis())).await.unwrap();
    }
    let done = |id, days| TicketRow { ended: Some(days_ago(days)), ..ticket(id, 0) };
    store.keep_tickets(&[done(1, 89), done(2, 91), ticket(3, 0)]).await.unwrap();
    let codes = ["one", "two"].map(|code| crate::base::Private::new(code.to_owned()));
    for (code, id) in codes.iter().zip([1, 2]) {
        store.keep_code(code, TicketId(id), &serde_json::json!({})).await.unwrap();
    }
    for (file, days) in [("messages/a.wav", 29), ("messages/b.wav", 31), ("messages/gone.wav", 31)] {
        store.keep_message(&message(file, days_ago(days).millis())).await.unwrap();
    }
    write_sound(data, "messages/a.wav");
    write_sound(data, "messages/b.wav");

    let (erased, done) = store.expire(&keep(), LATER).await;
    done.unwrap();
    let counts = (erased.records, erased.numbers, erased.tickets, erased.messages, erased.stuck.len());
    assert_eq!(counts, (1, 2, 1, 2, 0));
    let rows = store.recent(10).await.unwrap();
    let named: Vec<(u64, bool)> =
        rows.iter().map(|row| (row.record["call"].as_u64().unwrap(), row.from.is_some())).collect();
    assert_eq!(named, [(3, true), (4, false), (1, false)]);
    assert_eq!(rows[1].record["steps"], serde_json::json!([]));
    assert_eq!((&rows[1].record["sip_call_id"], &rows[1].record["wait_ms"]), (&"".into(), &8_000.into()));
    assert_eq!(rows[0].record["steps"][0]["what"], "step menu");
    assert!(store.ticket(TicketId(2)).await.unwrap().is_none());
    assert!(store.ticket(TicketId(3)).await.unwrap().is_some(), "what is open is never too old");
    let left = [&codes[0], &codes[1]].map(async |code| store.code(code).await.unwrap().is_some());
    let [first, second] = left;
    assert_eq!((first.await, second.await), (true, false), "a code goes with its ticket");
    assert!(sound(data, "messages/a.wav") && !sound(data, "messages/b.wav"));
    assert!(store.expire(&keep(), LATER).await.0.is_nothing(), "nothing is left to erase");
}

async fn more_than_one_step_of_old_things_goes_in_one_day(fresh: &Fresh) {
    let old: Vec<Record> = (0..1_100).map(|call| record(call, days_ago(100).millis())).collect();
    let older: Vec<Record> = (0..1_100).map(|call| record(call, days_ago(500).millis())).collect();
    fresh.store.save_all(&old).await.unwrap();
    fresh.store.save_all(&older).await.unwrap();
    let (erased, done) = fresh.store.expire(&keep(), LATER).await;
    done.unwrap();
    assert_eq!((erased.records, erased.numbers), (1_100, 1_100));
}

async fn a_person_is_forgotten_however_the_number_was_written(fresh: &Fresh) {
    let (store, data) = (&fresh.store, fresh.data.path());
    let spelled = |text: &str| Some(crate::base::Private::new(PhoneNumber::parse(text).unwrap()));
    for (call, from) in [(1, "+33612345678"), (2, "0612345678"), (3, "0033612345678"), (4, "+33612345679")] {
        store.save(&Record { from: spelled(from), ..record(call, 1_000) }).await.unwrap();
    }
    let open = TicketRow { number: Some(number()), code: Some("c0de".into()), ..ticket(1, 0) };
    let done = TicketRow { number: Some(number()), ended: Some(at(5)), state: "done".into(), ..ticket(2, 0) };
    store.keep_tickets(&[open, done, ticket(3, 0)]).await.unwrap();
    let code = crate::base::Private::new("another code".to_owned());
    store.keep_code(&code, TicketId(1), &serde_json::json!({})).await.unwrap();
    store.keep_message(&message("messages/a.wav", 0)).await.unwrap();
    write_sound(data, "messages/a.wav");

    let (erased, _) = store.forget(&PhoneNumber::parse("06 12 34 56 78").unwrap(), at(77)).await.unwrap();
    let counts = (erased.numbers, erased.tickets, erased.cancelled, erased.messages);
    assert_eq!(counts, (3, 2, 1, 1));
    let rows = store.recent(10).await.unwrap();
    let named: Vec<u64> =
        rows.iter().filter(|row| row.from.is_some()).map(|row| row.record["call"].as_u64().unwrap()).collect();
    assert_eq!(named, [4], "and nobody else");
    for (id, state, ended) in [(1, "cancelled", 77), (2, "done", 5)] {
        let empty = store.ticket(TicketId(id)).await.unwrap().unwrap();
        assert_eq!((empty.number, empty.code, empty.rest), (None, None, serde_json::json!({})));
        assert_eq!((empty.state.as_str(), empty.ended), (state, Some(at(ended))));
    }
    assert!(store.ticket(TicketId(3)).await.unwrap().unwrap().number.is_some());
    assert_eq!(store.code(&code).await.unwrap(), None);
    assert!(!sound(data, "messages/a.wav") && store.messages(None, 10).await.unwrap().is_empty());
    let (again, _) = store.forget(number().reveal(), at(78)).await.unwrap();
    assert!(again.is_nothing());
}

async fn a_forgotten_ticket_does_not_come_back(fresh: &Fresh) {
    let held = TicketRow { number: Some(number()), version: 3, ..ticket(1, 0) };
    fresh.store.keep_ticket(&held).await.unwrap();
    fresh.store.forget(number().reveal(), at(50)).await.unwrap().1.unwrap();
    let next = TicketRow { version: 4, state: "dialling".into(), ..held };
    assert_eq!(fresh.store.keep_ticket(&next).await.unwrap(), Kept::Older);
    assert_eq!(fresh.store.ticket(TicketId(1)).await.unwrap().unwrap().number, None);
}

async fn a_message_whose_file_can_not_be_deleted_is_said_and_stays(fresh: &Fresh) {
    let (store, data) = (&fresh.store, fresh.data.path());
    // A folder is no file that can be deleted, not by root either.
    std::fs::create_dir_all(data.join("messages/a.wav")).unwrap();
    std::fs::write(data.with_extension("outside"), "somebody else's").unwrap();
    let outside = format!("../{}", data.with_extension("outside").file_name().unwrap().to_str().unwrap());
    store.keep_message(&message("messages/a.wav", 0)).await.unwrap();
    store.keep_message(&message(&outside, 0)).await.unwrap();
    let (erased, done) = store.expire(&keep(), LATER).await;
    done.unwrap();
    assert_eq!((erased.messages, erased.stuck.len()), (0, 2));
    assert_eq!(store.messages(None, 10).await.unwrap().len(), 2);
    assert!(data.with_extension("outside").exists(), "nothing outside of the data folder is touched");
    std::fs::remove_file(data.with_extension("outside")).unwrap();
}

/// Every byte of the database's files.
fn bytes(data: &Path) -> Vec<u8> {
    ["svi.db", "svi.db-wal"].iter().flat_map(|file| std::fs::read(data.join(file)).unwrap_or_default()).collect()
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn nothing_of_a_forgotten_person_is_left_in_the_file() {
    let fresh = Fresh::sqlite().await;
    let (store, data) = (&fresh.store, fresh.data.path());
    for call in 0..500 {
        store.save(&Record { sip_call_id: format!("secret-{call}"), ..record(call, 1_000) }).await.unwrap();
    }
    let rest = serde_json::json!({ "reason": "my-own-words" });
    let open = TicketRow { number: Some(number()), rest, ..ticket(1, 0) };
    store.keep_ticket(&open).await.unwrap();
    store.keep_message(&message("messages/a.wav", 0)).await.unwrap();
    let secrets = ["612345678", "secret-", "my-own-words", "messages/a.wav"];
    assert!(secrets.iter().all(|secret| has(&bytes(data), secret)), "they were there");
    let (_, wiped) = store.forget(number().reveal(), at(50)).await.unwrap();
    assert_eq!(wiped.unwrap(), Wiped::Gone);
    for secret in secrets {
        assert!(!has(&bytes(data), secret), "{secret} is still there");
    }
}

#[tokio::test]
async fn what_was_erased_is_told_also_when_the_files_can_not_be_wiped() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::narrow(data.path()).await.unwrap();
    store.keep_ticket(&TicketRow { number: Some(number()), ..ticket(1, 0) }).await.unwrap();
    // The log can't be emptied within a transaction.
    store.read(Statement::new("BEGIN")).await.unwrap();
    let (erased, wiped) = store.forget(number().reveal(), at(50)).await.unwrap();
    assert_eq!((erased.tickets, erased.cancelled), (1, 1));
    assert!(wiped.is_err(), "{wiped:?}");
}

/// Slow on purpose: each page takes 0.4 s, and a statement of a caller is ended after 4.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_vacuum_may_take_longer_than_a_caller_waits() {
    let (server, data) = (super::server::shared(), tempfile::tempdir().unwrap());
    let address = server.database();
    let name = address.rsplit('/').next().unwrap();
    for slow in ["vacuum_cost_delay = 100", "vacuum_cost_limit = 1", "vacuum_cost_page_hit = 100"] {
        assert!(server.psql("postgres", &format!("ALTER DATABASE {name} SET {slow}")).status.success());
    }
    let store = Store::connect(data.path(), &crate::base::Private::new(address.clone())).await.unwrap();
    for call in 0..60 {
        store.save(&record(call, 1_000)).await.unwrap();
    }
    let (erased, wiped) = store.forget(number().reveal(), at(50)).await.unwrap();
    assert_eq!((erased.numbers, wiped.unwrap()), (60, Wiped::Later));
}
