//! What changes between two sets of services.

use super::{AUDIO, CARD, FLOW, QUEUES, files, load};
use crate::flow::{Changes, Service};

fn service(name: &str, queues: &str, flow: &str) -> Service {
    load(name, &files(CARD, queues, flow), &AUDIO).service.unwrap()
}

fn between(old: &[Service], new: &[Service]) -> Vec<String> {
    let changes = Changes::between(old, new);
    assert_eq!(changes.is_nothing(), changes.lines().is_empty());
    changes.lines()
}

#[test]
fn the_same_services_change_nothing_whatever_their_words() {
    let old = [service("a", QUEUES, FLOW)];
    let new = [service("a", QUEUES, &FLOW.replace("Bonjour.", "Bonsoir."))];
    assert_eq!(between(&old, &old), Vec::<String>::new());
    assert_eq!(between(&old, &new), Vec::<String>::new());
}

#[test]
fn numbers_appear_disappear_and_move() {
    let old = [service("a", QUEUES, &FLOW.replace(r#"["100"]"#, r#"["100", "101"]"#))];
    let new = [service("a", QUEUES, &FLOW.replace(r#"["100"]"#, r#"["100", "102"]"#))];
    assert_eq!(between(&old, &new), ["numbers answered from now on: 102", "numbers answered no longer: 101"]);
    let renamed = [service("a", QUEUES, &FLOW.replace("flow: accueil", "flow: bienvenue"))];
    assert_eq!(between(&new[..1], &renamed)[1], "numbers that lead to another flow: 100");
}

#[test]
fn members_come_and_go_without_other_rules() {
    let old = [service("a", QUEUES, FLOW)];
    let new = [service("a", &QUEUES.replace("[amina]", "[bruno, chloe]"), FLOW)];
    assert_eq!(
        between(&old, &new),
        ["new members: bruno in a/agents, chloe in a/agents", "members no longer: amina in a/agents"]
    );
}

#[test]
fn a_member_s_other_terms_and_another_closing_are_other_rules() {
    let old = [service("a", QUEUES, FLOW)];
    for (from, to) in [("[amina]", "[{ agent: amina, priority: 2 }]"), ("at_closing: serve", "at_closing: tell")] {
        let new = [service("a", &QUEUES.replacen(from, to, 1), FLOW)];
        assert_eq!(between(&old, &new), ["queues with other rules: a/agents"], "{to}");
    }
}

#[test]
fn a_service_comes_and_goes_with_its_queues() {
    let one = [service("a", QUEUES, FLOW)];
    let two = [service("a", QUEUES, FLOW), service("b", QUEUES, &FLOW.replace("100", "200"))];
    assert_eq!(
        between(&one, &two),
        ["new services: b", "numbers answered from now on: 200", "new queues: b/agents, b/support"]
    );
    assert_eq!(
        between(&two, &one),
        [
            "services that are gone: b",
            "numbers answered no longer: 200",
            "queues that take nobody in any more: b/agents, b/support",
        ]
    );
}
