//! What is proved of a flow: both sides of each line, and the stories of who is on the wrong one.

use std::time::Duration;

use super::{AGENTS, AUDIO, CARD, Long, QUEUES, Recorded, codes, files, flow, load, loaded, shown};
use crate::flow::Loaded;

/// The usual flow with these parts, in which what holds « long » lasts so many seconds.
fn with(parts: &[(&str, &str)], seconds: u64) -> Loaded {
    loaded(&flow(parts), &Long("long", seconds))
}

const WELCOME: (&str, &str) = ("say: \"Bonjour.\"", "say: \"Un texte long.\"");

#[test]
fn an_agent_is_at_most_sixty_seconds_of_speech_away() {
    // The menu of three lines is not needed: `0` can be pressed behind the text.
    assert_eq!(codes(&with(&[WELCOME], 60)), [""; 0]);
    insta::assert_snapshot!(shown(&with(&[WELCOME], 61)));
}

#[test]
fn what_is_said_behind_the_agent_s_key_counts_too() {
    let agent = [
        ("agent: agents", "agent: avant\nclosed: ferme"),
        ("  agents:\n", "  avant:\n    say: \"Un texte long.\"\n    then: agents\n  agents:\n"),
    ];
    // The longest way is from what is told when nobody is there: 22 seconds, then `0`.
    assert_eq!(codes(&with(&agent, 38)), [""; 0]);
    insta::assert_snapshot!(shown(&with(&agent, 39)));
    insta::assert_snapshot!(shown(&with(&agent, 61)));
}

#[test]
fn who_presses_nothing_has_an_agent_within_two_minutes() {
    // From the hours, 8 s: the menu of 6 s and the patience, then the same with 2 s more.
    let patience =
        |seconds: usize| flow(&[("  menu:\n    menu:\n", &format!("  menu:\n    patience: {seconds}s\n    menu:\n"))]);
    assert_eq!(codes(&loaded(&patience(49), &AUDIO)), [""; 0]);
    insta::assert_snapshot!(shown(&loaded(&patience(50), &AUDIO)));
}

#[test]
fn a_look_up_that_leads_back_to_itself_is_told_at_what_leads_back() {
    let asking = |behind: &str| {
        let lookup = "lookup: { url: \"https://api.example/x\", take: { pret: /pret }, say: \"Un instant.\" }";
        let steps = format!(
            "  cherche:\n    {lookup}\n    then: menu\n    failed: rien\n  rien:\n    say: \"Rien.\"\n    then: {behind}\n"
        );
        let variables = ("start: bonjour", "start: bonjour\nvariables: { pret: yes-no }");
        flow(&[variables, ("    open: menu\n", "    open: cherche\n"), ("  menu:\n", &format!("{steps}  menu:\n"))])
    };
    assert_eq!(codes(&loaded(&asking("menu"), &AUDIO)), [""; 0]);
    let round = loaded(&asking("cherche"), &AUDIO);
    assert_eq!(codes(&round), ["no-agent-path"]);
    let told = shown(&round);
    assert!(told.contains("     failed: rien\n") && told.contains("write `failed: agents`"), "{told}");
}

#[test]
fn keys_are_listened_to_at_least_every_twenty_seconds() {
    let deaf = ("say: \"Bonjour.\"", "say: \"Un texte long.\"\n    barge_in: false");
    assert_eq!(codes(&with(&[deaf], 20)), [""; 0]);
    insta::assert_snapshot!(shown(&with(&[deaf], 21)));
    // Over several steps, with nothing heard between them.
    let second = ("    open: menu\n", "    open: encore\n");
    let step = ("  menu:\n", "  encore:\n    say: \"Un texte court.\"\n    barge_in: false\n    then: menu\n  menu:\n");
    assert_eq!(codes(&with(&[deaf, second, step], 18)), [""; 0]);
    insta::assert_snapshot!(shown(&with(&[deaf, second, step], 19)));
    assert_eq!(
        codes(&with(&[deaf, second, step, ("start: bonjour", "start: bonjour\nlimits: { speech: 30s }")], 19)),
        [""; 0]
    );
}

#[test]
fn texts_must_not_lead_round_when_it_is_closed() {
    insta::assert_snapshot!(shown(&loaded(
        &flow(&[
            ("    tell: [hours, contact]\n    then: fin", "    tell: [hours, contact]\n    then: ferme"),
            ("  fin:\n    hangup: \"Au revoir.\"\n", "")
        ]),
        &AUDIO
    )));
}

#[test]
fn the_hours_are_told_whatever_keys_are_pressed() {
    // A choice of the menu that ends the call: it can be made when it has closed meanwhile.
    let menu = [
        ("    closed: ferme\n", "    closed: choix\n"),
        ("start: bonjour", "start: bonjour\nclosed: ferme"),
        ("  menu:\n", "  choix:\n    menu:\n      - { key: 1, for: la fin, go: fin }\n  menu:\n"),
    ];
    insta::assert_snapshot!(shown(&loaded(&flow(&menu), &AUDIO)));
    let told =
        [menu[0], menu[1], ("  menu:\n", "  choix:\n    menu:\n      - { key: 1, for: la fin, go: ferme }\n  menu:\n")];
    assert_eq!(codes(&loaded(&flow(&told), &AUDIO)), [""; 0]);
}

#[test]
fn a_queue_s_own_closed_step_is_looked_at() {
    let own = flow(&[(AGENTS, &format!("{AGENTS}\n    closed: fin"))]);
    insta::assert_snapshot!(shown(&loaded(&own, &AUDIO)));
}

#[test]
fn another_way_of_contact_is_no_telephone_number() {
    let card = CARD.replace("websites:\n  - url: https://www.service-public.fr\n    purpose: vos droits\n", "");
    let told = load("test", &files(&card, QUEUES, &flow(&[])), &AUDIO);
    assert_eq!(codes(&told), ["card-no-reference-site", "closed-tells-little"]);
}

#[test]
fn a_relay_service_comes_to_the_agent_s_step() {
    // Nobody else does: the only step is a transfer that hangs up.
    let flow = "flow: accueil\nnumbers: [\"100\"]\nagent: agents\nstart: accueil\nsteps:\n  accueil:\n    queue: agents\n    \
                nobody: fin\n    closed: ferme\n    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }\n  \
                agents:\n    transfer: \"+33143124567\"\n    failed: ferme\n  ferme:\n    tell: [hours, contact]\n    then: fin\n  \
                fin:\n    hangup: true\n";
    assert_eq!(codes(&loaded(flow, &AUDIO)), [""; 0], "`0` leads there, while the hours are told");
}

#[test]
fn clips_that_are_not_there_are_estimated() {
    let quick = load("test", &files(CARD, QUEUES, &flow(&[])), &Recorded(Duration::from_millis(1)));
    assert_eq!(codes(&quick), [""; 0]);
}
