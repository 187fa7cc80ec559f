//! Keys, types and names.

use super::{AGENTS, AUDIO, codes, flow, loaded, shown, wrong};

#[test]
fn a_step_that_does_not_exist_is_suggested() {
    insta::assert_snapshot!(wrong(&[("go: agents", "go: agent"), ("then: fin", "then: nulle-part")]));
}

#[test]
fn names_in_the_header_are_resolved_too() {
    insta::assert_snapshot!(wrong(&[("agent: agents", "agent: agentes"), ("start: bonjour", "start: bonsoir")]));
}

#[test]
fn a_mistyped_key_is_suggested() {
    insta::assert_snapshot!(wrong(&[
        ("    say: \"Bonjour.\"", "    say: \"Bonjour.\"\n    barge-in: false"),
        ("for: un agent", "four: un agent"),
        ("flow: accueil", "flow: accueil\nlangue: fr"),
    ]));
}

#[test]
fn a_mistyped_verb_is_suggested() {
    insta::assert_snapshot!(wrong(&[("    say: \"Bonjour.\"", "    sya: \"Bonjour.\"")]));
}

#[test]
fn a_missing_key_is_told_where_it_belongs() {
    insta::assert_snapshot!(wrong(&[("flow: accueil\n", ""), ("        go: infos\n", ""), ("    open: menu\n", "")]));
}

#[test]
fn a_choice_must_lead_somewhere_unless_it_chooses_a_language() {
    let english = flow(&[("        go: agents", "        language: en")]);
    assert_eq!(codes(&loaded(&english, &AUDIO)).iter().filter(|c| **c == "missing-key").count(), 0);
    insta::assert_snapshot!(wrong(&[("        go: agents\n", "")]));
}

#[test]
fn a_step_does_one_thing() {
    insta::assert_snapshot!(wrong(&[
        ("    say: \"Bonjour.\"", "    say: \"Bonjour.\"\n    tell: [hours]"),
        (AGENTS, "    {}"),
        ("    hangup: \"Au revoir.\"", "    then: bonjour"),
    ]));
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_the_right_way_to_write_it() {
    insta::assert_snapshot!(wrong(&[
        ("- key: 1", "- key: 10"),
        ("    tell: [hours]", "    tell: hours"),
        ("    tell: [hours, contact]", "    tell: [horaires, contacts]"),
        ("    say: \"Bonjour.\"", "    say: [Bonjour]\n    barge_in: non"),
        ("    menu:\n      -", "    patience: 5\n    silences: beaucoup\n    menu:\n      -"),
        ("numbers: [\"100\"]", "numbers: [\"0143 poste 2\"]"),
    ]));
}

#[test]
fn a_queue_that_does_not_exist_is_suggested() {
    insta::assert_snapshot!(wrong(&[("queue: agents", "queue: suport")]));
}

#[test]
fn several_faults_are_told_in_one_run_in_the_order_of_the_file() {
    let flow = flow(&[("then: ouverture", "then: ouvertur"), ("key: 2", "key: 1"), ("queue: agents", "queue: a")]);
    assert_eq!(codes(&loaded(&flow, &AUDIO)), ["unknown-step", "duplicate-key", "unknown-queue"]);
}

#[test]
fn a_service_without_a_card_is_told() {
    let loaded = crate::flow::load("test", &[], &AUDIO);
    assert!(loaded.service.is_none());
    insta::assert_snapshot!(shown(&loaded));
}

#[test]
fn collect_and_transfer_take_their_keys() {
    let right = flow(&[
        ("        go: agents", "        go: dossier"),
        (
            "  agents:\n",
            "  dossier:\n    collect:\n      ask: Votre numéro de dossier ?\n      name: dossier\n      at_least: 4\n      at_most: 8\n      patience: 8s\n      between: 3s\n    then: ailleurs\n  ailleurs:\n    transfer: { to: \"+33145678900\", ring: 25s }\n    failed: agents\n  plus-loin:\n    transfer: \"0145678901\"\n  agents:\n",
        ),
        ("    failed: agents", "    failed: plus-loin"),
    ]);
    let right = loaded(&right, &AUDIO);
    assert_eq!(shown(&right), "");
    insta::assert_snapshot!(wrong(&[
        ("        go: agents", "        go: dossier"),
        (
            "  agents:\n",
            "  dossier:\n    collect:\n      ask: Votre numéro ?\n      at_least: 9\n      at_most: 8\n  agents:\n"
        ),
    ]));
}
