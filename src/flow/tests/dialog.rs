//! Questions: how they are asked again, which numbers they take, what no key stops.

use std::time::Duration;

use super::{AUDIO, Long, codes, flow, loaded, shown, wrong};
use crate::base::{CheckDigits, Language};
use crate::flow::{self, BargeIn, Beep, Fit, Program, ReadBack, Review, StepKind, Taking, Terminator};
use crate::speech::Fragment;

/// The faultless flow with a number asked behind the second choice.
fn collecting(keys: &str) -> String {
    let step = format!(
        "  dossier:\n    collect: {{ ask: Votre numéro ?, {keys} }}\n    then: agents\n  agents:\n    queue: agents\n"
    );
    flow(&[("        go: agents", "        go: dossier"), ("  agents:\n    queue: agents\n", &step)])
}

fn program(flow: &str) -> std::sync::Arc<Program> {
    let loaded = loaded(flow, &AUDIO);
    assert_eq!(shown(&loaded), "");
    loaded.service.unwrap().flows[0].clone()
}

fn step_of<'p>(program: &'p Program, name: &str) -> &'p StepKind {
    &program.steps.iter().find(|step| &*step.name == name).unwrap().kind
}

const ASKED: &str = "    on_silence: [\"Rien entendu.\", \"Prenez votre temps.\"]\n    on_wrong: { fr: \"Cette touche ne mène nulle part.\", en: \"That key leads nowhere.\" }\n    again: Tapez un ou deux.\n    barge_in: false\n    type_ahead: false\n    menu:\n      -";

#[test]
fn words_for_each_time_say_how_often_it_is_asked_again() {
    let program = program(&flow(&[("    menu:\n      -", ASKED)]));
    let StepKind::Menu(menu) = step_of(&program, "menu") else { panic!("a menu") };
    let question = &menu.question;
    assert_eq!(
        (question.silences, question.wrong),
        (2, 2),
        "two silences; one wrong key, and the second is one too many"
    );
    assert_eq!(question.on_silence.len(), 2);
    assert_eq!(&*question.on_wrong[0].fr, "Cette touche ne mène nulle part.");
    assert_eq!(question.barge_in, BargeIn::Refused);
}

#[test]
fn what_is_said_to_who_gives_no_answer_is_listed_for_the_voice_with_its_place() {
    let text = flow(&[("    menu:\n      -", ASKED)]);
    let sentences = flow::sentences(&loaded(&text, &AUDIO).service.unwrap());
    for words in ["Rien entendu.", "Prenez votre temps.", "Cette touche ne mène nulle part.", "Tapez un ou deux."] {
        let sentence = sentences.iter().find(|s| s.fragment == Fragment::new(Language::Fr, words)).unwrap();
        let span = sentence.span.clone().unwrap();
        assert!(text[span.bytes].contains(words), "{words}");
    }
}

#[test]
fn words_that_are_never_heard_are_told() {
    insta::assert_snapshot!(wrong(&[(
        "    menu:\n      -",
        "    silences: 1\n    on_silence: [Un., Deux.]\n    wrong_keys: 1\n    on_wrong: Non.\n    menu:\n      -"
    )]));
    let six: Vec<String> = (0..6).map(|i| format!("Numéro {i}.")).collect();
    let six = format!("on_silence: [{}]", six.join(", "));
    assert_eq!(codes(&loaded(&collecting(&six), &AUDIO)), ["never-said"], "five times at most");
}

#[test]
fn a_premium_number_in_words_for_who_gives_no_answer_is_told() {
    let premium = collecting("on_silence: [\"Appelez le 08 99 12 34 56.\"]");
    assert_eq!(codes(&loaded(&premium, &AUDIO)), ["premium-number"]);
}

#[test]
fn words_for_who_gives_no_answer_have_to_be_translated() {
    let english = "      - { key: 3, language: en, for: { fr: l'anglais, en: English }, go: menu }\n  infos:\n";
    let asked = "    on_silence: Rien entendu.\n    menu:\n      -";
    let loaded = loaded(&flow(&[("  infos:\n", english), ("    menu:\n      -", asked)]), &AUDIO);
    assert!(shown(&loaded).contains("on_silence: Rien entendu."), "{}", shown(&loaded));
}

#[test]
fn what_no_key_stops_is_short_with_the_words_before_it() {
    let with = |more: &str| collecting(&format!("barge_in: false{more}"));
    let eleven = Long("Votre numéro", 11);
    let limits =
        |flow: String| flow.replacen("start: bonjour", "start: bonjour\nlimits: { speech: 20s, choices: 3 }", 1);
    let of_number = |flow: &str| {
        let loaded = loaded(&limits(flow.to_owned()), &eleven);
        loaded.diagnostics.iter().filter(|d| d.message.contains("no key stops")).count()
    };
    assert_eq!(of_number(&with("")), 0);
    assert_eq!(of_number(&with(", on_wrong: Votre numéro est faux.")), 1);
}

#[test]
fn a_number_takes_its_keys() {
    let keys = "pattern: [\"0N NN NN\", \"NNNN\"], terminator: none, read_back: true, tries: 3, again: Le numéro ?";
    let program = program(&collecting(keys));
    let StepKind::Collect(collect) = step_of(&program, "dossier") else { panic!("a number") };
    assert_eq!(collect.form.fit("012345"), Fit::Right);
    assert_eq!(collect.form.fit("1234"), Fit::Right);
    assert_eq!(collect.form.fit("112345"), Fit::Wrong);
    assert_eq!((collect.terminator, collect.read_back), (Terminator::None, ReadBack::Yes));
    assert_eq!(collect.question.wrong, 3);
}

#[test]
fn check_digits_say_the_length_by_themselves() {
    let program = program(&collecting("check: siret"));
    let StepKind::Collect(collect) = step_of(&program, "dossier") else { panic!("a number") };
    assert_eq!((collect.form.check, &*collect.form.lengths), (Some(CheckDigits::Siret), &[14][..]));
    let both = self::program(&collecting("check: luhn, lengths: [9, 14]"));
    let StepKind::Collect(collect) = step_of(&both, "dossier") else { panic!("a number") };
    assert_eq!(&*collect.form.lengths, [9, 14]);
}

#[test]
fn numbers_that_can_not_be_are_told() {
    let told: Vec<String> = [
        "check: siret, at_most: 9",
        "pattern: \"NN/NN\"",
        "pattern: [NNNN, \"\"]",
        "pattern: NNNN, at_most: 4",
        "lengths: [4, 6], at_least: 4",
        "pattern: 1234",
        "check: iban",
    ]
    .iter()
    .map(|keys| shown(&loaded(&collecting(keys), &AUDIO)))
    .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn keys_of_the_header_lead_to_a_step_from_everywhere() {
    // Nothing else leads to the hours.
    let text = flow(&[("go: infos", "go: menu"), ("start: bonjour", "start: bonjour\nkeys: { 9: infos }")]);
    let program = program(&text);
    let to = program.key(crate::base::Digit::from_char('9').unwrap()).unwrap();
    assert_eq!(&*program.step(to).name, "infos");
}

#[test]
fn keys_of_the_header_that_mean_something_else_are_told() {
    let told: Vec<String> = ["{ 2: infos }", "{ 0: infos, star: infos, 12: infos }", "{ 9: info }"]
        .iter()
        .map(|keys| wrong(&[("start: bonjour", &format!("start: bonjour\nkeys: {keys}"))]))
        .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn a_choice_of_language_is_recorded_and_translated_in_each_of_them() {
    let languages = |ask: &str| {
        flow(&[
            ("start: bonjour", "start: langue"),
            (
                "  bonjour:\n",
                &format!(
                    "  langue:\n    ask: {ask}\n    menu:\n      - {{ key: 1, language: fr, for: le français, go: bonjour }}\n      - {{ key: 2, language: en, for: English, go: bonjour }}\n  bonjour:\n"
                ),
            ),
        ])
    };
    let right = loaded(&languages("{ fr: Bienvenue., en: Welcome. }"), &AUDIO);
    let sentences = flow::sentences(right.service.as_ref().unwrap());
    for (language, words) in [
        (Language::Fr, "Bienvenue."),
        (Language::En, "Welcome."),
        (Language::Fr, "Pour parler à un agent, tapez sur la touche numéro zéro."),
        (Language::En, "To speak to an agent, press zero."),
    ] {
        assert!(sentences.iter().any(|s| s.fragment == Fragment::new(language, words)), "{words}");
    }
    let untranslated = loaded(&languages("Bienvenue."), &AUDIO);
    assert!(shown(&untranslated).contains("ask: Bienvenue."), "{}", shown(&untranslated));
}

#[test]
fn what_is_recorded_in_the_middle_of_a_call_takes_its_keys() {
    let step =
        "  motif:\n    record: { ask: Dites votre question., at_most: 30s, beep: false, review: false }\n  agents:\n";
    let text = flow(&[("        go: agents", "        go: motif"), ("  agents:\n", step)]);
    let program = program(&text);
    let StepKind::Voicemail(record) = step_of(&program, "motif") else { panic!("a message") };
    assert_eq!((record.taking, record.beep, record.review), (Taking::Record, Beep::No, Review::No));
    assert_eq!((record.name.as_deref(), record.then), (Some("motif"), Some(program.agent)));
    assert_eq!(record.at_most, Duration::from_secs(30));
    let sentences = flow::sentences(&loaded(&text, &AUDIO).service.unwrap());
    let asked = sentences.iter().find(|s| &*s.fragment.text == "Dites votre question.").unwrap();
    assert!(text[asked.span.clone().unwrap().bytes].contains("Dites votre question."));
    let long = text.replace("at_most: 30s", "at_most: 11m");
    assert_eq!(codes(&loaded(&long, &AUDIO)), ["message-too-long"]);
}
