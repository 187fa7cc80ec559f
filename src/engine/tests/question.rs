//! Asking again in other words, and words that no key stops.

use super::*;
use crate::base::limits;
use crate::flow::TypeAhead;

fn texts(words: &[&str]) -> Vec<Localized> {
    words.iter().map(|words| text(words)).collect()
}

/// A menu whose question is asked otherwise than usual.
fn menu_asked(change: impl FnOnce(&mut Question)) -> Program {
    flow(&["menu", "rien", "agents"], |at| {
        let StepKind::Menu(mut menu) = menu(&[('1', "rien", at("rien"))]) else { unreachable!("a menu") };
        change(&mut menu.question);
        vec![StepKind::Menu(menu), say("Rien.", at("menu")), queue(at("menu"))]
    })
}

fn number_asked(change: impl FnOnce(&mut Question)) -> Program {
    flow(&["numero", "merci", "agents"], |at| {
        let StepKind::Collect(mut collect) = collect(3, 5, at("merci")) else { unreachable!("a number") };
        change(&mut collect.question);
        vec![StepKind::Collect(collect), say("Merci.", at("numero")), queue(at("merci"))]
    })
}

const MENU: &str = "Pour rien, 1. <0>";

#[test]
fn each_silence_has_its_own_words_and_the_agent_comes_after_the_last() {
    let mut caller = Caller::calls(menu_asked(|question| {
        question.on_silence = texts(&["Rien entendu.", "Prenez votre temps."]);
    }));
    for words in ["Rien entendu.", "Prenez votre temps."] {
        caller.listen();
        assert_eq!(caller.wait(5), [format!("{words} {MENU}")]);
    }
    caller.listen();
    assert_eq!(caller.wait(5), ["join s/agents"]);
}

#[test]
fn each_wrong_key_has_its_own_words_and_silence_keeps_its_own_count() {
    let mut caller = Caller::calls(menu_asked(|question| {
        question.on_wrong = texts(&["Cette touche ne mène nulle part.", "Celle-ci non plus."]);
    }));
    assert_eq!(caller.press("7"), [format!("Cette touche ne mène nulle part. {MENU}")]);
    caller.listen();
    assert_eq!(caller.wait(5), [format!("<Silence> {MENU}")]);
    assert_eq!(caller.press("8"), [format!("Celle-ci non plus. {MENU}")]);
    assert_eq!(caller.press("9"), ["join s/agents", "stop"]);
}

#[test]
fn behind_the_last_words_these_are_said_again() {
    let mut caller = Caller::calls(menu_asked(|question| question.on_silence = texts(&["Rien entendu."])));
    for _ in 0..2 {
        caller.listen();
        assert_eq!(caller.wait(5), [format!("Rien entendu. {MENU}")]);
    }
}

#[test]
fn who_is_asked_again_hears_fewer_words_and_the_agents_line() {
    let mut caller = Caller::calls(menu_asked(|question| question.again = Some(text("Tapez un."))));
    caller.listen();
    assert_eq!(caller.wait(5), ["<Silence> Tapez un. <0>"]);
    assert_eq!(caller.press("#"), [MENU], "`#` says it all again");
}

#[test]
fn the_counts_begin_anew_when_a_key_has_led_away_and_back() {
    let mut caller = Caller::calls(menu_asked(|question| question.on_wrong = texts(&["Non.", "Toujours pas."])));
    assert_eq!(caller.press("7"), [format!("Non. {MENU}")]);
    assert_eq!(caller.press("8"), [format!("Toujours pas. {MENU}")]);
    caller.press("1");
    caller.listen();
    assert_eq!(caller.press("7"), [format!("Non. {MENU}")]);
}

#[test]
fn a_number_is_asked_again_in_other_words() {
    let mut caller = Caller::calls(number_asked(|question| {
        question.on_wrong = texts(&["Trois chiffres au moins."]);
        question.on_silence = texts(&["Rien entendu."]);
        question.again = Some(text("Le numéro ?"));
    }));
    caller.listen();
    assert_eq!(caller.wait(5), ["Rien entendu. Le numéro ?"]);
    assert_eq!(caller.press("12#"), ["Trois chiffres au moins. Le numéro ?"]);
    assert_eq!(caller.press("34#"), ["join s/agents"]);
}

#[test]
fn a_survey_is_asked_again_in_other_words() {
    let mut caller = Caller::calls(flow(&["avis", "agents"], |at| {
        let StepKind::Survey(mut survey) = survey(None) else { unreachable!("a survey") };
        survey.question.on_wrong = texts(&["De un à cinq."]);
        survey.question.again = Some(text("Votre note ?"));
        vec![StepKind::Survey(survey), queue(at("avis"))]
    }));
    assert_eq!(caller.press("6"), ["De un à cinq. Votre note ?"]);
    assert_eq!(caller.press("7"), ["<Goodbye> (to the end)"]);
}

#[test]
fn a_menu_that_no_key_stops_takes_the_key_once_it_has_been_heard() {
    let mut caller = Caller::calls(menu_asked(|question| question.barge_in = BargeIn::Refused));
    assert_eq!(caller.hears(), [format!("{MENU} (to the end)")]);
    assert_eq!(caller.press("1"), [""; 0]);
    assert_eq!(caller.listen(), ["Rien."]);
}

#[test]
fn zero_is_the_agent_even_in_a_menu_that_no_key_stops() {
    let mut caller = Caller::calls(menu_asked(|question| question.barge_in = BargeIn::Refused));
    assert_eq!(caller.press("0"), ["join s/agents", "stop"]);
}

#[test]
fn a_wrong_key_kept_for_the_end_of_a_menu_forgets_those_behind_it() {
    let mut caller = Caller::calls(menu_asked(|question| question.barge_in = BargeIn::Refused));
    caller.press("71");
    assert_eq!(caller.listen(), [format!("<WrongKey> {MENU} (to the end)")]);
    assert!(caller.machine.ahead.is_empty());
}

#[test]
fn a_number_typed_while_no_key_stops_the_question_is_taken_afterwards() {
    let mut caller = Caller::calls(number_asked(|question| question.barge_in = BargeIn::Refused));
    assert_eq!(caller.press("102#"), [""; 0]);
    assert_eq!(caller.listen(), ["Merci."]);
}

#[test]
fn nothing_is_deaf_for_longer_than_it_may() {
    let mut caller = Caller::calls(menu_asked(|question| question.barge_in = BargeIn::Refused));
    caller.press("1");
    assert_eq!(caller.wait(19), [""; 0]);
    assert_eq!(caller.wait(1), ["Rien."]);
    let mut caller = Caller::calls(flow(&["loi", "menu", "agents"], |at| {
        vec![say_all("Long.", at("menu")), menu(&[('1', "rien", at("loi"))]), queue(at("menu"))]
    }));
    assert_eq!(caller.wait(limits::UNSTOPPABLE.as_secs()), [""; 0]);
    assert_eq!(caller.press("1"), ["Long. (to the end)"], "from now on a key stops it");
    caller.press("11");
    assert_eq!(caller.wait(limits::UNSTOPPABLE.as_secs()), ["Long. (to the end)"], "so do those that have waited");
}

#[test]
fn a_telling_that_no_key_stops_keeps_the_key_for_the_menu() {
    let mut caller = Caller::calls(flow(&["infos", "menu", "agents"], |at| {
        let StepKind::Tell(mut tell) = tell(&[Topic::Hours], at("menu")) else { unreachable!("a telling") };
        tell.barge_in = BargeIn::Refused;
        vec![StepKind::Tell(tell), menu(&[('1', "rien", at("infos"))]), queue(at("menu"))]
    }));
    assert_eq!(caller.press("7"), [""; 0]);
    assert_eq!(caller.listen(), ["<WrongKey> Pour rien, 1. <0>"]);
}

#[test]
fn keys_typed_before_a_question_are_forgotten_where_it_says_so() {
    let mut caller = Caller::calls(flow(&["loi", "menu", "rien", "agents"], |at| {
        let StepKind::Menu(mut menu) = menu(&[('1', "rien", at("rien"))]) else { unreachable!("a menu") };
        menu.question.type_ahead = TypeAhead::Forgotten;
        menu.question.barge_in = BargeIn::Refused;
        vec![say_all("Loi.", at("menu")), StepKind::Menu(menu), say("Rien.", at("menu")), queue(at("menu"))]
    }));
    caller.press("1");
    assert_eq!(caller.listen(), [format!("{MENU} (to the end)")]);
    caller.press("1");
    assert_eq!(caller.listen(), [""; 0], "what was pressed during the question is too early as well");
    assert_eq!(caller.press("1"), ["Rien."]);
}
