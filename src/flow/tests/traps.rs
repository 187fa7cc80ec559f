//! YAML's traps, each told where it was written.

use super::{AUDIO, codes, flow, loaded, wrong};

#[test]
fn a_number_without_quotes_is_told() {
    insta::assert_snapshot!(wrong(&[
        ("numbers: [\"100\"]", "numbers: [100, +33143124567]"),
        ("    say: \"Bonjour.\"", "    say: 3939"),
        ("- key: 2", "- key: 02"),
    ]));
}

#[test]
fn a_text_cut_by_a_comment_is_told() {
    insta::assert_snapshot!(wrong(&[("for: les horaires", "for: les horaires #1")]));
    let aligned = flow(&[("for: les horaires", "for: les horaires   # premier choix")]);
    assert_eq!(codes(&loaded(&aligned, &AUDIO)), [""; 0]);
}

#[test]
fn a_text_cut_by_a_comma_or_a_colon_is_told() {
    insta::assert_snapshot!(wrong(&[
        ("    say: \"Bonjour.\"", "    say: { fr: Bonjour, monsieur, en: Hello }"),
        ("    hangup: \"Au revoir.\"", "    hangup:\n      Note: au revoir"),
        ("for: un agent", "for:\n          Conseil: un agent"),
    ]));
}

#[test]
fn a_value_left_empty_is_told() {
    insta::assert_snapshot!(wrong(&[
        ("    then: ouverture", "    then:"),
        ("- key: 2", "- key: #"),
        ("for: un agent", "for: \"\""),
    ]));
}

#[test]
fn a_key_given_twice_is_told() {
    insta::assert_snapshot!(wrong(&[
        ("    then: ouverture", "    then: ouverture\n    then: menu"),
        ("  fin:\n", "  agents:\n    queue: support\n  1:\n    tell: [hours]\n  \"1\":\n    tell: [hours]\n  fin:\n"),
    ]));
}

#[test]
fn a_menu_key_given_twice_is_told_also_as_a_text() {
    insta::assert_snapshot!(wrong(&[("- key: 2", "- key: \"1\"")]));
}

#[test]
fn a_key_that_means_the_same_everywhere_is_not_free() {
    insta::assert_snapshot!(wrong(&[("- key: 1", "- key: 0"), ("- key: 2", "- key: star")]));
}

#[test]
fn a_tab_and_a_colon_that_break_the_file_are_told() {
    insta::assert_snapshot!(wrong(&[("    then: ouverture", "\tthen: ouverture")]));
    insta::assert_snapshot!(wrong(&[("say: \"Bonjour.\"", "say: Bonjour: bienvenue")]));
}
