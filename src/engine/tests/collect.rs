//! Typing a number.

use super::*;
use crate::base::CheckDigits;
use crate::flow::Pattern;

fn number() -> Program {
    flow(&["menu", "numero", "merci", "agents"], |at| {
        vec![
            menu(&[('1', "un dossier", at("numero"))]),
            collect(3, 5, at("merci")),
            say("Merci.", at("menu")),
            queue(at("menu")),
        ]
    })
}

/// A caller who has been asked for the number.
fn asked() -> Caller {
    let mut caller = Caller::calls(number());
    assert_eq!(caller.press("1"), ["Votre numéro ?"]);
    caller
}

#[test]
fn hash_ends_a_number_and_it_is_kept() {
    let mut caller = asked();
    caller.press("102");
    caller.tell(Input::Digit(Digit::HASH));
    assert_eq!(caller.gets(), ["- dossier = 102", "- step merci", "Merci."]);
}

#[test]
fn what_is_being_typed_is_never_printed() {
    let mut caller = asked();
    caller.press("9876");
    assert!(!format!("{:?}", caller.machine).contains("9876"));
    caller.tell(Input::Digit(Digit::HASH));
    assert_eq!(caller.gets()[0], "- dossier = 9876", "it was there");
}

#[test]
fn the_longest_number_ends_by_itself() {
    assert_eq!(asked().press("10203"), ["Merci."]);
}

#[test]
fn a_pause_ends_a_number_that_is_long_enough() {
    let mut caller = asked();
    caller.press("102");
    assert_eq!(caller.wait(2), [""; 0]);
    assert_eq!(caller.wait(1), ["Merci."]);
}

#[test]
fn the_first_digit_stops_the_question() {
    assert_eq!(asked().press("1"), ["stop"]);
}

#[test]
fn a_lone_zero_leads_to_the_agent_by_hash_or_by_a_pause() {
    assert_eq!(asked().press("0#"), ["join s/agents"]);
    let mut caller = asked();
    assert_eq!(caller.press("0"), ["stop"]);
    assert_eq!(caller.wait(3), ["join s/agents"]);
}

#[test]
fn silence_is_asked_again_once_then_leads_to_the_agent() {
    let mut caller = asked();
    caller.listen();
    assert_eq!(caller.wait(5), ["<Silence> Votre numéro ?"]);
    caller.listen();
    assert_eq!(caller.wait(5), ["join s/agents"]);
}

#[test]
fn two_wrong_entries_lead_to_the_agent() {
    let mut caller = asked();
    assert_eq!(caller.press("12#"), ["<WrongNumberTyped> Votre numéro ?"]);
    assert_eq!(caller.press("34#"), ["join s/agents"]);
}

#[test]
fn star_deletes_the_last_digit_then_goes_back() {
    let mut caller = asked();
    assert_eq!(caller.press("192*"), ["un neuf"], "what is left is said");
    assert_eq!(caller.press("**"), ["<Deleted>"]);
    assert_eq!(caller.press("102#"), ["Merci."]);
    let mut caller = asked();
    caller.press("9*");
    assert_eq!(caller.press("*"), ["Pour un dossier, 1. <0>"]);
}

#[test]
fn after_deleting_a_digit_the_pause_begins_with_the_last_word() {
    let mut caller = asked();
    caller.press("1023*");
    assert_eq!(caller.wait(10), [""; 0]);
    caller.listen();
    assert_eq!(caller.wait(2), [""; 0]);
    assert_eq!(caller.wait(1), ["Merci."]);
}

#[test]
fn after_deleting_the_caller_may_think_again() {
    let mut caller = asked();
    caller.press("9*");
    caller.listen();
    assert_eq!(caller.wait(5), ["<Silence> Votre numéro ?"]);
}

#[test]
fn hash_with_nothing_typed_asks_again() {
    assert_eq!(asked().press("#"), ["Votre numéro ?"]);
}

#[test]
fn digits_typed_ahead_are_taken_without_asking() {
    let mut caller = Caller::calls(flow(&["loi", "numero", "agents"], |at| {
        vec![say_all("Loi.", at("numero")), collect(3, 5, at("loi")), queue(at("loi"))]
    }));
    caller.press("12");
    assert_eq!(caller.listen(), [""; 0]);
    assert_eq!(caller.press("3#"), ["Loi. (to the end)"]);
}

/// A caller who has been asked for a number that is taken otherwise than usual.
fn asked_for(change: impl FnOnce(&mut Collect)) -> Caller {
    let program = flow(&["numero", "merci", "agents"], |at| {
        let StepKind::Collect(mut collect) = collect(3, 5, at("merci")) else { unreachable!("a number") };
        change(&mut collect);
        vec![StepKind::Collect(collect), say("Merci.", at("numero")), queue(at("merci"))]
    });
    let mut caller = Caller::calls(program);
    assert_eq!(caller.hears(), ["Votre numéro ?"]);
    caller
}

#[test]
fn a_number_that_is_not_like_the_pattern_is_told_as_wrong_and_a_short_one_as_short() {
    let like = |collect: &mut Collect| collect.form.patterns = vec![Pattern::parse("0N NN").unwrap()];
    assert_eq!(asked_for(like).press("0612"), ["Merci."]);
    assert_eq!(asked_for(like).press("1612"), ["<WrongNumber> Votre numéro ?"]);
    assert_eq!(asked_for(like).press("061#"), ["<WrongNumberTyped> Votre numéro ?"]);
}

#[test]
fn check_digits_that_do_not_hold_are_told() {
    let siren = |collect: &mut Collect| {
        collect.form = NumberForm { check: Some(CheckDigits::Siren), ..NumberForm::digits(9, 9) };
    };
    assert_eq!(asked_for(siren).press("120027016"), ["Merci."]);
    assert_eq!(asked_for(siren).press("120027017"), ["<WrongNumber> Votre numéro ?"]);
}

#[test]
fn without_a_terminator_hash_means_nothing_while_a_number_is_typed() {
    let mut caller = asked_for(|collect| collect.terminator = Terminator::None);
    caller.press("102");
    assert_eq!(caller.press("#"), [""; 0]);
    assert_eq!(caller.press("34"), ["Merci."]);
    let mut caller = asked_for(|collect| collect.terminator = Terminator::None);
    caller.press("102#");
    assert_eq!(caller.wait(3), ["Merci."], "a pause ends it");
    let mut caller = asked_for(|collect| collect.terminator = Terminator::None);
    assert_eq!(caller.press("0#"), ["join s/agents"], "a lone zero is the agent all the same");
}

const READ_BACK: &str = "Vous avez tapé un zéro deux Pour confirmer ce numéro, 1. Pour donner un autre numéro, 2.";

fn read_back() -> Caller {
    let mut caller = asked_for(|collect| collect.read_back = ReadBack::Yes);
    assert_eq!(caller.press("102#"), [READ_BACK]);
    caller
}

#[test]
fn a_number_that_is_read_back_counts_once_the_caller_says_so() {
    let mut caller = read_back();
    caller.tell(Input::Digit(key_of('1')));
    assert_eq!(caller.gets(), ["- key 1", "- dossier = 102", "- step merci", "Merci."]);
}

#[test]
fn another_number_may_be_given_in_place_of_the_one_read_back() {
    let mut caller = read_back();
    assert_eq!(caller.press("2"), ["Votre numéro ?"]);
    caller.press("999#");
    assert_eq!(caller.press("1"), ["Merci."]);
    assert_eq!(read_back().press("*"), ["<Deleted> Votre numéro ?"]);
    assert_eq!(read_back().press("#"), [READ_BACK]);
}

#[test]
fn who_does_not_say_whether_a_number_is_right_is_led_to_the_agent() {
    let mut caller = read_back();
    caller.listen();
    assert_eq!(caller.wait(5), [format!("<Silence> {READ_BACK}")]);
    caller.listen();
    assert_eq!(caller.wait(5), ["join s/agents"]);
    let mut caller = read_back();
    assert_eq!(caller.press("7"), [format!("<WrongKey> {READ_BACK}")]);
    assert_eq!(caller.press("7"), ["join s/agents", "stop"]);
    assert_eq!(read_back().press("0"), ["join s/agents", "stop"]);
}

#[test]
fn keys_typed_ahead_do_not_confirm_a_number_unheard() {
    let mut caller = Caller::calls(flow(&["loi", "numero", "agents"], |at| {
        let StepKind::Collect(mut collect) = collect(3, 3, at("loi")) else { unreachable!("a number") };
        collect.read_back = ReadBack::Yes;
        vec![say_all("Loi.", at("numero")), StepKind::Collect(collect), queue(at("loi"))]
    }));
    caller.press("1121");
    assert_eq!(caller.listen(), [READ_BACK.replace("zéro", "un")]);
}
