//! A full disk, a locked file, a lost database: refused in time, seen, and over by itself.

use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Connection};

use super::super::engine::Statement;
use super::super::{Error, Health, Kept, Store, TicketRow, Trouble};
use super::{Fresh, record, ticket};

/// A disk that is full from here on.
const FULL: &str = "PRAGMA max_page_count = 1";
/// Room again.
const ROOM: &str = "PRAGMA max_page_count = 1000000";

#[allow(clippy::disallowed_methods, reason = "how long a refusal takes is what is tested")]
fn stopwatch() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}

fn trouble<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Trouble {
    match outcome {
        Err(Error::Trouble { trouble, .. }) => trouble,
        other => panic!("no trouble: {other:?}"),
    }
}

/// So large that it needs a page of its own.
fn large(id: u64) -> TicketRow {
    TicketRow { rest: serde_json::json!({ "reason": "x".repeat(20_000) }), ..ticket(id, 0) }
}

#[tokio::test]
async fn a_full_disk_keeps_nothing_says_so_and_is_over_when_there_is_room() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::narrow(data.path()).await.unwrap();
    store.keep_ticket(&ticket(1, 0)).await.unwrap();
    let health = store.health();
    store.read(Statement::new(FULL)).await.unwrap();

    let took = stopwatch();
    assert_eq!(trouble(store.keep_ticket(&large(2)).await), Trouble::Full);
    assert!(took() < Store::LONGEST);
    assert_eq!(*health.borrow(), Health::Fails(Trouble::Full));
    assert_eq!(trouble(store.keep_tickets(&[ticket(3, 0), large(4)]).await), Trouble::Full, "all or nothing");
    assert_eq!(store.open_tickets().await.unwrap().len(), 1, "what was kept can be read");
    assert_eq!(*health.borrow(), Health::Fails(Trouble::Full), "that reading works says nothing");

    store.read(Statement::new(ROOM)).await.unwrap();
    assert_eq!(store.keep_ticket(&large(2)).await.unwrap(), Kept::Written);
    assert_eq!(*health.borrow(), Health::Works);
}

#[tokio::test]
async fn a_locked_file_is_waited_for_a_while_and_no_longer() {
    let fresh = Fresh::sqlite().await;
    let store = &fresh.store;
    store.keep_ticket(&ticket(1, 0)).await.unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(fresh.data.path().join("svi.db"));
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();

    let took = stopwatch();
    let tickets = [ticket(2, 0), ticket(3, 0)];
    let (one, many) = tokio::join!(store.keep_ticket(&tickets[0]), store.keep_tickets(&tickets));
    assert_eq!((trouble(one), trouble(many)), (Trouble::Locked, Trouble::Locked));
    assert!(took() < Store::LONGEST, "{:?}", took());
    assert_eq!(*store.health().borrow(), Health::Fails(Trouble::Locked));
    assert_eq!(store.open_tickets().await.unwrap().len(), 1, "reading goes on");

    // A lock that is let go of in time is only waited for.
    let release = async {
        tokio::task::yield_now().await;
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    };
    let (kept, ()) = tokio::join!(store.keep_tickets(&tickets), release);
    assert_eq!(kept.unwrap(), [Kept::Written, Kept::Written]);
    assert_eq!(*store.health().borrow(), Health::Works);
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_database_that_can_not_be_written_to_is_said_to_be_so() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::narrow(data.path()).await.unwrap();
    store.read(Statement::new("PRAGMA query_only = ON")).await.unwrap();
    assert_eq!(trouble(store.save(&record(1, 0)).await), Trouble::ReadOnly);
    assert_eq!(*store.health().borrow(), Health::Fails(Trouble::ReadOnly));
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::super::server::{self, PASSWORD, Postgres};
    use super::*;
    use crate::base::Private;

    async fn open(address: &str) -> Result<Store, Error> {
        let data = tempfile::tempdir().unwrap();
        Store::connect(data.path(), &Private::new(address.to_owned())).await
    }

    #[tokio::test]
    async fn a_stopped_server_refuses_in_time_and_works_again_when_it_is_back() {
        let mut server = Postgres::start();
        let store = open(&server.database()).await.unwrap();
        store.keep_ticket(&ticket(1, 0)).await.unwrap();
        for round in 2..4 {
            server.stop();
            let took = stopwatch();
            assert_eq!(trouble(store.keep_ticket(&ticket(round, 0)).await), Trouble::Unreachable);
            assert!(took() < Store::LONGEST, "{:?}", took());
            assert_eq!(*store.health().borrow(), Health::Fails(Trouble::Unreachable));
            server.resume();
            assert_eq!(store.keep_ticket(&ticket(round, 0)).await.unwrap(), Kept::Written, "at the first try");
            assert_eq!(*store.health().borrow(), Health::Works);
        }
        assert_eq!(store.open_tickets().await.unwrap().len(), 3, "nothing that was kept is lost");
    }

    #[tokio::test]
    async fn a_server_that_falls_silent_is_given_up_in_time() {
        let address = server::shared().database();
        let (silent, relay) = relay(&address).await;
        let store = open(&silent).await.unwrap();
        store.keep_ticket(&ticket(1, 0)).await.unwrap();
        relay.send_replace(Relay::Swallow);
        let took = stopwatch();
        for id in 2..4 {
            let trouble = trouble(store.keep_ticket(&ticket(id, 0)).await);
            assert!(matches!(trouble, Trouble::Slow | Trouble::Unreachable), "{trouble:?}");
        }
        assert!(took() < 2 * Store::LONGEST + Duration::from_secs(1), "{:?}", took());
        relay.send_replace(Relay::Pass);
        assert_eq!(store.keep_ticket(&ticket(4, 0)).await.unwrap(), Kept::Written);
        assert_eq!(*store.health().borrow(), Health::Works);
    }

    #[tokio::test]
    async fn a_lock_of_somebody_else_is_waited_for_a_while_and_no_longer() {
        let address = server::shared().database();
        let store = open(&address).await.unwrap();
        let mut other = sqlx::PgConnection::connect(&address).await.unwrap();
        sqlx::raw_sql("BEGIN; LOCK TABLE tickets").execute(&mut other).await.unwrap();
        let took = stopwatch();
        assert_eq!(trouble(store.keep_ticket(&ticket(1, 0)).await), Trouble::Locked);
        assert!(took() < Store::LONGEST, "{:?}", took());
        sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
        assert_eq!(store.keep_ticket(&ticket(1, 0)).await.unwrap(), Kept::Written);
    }

    #[tokio::test]
    async fn who_is_not_let_in_is_told_without_the_password() {
        let address = server::shared().database();
        let wrong = address.replace(PASSWORD, "no-such-password");
        for (address, words) in [
            (wrong.as_str(), "lets nobody in"),
            ("postgres://svi:no-such-password@127.0.0.1:1/svi", "is it running?"),
            ("postgres://svi:no-such-password@:x/svi", "is no address"),
        ] {
            let error = anyhow::Error::from(open(address).await.unwrap_err());
            let (text, debug) = (format!("{error:#}"), format!("{error:?}"));
            assert!(text.contains(words), "{text}");
            assert!(!text.contains("no-such-password") && !debug.contains("no-such-password"), "{debug}");
        }
        let store = open(&address).await.unwrap();
        assert!(!format!("{store:?}").contains(PASSWORD), "{store:?}");
    }

    #[tokio::test]
    async fn its_own_backup_is_named() {
        let fresh = Fresh::postgres().await;
        let error = fresh.store.backup(&fresh.data.path().join("copy")).await.unwrap_err().to_string();
        assert!(error.contains("pg_dump") && !error.contains(PASSWORD), "{error}");
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Relay {
        Pass,
        /// What is sent arrives nowhere, and nobody is told: a pulled plug.
        Swallow,
    }

    /// The address of a way to the same database that can be cut.
    async fn relay(address: &str) -> (String, tokio::sync::watch::Sender<Relay>) {
        use tokio::net::{TcpListener, TcpStream};
        let real = address.split(['@', '/']).nth(3).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ours = listener.local_addr().unwrap().to_string();
        let (mode, _) = tokio::sync::watch::channel(Relay::Pass);
        let modes = mode.clone();
        let target = real.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&target).await else { continue };
                tokio::spawn(carry(near, far, modes.subscribe()));
            }
        });
        (address.replace(&real, &ours), mode)
    }

    async fn carry(
        mut near: tokio::net::TcpStream,
        mut far: tokio::net::TcpStream,
        mut mode: tokio::sync::watch::Receiver<Relay>,
    ) {
        let cut = async { drop(mode.wait_for(|mode| *mode == Relay::Swallow).await) };
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
            () = cut => {
                // Open, and dumb for ever: what began before the plug was pulled never goes on.
                std::future::pending::<()>().await;
            }
        }
    }
}
