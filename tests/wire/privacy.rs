//! What belongs to a citizen is in no log and in no record.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::baresip::Phone;
use super::callback::{ASKS, busy, trunk};
use super::media::call;
use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service, free, story, times};

const SOON: Duration = Duration::from_secs(30);

/// Asks for a number, with words that the shipped voice has, then says good-bye.
const COLLECT: &str = r#"
flow: accueil
numbers: ["100"]
agent: agents
start: dossier
steps:
  dossier:
    collect: { ask: "Bonjour. France services de Montreuil. Cet appel n'est pas surtaxé.", name: dossier, at_least: 6, at_most: 12 }
    then: agents
  agents:
    queue: agents
    announce: [rank]
    busy: { when: { waiting: 5 }, offer: [{ key: 1, do: quiet-hours }] }
    nobody: fin
    full: fin
  fin:
    hangup: "Merci de votre appel. Au revoir."
"#;

/// The ways to write the caller's number: whole, or what identifies it.
const NUMBER: [&str; 5] = ["0612345678", "+33612345678", "33612345678", "612345678", "06 12 34 56 78"];
const TYPED: &str = "48151623";

#[test]
fn neither_the_number_nor_what_was_typed_is_in_a_log_or_a_record() {
    // No filter is said: this is what a service writes when nobody has thought of it.
    let service = Service::of(OPEN, &[("accueil.yaml", COLLECT)], "");
    let keys = format!("1s:{TYPED}#");
    for from in ["0612345678", "+33612345678"] {
        call(&service, "100", &["--from", from, "--keys", &keys, "--seconds", "8"]);
    }
    let records = service.records_of(2);
    for record in &records {
        assert_eq!(times(record, "typed dossier"), 1, "the number was typed: {:?}", story(record));
    }
    service.until_log("ended", Duration::from_secs(5));
    let written = std::fs::read_to_string(service.path("data/records.jsonl")).unwrap();
    for (what, text) in
        [("the log", service.log()), ("the records", written), ("the metrics", service.get("/metrics").1)]
    {
        for secret in NUMBER.iter().chain([&TYPED]) {
            assert!(!text.contains(secret), "{secret} is in {what}:\n{text}");
        }
    }
}

/// Nor for who looks for a fault: the digits are the citizen's at every level.
#[test]
fn what_was_typed_is_in_no_debug_log_either() {
    let service = Service::of(OPEN, &[("accueil.yaml", COLLECT)], "log: svi=debug\n");
    let keys = format!("1s:{TYPED}#");
    call(&service, "100", &["--from", "0612345678", "--keys", &keys, "--seconds", "8"]);
    assert_eq!(times(&service.records_of(1)[0], "typed dossier"), 1);
    service.until_log("typed dossier", Duration::from_secs(5));
    assert!(!service.log().contains(TYPED), "{}", service.log());
    for secret in NUMBER {
        assert!(!service.log().contains(secret), "{secret} is in the log:\n{}", service.log());
    }
}

/// All bytes below a folder that hold this text.
fn files_with(dir: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files_with(&path, text)),
            false => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                    found.push(path);
                }
            }
        }
    }
    found
}

/// A ticket that the running service holds goes with its person: the agent is rung for the
/// next caller, who came later.
#[test]
fn who_is_forgotten_while_the_service_runs_is_called_by_nobody() {
    // Phones that say nothing are not asked whether they live.
    let settings = format!("log: svi=debug\nlimits: {{ media_silence: 5m }}\n{}", trunk(free()));
    let service = Service::of(OPEN, &[("accueil.yaml", &busy())], &settings);
    let amina = Phone::manual_agent(&service, "amina", 600);
    let mut first = RawCall::dial(&service, "100", 101);
    first.listen(Duration::from_millis(300));
    first.press(0, &PRESS, 1);
    service.until("the agent rings", SOON, || amina.log().contains("Incoming call"));
    amina.command("accept", "");
    service.until_log("connected amina", SOON);
    // Waits behind the first, and asks for a call to +33611111111.
    call(&service, "100", &["--from", "0612345678", "--keys", ASKS, "--seconds", "30"]);
    service.until_log("state=\"asked\"", SOON);
    assert!(!files_with(&service.path("data"), "33611111111").is_empty(), "it is kept until it is forgotten");

    let (http, data) = (service.http.to_string(), service.path("data"));
    let forget = |number: &str| {
        let out = Command::new(env!("CARGO_BIN_EXE_svi"))
            .args(["forget", number, "--http", &http, "--data"])
            .arg(&data)
            .arg("--config")
            .arg(service.path("svi.yaml"))
            .output()
            .unwrap();
        let said = [out.stdout, out.stderr].concat();
        (out.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    let (good, said) = forget("06 11 11 11 11");
    assert!(good && said.contains("1 of them still open: cancelled"), "{said}");
    assert!(said.contains("remembers nothing of it"), "{said}");
    let mut next = RawCall::dial(&service, "100", 103);
    next.listen(Duration::from_millis(300));
    next.press(0, &PRESS, 1);
    service.until("the next waits first in line", SOON, || {
        service.log().matches("joined france-services/agents at 1").count() == 2
    });
    first.hang_up();
    // After the wrap-up time.
    service
        .until("the agent rings again", Duration::from_secs(90), || amina.log().matches("Incoming call").count() == 2);
    amina.command("accept", "");
    service.until("the next is connected", SOON, || service.log().matches("connected amina").count() == 2);
    next.hang_up();
    for secret in ["0611111111", "+33611111111", "611111111"] {
        assert!(!service.log().contains(secret), "{secret} is in the log:\n{}", service.log());
        assert!(!service.get("/metrics").1.contains(secret));
    }
    assert!(!service.log().contains("state=\"dialling\""), "nobody was dialled");
    // The database's log is overwritten once nobody reads it.
    service.until("nothing is kept", SOON, || forget("0611111111").0 && files_with(&data, "611111111").is_empty());
}

/// Everything that is private is masked by its type, however it is printed.
#[test]
fn private_values_are_masked_in_every_print() {
    use svi::base::{PhoneNumber, Private};
    let number = Private::new(PhoneNumber::parse("0612345678").unwrap().international());
    let digits = Private::new(TYPED.to_owned());
    let short = Private::new("1234".to_owned());
    let prints = [
        format!("{number:?} {digits:?} {short:?}"),
        format!("{number:#?} {:#?}", Some(&digits)),
        format!("{digits} {short}"),
    ];
    for print in prints {
        for secret in [NUMBER[1], NUMBER[3], TYPED, "1234", "5162"] {
            assert!(!print.contains(secret), "{secret} is in {print}");
        }
    }
    assert_eq!(digits.reveal(), TYPED);
}

#[test]
fn a_record_says_which_number_was_dialled_and_masks_who_dialled() {
    let service = Service::start(OPEN);
    call(&service, "100", &["--from", "0612345678", "--seconds", "1"]);
    let record = &service.records_of(1)[0];
    assert_eq!(record["to"], "100");
    assert_eq!(record["from"], "061•••••78");
}
