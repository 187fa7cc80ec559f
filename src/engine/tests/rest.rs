//! Transfer, hang-up, survey, and flows that go round.

use super::*;
use crate::engine::TransferNews;

fn to_town_hall() -> Program {
    flow(&["mairie", "rate", "agents"], |at| vec![transfer(at("rate")), hangup("Au revoir."), queue(at("rate"))])
}

#[test]
fn a_transfer_is_announced_with_music_until_somebody_answers() {
    let mut caller = Caller::calls(to_town_hall());
    assert_eq!(caller.hears(), ["transfer 0143124567", "<Connecting> (to the end)"]);
    assert_eq!(caller.listen(), ["♪ attente (to the end)"]);
    caller.tell(Input::Transfer(TransferNews::Connected));
    assert_eq!(caller.hears(), ["stop"]);
    caller.tell(Input::Transfer(TransferNews::TalkEnded));
    assert_eq!(caller.hears(), ["hangup flow-end"]);
}

#[test]
fn a_transfer_that_fails_is_told_and_leads_on() {
    let mut caller = Caller::calls(to_town_hall());
    caller.hears();
    caller.tell(Input::Transfer(TransferNews::Failed));
    assert_eq!(caller.hears(), ["<TransferFailed>"]);
    assert_eq!(caller.listen(), ["Au revoir. (to the end)"]);
}

#[test]
fn a_hang_up_says_its_words_first_and_a_stray_key_does_not_cut_them() {
    let mut caller = Caller::calls(flow(&["fin", "agents"], |at| vec![hangup("Au revoir."), queue(at("fin"))]));
    assert_eq!(caller.hears(), ["Au revoir. (to the end)"]);
    assert_eq!(caller.press("5"), [""; 0]);
    assert_eq!(caller.listen(), ["hangup flow-end"]);
}

#[test]
fn zero_during_the_last_words_still_leads_to_the_agent() {
    let mut caller = Caller::calls(flow(&["fin", "agents"], |at| vec![hangup("Au revoir."), queue(at("fin"))]));
    assert_eq!(caller.press("0"), ["join s/agents", "stop"]);
}

#[test]
fn a_survey_takes_one_mark() {
    let mut caller = Caller::calls(flow(&["avis", "agents"], |at| vec![survey(None), queue(at("avis"))]));
    caller.hears();
    caller.tell(Input::Digit(key_of('4')));
    assert_eq!(caller.gets(), ["- avis marked 4", "<Goodbye> (to the end)"]);
}

#[test]
fn a_survey_is_asked_twice_at_most() {
    let mut caller = Caller::calls(flow(&["avis", "agents"], |at| vec![survey(None), queue(at("avis"))]));
    assert_eq!(caller.press("6"), ["<WrongKey> Content ?"]);
    caller.listen();
    assert_eq!(caller.wait(6), ["<Goodbye> (to the end)"]);
}

#[test]
fn a_flow_that_goes_round_without_waiting_is_led_to_the_agent() {
    let program =
        flow(&["a", "b", "agents"], |at| vec![hours(at("b"), at("b")), hours(at("a"), at("a")), queue(at("a"))]);
    let mut caller = Caller::calls(program);
    let lines = caller.gets();
    assert_eq!(lines.iter().filter(|l| l.starts_with("- step")).count(), 65);
    assert!(lines.contains(&"- trouble: the flow goes round without waiting".to_owned()));
    assert_eq!(lines.last().unwrap(), "join s/agents");
}

#[test]
fn a_flow_that_goes_round_from_the_agent_too_ends_with_a_reason() {
    let mut caller = Caller::calls(flow(&["agents"], |at| vec![hours(at("agents"), at("agents"))]));
    assert_eq!(caller.hears(), ["<TechnicalTrouble> (to the end)"]);
    assert_eq!(caller.listen(), ["hangup flow-loop"]);
}
