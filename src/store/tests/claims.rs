//! One service at a time works on a PostgreSQL database.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::super::{Error, Store, Trouble};
use super::server::{Postgres, shared};
use super::ticket;
use crate::base::Private;
use crate::config::{Paths, Settings};

fn settings(data: &std::path::Path, address: &str) -> Settings {
    let paths = Paths { data: data.to_owned(), ..Paths::default() };
    Settings { paths, store: Some(Private::new(address.to_owned())), ..Settings::default() }
}

#[tokio::test]
async fn two_services_do_not_work_on_one_postgresql_database_and_tools_do() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let address = shared().database();
    let [first, second] = folders.each_ref().map(|data| settings(data.path(), &address));
    let store = Store::of(&first).await.unwrap();
    let refused = Store::of(&second).await.unwrap_err();
    assert!(matches!(refused, Error::Taken), "{refused:?}");
    Store::beside(&second).await.unwrap().keep_ticket(&ticket(1, 0)).await.unwrap();
    store.keep_ticket(&ticket(2, 0)).await.unwrap();
    drop(store);
    Store::of(&second).await.unwrap();
}

#[tokio::test]
async fn a_service_keeps_nothing_any_more_once_another_has_its_database() {
    let data = tempfile::tempdir().unwrap();
    let server = shared();
    let address = server.database();
    let store = Store::of(&settings(data.path(), &address)).await.unwrap();
    store.keep_ticket(&ticket(1, 0)).await.unwrap();
    // Another is next for the lock, and the first one's connection is cut.
    let mut other = Command::new("psql")
        .args(["-XAtq", "-c", "SELECT pg_advisory_lock(x'737669'::int), pg_sleep(60)", &address])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let waits = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    until(|| count(server, &address, waits) == "1").await;
    let cut = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted";
    assert_eq!(count(server, &address, cut), "1");
    let refused = async {
        while !matches!(store.keep_ticket(&ticket(2, 0)).await, Err(Error::Trouble { trouble: Trouble::Locked, .. })) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.unwrap();
    store.open_tickets().await.unwrap();
    other.kill().unwrap();
    other.wait().unwrap();
    store.keep_ticket(&ticket(3, 0)).await.unwrap_err();
}

fn count(server: &Postgres, address: &str, statement: &str) -> String {
    let name = address.rsplit('/').next().unwrap();
    let of_this = format!("{statement} AND database = (SELECT oid FROM pg_database WHERE datname = '{name}')");
    String::from_utf8_lossy(&server.psql(name, &of_this).stdout).trim().to_owned()
}

async fn until(mut holds: impl FnMut() -> bool) {
    let soon = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), soon).await.unwrap();
}
