//! The card's file.

use super::{AUDIO, CARD, FLOW, QUEUES, files, flow, load, shown};
use crate::diag::{Colour, Severity, framed};

fn card(parts: &[(&str, &str)]) -> String {
    let mut card = CARD.to_owned();
    for (old, new) in parts {
        assert!(card.contains(old), "`{old}` is not in the card");
        card = card.replacen(old, new, 1);
    }
    shown(&load("test", &files(&card, QUEUES, FLOW), &AUDIO))
}

#[test]
fn hours_that_can_not_be_read_are_marked() {
    insta::assert_snapshot!(card(&[("Mo-Fr 09:00-17:00; PH off", "lundi 9h-12h")]));
}

#[test]
fn keys_and_values_of_the_card_are_checked_together() {
    insta::assert_snapshot!(card(&[
        ("name: France services de Montreuil", "nom: France services"),
        ("    purpose: vos droits", "    purpose:"),
        ("  phone: \"Mo-Fr", "  desc: \"Mo-Fr"),
        ("[\"+33978000000\"]", "[+33978000000]"),
    ]));
}

#[test]
fn facts_of_the_card_are_checked_where_they_are_written() {
    insta::assert_snapshot!(card(&[
        ("name: France", "timezone: Europe/Pari\nregion: metropol\nname: France"),
        ("+33143124567", "0899123456")
    ]));
}

#[test]
fn a_step_can_not_ask_for_what_the_card_has_not() {
    let flow = flow(&[
        ("tell: [hours]", "tell: [hours, appointments, busy]"),
        ("    open: menu", "    open: guichet"),
        ("  menu:\n", "  guichet:\n    hours: desk\n    open: menu\n    closed: menu\n  menu:\n"),
    ]);
    let card = CARD.replace("appointments: avec un agent\n", "").replace("busy: { phone: \"Mo 09:00-11:00\" }\n", "");
    let told = load("test", &files(&card, QUEUES, &flow), &AUDIO);
    let codes: Vec<&str> = told.diagnostics.iter().map(|d| d.code).collect();
    assert!(codes.starts_with(&["card-no-appointments", "card-no-busy-hours"]), "{codes:?}");
    let errors: Vec<String> =
        told.diagnostics.iter().filter(|d| d.severity == Severity::Error).map(|d| framed(d, Colour::Never)).collect();
    insta::assert_snapshot!(errors.join("\n\n"));
}
