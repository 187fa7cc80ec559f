//! A sub-flow on a call, and the values that are spoken behind it.

use super::*;
use crate::flow::{Audio, load};
use crate::speech::Fragment;

struct Recorded;

impl Audio for Recorded {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(secs(1))
    }
}

const FLOW: &str = r#"flow: accueil
numbers: ["100"]
agent: agents
start: premier
variables: { a: digits, b: digits, n: { type: number, value: 121 } }
steps:
  premier:
    call: numero
    with: { longueur: 3 }
    take: { a: tape }
    then: second
  second:
    call: numero
    with: { longueur: 2 }
    take: { b: tape }
    then: dire
  dire:
    say: "Dossiers {a} et {b}, {n} en tout."
    then: agents
  agents:
    queue: agents
    nobody: fin
    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }
  fin:
    hangup: "Au revoir."
"#;

const NUMERO: &str = r#"subflow: numero
parameters: { longueur: number }
variables: { encore: { type: number, value: 0 } }
start: demande
steps:
  demande:
    collect: { ask: "Votre numéro ?", name: tape, at_most: 3 }
    then: tri
  tri:
    choose: [{ if: length of tape = longueur or encore > 0, go: retour }]
    else: non
  non:
    set: { encore: 1 }
    then: demande
  retour:
    return:
"#;

fn loaded(flow: &str) -> Program {
    let card = "name: FS\nwebsites: [{ url: https://www.service-public.fr, purpose: vos droits }]\nhours: { phone: \"Mo-Fr 09:00-17:00\" }\nquiet: { phone: \"We 14:00-16:00\" }\n";
    let files = [
        Source::new("service.yaml", card),
        Source::new("queues.yaml", "agents:\n  members: [amina]\n  at_closing: serve\n"),
        Source::new("accueil.yaml", flow),
        Source::new("numero.yaml", NUMERO),
    ];
    let loaded = load("s", &files, &Recorded);
    let service = loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    Program::clone(&service.flows[0])
}

#[test]
fn each_call_begins_anew_and_gives_back_what_is_taken() {
    let mut caller = Caller::calls(loaded(FLOW));
    assert_eq!(caller.hears(), ["Votre numéro ?"]);
    assert_eq!(caller.press("12#"), ["Votre numéro ?"], "too short for the first");
    assert_eq!(caller.press("123"), ["Votre numéro ?"], "the second begins");
    assert_eq!(caller.press("9#"), ["Votre numéro ?"], "it does not remember the first one's try");
    assert_eq!(caller.press("45#"), ["Dossiers un deux trois et quatre cinq cent vingt et un en tout."]);
}

#[test]
fn what_has_no_value_is_left_out_of_a_text() {
    let mut program = loaded(FLOW);
    let dire = program.steps.iter().position(|s| &*s.name == "dire").unwrap();
    program.start = StepId(dire as u32);
    assert_eq!(Caller::calls(program).hears(), ["Dossiers et cent vingt et un en tout."]);
}
