//! `queues.yaml`.

use super::{AUDIO, CARD, FLOW, files, flow, load, shown};
use crate::flow::{AtClosing, runnable};

fn queues(text: &str) -> crate::flow::Loaded {
    load("test", &files(CARD, text, FLOW), &AUDIO)
}

#[test]
fn every_key_is_read() {
    let text = "agents:\n  strategy: longest-idle\n  members: [amina, bruno]\n  ring: 15s\n  wrap_up: 1m\n  music: calme\n  capacity: 7\n  at_closing: tell\n";
    let rules = queues(text).service.unwrap().queues[0].clone();
    assert_eq!((rules.ring.as_secs(), rules.wrap_up.as_secs(), rules.capacity), (15, 60, 7));
    assert_eq!((&*rules.music, rules.at_closing), ("calme", AtClosing::Tell));
    assert_eq!(rules.members.iter().map(|m| m.agent.to_string()).collect::<Vec<_>>(), ["amina", "bruno"]);
}

#[test]
fn its_faults_are_told_once() {
    insta::assert_snapshot!(shown(&queues(
        "agents:\n  membres: [amina]\n  ring: 20\n  strategy: round-robin\nsupport:\n  members: amina\n  capacity: 0\n"
    )));
}

#[test]
fn a_callback_at_closing_is_not_for_calls_yet() {
    let text = "agents:\n  members: [amina]\n  at_closing: callback\n";
    let told = runnable(&load("test", &files(CARD, text, &flow(&[])), &AUDIO).service.unwrap());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].code, "not-yet");
}
