//! What a caller would meet: ways to the agent, menus, hang-ups.

use super::{AUDIO, codes, flow, loaded, wrong};

#[test]
fn a_step_that_no_call_can_come_to_is_told() {
    insta::assert_snapshot!(wrong(&[("go: infos", "go: menu")]));
}

#[test]
fn the_agent_step_must_lead_to_an_agent() {
    insta::assert_snapshot!(wrong(&[("agent: agents", "agent: infos")]));
    insta::assert_snapshot!(wrong(&[("agent: agents", "agent: fin")]));
}

#[test]
fn a_menu_before_the_agents_costs_keys_and_loses_silent_callers() {
    let menu = |limit: &str| {
        flow(&[
            ("agent: agents", &format!("agent: choix\nclosed: ferme{limit}")),
            (
                "  agents:\n",
                "  choix:\n    menu:\n      - { key: 1, for: le support, go: choix2 }\n  choix2:\n    menu:\n      - { key: 1, for: le support, go: agents }\n  agents:\n",
            ),
        ])
    };
    let loaded_menu = loaded(&menu(""), &AUDIO);
    assert_eq!(codes(&loaded_menu), ["no-agent-path"]);
    insta::assert_snapshot!(super::shown(&loaded_menu));
    // With more keys allowed, the silent caller is still lost in the menu.
    insta::assert_snapshot!(super::shown(&loaded(&menu("\nkeys_to_agent: 3"), &AUDIO)));
}

#[test]
fn a_silent_caller_must_not_be_hung_up_on_or_go_round() {
    insta::assert_snapshot!(wrong(&[
        ("then: ouverture", "then: fin"),
        ("start: bonjour", "start: ouverture"),
        ("go: infos", "go: bonjour"),
        ("  infos:\n    tell: [hours]\n    then: menu\n", "")
    ]));
    insta::assert_snapshot!(wrong(&[("    tell: [hours]\n    then: menu", "    tell: [hours]\n    then: infos")]));
}

#[test]
fn a_step_without_then_leads_to_the_agent() {
    let flow = flow(&[("    tell: [hours]\n    then: menu", "    tell: [hours]")]);
    assert_eq!(codes(&loaded(&flow, &AUDIO)), [""; 0]);
}

#[test]
fn a_call_that_ends_before_an_agent_was_offered_is_told() {
    let number = "  dossier:\n    collect: { ask: Votre numéro ? }\n    then: fin\n  agents:\n";
    insta::assert_snapshot!(wrong(&[
        ("then: ouverture", "then: dossier"),
        ("start: bonjour", "start: bonjour\nkeys: { 8: ouverture }"),
        ("  agents:\n", number),
    ]));
}

#[test]
fn behind_a_menu_which_says_the_agents_line_a_key_may_end_the_call() {
    assert_eq!(codes(&loaded(&flow(&[("        go: agents", "        go: fin")]), &AUDIO)), [""; 0]);
}

#[test]
fn menus_behind_menus_are_counted() {
    insta::assert_snapshot!(wrong(&[
        ("go: agents", "go: m2"),
        (
            "  agents:\n",
            "  m2:\n    menu:\n      - { key: 1, for: la suite, go: m3 }\n  m3:\n    menu:\n      - { key: 1, for: la suite, go: m4 }\n  m4:\n    menu:\n      - { key: 1, for: le début, go: menu }\n  agents:\n"
        ),
    ]));
}

#[test]
fn choices_are_counted() {
    let more: String = (3..=6).map(|k| format!("      - {{ key: {k}, for: le choix {k}, go: infos }}\n")).collect();
    let with = |limits: &str| {
        flow(&[("  infos:\n", &format!("{more}  infos:\n")), ("start: bonjour", &format!("start: bonjour{limits}"))])
    };
    insta::assert_snapshot!(super::shown(&loaded(&with(""), &AUDIO)));
    assert_eq!(codes(&loaded(&with("\nlimits: { choices: 6, speech: 30s }"), &AUDIO)), [""; 0]);
}

#[test]
fn an_agent_that_is_never_there_needs_a_way_out() {
    insta::assert_snapshot!(wrong(&[
        ("start: bonjour", "start: menu"),
        (
            "  bonjour:\n    say: \"Bonjour.\"\n    then: ouverture\n  ouverture:\n    hours: phone\n    open: menu\n    closed: ferme\n",
            ""
        ),
    ]));
}

#[test]
fn who_calls_when_it_is_closed_must_hear_hours_and_another_contact() {
    insta::assert_snapshot!(wrong(&[("    tell: [hours, contact]", "    tell: [contact]")]));
}

#[test]
fn many_ways_by_the_desks_hours_are_looked_at_in_no_time() {
    let mut steps = String::new();
    for i in 0..400 {
        let (this, next) = (i, i + 1);
        steps += &format!("  h{this}:\n    hours: desk\n    open: h{next}\n    closed: h{next}\n");
    }
    let long = flow(&[("then: ouverture", "then: h0"), ("  ouverture:\n", &format!("{steps}  h400:\n"))]);
    let card = super::CARD.replace("hours:\n", "hours:\n  desk: \"Mo 09:00-12:00\"\n");
    let loaded = super::load("test", &super::files(&card, super::QUEUES, &long), &AUDIO);
    assert_eq!(super::shown(&loaded), "");
}

#[test]
fn too_many_steps_are_refused() {
    let steps: String = (0..1001).map(|i| format!("  s{i}: {{ hangup: true }}\n")).collect();
    assert_eq!(codes(&loaded(&flow(&[("  fin:\n", &format!("{steps}  fin:\n"))]), &AUDIO)), ["too-many-steps"]);
}
