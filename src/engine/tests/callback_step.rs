//! A callback as a step: asked for by who has no place in a queue.

use super::callback::{MOBILE, OWN, book, words};
use super::*;
use crate::engine::BookNews;
use crate::flow::Callback;
use crate::speech::CallbackWords;

fn callback(then: Option<StepId>, otherwise: Option<StepId>) -> StepKind {
    StepKind::Callback(Callback {
        queue: "s/agents".into(),
        needs: Vec::new(),
        priority: 0,
        question: Callback::QUESTION,
        then,
        otherwise,
    })
}

/// A caller from this number who is asked at once; with `on` there is a step for each outcome.
fn asked(number: Option<&str>, on: bool) -> Caller {
    let program = flow(&["rappel", "agents", "merci", "ferme"], |at| {
        let steps = on.then(|| (at("merci"), at("ferme"))).unzip();
        vec![callback(steps.0, steps.1), queue(at("rappel")), hangup("Merci."), hangup("Tant pis.")]
    });
    Caller::calls_from(program, 10, number.map(|number| PhoneNumber::parse(number).unwrap()))
}

/// The wish is with the book.
fn wishes(on: bool) -> Caller {
    let mut caller = asked(MOBILE, on);
    assert_eq!(caller.hears(), [OWN]);
    assert!(caller.press("1")[0].starts_with("Pour être rappelé dès que possible, 1."));
    assert_eq!(caller.press("1"), ["wish +33612345678", "stop"]);
    caller
}

#[test]
fn it_is_promised_without_a_place_and_the_flow_goes_on() {
    let noted = words(CallbackWords::NotedSoon);
    let mut caller = wishes(false);
    let promised = book(&mut caller, BookNews::Promised { slot: None });
    assert_eq!(promised, ["- promised".to_owned(), format!("{noted} <Goodbye> (to the end)")]);
    assert_eq!(caller.listen(), ["hangup callback"]);
    let mut caller = wishes(true);
    assert_eq!(book(&mut caller, BookNews::Promised { slot: None })[1], noted);
    assert_eq!(caller.listen(), ["Merci. (to the end)"]);
}

#[test]
fn nothing_is_called_noted_that_is_not_and_another_way_is_told() {
    let not_noted = words(CallbackWords::NotNoted);
    let mut caller = wishes(false);
    assert_eq!(book(&mut caller, BookNews::Refused)[1], not_noted, "nobody was called in this call yet");
    assert_eq!(caller.listen(), ["join s/agents"]);
    let mut caller = wishes(true);
    assert_eq!(caller.wait(3), ["forget the wish".to_owned(), not_noted], "a book that does not answer");
    assert_eq!(caller.listen(), ["Tant pis. (to the end)"]);
}

#[test]
fn a_withheld_number_is_typed() {
    let mut caller = asked(None, false);
    assert_eq!(caller.hears(), [words(CallbackWords::TypeNumber)]);
    assert_eq!(caller.press("0612345678#"), [OWN]);
}

#[test]
fn when_nobody_is_there_a_callback_can_be_asked_for() {
    let program = flow(&["agents", "rappel"], |at| vec![queue(at("rappel")), callback(None, None)]);
    let mut caller = Caller::calls_from(program, 10, PhoneNumber::parse("0612345678").ok());
    assert_eq!(caller.hears(), ["join s/agents"]);
    assert_eq!(caller.news(QueueNews::Nobody), ["<NobodyThere>"]);
    assert_eq!(caller.listen(), [OWN]);
    caller.press("1");
    assert_eq!(caller.press("1"), ["wish +33612345678", "stop"]);
    let refused = book(&mut caller, BookNews::Refused);
    assert_eq!(refused[1], format!("{} <Contact> <Goodbye> (to the end)", words(CallbackWords::NotNoted)));
}

#[test]
fn zero_leads_to_the_agent_and_star_to_the_last_menu() {
    let mut caller = asked(MOBILE, true);
    assert_eq!(caller.press("0"), ["join s/agents", "stop"]);
    let program = flow(&["menu", "rappel", "agents"], |at| {
        vec![menu(&[('1', "un rappel", at("rappel"))]), callback(None, Some(at("agents"))), queue(at("menu"))]
    });
    let mut caller = Caller::calls_from(program, 10, PhoneNumber::parse("0612345678").ok());
    caller.press("1");
    assert_eq!(caller.press("*"), ["Pour un rappel, 1. <0>"]);
}

#[test]
fn silence_leads_on_once_and_then_to_the_end() {
    let program = flow(&["agents", "rappel"], |at| vec![queue(at("rappel")), callback(None, Some(at("agents")))]);
    let mut caller = Caller::calls_from(program, 10, PhoneNumber::parse("0612345678").ok());
    let mut silent = |said: &[&str]| {
        caller.news(QueueNews::Nobody);
        assert_eq!(caller.listen(), [OWN]);
        caller.listen();
        assert_eq!(caller.wait(8), [format!("<Silence> {OWN}")]);
        caller.listen();
        assert_eq!(caller.wait(8), said);
    };
    silent(&["join s/agents"]);
    silent(&["<Contact> <Goodbye> (to the end)"]);
}

#[test]
fn who_could_not_be_noted_is_not_asked_again() {
    let program = flow(&["menu", "rappel", "agents"], |at| {
        vec![menu(&[('1', "un rappel", at("rappel"))]), callback(None, Some(at("agents"))), queue(at("menu"))]
    });
    let mut caller = Caller::calls_from(program, 10, PhoneNumber::parse("0612345678").ok());
    caller.press("111");
    book(&mut caller, BookNews::Refused);
    assert_eq!(caller.listen(), ["join s/agents"]);
    assert_eq!(caller.news(QueueNews::Nobody), ["<NobodyThere>"]);
    caller.listen();
    assert_eq!(caller.press("1"), ["join s/agents", "stop"], "straight on");
}

#[test]
fn who_leaves_before_the_place_is_taken_was_led_to_no_agent() {
    let mut program = flow(&["menu", "rappel", "agents"], |at| {
        vec![menu(&[('1', "un rappel", at("rappel"))]), callback(None, Some(at("agents"))), queue(at("menu"))]
    });
    program.notice = Some(speech::Notice::Recorded);
    let mut caller = Caller::calls_from(program, 10, PhoneNumber::parse("0612345678").ok());
    for time in ["once", "again"] {
        caller.press("1");
        caller.listen();
        caller.wait(8);
        caller.listen();
        let said = caller.wait(8);
        assert!(said.iter().any(|line| line.contains("peut être enregistré")), "{time}: {said:?}");
        caller.press("*");
    }
}
