//! SQLite's file: made, synced, copied, and looked at when it is damaged.

use std::os::unix::fs::PermissionsExt;

use super::super::engine::Statement;
use super::super::{Error, Store};
use super::{Fresh, record, ticket};
use crate::config::{Paths, Settings};

fn settings(data: &std::path::Path) -> Settings {
    Settings { paths: Paths { data: data.to_owned(), ..Paths::default() }, ..Settings::default() }
}

#[tokio::test]
async fn what_was_kept_outlives_the_service() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("not/yet/there");
    let store = Store::open(&folder).await.unwrap();
    store.save(&record(1, 1_000)).await.unwrap();
    store.keep_ticket(&ticket(1, 0)).await.unwrap();
    store.close().await;
    let store = Store::open(&folder).await.unwrap();
    assert_eq!((store.recent(10).await.unwrap().len(), store.open_tickets().await.unwrap().len()), (1, 1));
}

#[tokio::test]
async fn what_is_kept_is_synced_to_the_disk_and_for_nobody_else_s_eyes() {
    let fresh = Fresh::sqlite().await;
    let ask = |pragma: &'static str| fresh.store.read_one(Statement::new(pragma));
    assert_eq!(ask("PRAGMA journal_mode").await.unwrap().unwrap().text().unwrap(), "wal");
    assert_eq!(ask("PRAGMA synchronous").await.unwrap().unwrap().int().unwrap(), 2);
    assert_eq!(ask("PRAGMA secure_delete").await.unwrap().unwrap().int().unwrap(), 1);
    let mode = std::fs::metadata(fresh.data.path().join("svi.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("svi.db"), "not a database at all, and long enough to be read".repeat(20)).unwrap();
    let error = Store::open(data.path()).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("svi.db") && error.to_string().contains("svi backup"), "{error}");
}

#[tokio::test]
async fn a_damaged_page_is_found_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path()).await.unwrap();
    let records: Vec<_> = (0..500).map(|call| record(call, 1_000)).collect();
    store.save_all(&records).await.unwrap();
    store.close().await;
    let path = data.path().join("svi.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    // Page 1 has the tables' names: behind it, every third is overwritten as a bad disk would.
    for page in (2..pages).step_by(3) {
        bytes[page * 4096..page * 4096 + 512].fill(0xa5);
    }
    std::fs::write(&path, bytes).unwrap();
    let error = Store::open(data.path()).await.unwrap_err();
    assert!(matches!(&error, Error::Damaged { findings, .. } if !findings.is_empty()), "{error:?}");
}

#[tokio::test]
async fn a_copy_is_made_while_the_service_writes() {
    let fresh = Fresh::sqlite().await;
    fresh.store.save(&record(1, 1_000)).await.unwrap();
    let file = fresh.data.path().join("it's a copy.db");
    let beside = Store::beside(&settings(fresh.data.path())).await.unwrap();
    let second = record(2, 2_000);
    let (copied, saved) = tokio::join!(beside.backup(&file), fresh.store.save(&second));
    copied.and(saved).unwrap();
    fresh.store.save(&record(3, 3_000)).await.unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fresh.data.path().join("it's a copy.db.partial").exists());

    let restored = tempfile::tempdir().unwrap();
    std::fs::copy(&file, restored.path().join("svi.db")).unwrap();
    let restored = Store::open(restored.path()).await.unwrap();
    assert!((1..=2).contains(&restored.recent(10).await.unwrap().len()));

    let again = beside.backup(&file).await.unwrap_err();
    assert!(again.to_string().contains("is there already"), "{again}");
    let nowhere = beside.backup(&fresh.data.path().join("no/such/folder.db")).await.unwrap_err();
    assert!(nowhere.to_string().contains("folder.db"), "{nowhere}");
}

#[tokio::test]
async fn two_services_do_not_share_a_data_folder_and_tools_do() {
    let data = tempfile::tempdir().unwrap();
    let settings = settings(data.path());
    let first = Store::of(&settings).await.unwrap();
    let second = Store::of(&settings).await.unwrap_err();
    assert!(matches!(second, Error::Claimed { .. }), "{second:?}");
    Store::beside(&settings).await.unwrap();
    let clone = first.clone();
    drop(first);
    assert!(Store::of(&settings).await.is_err(), "a clone of it is still used");
    drop(clone);
    Store::of(&settings).await.unwrap();
}

#[tokio::test]
async fn a_tool_makes_no_database_where_none_is() {
    let data = tempfile::tempdir().unwrap();
    assert!(matches!(Store::beside(&settings(data.path())).await, Err(Error::Missing { .. })));
    assert!(!data.path().join("svi.db").exists());
}

#[tokio::test]
async fn a_tool_does_not_touch_the_tables_of_another_version() {
    let fresh = Fresh::sqlite().await;
    let older = Statement::new("DELETE FROM _sqlx_migrations WHERE version > 1");
    fresh.store.write_one(older).await.unwrap();
    let error = Store::beside(&settings(fresh.data.path())).await.unwrap_err();
    assert!(matches!(error, Error::Version { found: 1, .. }), "{error:?}");
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn a_program_without_postgresql_says_so() {
    let address = crate::base::Private::new("postgres://svi:hunter2@127.0.0.1/svi".to_owned());
    let data = tempfile::tempdir().unwrap();
    let error = Store::connect(data.path(), &address).await.unwrap_err().to_string();
    assert!(error.contains("--features postgres") && !error.contains("hunter2"), "{error}");
}
