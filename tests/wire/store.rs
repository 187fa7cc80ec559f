//! What is kept, beside a running service: copied, erased, and refused when it is broken.

use std::process::{Command, Output};
#[cfg(feature = "postgres")]
use std::time::Duration;

use super::media::call;
use super::service::{OPEN, Service, free};

#[cfg(feature = "postgres")]
#[path = "../support/postgres.rs"]
pub(crate) mod postgres;

fn svi(service: &Service, words: &[&str]) -> Output {
    let data = service.path("data");
    Command::new(env!("CARGO_BIN_EXE_svi")).args(words).arg("--data").arg(data).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn stands_in_the_files(service: &Service, digits: &str) -> bool {
    ["data/svi.db", "data/svi.db-wal"].iter().any(|file| {
        let bytes = std::fs::read(service.path(file)).unwrap_or_default();
        bytes.windows(digits.len()).any(|window| window == digits.as_bytes())
    })
}

#[test]
fn a_person_is_forgotten_and_a_copy_is_made_while_the_service_runs() {
    let service = Service::start(OPEN);
    call(&service, "100", &["--from", "+33612345678", "--seconds", "1"]);
    service.records_of(1);
    assert!(stands_in_the_files(&service, "612345678"));

    let copy = service.path("copy.db");
    let copied = svi(&service, &["backup", copy.to_str().unwrap()]);
    assert!(copied.status.success() && text(&copied).contains("whole"), "{}", text(&copied));
    let again = svi(&service, &["backup", copy.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again));

    let forgotten = svi(&service, &["forget", "06 12 34 56 78"]);
    assert!(forgotten.status.success(), "{}", text(&forgotten));
    assert!(text(&forgotten).contains("1 call records"), "{}", text(&forgotten));
    assert!(!text(&forgotten).contains("345678"), "{}", text(&forgotten));
    assert!(!stands_in_the_files(&service, "612345678"));

    call(&service, "100", &["--from", "+33612345679", "--seconds", "1"]);
    service.records_of(2);
    assert!(!service.log().contains("not in the store"), "{}", service.log());
    assert!(stands_in_the_files(&service, "612345679"), "the service has gone on");
}

#[test]
fn a_damaged_database_keeps_the_service_from_starting_and_it_is_said_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("svi.db"), "no database ".repeat(2_000)).unwrap();
    let (sip, http) = (free(), free());
    let mut serve = Command::new(env!("CARGO_BIN_EXE_svi"));
    serve.args(["serve", "--sip", &sip.to_string(), "--http", &http.to_string(), "--data"]).arg(data.path());
    let output = serve.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("is damaged") && text(&output).contains("svi backup"), "{}", text(&output));
}

#[cfg(feature = "postgres")]
#[test]
fn calls_go_on_while_postgresql_is_stopped_and_it_is_used_again_when_it_is_back() {
    let mut server = postgres::Postgres::start();
    let address = server.database();
    let service = Service::with(OPEN, &format!("store: {address}\n"));
    let count = |server: &postgres::Postgres| {
        let name = address.rsplit('/').next().unwrap();
        String::from_utf8_lossy(&server.psql(name, "SELECT COUNT(*) FROM records").stdout).trim().to_owned()
    };
    call(&service, "100", &["--from", "0612345678", "--seconds", "1"]);
    service.records_of(1);
    assert_eq!(count(&server), "1");

    server.stop();
    call(&service, "100", &["--from", "0612345678", "--seconds", "1"]);
    assert_eq!(service.records_of(2)[1]["ending"]["by"], "caller", "a call like any other");
    let fails = || service.get("/readyz");
    service.until("it is told", Duration::from_secs(20), || fails().1.contains(r#""fails":"unreachable""#));
    assert_eq!(fails().0, 200, "calls still come here");
    assert!(service.metric("svi_store_up") < 0.5);

    server.resume();
    service.until("it works again", Duration::from_secs(20), || !fails().1.contains("fails"));
    call(&service, "100", &["--from", "0612345678", "--seconds", "1"]);
    service.records_of(3);
    assert_eq!(count(&server), "2", "the one of meanwhile is in records.jsonl alone");
    service.until_log("the store works again", Duration::from_secs(5));
    assert!(!service.log().contains(postgres::PASSWORD));

    let forgotten = Command::new(env!("CARGO_BIN_EXE_svi"))
        .args(["forget", "+33612345678"])
        .env("SVI_STORE", &address)
        .output()
        .unwrap();
    assert!(text(&forgotten).contains("2 call records"), "{}", text(&forgotten));
    let wrong = Command::new(env!("CARGO_BIN_EXE_svi"))
        .args(["forget", "+33612345678"])
        .env("SVI_STORE", format!("mysql://svi:{}@x", postgres::PASSWORD))
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong).contains("SVI_STORE") && !text(&wrong).contains(postgres::PASSWORD), "{}", text(&wrong));
}
