//! Files of tests: what may be written, and what is told of the rest.

use std::time::Duration;

use super::{AUDIO, FLOW, loaded};
use crate::base::Digit;
use crate::diag::{Colour, Diagnostic, Source, framed};
use crate::flow::{End, Outside, Said, Trial, trials};

fn read(text: &str) -> (Vec<Trial>, Vec<Diagnostic>) {
    let service = loaded(FLOW, &AUDIO).service.unwrap();
    let mut out = Vec::new();
    let trials = trials(&service, &Source::new("tests/accueil.yaml", text), &mut out);
    (trials, out)
}

fn wrong(text: &str) -> String {
    read(text).1.iter().map(|d| framed(d, Colour::Never)).collect::<Vec<_>>().join("\n\n")
}

const GOOD: &str = r#"at: "2026-11-24 10:00"
queue: { waiting: 2, agents: 1 }
tests:
  les horaires, puis un agent:
    keys_to_agent: 2
    time_to_agent: 1m30s
    call:
      - hears: "Bonjour…"
      - presses: 1
      - hears-not: "…fermé…"
      - waits: 2s
      - presses: 0
      - reaches: amina
      - ends: agent
  personne n'est là:
    number: "100"
    at: 2026-12-25T10:00
    from: "06 12 34 56 78"
    queue: nobody
    transfer: nobody
    seed: 7
    call:
      - presses: nothing
      - presses: 0612345678#
      - presses: [star, 2, hash]
      - comes-to: ferme
      - hangs-up
"#;

#[test]
fn a_test_has_a_time_a_crowd_and_a_dialogue() {
    let (trials, out) = read(GOOD);
    assert_eq!(out, []);
    let [hours, nobody] = trials.as_slice() else { panic!("two tests") };
    assert_eq!((hours.crowd.waiting, hours.crowd.agents), (2, 1));
    assert_eq!(hours.keys_to_agent.as_ref().unwrap().most, 2);
    assert_eq!(hours.time_to_agent.as_ref().unwrap().most, Duration::from_secs(90));
    assert_eq!(hours.at.to_string(), "2026-11-24T09:00:00.000Z");
    assert_eq!(hours.call.last().unwrap().what, Said::Ends(End::Agent));
    assert_eq!(hours.call[0].line.line_column(), (8, 9));
    assert_eq!(nobody.at.to_string(), "2026-12-25T09:00:00.000Z");
    assert_eq!((nobody.crowd.agents, nobody.outside, nobody.seed), (0, Outside::Nobody, 7));
    assert_eq!(nobody.from.as_ref().unwrap().as_str(), "0612345678");
    let said: Vec<&Said> = nobody.call.iter().map(|turn| &turn.what).collect();
    let keys = |text: &str| Said::Presses(text.chars().filter_map(Digit::from_char).collect());
    let all = [Said::PressesNothing, keys("0612345678#"), keys("*2#"), Said::ComesTo("ferme".into()), Said::HangsUp];
    assert_eq!(said, all.iter().collect::<Vec<_>>());
}

#[test]
fn mistakes_in_a_test_are_told_where_they_are_written() {
    let mistakes = [
        ("at: \"2026-11-24 10:00\"", "at: demain"),
        ("      - hears: \"Bonjour…\"", "      - heards: \"Bonjour…\""),
        ("reaches: amina", "reaches: amine"),
        ("ends: agent", "ends: agents"),
        ("number: \"100\"", "number: \"101\""),
        ("comes-to: ferme", "comes-to: fermé"),
        ("      - presses: nothing", "      - presses: un"),
        ("      - hangs-up", "      - hears: Bonjour\n        presses: 1"),
    ];
    let told: Vec<String> = mistakes.iter().map(|(from, to)| wrong(&GOOD.replacen(from, to, 1))).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_test_without_a_time_or_a_dialogue_is_told() {
    insta::assert_snapshot!(wrong("tests:\n  un:\n    call: [{ presses: 1 }]\n  deux:\n    at: 2026-11-24\n"));
}

#[test]
fn a_test_with_a_mistake_is_left_out_and_the_others_are_read() {
    let (trials, out) = read(&GOOD.replacen("ends: agent", "ends: agents", 1));
    assert_eq!((trials.len(), out.len()), (1, 1));
}
