//! Saying, barging in, typing ahead, and the three keys that work everywhere.

use super::*;

/// A greeting, a menu of two, its two texts, and the agents.
fn reception() -> Program {
    flow(&["bonjour", "menu", "identite", "sous-menu", "infos", "agents"], |at| {
        vec![
            say("Bonjour.", at("menu")),
            menu(&[('1', "une carte", at("identite")), ('2', "le reste", at("sous-menu"))]),
            say("Il faut une photo.", at("menu")),
            menu(&[('1', "les horaires", at("infos"))]),
            tell(&[Topic::Hours], at("sous-menu")),
            queue(at("menu")),
        ]
    })
}

const MENU: &str = "Pour une carte, 1. Pour le reste, 2. <0>";
const SUB_MENU: &str = "Pour les horaires, 1. <0>";

#[test]
fn a_caller_who_only_listens_hears_the_greeting_then_the_menu() {
    let mut caller = Caller::calls(reception());
    assert_eq!(caller.gets(), ["- step bonjour", "Bonjour."]);
    assert_eq!(caller.listen(), [MENU]);
}

#[test]
fn nothing_is_said_before_the_call_is_answered() {
    let mut machine = Machine::new(Arc::new(reception()), None);
    machine.handle(Now::default(), Input::Digit(Digit::ZERO));
    machine.handle(Now::default(), Input::Tick);
    assert_eq!(machine.poll(), None);
}

#[test]
fn a_key_during_a_say_stops_it_and_chooses_in_the_menu() {
    let mut caller = Caller::calls(reception());
    assert_eq!(caller.press("1"), ["Il faut une photo."]);
}

#[test]
fn keys_typed_ahead_go_through_the_menus_without_playing() {
    let mut caller = Caller::calls(reception());
    caller.hears();
    caller.tell(Input::Digit(key_of('2')));
    caller.tell(Input::Digit(key_of('1')));
    assert_eq!(caller.hears(), [SUB_MENU, "<Hours>"]);
}

#[test]
fn a_say_that_refuses_barge_in_is_heard_out_and_keeps_the_keys() {
    let mut caller = Caller::calls(flow(&["loi", "menu", "sous-menu", "agents"], |at| {
        vec![
            say_all("Cet appel est enregistré.", at("menu")),
            menu(&[('2', "le reste", at("sous-menu"))]),
            menu(&[('1', "rien", at("menu"))]),
            queue(at("menu")),
        ]
    }));
    assert_eq!(caller.hears(), ["Cet appel est enregistré. (to the end)"]);
    assert_eq!(caller.press("2"), [""; 0]);
    assert_eq!(caller.listen(), ["Pour rien, 1. <0>"]);
}

#[test]
fn typed_ahead_keys_are_bounded() {
    let mut caller =
        Caller::calls(flow(&["loi", "agents"], |at| vec![say_all("Long.", at("agents")), queue(at("loi"))]));
    for _ in 0..1000 {
        caller.press("7");
    }
    assert_eq!(caller.machine.ahead.len(), crate::base::limits::TYPE_AHEAD);
}

#[test]
fn a_say_stopped_without_a_sound_after_it_is_stopped_for_the_media_too() {
    let program = flow(&["bonjour", "numero", "agents"], |at| {
        vec![say("Bonjour.", at("numero")), collect(2, 4, at("bonjour")), queue(at("bonjour"))]
    });
    let mut caller = Caller::calls(program);
    assert_eq!(caller.press("1"), ["stop"]);
}

#[test]
fn zero_leads_to_the_agent_from_a_say_a_menu_and_a_tell() {
    for keys in ["0", "10", "20", "210"] {
        let mut caller = Caller::calls(reception());
        assert_eq!(caller.press(keys), ["join s/agents", "stop"]);
    }
}

#[test]
fn zero_leads_to_the_agent_even_from_a_say_that_refuses_barge_in() {
    let mut caller =
        Caller::calls(flow(&["loi", "agents"], |at| vec![say_all("Long.", at("agents")), queue(at("loi"))]));
    caller.hears();
    caller.tell(Input::Digit(Digit::ZERO));
    assert_eq!(caller.gets(), ["- key 0", "- asked agent, open true", "- step agents", "join s/agents", "stop"]);
}

#[test]
fn star_goes_back_to_the_menu_before() {
    let mut caller = Caller::calls(reception());
    caller.press("21");
    assert_eq!(caller.press("*"), [SUB_MENU]);
    assert_eq!(caller.press("*"), [MENU]);
    assert_eq!(caller.press("*"), [MENU]);
}

#[test]
fn star_without_a_menu_before_starts_the_step_again() {
    let mut caller = Caller::calls(reception());
    assert_eq!(caller.press("*"), ["Bonjour."]);
}

#[test]
fn hash_says_it_again() {
    let mut caller = Caller::calls(reception());
    assert_eq!(caller.press("#"), ["Bonjour."]);
    caller.listen();
    assert_eq!(caller.press("#"), [MENU]);
    assert_eq!(caller.press("1"), ["Il faut une photo."]);
    assert_eq!(caller.press("#"), ["Il faut une photo."]);
}

#[test]
fn the_end_of_a_sound_that_was_replaced_means_nothing() {
    let mut caller = Caller::calls(reception());
    caller.hears();
    let greeting = caller.play.unwrap();
    caller.press("1");
    caller.tell(Input::Finished(greeting));
    assert_eq!(caller.hears(), [""; 0]);
}

#[test]
fn after_the_caller_has_hung_up_nothing_comes_out() {
    let mut caller = Caller::calls(reception());
    caller.tell(Input::Digit(Digit::ZERO)).tell(Input::HungUp);
    assert_eq!(caller.gets(), [""; 0]);
    caller.tell(Input::Digit(Digit::ZERO)).tell(Input::Tick).tell(Input::Queue(QueueNews::Joined { rank: 1 }));
    assert_eq!(caller.gets(), [""; 0]);
    assert_eq!(caller.machine.deadline(), None);
}

#[test]
fn a_relay_service_goes_straight_to_the_agent() {
    let relay = PhoneNumber::parse("0978000000").unwrap();
    let mut caller = Caller::calls_from(reception(), 10, Some(relay));
    assert_eq!(caller.gets(), ["- asked agent, open true", "- step agents", "join s/agents"]);
}
