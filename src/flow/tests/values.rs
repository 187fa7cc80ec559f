//! Variables, `set`, `choose` and `goto`.

use super::{AUDIO, codes, flow, loaded, shown, wrong};
use crate::base::limits::FLOW_VARIABLES;
use crate::flow::{Fact, Method, StepKind, Value, ValueKind};

/// What is written in place of the first `say` of the flow that tests start from, so that the call
/// begins with a typed number and goes on by it.
const SORTING: &str = "    goto: numero
  numero:
    collect: { ask: \"Votre numéro ?\", name: dossier, at_least: 2, at_most: 8 }
    then: note
  note:
    set: { essais: 1, copie: dossier, pret: yes, statut: \"en cours\" }
    then: tri
  tri:
    choose:
      - if: dossier starts with \"75\" and essais < 3
        go: bonjour2
      - { if: \"language = en or not pret\", go: menu }
      - if: \"statut = 'en cours' and copie is set\"
        go: infos
    else: ouverture
  bonjour2:
    say: \"Bonjour.\"";

const HEADER: &str =
    "flow: accueil\nvariables: { essais: { type: number, value: 0 }, copie: digits, pret: yes-no, statut: text }";

fn sorting(parts: &[(&str, &str)]) -> String {
    let mut text = flow(&[("    say: \"Bonjour.\"", SORTING), ("flow: accueil", HEADER)]);
    for (old, new) in parts {
        assert!(text.contains(old), "`{old}` is not in the flow");
        text = text.replacen(old, new, 1);
    }
    text
}

fn faults(parts: &[(&str, &str)]) -> String {
    shown(&loaded(&sorting(parts), &AUDIO))
}

#[test]
fn a_flow_goes_on_by_what_is_known() {
    let loaded = loaded(&sorting(&[]), &AUDIO);
    assert_eq!(shown(&loaded), "");
    let service = loaded.service.unwrap();
    let program = &service.flows[0];
    let kinds: Vec<_> = program.variables.iter().map(|v| (&*v.name, v.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("essais", ValueKind::Number),
            ("copie", ValueKind::Digits),
            ("pret", ValueKind::YesNo),
            ("statut", ValueKind::Text),
            ("dossier", ValueKind::Digits),
        ]
    );
    assert_eq!(program.variables[0].initial, Some(Value::Number(0)));
    let step = |name: &str| &program.steps.iter().find(|s| &*s.name == name).unwrap().kind;
    let StepKind::Choose(choose) = step("tri") else { panic!("a choose") };
    assert_eq!(choose.branches.len(), 3);
    assert_eq!(&*program.step(choose.otherwise).name, "ouverture");
    let StepKind::Set(set) = step("note") else { panic!("a set") };
    assert_eq!(set.assignments.len(), 4);
}

#[test]
fn without_else_it_goes_on_to_the_agent() {
    let loaded = loaded(&sorting(&[("    else: ouverture\n", ""), ("go: infos", "go: ouverture")]), &AUDIO);
    let service = loaded.service.unwrap();
    let program = &service.flows[0];
    let choose = program.steps.iter().find_map(|s| if let StepKind::Choose(c) = &s.kind { Some(c) } else { None });
    assert_eq!(choose.unwrap().otherwise, program.agent);
}

#[test]
fn what_is_wrong_with_a_condition_is_marked_inside_it() {
    insta::assert_snapshot!(faults(&[
        ("dossier starts with \"75\" and essais < 3", "dosier starts with \"75\""),
        ("\"language = en or not pret\"", "\"language = de\""),
        ("\"statut = 'en cours' and copie is set\"", "'statut = ''en cours'' et copie'"),
    ]));
}

#[test]
fn variables_are_checked_where_they_are_declared() {
    insta::assert_snapshot!(faults(&[(
        "essais: { type: number, value: 0 }, copie: digits, pret: yes-no, statut: text",
        "essais: { type: number, value: -1 }, copie: { type: digits, value: 012 }, pret: yes-no, statut: texte, open: text, 2x: text",
    )]));
}

#[test]
fn numbers_that_are_typed_count_among_the_variables() {
    let steps = |typed: usize| {
        let steps: Vec<String> = (0..typed)
            .map(|n| {
                format!("  n{n}:\n    collect: {{ ask: \"Votre numéro ?\", at_least: 2, at_most: 8 }}\n    then: tri")
            })
            .collect();
        let flow = sorting(&[("  tri:\n", &format!("{}\n  tri:\n", steps.join("\n")))]);
        codes(&loaded(&flow, &AUDIO)).into_iter().filter(|code| *code == "too-many-variables").count()
    };
    // Five are there without them.
    assert_eq!((steps(FLOW_VARIABLES - 5), steps(FLOW_VARIABLES - 4)), (0, 1));
}

#[test]
fn what_is_set_must_be_there_and_fit() {
    insta::assert_snapshot!(faults(&[(
        "essais: 1, copie: dossier, pret: yes, statut: \"en cours\"",
        "essai: 1, essais: \"1\", copie: 75, pret: peut-être, statut: cours",
    )]));
}

#[test]
fn a_condition_that_never_decides_anything_is_told() {
    insta::assert_snapshot!(faults(&[
        ("essais < 3", "essais < 3 and essais > 3"),
        ("language = en or not pret", "pret"),
        ("statut = 'en cours' and copie is set", "pret and statut is set"),
    ]));
}

#[test]
fn what_has_no_value_yet_is_told() {
    insta::assert_snapshot!(faults(&[("    then: note", "    then: tri")]));
}

#[test]
fn who_types_must_be_able_to_fill_the_variable() {
    insta::assert_snapshot!(faults(&[
        ("copie: digits, pret", "dossier: number, copie: number, pret"),
        ("at_most: 8", "at_most: 20"),
        ("dossier starts with \"75\"", "dossier < 75"),
    ]));
    let text = faults(&[
        ("copie: digits, pret", "dossier: text, copie: text, pret"),
        ("dossier starts with \"75\"", "dossier starts with « 75 »"),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn goto_that_goes_round_loses_a_silent_caller() {
    insta::assert_snapshot!(wrong(&[(
        "    say: \"Bonjour.\"\n    then: ouverture",
        "    goto: rond\n  rond:\n    goto: bonjour"
    )]));
}

#[test]
fn a_silent_caller_must_find_an_agent_whichever_condition_holds() {
    let text = flow(&[(
        "    say: \"Bonjour.\"\n    then: ouverture",
        "    choose: [{ if: caller = mobile, go: fin }]\n    else: ouverture",
    )]);
    // And when it is closed, who calls with a mobile phone is not told when it opens.
    assert_eq!(codes(&loaded(&text, &AUDIO)), ["no-agent-path", "closed-tells-little"]);
}

#[test]
fn the_names_of_facts_are_their_own() {
    for fact in Fact::ALL {
        assert_eq!(Fact::from_name(fact.name()), Some(fact));
    }
}

/// What is written in place of the first `say` of the flow that tests start from.
const ASKING: &str = "    goto: numero
  numero:
    collect: { ask: \"Votre numéro ?\", name: dossier, at_most: 8 }
    then: cherche
  cherche:
    lookup:
      url: \"https://api.example/dossiers/{dossier}?x={dossier}\"
      send: { numero: dossier, source: \"svi\", n: 3, oui: yes }
      take: { statut: /dossier/statut, pret: \"/a~1b/0\" }
      within: 5s
      retries: 2
      say: \"Un instant.\"
    then: ouverture
    failed: menu";

fn asking(parts: &[(&str, &str)]) -> String {
    let mut text = flow(&[
        ("    say: \"Bonjour.\"\n    then: ouverture", ASKING),
        ("flow: accueil", "flow: accueil\nvariables: { pret: yes-no, statut: text }"),
    ]);
    for (old, new) in parts {
        assert!(text.contains(old), "`{old}` is not in the flow");
        text = text.replacen(old, new, 1);
    }
    text
}

#[test]
fn a_look_up_is_read_with_its_defaults() {
    let whole = loaded(&asking(&[]), &AUDIO);
    assert_eq!(shown(&whole), "");
    let lookup = |service: crate::flow::Service| {
        let steps = service.flows[0].steps.clone();
        steps.into_iter().find_map(|s| if let StepKind::Lookup(lookup) = s.kind { Some(lookup) } else { None }).unwrap()
    };
    let asks = lookup(whole.service.unwrap());
    assert_eq!((asks.method, asks.within.as_secs(), asks.retries), (Method::Post, 5, 2));
    assert_eq!(asks.url.parts.len(), 4);
    assert_eq!(asks.send.len(), 4);
    let fewer = asking(&[
        ("      send: { numero: dossier, source: \"svi\", n: 3, oui: yes }\n", ""),
        ("      within: 5s\n      retries: 2\n      say: \"Un instant.\"\n", ""),
        ("    failed: menu", "    failed: agents"),
    ]);
    let asks = lookup(loaded(&fewer, &AUDIO).service.unwrap());
    assert_eq!((asks.method, asks.within.as_secs(), asks.retries), (Method::Get, 3, 1));
}

#[test]
fn what_is_wrong_with_a_look_up_is_told_at_its_place() {
    let wrong = |parts: &[(&str, &str)]| shown(&loaded(&asking(parts), &AUDIO));
    insta::assert_snapshot!(wrong(&[
        ("https://api.example/dossiers/{dossier}?x={dossier}", "https://{dossier}.example/x"),
        (
            "take: { statut: /dossier/statut, pret: \"/a~1b/0\" }",
            "take: { status: /x, statut: dossier.statut, pret: /a~2 }"
        ),
        ("within: 5s", "within: 40s"),
    ]));
    insta::assert_snapshot!(wrong(&[
        ("https://api.example/dossiers/{dossier}?x={dossier}", "https://api.example/{dosier}"),
        ("      send: { numero: dossier,", "      method: get\n      send: { numero: dosier,"),
        ("within: 5s", "within: 21s"),
    ]));
    insta::assert_snapshot!(wrong(&[("https://api.example/dossiers/{dossier}?x={dossier}", "api.example/{dossier}")]));
    insta::assert_snapshot!(wrong(&[(
        "https://api.example/dossiers/{dossier}?x={dossier}",
        "https://api.example/{dossier"
    )]));
    insta::assert_snapshot!(wrong(&[("    goto: numero", "    goto: cherche")]));
}
