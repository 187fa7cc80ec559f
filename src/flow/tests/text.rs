//! Recordings, translations, numbers in texts.

use std::time::Duration;

use super::{AGENTS, AUDIO, CARD, QUEUES, Recorded, Without, codes, files, flow, load, loaded, shown, wrong};
use crate::flow::conflicts;

#[test]
fn a_sentence_without_a_recording_names_the_step_and_the_text() {
    let flow = flow(&[]);
    insta::assert_snapshot!(shown(&loaded(&flow, &Without("horaires"))));
    insta::assert_snapshot!(shown(&loaded(&flow, &Without("agent"))));
}

#[test]
fn the_cards_sentences_and_the_vocabulary_need_recordings_too() {
    insta::assert_snapshot!(shown(&loaded(&flow(&[]), &Without("vos droits"))));
    insta::assert_snapshot!(shown(&loaded(&flow(&[]), &Without("vingt"))));
}

#[test]
fn a_menu_that_is_too_long_to_listen_to_is_told() {
    let seven = Recorded(Duration::from_secs(7));
    insta::assert_snapshot!(shown(&loaded(&flow(&[]), &seven)));
}

#[test]
fn a_text_that_english_callers_hear_in_french_is_a_warning() {
    let english = "      - { key: 3, language: en, for: { fr: l'anglais, en: English }, go: menu }\n  infos:\n";
    let loaded = loaded(&flow(&[("  infos:\n", english)]), &AUDIO);
    insta::assert_snapshot!(shown(&loaded));
    assert!(loaded.service.is_some(), "warnings do not stop a service");
}

#[test]
fn a_choice_of_language_is_spoken_in_that_language() {
    let english = "      - { key: 3, language: en, for: English }\n  infos:\n";
    let service = loaded(&flow(&[("  infos:\n", english)]), &AUDIO).service.unwrap();
    let english = crate::speech::Fragment::new(crate::base::Language::En, "For English, press three.");
    assert!(crate::flow::sentences(&service).iter().any(|s| s.fragment == english));
}

#[test]
fn a_premium_number_is_told_wherever_it_is() {
    insta::assert_snapshot!(wrong(&[
        ("numbers: [\"100\"]", "numbers: [\"100\", \"0810 12 34 56\"]"),
        ("say: \"Bonjour.\"", "say: \"Bonjour. Appelez le 08 99 12 34 56.\""),
        (AGENTS, "    transfer: { to: \"+33892123456\" }"),
    ]));
    assert_eq!(
        codes(&loaded(&flow(&[("say: \"Bonjour.\"", "say: \"Appelez le 01 43 12 45 67, le 3 mai 2026.\"")]), &AUDIO)),
        [""; 0]
    );
}

#[test]
fn a_number_that_two_flows_answer_is_told() {
    let mut both = files(CARD, QUEUES, &flow(&[("[\"100\"]", "[\"100\", \"01 43 12 45 67\"]")]));
    both.push(crate::diag::Source::new(
        "test/soir.yaml",
        flow(&[("accueil", "soir"), ("[\"100\"]", "[\"+33143124567\"]")]),
    ));
    insta::assert_snapshot!(shown(&load("test", &both, &AUDIO)));
}

#[test]
fn a_number_that_two_services_answer_is_told() {
    let service = |name: &str| load(name, &files(CARD, QUEUES, &flow(&[])), &AUDIO).service.unwrap();
    assert_eq!(conflicts(&[service("a")]), []);
    let told = conflicts(&[service("a"), service("b")]);
    assert_eq!(told.len(), 1);
    insta::assert_snapshot!(crate::diag::framed(&told[0], crate::diag::Colour::Never));
}
