//! Looks after the store: tells the operator when it fails, tries it until it works
//! again, and erases every day what is older than it may be.

use std::time::Duration;

use metrics::{counter, gauge};
use tokio::sync::watch;

use super::clock;
use crate::base::WallTime;
use crate::config::Keep;
use crate::store::{Health, Store, Trouble};

/// Whether what has to last is kept at present, for the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreState {
    /// It is.
    #[default]
    Works,
    /// It is not: callbacks and messages are refused, calls go on.
    Fails {
        /// Since when.
        since: WallTime,
        /// Why.
        trouble: Trouble,
    },
}

/// Starts both tasks; what is known of the store comes out.
pub(super) fn start(store: &Store, keep: Keep) -> watch::Receiver<StoreState> {
    let (state, receiver) = watch::channel(StoreState::Works);
    tokio::spawn(look_after(store.clone(), state));
    // With another day on the clock, what is not old would seem so.
    if !clock::is_shifted() {
        tokio::spawn(erase_daily(store.clone(), keep));
    }
    receiver
}

async fn look_after(store: Store, state: watch::Sender<StoreState>) {
    let mut health = store.health();
    gauge!("svi_store_up").set(1.0);
    loop {
        let seen = *health.borrow_and_update();
        let known = *state.borrow();
        match (seen, known) {
            (Health::Works, StoreState::Works) => {}
            (Health::Works, StoreState::Fails { since, .. }) => {
                let seconds = (clock::wall().millis() - since.millis()) / 1000;
                tracing::info!(seconds, "the store works again");
                gauge!("svi_store_up").set(1.0);
                state.send_replace(StoreState::Works);
            }
            (Health::Fails(trouble), StoreState::Fails { trouble: told, .. }) if trouble == told => {}
            (Health::Fails(trouble), known) => {
                let since = match known {
                    StoreState::Works => clock::wall(),
                    StoreState::Fails { since, .. } => since,
                };
                tracing::error!(why = %trouble, "the store fails: no callback and no message is taken, calls go on");
                counter!("svi_store_failures_total", "why" => trouble.word()).increment(1);
                gauge!("svi_store_up").set(0.0);
                state.send_replace(StoreState::Fails { since, trouble });
            }
        }
        let next = match seen {
            Health::Works => None,
            Health::Fails(_) => Some(clock::now() + AGAIN),
        };
        tokio::select! {
            changed = health.changed() => if changed.is_err() { return },
            // Whoever has something to write may not come for hours.
            () = clock::until(next) => drop(store.probe().await),
        }
    }
}

async fn erase_daily(store: Store, keep: Keep) {
    loop {
        let (erased, done) = store.expire(&keep, clock::wall()).await;
        for file in &erased.stuck {
            tracing::error!(file = %file.display(), "a message is too old, and its file can't be deleted");
        }
        if !erased.is_nothing() {
            let (records, numbers) = (erased.records, erased.numbers);
            let (tickets, messages) = (erased.tickets, erased.messages);
            tracing::info!(records, numbers, tickets, messages, "erased what was kept long enough");
        }
        let next = match done {
            Ok(()) => DAY,
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "what is too old could not be erased");
                AGAIN_TO_ERASE
            }
        };
        clock::until(Some(clock::now() + next)).await;
    }
}

/// How often a store that fails is tried.
const AGAIN: Duration = Duration::from_secs(5);
/// How often personal data is erased.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How soon again when that did not work.
const AGAIN_TO_ERASE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use sqlx::{ConnectOptions, Connection};

    use super::*;

    #[tokio::test]
    async fn a_store_that_fails_is_seen_and_tried_until_it_works_again() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let (sender, mut state) = watch::channel(StoreState::Works);
        tokio::spawn(look_after(store.clone(), sender));
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.path().join("svi.db"));
        let mut other = options.connect().await.unwrap();
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
        store.probe().await.unwrap_err();
        let patience = Duration::from_secs(30);
        let failed = tokio::time::timeout(patience, state.wait_for(|state| *state != StoreState::Works)).await;
        assert!(matches!(*failed.unwrap().unwrap(), StoreState::Fails { trouble: Trouble::Locked, .. }));
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
        let works = tokio::time::timeout(patience, state.wait_for(|state| *state == StoreState::Works)).await;
        works.unwrap().unwrap();
        other.close().await.unwrap();
    }

    #[tokio::test]
    async fn what_is_too_old_is_erased_at_the_start() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let old = crate::store::TicketRow {
            id: crate::base::TicketId(1),
            version: 0,
            state: "done".into(),
            number: None,
            queue: "s/q".into(),
            source: "queue".into(),
            code: None,
            asked: WallTime::from_millis(0),
            due: WallTime::from_millis(0),
            attempts: 1,
            ended: Some(WallTime::from_millis(1)),
            rest: serde_json::json!({}),
        };
        store.keep_ticket(&old).await.unwrap();
        let task = tokio::spawn(erase_daily(store.clone(), Keep::default()));
        let gone = async {
            while store.ticket(old.id).await.unwrap().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
        task.abort();
    }
}
