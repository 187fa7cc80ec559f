//! Sub-flows, and texts that speak what variables hold.

use std::time::Duration;

use super::{CARD, FLOW, QUEUES, Recorded, codes, flow, load, shown};
use crate::diag::Source;
use crate::flow::{Loaded, StepKind, sentences};

/// Asks for a number twice at most, and gives it back.
const IDENTITE: &str = r#"subflow: identite
parameters: { longueur: number, essais: { type: number, value: 0 } }
variables: { trouve: yes-no }
start: demande
steps:
  demande:
    collect: { ask: "Votre numéro ?", name: numero, at_most: 8 }
    then: tri
  tri:
    choose:
      - { if: length of numero = longueur or essais > 0, go: fin }
    else: encore
  encore:
    set: { essais: 1 }
    then: demande
  fin:
    set: { trouve: yes }
    then: retour
  retour:
    return:
"#;

const CALLING: &str = "    call: identite
    with: { longueur: 8 }
    take: { dossier: numero }
    then: dire
  dire:
    say: \"Votre dossier {dossier} est prêt.\"
    then: ouverture";

fn calling(parts: &[(&str, &str)], subflow: &str) -> Loaded {
    let mut text = flow(&[
        ("    say: \"Bonjour.\"\n    then: ouverture", CALLING),
        ("flow: accueil", "flow: accueil\nvariables: { dossier: digits }"),
    ]);
    for (old, new) in parts {
        assert!(text.contains(old), "`{old}` is not in the flow");
        text = text.replacen(old, new, 1);
    }
    with(&text, subflow)
}

/// The usual card and queues with this flow and this sub-flow.
pub(super) fn with(flow: &str, subflow: &str) -> Loaded {
    let files = [
        Source::new("test/service.yaml", CARD),
        Source::new("test/queues.yaml", QUEUES),
        Source::new("test/accueil.yaml", flow),
        Source::new("test/identite.yaml", subflow),
    ];
    load("test", &files, &Recorded(Duration::from_secs(1)))
}

#[test]
fn a_sub_flows_steps_are_there_under_the_name_of_the_call() {
    let loaded = calling(&[], IDENTITE);
    assert_eq!(shown(&loaded), "");
    let service = loaded.service.unwrap();
    let program = &service.flows[0];
    assert_eq!(service.flows.len(), 1);
    let names: Vec<&str> = program.steps.iter().map(|s| &*s.name).collect();
    assert!(names.ends_with(&["bonjour/demande", "bonjour/tri", "bonjour/encore", "bonjour/fin", "bonjour/retour"]));
    let variables: Vec<&str> = program.variables.iter().map(|v| &*v.name).collect();
    assert_eq!(variables, ["dossier", "bonjour/longueur", "bonjour/essais", "bonjour/trouve", "bonjour/numero"]);
    let step = |name: &str| program.steps.iter().find(|s| &*s.name == name).unwrap();
    assert_eq!(step("bonjour/tri").span.source.path, "test/identite.yaml");
    let StepKind::Set(enter) = &step("bonjour").kind else { panic!("a set") };
    assert_eq!(&*program.step(enter.then).name, "bonjour/demande");
    assert_eq!(enter.assignments.len(), 4, "parameters and its own variables begin anew");
    let StepKind::Set(back) = &step("bonjour/retour").kind else { panic!("a set") };
    assert_eq!((&*program.step(back.then).name, back.assignments.len()), ("dire", 1));
}

#[test]
fn what_stands_between_values_is_recorded() {
    let service = calling(&[], IDENTITE).service.unwrap();
    let texts: Vec<String> = sentences(&service).into_iter().map(|s| s.fragment.text.to_string()).collect();
    for text in ["Votre dossier", "est prêt.", "Votre numéro ?"] {
        assert!(texts.contains(&text.to_owned()), "{texts:?}");
    }
    let sentence = sentences(&service).into_iter().find(|s| &*s.fragment.text == "Votre numéro ?").unwrap();
    let span = sentence.span.unwrap();
    assert_eq!((span.source.path.as_str(), span.line_column()), ("test/identite.yaml", (7, 21)));
}

#[test]
fn what_is_wrong_in_a_sub_flow_is_told_once_in_its_own_file() {
    let twice = [(
        "    then: dire\n",
        "    then: encore\n  encore:\n    call: identite\n    with: { longueur: 4 }\n    then: dire\n",
    )];
    assert_eq!(shown(&calling(&twice, IDENTITE)), "");
    let wrong = IDENTITE
        .replace("go: fin", "go: fini")
        .replace("length of numero = longueur", "length of numro = longueur")
        .replace("set: { trouve: yes }", "set: { trouve: 3 }");
    insta::assert_snapshot!(shown(&calling(&twice, &wrong)));
    let lost = IDENTITE.replace("    return:\n", "    hangup: \"Au revoir.\"\n");
    insta::assert_snapshot!(shown(&calling(&twice, &lost)));
}

#[test]
fn a_call_gives_what_is_needed_and_takes_what_is_there() {
    insta::assert_snapshot!(shown(&calling(
        &[
            ("with: { longueur: 8 }", "with: { longuer: 8, essais: \"un\" }"),
            ("take: { dossier: numero }", "take: { dosier: numero, dossier: trouve }")
        ],
        IDENTITE
    )));
    insta::assert_snapshot!(shown(&calling(&[("call: identite", "call: identité")], IDENTITE)));
}

#[test]
fn a_sub_flow_that_calls_itself_is_told_with_its_way() {
    let round = IDENTITE.replace("    set: { trouve: yes }\n", "    call: identite\n    with: { longueur: 4 }\n");
    insta::assert_snapshot!(shown(&calling(&[], &round)));
}

#[test]
fn a_sub_flow_that_nothing_calls_is_checked_too() {
    let wrong = IDENTITE.replace("go: fin", "go: fini");
    insta::assert_snapshot!(shown(&with(FLOW, &wrong)));
    assert_eq!(codes(&with(FLOW, IDENTITE)), ["unused-subflow"]);
    assert!(with(FLOW, IDENTITE).service.is_some());
}

#[test]
fn return_belongs_to_a_sub_flow_alone() {
    insta::assert_snapshot!(super::wrong(&[("    say: \"Bonjour.\"\n    then: ouverture", "    return:")]));
    insta::assert_snapshot!(shown(&calling(&[], &IDENTITE.replace("    return:\n", "    return: demande\n"))));
}

#[test]
fn a_bomb_of_calls_is_refused() {
    let step =
        |n: usize| format!("  pas-{n}:\n    call: identite\n    with: {{ longueur: 1 }}\n    then: pas-{}\n", n + 1);
    let steps: String = (0..250).map(step).collect();
    let text = flow(&[
        ("steps:\n", &format!("steps:\n{steps}  pas-250:\n    goto: bonjour\n")),
        ("start: bonjour", "start: pas-0"),
    ]);
    assert!(codes(&with(&text, IDENTITE)).contains(&"too-many-steps"));
}

#[test]
fn a_text_speaks_digits_and_numbers_only() {
    let speaking = |text: &str| {
        let flow = flow(&[
            ("    say: \"Bonjour.\"", &format!("    say: \"{text}\"")),
            (
                "flow: accueil",
                "flow: accueil\nvariables: { d: { type: digits, value: \"12\" }, n: { type: number, value: 3 }, t: { type: text, value: \"x\" }, y: yes-no, vide: number }",
            ),
            ("for: les horaires", "for: \"les horaires {n}\""),
        ]);
        super::loaded(&flow, &Recorded(Duration::from_secs(1)))
    };
    insta::assert_snapshot!(shown(&speaking("Dossier {d}, rang {n} : {t} {y} {inconnu} {vide} { }.")));
}

#[test]
fn the_longest_value_counts_for_the_length_of_a_text() {
    let text = flow(&[(
        "    say: \"Bonjour.\"\n    then: ouverture",
        "    collect: { ask: \"Votre numéro ?\", name: d, at_most: 8 }\n    then: dire\n  dire:\n    say: \"Dossier {d}.\"\n    barge_in: false\n    then: ouverture",
    )]);
    let seconds = |n| super::loaded(&text, &Recorded(Duration::from_secs(n)));
    assert_eq!(codes(&seconds(2)), [""; 0], "nine clips of 2 s");
    assert!(codes(&seconds(3)).contains(&"endless-speech"), "nine clips of 3 s are more than 20 s");
}
