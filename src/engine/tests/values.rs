//! Variables, conditions and going on elsewhere.

use super::*;
use crate::flow::{
    Assignment, Branch, Choose, Comparison, Condition, Fact, Goto, Set, Term, Value, ValueKind, ValueSource, Variable,
    VariableId,
};

const DOSSIER: VariableId = VariableId(0);
const AGE: VariableId = VariableId(1);
const COPY: VariableId = VariableId(2);

fn with_variables(mut program: Program) -> Program {
    let variable = |(name, kind, initial): (&str, _, _)| Variable { name: name.into(), kind, initial };
    program.variables = [
        ("dossier", ValueKind::Digits, None),
        ("age", ValueKind::Number, Some(Value::Number(40))),
        ("copie", ValueKind::Digits, Some(Value::Digits("9".into()))),
    ]
    .map(variable)
    .to_vec();
    program
}

fn set(assignments: Vec<Assignment>, then: StepId) -> StepKind {
    StepKind::Set(Set { assignments, then })
}

fn choose(branches: Vec<(Condition, StepId)>, otherwise: StepId) -> StepKind {
    let branches = branches.into_iter().map(|(condition, go)| Branch { written: "".into(), condition, go }).collect();
    StepKind::Choose(Choose { branches, otherwise })
}

fn compare(left: Term, how: Comparison, right: Value) -> Condition {
    Condition::Compare { left, how, right: Term::Written(right) }
}

/// Asks for a number, then goes on by what was typed.
fn sorting() -> Program {
    with_variables(flow(&["numero", "tri", "paris", "copie", "suite", "agents"], |at| {
        vec![
            collect(3, 5, at("tri")),
            choose(
                vec![
                    (
                        Condition::StartsWith {
                            of: Term::Variable(DOSSIER),
                            prefix: Term::Written(Value::Digits("75".into())),
                        },
                        at("paris"),
                    ),
                    (compare(Term::Length(DOSSIER), Comparison::Greater, Value::Number(4)), at("copie")),
                ],
                at("agents"),
            ),
            say("Paris.", at("agents")),
            set(
                vec![
                    Assignment { to: COPY, from: ValueSource::Variable(DOSSIER) },
                    Assignment { to: AGE, from: ValueSource::Written(Value::Number(18)) },
                ],
                at("suite"),
            ),
            StepKind::Goto(Goto { to: at("agents") }),
            queue(at("agents")),
        ]
    }))
}

#[test]
fn the_first_condition_that_holds_leads_on() {
    let mut caller = Caller::calls(sorting());
    caller.press("75");
    caller.tell(Input::Digit(key_of('1')));
    caller.tell(Input::Digit(Digit::HASH));
    assert_eq!(caller.gets()[..5], ["- dossier = 751", "- step tri", "- condition 0", "- step paris", "Paris."]);
}

#[test]
fn when_no_condition_holds_it_goes_on_by_else() {
    let mut caller = Caller::calls(sorting());
    assert_eq!(caller.press("123#").last().map(String::as_str), Some("join s/agents"));
}

#[test]
fn a_variable_is_set_to_a_value_and_from_another_one() {
    let mut caller = Caller::calls(sorting());
    for key in "12345".chars() {
        caller.tell(Input::Digit(key_of(key)));
    }
    let lines = caller.gets();
    let from = lines.iter().position(|l| l == "- condition 1").unwrap();
    assert_eq!(
        lines[from..from + 6],
        ["- condition 1", "- step copie", "- copie = 12345", "- age = 18", "- step suite", "- step agents"]
    );
}

#[test]
fn from_a_variable_without_a_value_there_is_none() {
    let program = with_variables(flow(&["copie", "tri", "vide", "agents"], |at| {
        vec![
            set(vec![Assignment { to: COPY, from: ValueSource::Variable(DOSSIER) }], at("tri")),
            choose(vec![(Condition::Empty(COPY), at("vide"))], at("agents")),
            say("Vide.", at("agents")),
            queue(at("agents")),
        ]
    }));
    assert_eq!(Caller::calls(program).hears(), ["Vide."]);
}

#[test]
fn what_was_typed_as_a_number_is_compared_as_one() {
    let mut program = with_variables(flow(&["numero", "tri", "petit", "agents"], |at| {
        let below = compare(Term::Variable(DOSSIER), Comparison::Less, Value::Number(18));
        vec![
            collect(1, 3, at("tri")),
            choose(vec![(below, at("petit"))], at("agents")),
            say("Petit.", at("agents")),
            queue(at("agents")),
        ]
    }));
    program.variables[0].kind = ValueKind::Number;
    assert_eq!(Caller::calls(program).press("007"), ["Petit."]);
}

#[test]
fn a_variable_begins_with_its_value() {
    let program = with_variables(flow(&["tri", "agents", "quarante"], |at| {
        let forty = compare(Term::Variable(AGE), Comparison::Equal, Value::Number(40));
        vec![choose(vec![(forty, at("quarante"))], at("agents")), queue(at("agents")), say("Oui.", at("agents"))]
    }));
    assert_eq!(Caller::calls(program).hears(), ["Oui."]);
}

/// Says by which of the facts' words it went on.
fn fact(fact: Fact, value: Value) -> Program {
    with_variables(flow(&["tri", "agents", "oui"], |at| {
        let is = compare(Term::Fact(fact), Comparison::Equal, value);
        vec![choose(vec![(is, at("oui"))], at("agents")), queue(at("agents")), say("Oui.", at("agents"))]
    }))
}

#[test]
fn what_is_known_of_the_call_can_be_asked() {
    let word = |word: &str| Value::Text(word.into());
    let mobile = PhoneNumber::parse("0612345678").unwrap();
    let yes = ["Oui."];
    assert_eq!(Caller::calls(fact(Fact::Language, word("fr"))).hears(), yes);
    assert_eq!(Caller::calls(fact(Fact::Caller, word("withheld"))).hears(), yes);
    assert_eq!(Caller::calls_from(fact(Fact::Caller, word("mobile")), 10, Some(mobile)).hears(), yes);
    assert_eq!(Caller::calls_at(fact(Fact::Open, Value::YesNo(true)), 10).hears(), yes);
    assert_eq!(Caller::calls_at(fact(Fact::Open, Value::YesNo(false)), 20).hears(), yes);
    assert_eq!(Caller::calls(fact(Fact::Day, word("tuesday"))).hears(), yes);
    assert_eq!(Caller::calls_at(fact(Fact::Hour, Value::Number(16)), 16).hears(), yes);
}

#[test]
fn steps_that_only_go_on_are_stopped_when_they_go_round() {
    let program = with_variables(flow(&["tri", "retour", "agents"], |at| {
        let forty = compare(Term::Variable(AGE), Comparison::Equal, Value::Number(40));
        vec![
            choose(vec![(forty, at("retour"))], at("agents")),
            StepKind::Goto(Goto { to: at("tri") }),
            queue(at("agents")),
        ]
    }));
    let lines = Caller::calls(program).gets();
    assert!(lines.contains(&"- trouble: the flow goes round without waiting".to_owned()));
    assert_eq!(lines.last().map(String::as_str), Some("join s/agents"));
}

#[test]
fn what_a_caller_typed_is_in_no_debug_print() {
    let mut caller = Caller::calls(sorting());
    for key in "75986".chars() {
        caller.tell(Input::Digit(key_of(key)));
    }
    caller.gets();
    assert!(!format!("{:?}", caller.machine).contains("75986"));
}
