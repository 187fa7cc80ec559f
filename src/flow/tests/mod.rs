//! The language, seen from outside: files in, service or diagnostics out.

mod changes;
mod allow;
mod design;
mod dialog;
mod docs;
mod facts;
mod graph;
mod prove;
mod queues;
mod service;
mod shipped;
mod structure;
mod subflow;
mod text;
mod traps;
mod values;
mod trial;
mod waiting;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use super::{Audio, Loaded, load};
use crate::diag::{Colour, Source, framed};
use crate::speech::{Fragment, estimated_length};

/// Everything is recorded, each clip this long.
pub(in crate::flow) struct Recorded(Duration);

impl Audio for Recorded {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(self.0)
    }
}

/// Nothing of what holds this text is recorded.
struct Without(&'static str);

impl Audio for Without {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        (!fragment.text.contains(self.0)).then_some(Duration::from_secs(2))
    }
}

/// What holds this text lasts so many seconds, everything else two.
struct Long(&'static str, u64);

impl Audio for Long {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(Duration::from_secs(if fragment.text.contains(self.0) { self.1 } else { 2 }))
    }
}

/// Everything is recorded, as long as it is usually spoken.
struct Spoken;

impl Audio for Spoken {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        Some(estimated_length(fragment))
    }
}

pub(in crate::flow) const AUDIO: Recorded = Recorded(Duration::from_secs(2));

pub(in crate::flow) const CARD: &str = r#"name: France services de Montreuil
websites:
  - url: https://www.service-public.fr
    purpose: vos droits
hours:
  phone: "Mo-Fr 09:00-17:00; PH off"
quiet: { phone: "We 14:00-16:00" }
busy: { phone: "Mo 09:00-11:00" }
phones:
  - number: "+33143124567"
    purpose: vos questions
appointments: avec un agent
relay: ["+33978000000"]
"#;

pub(in crate::flow) const QUEUES: &str =
    "agents:\n  members: [amina]\n  at_closing: serve\nsupport:\n  members: [bruno]\n  at_closing: tell\n";

/// A flow without a fault; tests replace a part of it.
pub(in crate::flow) const FLOW: &str = r#"flow: accueil
numbers: ["100"]
agent: agents
start: bonjour
steps:
  bonjour:
    say: "Bonjour."
    then: ouverture
  ouverture:
    hours: phone
    open: menu
    closed: ferme
  menu:
    menu:
      - key: 1
        for: les horaires
        go: infos
      - key: 2
        for: un agent
        go: agents
  infos:
    tell: [hours]
    then: menu
  agents:
    queue: agents
    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }
  ferme:
    tell: [hours, contact]
    then: fin
  fin:
    hangup: "Au revoir."
"#;

/// The keys of its step `agents`.
const AGENTS: &str = "    queue: agents\n    busy: { when: { wait: 2m }, offer: [{ key: 1, do: quiet-hours }] }";

/// Loads a service of the usual card and queues and this flow.
fn loaded(flow: &str, audio: &dyn Audio) -> Loaded {
    load("test", &files(CARD, QUEUES, flow), audio)
}

fn files(card: &str, queues: &str, flow: &str) -> Vec<Arc<Source>> {
    vec![
        Source::new("test/service.yaml", card),
        Source::new("test/queues.yaml", queues),
        Source::new("test/accueil.yaml", flow),
    ]
}

/// The faultless flow with a part replaced; each part must be there.
fn flow(parts: &[(&str, &str)]) -> String {
    let mut flow = FLOW.to_owned();
    for (old, new) in parts {
        assert!(flow.contains(old), "`{old}` is not in the flow");
        flow = flow.replacen(old, new, 1);
    }
    flow
}

/// What is wrong with the flow that has these parts replaced, as it is shown.
fn wrong(parts: &[(&str, &str)]) -> String {
    shown(&loaded(&flow(parts), &AUDIO))
}

fn shown(loaded: &Loaded) -> String {
    loaded.diagnostics.iter().map(|d| framed(d, Colour::Never)).collect::<Vec<_>>().join("\n\n")
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn the_flow_that_tests_start_from_has_no_fault() {
    let loaded = loaded(FLOW, &AUDIO);
    assert_eq!(shown(&loaded), "");
    assert!(loaded.service.is_some());
}

proptest::proptest! {
    /// Whatever a file has become, it is told, never a panic, and every place is in it.
    #[test]
    fn no_edit_of_a_file_is_too_much(at in 0usize..1000, cut in 0usize..40, put in r#"[ \n\t:#,\[\]{}"'*&!|>é0-9a-z-]{0,12}"#, which in 0usize..3) {
        let mut texts = [CARD.to_owned(), QUEUES.to_owned(), FLOW.to_owned()];
        let text = &mut texts[which];
        let start = at % text.len();
        let end = (start + cut).min(text.len());
        text.replace_range(start..end, &put);
        let loaded = load("test", &files(&texts[0], &texts[1], &texts[2]), &AUDIO);
        for diagnostic in &loaded.diagnostics {
            proptest::prop_assert!(!framed(diagnostic, Colour::Always).is_empty());
            if let Some(span) = &diagnostic.span {
                proptest::prop_assert!(span.source.text.get(span.bytes.clone()).is_some());
            }
        }
        let errors = loaded.diagnostics.iter().any(|d| d.severity == crate::diag::Severity::Error);
        proptest::prop_assert_eq!(loaded.service.is_none(), errors);
    }
}
