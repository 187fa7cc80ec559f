use std::sync::Arc;

use super::{Picture, Way, mermaid, picture, svg};
use crate::base::Language;
use crate::flow::Program;
use crate::workbench::tests::service;

fn program(parts: &[(&str, &str)]) -> Arc<Program> {
    Arc::clone(&service(parts)[0].flows[0])
}

/// A purpose that would be markup.
const MARKUP: (&str, &str) = ("for: les horaires\n", "for: les horaires <b>&\"amp;\"</b>\n");

fn drawn() -> Picture {
    picture(&program(&[MARKUP]), Language::Fr)
}

/// Each arrow as `from label to`.
fn told(picture: &Picture, which: impl Fn(&super::Arrow) -> bool) -> Vec<String> {
    let name = |id: crate::flow::StepId| picture.boxes[id.0 as usize].name.to_string();
    let arrows = picture.arrows.iter().filter(|a| which(a));
    arrows.map(|a| format!("{} {} {}", name(a.from), a.label, name(a.to))).collect()
}

#[test]
fn every_way_out_of_a_step_is_an_arrow() {
    let arrows = told(&drawn(), |_| true);
    let expected = [
        "ouverture ouvert menu",
        "ouverture fermé ferme",
        "menu 1 infos",
        "menu 2 agents",
        "menu silence agents",
        "infos  menu",
        "agents personne, file pleine, trop long, fermé ferme",
        "ferme  fin",
        "ouverture 0 agents",
    ];
    assert_eq!(arrows, expected);
}

#[test]
fn the_ways_to_an_agent_are_silence_and_one_key() {
    let picture = drawn();
    let silent = told(&picture, |a| a.to_agent && a.way != Way::Zero);
    assert_eq!(silent, ["ouverture ouvert menu", "menu silence agents"]);
    assert_eq!(told(&picture, |a| a.to_agent && a.way == Way::Zero), ["ouverture 0 agents"]);
}

#[test]
fn a_picture_speaks_french_and_english() {
    let english = picture(&program(&[]), Language::En);
    assert!(english.legend[0].starts_with("0 leads to “agents”"), "{:?}", english.legend);
    assert!(told(&english, |a| a.way == Way::Silence)[0].contains("silence"));
    assert!(told(&english, |_| true).contains(&"ouverture open menu".to_owned()));
    assert!(drawn().legend[0].starts_with("0 mène de partout à « agents »"));
}

#[test]
fn the_svg_is_well_formed_and_shows_every_step_once() {
    let text = svg(&drawn());
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let words: Vec<&str> = document.descendants().filter(|n| n.has_tag_name("text")).filter_map(|n| n.text()).collect();
    for name in ["ouverture", "infos", "agents", "ferme", "fin"] {
        assert_eq!(words.iter().filter(|w| **w == name).count(), 1, "{name}: {words:?}");
    }
    assert!(words.iter().any(|w| w.contains("<b>&\"amp;\"</b>")), "what was written is shown as it is: {words:?}");
}

#[test]
fn no_box_lies_on_another_and_all_are_inside() {
    let picture = drawn();
    let places = super::layout::places(&picture);
    let all: Vec<_> = places.boxes.iter().chain([&places.entry]).collect();
    for (i, a) in all.iter().enumerate() {
        assert!(a.x - a.width / 2.0 >= 0.0 && a.x + a.width / 2.0 <= places.size.0, "{a:?}");
        assert!(a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= places.size.1, "{a:?}");
        for b in &all[i + 1..] {
            let apart =
                (a.x - b.x).abs() >= (a.width + b.width) / 2.0 || (a.y - b.y).abs() >= (a.height + b.height) / 2.0;
            assert!(apart, "{a:?} lies on {b:?}");
        }
    }
}

#[test]
fn the_mermaid_chart_reads_as_the_picture() {
    insta::assert_snapshot!(mermaid(&drawn()));
}

/// A flow may have a thousand steps; its picture must not take for ever, nor fail.
#[test]
fn a_flow_of_many_steps_is_drawn() {
    let mut last = "    hangup: \"Au revoir.\"\n".to_owned();
    for i in 0..120 {
        // Three ways of forty steps: nobody is kept for longer from an agent.
        let then = if i % 40 == 39 { "agents".to_owned() } else { format!("pas{}", i + 1) };
        last.push_str(&format!("  pas{i}:\n    say: \"Pas {i}.\"\n    then: {then}\n"));
    }
    let second = "      - key: 2\n";
    let more = format!(
        "      - {{ key: 3, for: un titre, go: pas40 }}\n      - {{ key: 4, for: un acte, go: pas80 }}\n{second}"
    );
    let parts = [
        ("    then: menu\n", "    then: pas0\n"),
        (second, more.as_str()),
        ("    hangup: \"Au revoir.\"\n", last.as_str()),
    ];
    let text = svg(&picture(&program(&parts), Language::Fr));
    assert!(roxmltree::Document::parse(&text).is_ok());
    assert!(["pas39", "pas79", "pas119"].iter().all(|step| text.contains(step)));
}

#[test]
fn the_silent_way_goes_on_behind_a_condition_and_the_headers_keys_are_told() {
    let parts = [
        ("start: ouverture\n", "start: choix\nkeys: { 9: infos }\n"),
        (
            "  ouverture:\n",
            "  choix:\n    choose: [{ if: caller = mobile, go: infos }]\n    else: ouverture\n  ouverture:\n",
        ),
    ];
    let picture = picture(&program(&parts), Language::Fr);
    let silent = told(&picture, |a| a.to_agent && a.way != Way::Zero);
    assert!(silent.contains(&"menu silence agents".to_owned()), "{silent:?}");
    assert!(picture.legend.contains(&"9 mène de partout à « infos ».".to_owned()), "{:?}", picture.legend);
}
