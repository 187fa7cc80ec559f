//! What belongs to a citizen is in no log and in no record.

use std::time::Duration;

use super::media::call;
use super::service::{OPEN, Service, story, times};

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
