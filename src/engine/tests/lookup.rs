//! Asking a server while the caller waits.

use super::*;
use crate::base::Private;
use crate::engine::LookUpNews;
use crate::flow::{
    Assignment, Lookup, Method, Set, Take, UrlPart, UrlTemplate, Value, ValueKind, ValueSource, Variable, VariableId,
};

const DOSSIER: VariableId = VariableId(0);
const STATUT: VariableId = VariableId(1);

fn program(say: Option<&str>) -> Program {
    let parts = vec![UrlPart::Written("https://api.example/d/".into()), UrlPart::Variable(DOSSIER)];
    let url = UrlTemplate { written: "https://api.example/d/{dossier}".into(), parts };
    let mut program = flow(&["pose", "cherche", "trouve", "perdu", "agents"], |at| {
        vec![
            StepKind::Set(Set {
                assignments: vec![Assignment { to: DOSSIER, from: ValueSource::Written(Value::Digits("12".into())) }],
                then: at("cherche"),
            }),
            StepKind::Lookup(Lookup {
                url,
                method: Method::Post,
                send: vec![("n".into(), ValueSource::Variable(DOSSIER)), ("s".into(), ValueSource::Variable(STATUT))],
                take: vec![Take { to: STATUT, pointer: "/dossier/statut".into() }],
                within: secs(3),
                retries: 1,
                say: say.map(text),
                then: at("trouve"),
                failed: at("perdu"),
            }),
            say_all("Trouvé.", at("agents")),
            say_all("Perdu.", at("agents")),
            queue(at("agents")),
        ]
    });
    let variable = |(name, kind): (&str, _)| Variable { name: name.into(), kind, initial: None };
    program.variables = [("dossier", ValueKind::Digits), ("statut", ValueKind::Text)].map(variable).to_vec();
    program
}

fn answered(order: u32, statut: serde_json::Value) -> Input {
    let json = serde_json::json!({ "dossier": { "statut": statut } });
    Input::LookUp(LookUpNews::Answered { order, json: Private::new(json) })
}

fn failed(order: u32) -> Input {
    Input::LookUp(LookUpNews::Failed { order, why: "unreachable" })
}

#[test]
fn what_is_asked_holds_the_values() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    let mut asked = None;
    while let Some(action) = caller.machine.poll() {
        if let Action::LookUp(order) = action {
            asked = Some(order);
        }
    }
    let order = asked.unwrap();
    assert_eq!(order.url.reveal(), "https://api.example/d/12");
    assert_eq!(order.body.as_ref().unwrap().reveal(), r#"{"n":"12","s":null}"#);
    assert_eq!((&*order.step, order.within, order.retries), ("cherche", secs(3), 1));
    assert!(!format!("{order:?}").contains("/d/12"));
}

#[test]
fn the_caller_hears_the_sentence_out_then_goes_on_with_what_was_found() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    assert_eq!(caller.hears(), ["look up cherche", "Un instant. (to the end)"]);
    caller.tell(answered(1, "prêt".into()));
    assert_eq!(caller.gets(), ["- cherche looked up: answered", "- statut = prêt"]);
    assert_eq!(caller.listen(), ["Trouvé. (to the end)"]);
}

#[test]
fn a_slow_answer_is_waited_for_with_music() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    assert_eq!(caller.listen(), ["♪ attente (to the end)"]);
    caller.tell(answered(1, "prêt".into()));
    assert_eq!(caller.hears(), ["Trouvé. (to the end)"]);
}

#[test]
fn an_answer_is_kept_while_a_long_sentence_is_heard_out() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    caller.hears();
    caller.tell(answered(1, "prêt".into()));
    caller.wait(4);
    assert_eq!(caller.listen(), ["Trouvé. (to the end)"]);
}

#[test]
fn without_a_sentence_music_begins_after_a_second() {
    let mut caller = Caller::calls(program(None));
    assert_eq!(caller.hears(), ["look up cherche"]);
    assert_eq!(caller.wait(1), ["♪ attente (to the end)"]);
    caller.tell(failed(1));
    assert_eq!(caller.hears(), ["Perdu. (to the end)"]);
}

#[test]
fn an_answer_of_another_form_is_none() {
    for other in [serde_json::json!(3), serde_json::Value::Null, serde_json::json!(["prêt"])] {
        let mut caller = Caller::calls(program(None));
        caller.tell(answered(1, other));
        let lines = caller.gets();
        assert!(lines.contains(&"- cherche looked up: not-as-declared".to_owned()), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("Perdu. (to the end)"));
    }
}

#[test]
fn nobody_waits_longer_than_the_step_says() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    caller.listen();
    assert_eq!(caller.wait(3), [""; 0]);
    assert_eq!(caller.wait(1), ["Perdu. (to the end)"]);
    caller.tell(answered(1, "prêt".into()));
    assert_eq!(caller.hears(), [""; 0], "the answer comes too late");
}

#[test]
fn zero_leads_to_the_agent_meanwhile_and_other_keys_are_kept() {
    let mut caller = Caller::calls(program(Some("Un instant.")));
    caller.hears();
    assert_eq!(caller.press("12#"), [""; 0]);
    assert_eq!(caller.press("0"), ["join s/agents", "stop"]);
    caller.tell(answered(1, "prêt".into()));
    assert_eq!(caller.hears(), [""; 0]);
}

#[test]
fn without_the_value_for_the_address_nobody_is_asked() {
    let mut program = program(Some("Un instant."));
    program.start = StepId(1);
    let mut caller = Caller::calls(program);
    assert_eq!(caller.gets()[1..], ["- cherche looked up: no-value", "- step perdu", "Perdu. (to the end)"]);
}

#[test]
fn only_the_last_question_is_answered() {
    let mut caller = Caller::calls(program(None));
    caller.hears();
    // Back, which is here: to this step.
    assert_eq!(caller.press("*"), ["look up cherche"]);
    caller.tell(failed(1));
    assert_eq!(caller.hears(), [""; 0]);
    caller.tell(answered(2, "prêt".into()));
    assert_eq!(caller.hears(), ["Trouvé. (to the end)"]);
}
