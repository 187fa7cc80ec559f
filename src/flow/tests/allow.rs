//! `allow:` with a reason.

use super::{AUDIO, CARD, QUEUES, codes, files, flow, load, loaded, shown, wrong};
use crate::diag::{Diagnostic, Severity};

const NARROW: (&str, &str) = ("start: bonjour", "start: bonjour\nlimits: { choices: 1 }");
/// A second menu of two choices, which the first leads to.
const SECOND: (&str, &str) = (
    "  infos:\n    tell: [hours]\n    then: menu\n",
    "  infos:\n    menu:\n      - { key: 1, for: les horaires, go: agents }\n      - { key: 2, for: un rendez-vous, go: agents }\n",
);

#[test]
fn what_is_allowed_in_a_step_is_a_note_there_and_an_error_elsewhere() {
    let allow =
        ("  menu:\n    menu:", "  menu:\n    allow: { menu-too-wide: \"deux démarches distinctes\" }\n    menu:");
    let one = loaded(&flow(&[NARROW, allow]), &AUDIO);
    assert!(one.service.is_some(), "{}", shown(&one));
    let [note] = one.diagnostics.as_slice() else { panic!("{}", shown(&one)) };
    assert_eq!((note.code, note.severity), ("menu-too-wide", Severity::Note));
    assert_eq!(note.allowed.as_deref(), Some("deux démarches distinctes"));

    let both = loaded(&flow(&[NARROW, allow, SECOND]), &AUDIO);
    assert!(both.service.is_none());
    let severities: Vec<Severity> = both.diagnostics.iter().map(|d| d.severity).collect();
    assert_eq!(severities, [Severity::Note, Severity::Error], "{}", shown(&both));
}

#[test]
fn the_header_allows_for_every_step_and_a_step_s_own_reason_counts_first() {
    let header = ("agent: agents", "agent: agents\nallow: { menu-too-wide: \"essai jusqu'en mars\" }");
    let all = loaded(&flow(&[NARROW, header, SECOND]), &AUDIO);
    assert!(all.service.is_some(), "{}", shown(&all));
    let own = ("  menu:\n    menu:", "  menu:\n    allow: { menu-too-wide: \"sa raison\" }\n    menu:");
    let own = loaded(&flow(&[NARROW, header, own, SECOND]), &AUDIO);
    let reasons: Vec<&str> = own.diagnostics.iter().filter_map(|d| d.allowed.as_deref()).collect();
    assert_eq!(reasons, ["sa raison", "essai jusqu'en mars"]);
}

#[test]
fn an_allow_without_a_rule_a_reason_or_a_right_to_it_is_an_error() {
    insta::assert_snapshot!(wrong(&[
        ("agent: agents", "agent: agents\nallow: { no-agent-path: \"trop peu d'agents\", menu-too-wyde: essai }"),
        ("  menu:\n    menu:", "  menu:\n    allow: { menu-too-wide: \"\" }\n    menu:"),
        ("  fin:\n", "  fin:\n    allow: menu-too-wide\n"),
    ]));
}

#[test]
fn an_allow_that_allows_nothing_is_a_warning_once_there_is_no_error() {
    let unused = ("  menu:\n    menu:", "  menu:\n    allow: { menu-too-wide: essai }\n    menu:");
    insta::assert_snapshot!(wrong(&[unused]));
    // What hides findings hides also that an allow is needed.
    let hidden = loaded(&flow(&[unused, ("go: infos", "go: info")]), &AUDIO);
    assert!(!codes(&hidden).contains(&"allow-unused"), "{}", shown(&hidden));
}

#[test]
fn the_card_allows_for_what_is_written_in_it() {
    let card = CARD.replace("quiet:", "allow: { missing-translation: \"traduction en cours\" }\nquiet:");
    let promised = "start: bonjour\nlanguages: [fr, en]\nallow: { missing-translation: idem }";
    let english = flow(&[("start: bonjour", promised)]);
    let both = load("test", &files(&card, QUEUES, &english), &AUDIO);
    assert!(both.service.is_some() && !both.diagnostics.is_empty(), "{}", shown(&both));
    let of_card = |d: &&Diagnostic| d.span.as_ref().is_some_and(|s| s.source.path.ends_with("service.yaml"));
    let reasons: Vec<Option<&str>> = both.diagnostics.iter().filter(of_card).map(|d| d.allowed.as_deref()).collect();
    assert!(!reasons.is_empty() && reasons.iter().all(|r| *r == Some("traduction en cours")), "{}", shown(&both));
}
