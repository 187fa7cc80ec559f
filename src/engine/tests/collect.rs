//! Typing a number.

use super::*;

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
fn star_deletes_then_goes_back() {
    let mut caller = asked();
    assert_eq!(caller.press("99*"), ["<Deleted>"]);
    assert_eq!(caller.press("102#"), ["Merci."]);
    let mut caller = asked();
    caller.press("99*");
    assert_eq!(caller.press("*"), ["Pour un dossier, 1. <0>"]);
}

#[test]
fn after_deleting_the_caller_may_think_again() {
    let mut caller = asked();
    caller.press("99*");
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
