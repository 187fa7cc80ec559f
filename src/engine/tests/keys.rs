//! The keys of the flow's header, which lead to a step from everywhere else.

use super::*;

/// A greeting, a menu, a text, and the hours by 9 from everywhere.
fn reception(choice: char) -> Program {
    let mut program = flow(&["bonjour", "menu", "carte", "infos", "agents"], |at| {
        vec![
            say("Bonjour.", at("menu")),
            menu(&[(choice, "une carte", at("carte"))]),
            say("Il faut une photo.", at("menu")),
            tell(&[Topic::Hours], at("menu")),
            queue(at("menu")),
        ]
    });
    program.keys = vec![(key_of('9'), StepId(3))];
    program
}

#[test]
fn a_key_of_the_header_leads_there_from_a_menu_and_from_what_is_said() {
    for keys in ["9", "19"] {
        assert_eq!(Caller::calls(reception('1')).press(keys), ["<Hours>"], "after {keys}");
    }
    let mut caller = Caller::calls(reception('1'));
    caller.listen();
    assert_eq!(caller.press("9"), ["<Hours>"]);
    assert_eq!(caller.press("*"), ["Pour une carte, 1. <0>"], "and back");
}

#[test]
fn it_is_in_the_record_like_any_key() {
    let mut caller = Caller::calls(reception('1'));
    caller.hears();
    caller.tell(Input::Digit(key_of('9')));
    assert_eq!(caller.gets(), ["- key 9", "- step infos", "<Hours>"]);
}

#[test]
fn a_choice_of_the_menu_comes_before_it_also_when_it_is_typed_ahead() {
    let mut caller = Caller::calls(reception('9'));
    assert_eq!(caller.press("9"), ["Il faut une photo."]);
    let mut caller = Caller::calls(reception('9'));
    caller.listen();
    assert_eq!(caller.press("9"), ["Il faut une photo."]);
}

#[test]
fn while_a_number_is_typed_it_is_a_digit_also_ahead_of_the_question() {
    let mut program = flow(&["bonjour", "numero", "infos", "agents"], |at| {
        vec![
            say("Bonjour.", at("numero")),
            collect(2, 2, at("infos")),
            tell(&[Topic::Hours], at("numero")),
            queue(at("numero")),
        ]
    });
    program.keys = vec![(key_of('9'), StepId(2))];
    let mut caller = Caller::calls(program);
    assert_eq!(caller.press("9"), ["stop"]);
    caller.tell(Input::Digit(key_of('9')));
    assert_eq!(caller.gets(), ["- dossier = 99", "- step infos", "<Hours>"]);
}

#[test]
fn zero_before_a_number_is_asked_is_the_agent() {
    let program = flow(&["bonjour", "numero", "agents"], |at| {
        vec![say("Bonjour.", at("numero")), collect(2, 2, at("bonjour")), queue(at("numero"))]
    });
    assert_eq!(Caller::calls(program).press("0"), ["join s/agents", "stop"]);
}

#[test]
fn in_the_queue_it_does_not_cost_the_place() {
    let mut caller = Caller::calls(reception('1'));
    caller.press("0");
    caller.news(QueueNews::Joined { rank: 1 });
    assert_eq!(caller.press("9"), [""; 0]);
}

#[test]
fn from_the_last_words_it_leads_back() {
    let mut program = flow(&["fin", "infos", "agents"], |at| {
        vec![hangup("Au revoir."), tell(&[Topic::Hours], at("fin")), queue(at("fin"))]
    });
    program.keys = vec![(key_of('9'), StepId(1))];
    assert_eq!(Caller::calls(program).press("9"), ["<Hours>"]);
}

#[test]
fn it_never_cuts_a_message_that_is_being_spoken() {
    use crate::engine::MessageNews;
    let mut program = flow(&["message", "infos", "agents"], |at| {
        vec![voicemail(Some(at("infos"))), tell(&[Topic::Hours], at("infos")), queue(at("infos"))]
    });
    program.keys = vec![(key_of('9'), StepId(1))];
    let mut caller = Caller::calls(program);
    caller.tell(Input::Message(MessageNews::Ready));
    caller.listen();
    caller.listen();
    assert_eq!(caller.press("9"), [""; 0]);
}
