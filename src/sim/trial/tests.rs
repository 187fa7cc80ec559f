//! Tests of flows: what passes, what does not, and how the difference is shown.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;

use super::*;
use crate::diag::{Colour, Source};
use crate::flow::{self, Audio};
use crate::sim::{Way, estimated_length};

struct Recorded;

impl Audio for Recorded {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(estimated_length(fragment))
    }
}

const CARD: &str = r#"name: Mairie
websites:
  - url: https://www.service-public.fr
    purpose: vos droits
hours:
  phone: "Mo-Fr 09:00-17:00; PH off"
quiet: { phone: "We 14:00-16:00" }
"#;

const QUEUES: &str = "agents:\n  members: [amina, bruno]\n  at_closing: serve\n  max_wait: 30m\n";

const FLOW: &str = r#"flow: accueil
numbers: ["100"]
agent: agents
start: bonjour
steps:
  bonjour:
    say: "Bonjour. Mairie de Loing."
    then: ouverture
  ouverture:
    hours: phone
    open: menu
    closed: ferme
  menu:
    menu:
      - { key: 1, for: une carte d'identité, go: carte }
      - { key: 2, for: le maire, go: maire }
  carte:
    say: "Il faut une photo récente et un justificatif de domicile."
    then: menu
  maire:
    transfer: "+33145678901"
    failed: agents
  agents:
    queue: agents
    announce: [rank, wait]
    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }
    nobody: ferme
    full: calme
    answered: avis
  calme:
    tell: [quiet, contact]
    then: fin
  avis:
    survey:
      ask: "Êtes-vous satisfait ?"
    then: fin
  ferme:
    tell: [hours, contact]
    then: fin
  fin:
    hangup: "Au revoir."
"#;

fn service() -> Arc<Service> {
    let files = [("service.yaml", CARD), ("queues.yaml", QUEUES), ("accueil.yaml", FLOW)];
    let loaded = flow::load("mairie", &files.map(|(path, text)| Source::new(path, text)), &Recorded);
    Arc::new(loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)))
}

/// The file of one test on a Tuesday morning, whose call has these lines.
fn file(settings: &str, call: &str) -> Arc<Source> {
    let call: String = call.lines().map(|line| format!("      - {}\n", line.trim())).collect();
    let text = format!("at: \"2026-11-24 10:00\"\n{settings}tests:\n  un appel:\n    call:\n{call}");
    Source::new("tests/accueil.yaml", text)
}

fn run(source: &Arc<Source>) -> Rehearsal {
    let (service, mut out) = (service(), Vec::new());
    let trials = flow::trials(&service, source, &mut out);
    assert_eq!(out, []);
    let [trial] = trials.as_slice() else { panic!("one test") };
    rehearse(&service, trial, &estimated_length)
}

fn passes(settings: &str, call: &str) -> Rehearsal {
    let rehearsal = run(&file(settings, call));
    assert_eq!(rehearsal.mismatch, None, "{}", difference(&rehearsal, Colour::Never));
    rehearsal
}

fn shown(settings: &str, call: &str) -> String {
    difference(&run(&file(settings, call)), Colour::Never)
}

#[test]
fn who_waits_for_words_hears_them_behind_silences_and_before_them() {
    let silence = "waits-for: Nous n'avons pas reçu de réponse.";
    passes("", &format!("waits-for: Bonjour. Mairie de Loing.\n{silence}\nends: agent"));
    let difference = shown("", "waits-for: Le guichet est fermé.");
    assert!(difference.contains("Le guichet est fermé."), "{difference}");
    // Who listens alone is to answer first.
    assert_ne!(run(&file("", &silence.replace("waits-for", "hears"))).mismatch, None);
}

#[test]
fn a_dialogue_is_played_from_the_first_word_to_the_last() {
    passes(
        "",
        "hears: Bonjour. Mairie de Loing.
         comes-to: menu
         hears: Pour une carte d'identité…
         hears-not: Nous sommes fermés…
         presses: 1
         comes-to: carte
         hears: Il faut une photo récente et un justificatif de domicile.
         hears: …numéro zéro.
         presses: nothing
         hears: …le maire…
         presses: 0
         hears: Vous êtes en première position…
         reaches: agent
         hears: Êtes-vous satisfait ?
         presses: 5
         hears: Au revoir.
         ends: hang-up",
    );
}

#[test]
fn a_key_behind_waits_is_pressed_at_that_moment() {
    let rehearsal = passes("", "waits: 1s\npresses: 0\nends: agent");
    let at = rehearsal.lines.iter().find(|line| matches!(line.what, crate::sim::What::Key { .. })).unwrap().at;
    assert_eq!(at, Duration::from_secs(1));
}

#[test]
fn every_end_is_told_from_the_others() {
    passes("queue: { waiting: 4, agents: 1 }\n", "presses: 0\nends: queue");
    passes("queue: { waiting: 4, agents: 1 }\n", "presses: 0\nends: agent");
    passes("queue: nobody\n", "presses: 0\ncomes-to: ferme\nends: hang-up");
    passes("queue: full\n", "presses: 0\ncomes-to: calme\nends: hang-up");
    passes("transfer: nobody\n", "presses: 2\ncomes-to: agents\nends: agent");
    passes("", "presses: 2\nreaches: agent\nends: hang-up");
    passes("from: \"0612345678\"\n", "waits: 1s\nhangs-up");
}

#[test]
fn other_words_are_shown_beside_those_wanted() {
    assert_snapshot!(shown("", "presses: 1\nhears: Il faut deux photos et un justificatif de domicile."));
}

#[test]
fn words_that_are_left_out_need_dots() {
    assert_snapshot!(shown("", "presses: 1\nhears: Il faut une photo récente et un justificatif"));
}

#[test]
fn words_that_are_like_nothing_show_what_was_heard() {
    assert_snapshot!(shown("", "hears: Bienvenue chez nous tous !"));
}

#[test]
fn unwanted_words_another_step_another_agent_and_another_end_are_shown() {
    let all = [
        "hears-not: …Mairie…\npresses: 1",
        "presses: 1\ncomes-to: ferme",
        "presses: 0\nreaches: bruno",
        "presses: 0\nends: promise",
        "presses: 0\nreaches: agent\npresses: 5\nends: hang-up\npresses: 1",
    ];
    assert_snapshot!(all.map(|call| shown("", call)).join("\n\n"));
}

#[test]
fn keys_and_seconds_to_an_agent_are_bounds() {
    let bounded = |bounds: &str| {
        let source = file("", "presses: 1\npresses: 0\nends: agent");
        run(&Source::new("tests/accueil.yaml", source.text.replace("    call:", &format!("    {bounds}\n    call:"))))
    };
    assert_eq!(bounded("keys_to_agent: 2").mismatch, None);
    assert_eq!(bounded("time_to_agent: 2m").mismatch, None);
    let [keys, time] = ["keys_to_agent: 1", "time_to_agent: 5s"].map(bounded);
    assert_eq!(keys.mismatch.as_ref().unwrap().kind, Kind::Keys { most: 1, needed: Some(2) });
    assert_snapshot!(difference(&time, Colour::Never));
}

#[test]
fn differing_words_are_coloured_on_a_terminal() {
    let rehearsal = run(&file("", "hears: Bonjour. Mairie du Loing."));
    let shown = difference(&rehearsal, Colour::Always);
    assert!(shown.contains("\u{1b}[31mdu\u{1b}[0m") && shown.contains("\u{1b}[32mde\u{1b}[0m"), "{shown}");
}

#[test]
fn what_is_heard_is_written_into_the_file_until_it_is_true() {
    let mut source = file(
        "queue: nobody\n",
        "hears: Bonjour. Mairie du Loing.   # le salut
         presses: 1
         comes-to: maire
         hears: Il faut une photo.
         presses: 0
         reaches: amina
         ends: agent",
    );
    for _ in 0..10 {
        let Some(mismatch) = run(&source).mismatch else { break };
        source = Source::new("tests/accueil.yaml", rewrite(&mismatch).unwrap());
    }
    assert_snapshot!(source.text);
}

#[test]
fn unwanted_words_are_left_to_the_admin() {
    assert_eq!(rewrite(&run(&file("", "hears-not: …Mairie…\npresses: 1")).mismatch.unwrap()), None);
}

#[test]
fn steps_and_ways_that_were_taken_are_counted() {
    let taken = passes("", "presses: 1\npresses: 9\npresses: 9\nends: agent").taken;
    let ways = |step: &str| {
        let program = Arc::clone(taken.program());
        let missing: Vec<Way> =
            taken.ways().1.iter().filter(|e| &*program.step(e.step).name == step).map(|e| e.way).collect();
        exits_of(&program, step).into_iter().filter(|way| !missing.contains(way)).collect::<Vec<_>>()
    };
    let one = crate::base::Digit::from_char('1').unwrap();
    assert_eq!(ways("menu"), [Way::Key(one), Way::WrongKeys]);
    assert_eq!(ways("ouverture"), [Way::Open]);
    assert_eq!(ways("agents"), [Way::Talked]);
    let (all, missing) = taken.steps();
    assert_eq!((all, missing.len()), (10, 5), "{missing:?}");
}

fn exits_of(program: &flow::Program, step: &str) -> Vec<Way> {
    crate::sim::exits(program).iter().filter(|e| &*program.step(e.step).name == step).map(|e| e.way).collect()
}
