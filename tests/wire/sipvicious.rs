//! What the scanners of SIPVicious (Debian's `sipvicious`) get of us: nothing.

use std::fs;
use std::process::{Command, Output};

use super::service::{OPEN, Service, free};

/// One of its tools against a service; what it said.
fn tool(service: &Service, name: &str, more: &[&str]) -> String {
    let Output { stdout, stderr, .. } = Command::new(name)
        .args(more)
        .args(["-P", &free().port().to_string(), "-p", &service.sip.port().to_string(), "127.0.0.1"])
        // It keeps its sessions there.
        .env("HOME", service.dir.path())
        .output()
        .expect("sipvicious is installed (tests/run does it)");
    [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat()
}

/// The names and the passwords that are tried, one a line.
fn list(service: &Service, name: &str, words: &[&str]) -> String {
    let path = service.path(name);
    fs::write(&path, words.join("\n") + "\n").unwrap();
    path.display().to_string()
}

#[test]
fn who_looks_for_devices_sees_one_without_a_version() {
    let service = Service::start(OPEN);
    let said = tool(&service, "svmap", &[]);
    let row = said.lines().find(|line| line.contains("127.0.0.1")).unwrap_or_else(|| panic!("{said}"));
    let cells: Vec<&str> = row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, [service.sip.to_string(), "svi".into()], "{said}");
}

#[test]
fn who_looks_for_accounts_finds_none() {
    let service = Service::start(OPEN);
    let names = list(&service, "names", &["admin", "amina", "personne", "bruno", "100"]);
    let tries: [&[&str]; 3] = [&["-d", &names], &["--force", "-d", &names], &["-m", "OPTIONS", "-e", "98-103"]];
    for more in tries {
        let said = tool(&service, "svwar", more);
        assert!(said.contains("found nothing"), "{more:?}: {said}");
    }
}

/// Or the next test would prove nothing.
#[test]
fn who_knows_a_password_finds_it() {
    let service = Service::start(OPEN);
    let known = list(&service, "known", &["secret"]);
    let said = tool(&service, "svcrack", &["-u", "amina", "-d", &known]);
    assert!(said.contains("secret"), "{said}");
}

/// The right password is the last of forty words.
#[test]
fn who_guesses_passwords_finds_none() {
    let service = Service::start(OPEN);
    let mut words: Vec<String> = (0..40).map(|n| format!("motdepasse{n}")).collect();
    words.push("secret".into());
    let words = list(&service, "words", &words.iter().map(String::as_str).collect::<Vec<_>>());
    let said = tool(&service, "svcrack", &["-u", "amina", "-d", &words]);
    assert!(said.contains("found nothing") && !said.contains("secret"), "{said}");
    assert!(service.log().matches("fault=\"wrong-password\"").count() >= 3, "{said}\n{}", service.log());
}
