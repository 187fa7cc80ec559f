//! What the report claims is what was found.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::diag::rules::BASE;
use crate::flow::{self, Audio};
use crate::speech::Fragment;

struct Recorded;

impl Audio for Recorded {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(Duration::from_secs(1))
    }
}

/// The report on the service of the rules' examples, with a part of its flow replaced.
fn reported(from: &str, to: &str) -> Compliance {
    let text = |text: &str| {
        assert!(from.is_empty() || BASE.iter().any(|(_, base)| base.contains(from)), "`{from}` is in no file");
        if from.is_empty() { text.to_owned() } else { text.replacen(from, to, 1) }
    };
    let sources: Vec<Arc<Source>> = BASE.iter().map(|(name, base)| Source::new(*name, text(base))).collect();
    let loaded = flow::load("france-services", &sources, &Recorded);
    let services = loaded.service.map(Arc::new).into_iter().collect();
    let found = Services { services, sources, diagnostics: loaded.diagnostics };
    report(&found, &Recorded, WallTime::from_millis(1_795_000_000_000))
}

fn verdict(report: &Compliance, id: &str) -> Verdict {
    report.commitments.iter().find(|held| held.id == id).unwrap().verdict
}

#[test]
fn what_rules_look_at_is_proved_and_the_rest_is_not_claimed() {
    let report = reported("", "");
    for held in &report.commitments {
        let expected = match held.commitment.shown {
            Shown::ByRules => Verdict::Proved,
            Shown::ByMeasure => Verdict::Measured,
            Shown::ByComparison => Verdict::Compared,
        };
        assert_eq!(held.verdict, expected, "{}", held.id);
        assert_eq!(held.rules.is_empty(), held.commitment.shown == Shown::ByMeasure, "{}", held.id);
    }
    assert!(report.others.is_empty());
}

#[test]
fn a_finding_is_the_gap_of_the_commitments_that_its_rule_rests_on() {
    let report = reported("    tell: [hours, contact]", "    say: \"Nous sommes fermés.\"");
    assert_eq!(verdict(&report, "closed"), Verdict::Gap);
    assert_eq!(verdict(&report, "busy"), Verdict::Proved);
    let closed = report.commitments.iter().find(|held| held.id == "closed").unwrap();
    let [gap] = closed.gaps.as_slice() else { panic!("{closed:?}") };
    assert_eq!((gap.code, gap.path.as_deref(), gap.line), ("closed-tells-little", Some("accueil.yaml"), Some(20)));
}

#[test]
fn nothing_is_proved_of_a_flow_that_can_not_be_read_whole() {
    let report = reported("then: agents", "then: agent");
    assert!(report.services.is_empty());
    assert_eq!(verdict(&report, "agent-direct"), Verdict::Unproved);
    assert_eq!(verdict(&report, "answered"), Verdict::Measured);
    assert_eq!(report.others.len(), 1);
}

#[test]
fn what_is_allowed_is_an_exception_that_is_told_with_its_reason() {
    let choice = |key: u8| format!("      - {{ key: {key}, for: un papier, go: agents }}\n");
    let six: String = (1..=6).map(choice).collect();
    let menu = format!("    allow: {{ menu-too-wide: \"essai jusqu'en mars\" }}\n    menu:\n{six}");
    let (_, flow) = BASE[2];
    let (start, end) = (flow.find("    say:").unwrap(), flow.find("  agents:").unwrap());
    let greeting = &flow[start..end];
    let report = reported(greeting, &menu);
    assert_eq!(verdict(&report, "few-choices"), Verdict::Allowed);
    assert_eq!(verdict(&report, "closed"), Verdict::Proved);
    let page = page::page(&report, Language::Fr).into_string();
    assert!(page.contains("essai jusqu'en mars"), "{page}");
}

#[test]
fn the_page_is_in_its_language_and_holds_no_markup_of_the_card() {
    let report = reported("name: France services de Montreuil", "name: \"<b>Mairie</b> & Cie\"");
    for (language, lang, word) in [(Language::Fr, "lang=\"fr\"", "Prouvé"), (Language::En, "lang=\"en\"", "Proved")] {
        let page = page::page(&report, language).into_string();
        assert!(page.contains(lang) && page.contains(word), "{page}");
        assert!(page.contains("&lt;b&gt;Mairie&lt;/b&gt; &amp; Cie") && !page.contains("<b>Mairie"), "{page}");
    }
}

#[test]
fn facts_are_told_in_both_languages() {
    let report = reported("", "");
    let facts: Vec<&str> =
        report.commitments.iter().flat_map(|held| &held.facts).map(|fact| fact.en.as_str()).collect();
    insta::assert_snapshot!(facts.join("\n"));
    assert!(report.commitments.iter().flat_map(|held| &held.facts).all(|fact| fact.fr != fact.en));
}

#[test]
fn a_gap_is_told_with_what_happens_to_a_caller() {
    let report = reported("then: agents", "then: ferme");
    let held = report.commitments.iter().find(|held| held.id == "agent-direct").unwrap();
    let story = held.gaps.iter().find_map(|gap| gap.story.as_deref()).unwrap();
    assert!(story.starts_with("in opening hours, the caller hears «"), "{story}");
    assert!(
        page::page(&report, Language::Fr).into_string().contains("<p class=\"story\" lang=\"en\">in opening hours")
    );
}
