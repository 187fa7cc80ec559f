//! Heard before the answer, and answered once more is wanted than listening.

use super::*;
use crate::flow::Answering;

fn reception(answer: Answering) -> Program {
    let names = ["bonjour", "ouverture", "menu", "ferme", "fin", "agents"];
    let program = flow(&names, |at| {
        vec![
            say("Bonjour.", at("ouverture")),
            hours(at("menu"), at("ferme")),
            menu(&[('1', "l'état civil", at("agents"))]),
            say("C'est fermé.", at("fin")),
            hangup("Au revoir."),
            queue(at("fin")),
        ]
    });
    Program { answer, ..program }
}

#[test]
fn the_menu_is_answered_and_once_is_enough() {
    let mut caller = Caller::calls(reception(Answering::WhenNeeded));
    assert!(!caller.hears().contains(&"answer".to_owned()));
    let heard = caller.listen();
    assert_eq!(heard.first().map(String::as_str), Some("answer"), "{heard:?}");
    let heard = caller.press("1");
    assert!(heard.iter().any(|line| line.starts_with("join")) && !heard.contains(&"answer".to_owned()), "{heard:?}");
}

#[test]
fn who_hears_only_that_it_is_closed_is_never_answered() {
    let mut caller = Caller::calls_at(reception(Answering::WhenNeeded), 20);
    let mut heard = caller.hears();
    while !caller.machine.is_over() {
        heard.extend(caller.listen());
    }
    assert!(heard.iter().any(|line| line.starts_with("hangup")), "{heard:?}");
    assert!(!heard.contains(&"answer".to_owned()), "{heard:?}");
}

#[test]
fn a_key_that_gets_through_leads_to_the_agent_and_is_answered() {
    let mut caller = Caller::calls(reception(Answering::WhenNeeded));
    let heard = caller.press("0");
    assert_eq!(heard.iter().filter(|line| *line == "answer").count(), 1, "{heard:?}");
}

#[test]
fn usually_a_call_is_answered_before_the_flow_begins() {
    let mut caller = Caller::calls(reception(Answering::AtOnce));
    let mut heard = caller.hears();
    heard.extend(caller.listen());
    assert!(!heard.contains(&"answer".to_owned()), "{heard:?}");
}
