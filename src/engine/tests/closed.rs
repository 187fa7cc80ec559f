//! Wanting an agent when it is closed.

use super::*;

fn reception() -> Program {
    flow(&["bonjour", "menu", "agents", "ferme"], |at| {
        vec![
            say("Bonjour.", at("menu")),
            menu(&[('1', "un agent", at("agents"))]),
            queue(at("menu")),
            tell(&[Topic::Contact], at("menu")),
        ]
    })
}

const TRUTH: &str = "<state> <Hours> <Contact> (to the end)";
const MENU: &str = "Pour un agent, 1. <0>";

#[test]
fn the_truth_is_told_each_time_and_never_a_hang_up() {
    let mut caller = Caller::calls_at(reception(), 20);
    caller.listen();
    for _ in 0..5 {
        assert_eq!(caller.press("0"), [TRUTH]);
        assert_eq!(caller.press("0"), [TRUTH]);
        assert_eq!(caller.listen(), [MENU]);
    }
}

#[test]
fn asking_is_noted_once_with_the_hours() {
    let mut caller = Caller::calls_at(reception(), 20);
    caller.listen();
    caller.tell(Input::Digit(key_of('1')));
    assert_eq!(caller.gets(), ["- key 1", "- step agents", "- asked agent, open false", TRUTH]);
    caller.tell(Input::Digit(Digit::ZERO));
    assert_eq!(caller.gets(), ["- key 0", "- asked agent, open false", "- step agents", TRUTH]);
}

#[test]
fn without_a_menu_the_truth_is_heard_out_then_a_good_bye_ends_the_call() {
    let mut caller = Caller::calls_at(reception(), 20);
    assert_eq!(caller.press("0"), [TRUTH]);
    assert_eq!(caller.press("7"), [""; 0]);
    assert_eq!(caller.press("0"), [TRUTH]);
    assert_eq!(caller.listen(), ["<Goodbye> (to the end)"]);
    assert_eq!(caller.press("0"), [TRUTH]);
    caller.listen();
    assert_eq!(caller.listen(), ["hangup flow-end"]);
}

#[test]
fn the_flow_s_own_closed_step_comes_first_and_the_queue_s_before_it() {
    let mut program = reception();
    program.closed = Some(StepId(3));
    let mut caller = Caller::calls_at(program.clone(), 20);
    assert_eq!(caller.press("0"), ["<Contact> (to the end)"]);
    if let StepKind::Queue(queue) = &mut program.steps[2].kind {
        queue.closed = Some(StepId(0));
    }
    assert_eq!(Caller::calls_at(program, 20).press("0"), ["Bonjour."]);
}

#[test]
fn a_silent_line_is_left_in_the_end_when_closed() {
    let mut caller = Caller::calls_at(reception(), 20);
    let mut truths = 0;
    for _ in 0..100 {
        let heard = if caller.machine.deadline().is_some() { caller.wait(5) } else { caller.listen() };
        truths += heard.iter().filter(|l| *l == TRUTH).count();
        if heard == ["hangup flow-end"] {
            break;
        }
    }
    assert_eq!(truths, 3);
    assert!(caller.machine.is_over());
}

#[test]
fn the_hours_step_goes_by_the_wall_clock() {
    let program = flow(&["heures", "ouvert", "ferme", "agents"], |at| {
        vec![
            hours(at("ouvert"), at("ferme")),
            say("Ouvert.", at("agents")),
            say("Fermé.", at("agents")),
            queue(at("ouvert")),
        ]
    });
    assert_eq!(Caller::calls_at(program.clone(), 10).hears(), ["Ouvert."]);
    assert_eq!(Caller::calls_at(program, 18).hears(), ["Fermé."]);
}

#[test]
fn who_is_told_the_hours_hears_first_that_it_is_closed() {
    let program = || flow(&["infos", "agents"], |at| vec![tell(&[Topic::Hours], at("agents")), queue(at("infos"))]);
    assert_eq!(Caller::calls_at(program(), 20).hears(), ["<state> <Hours> (to the end)"]);
    assert_eq!(Caller::calls_at(program(), 10).hears(), ["<Hours>"]);
}
