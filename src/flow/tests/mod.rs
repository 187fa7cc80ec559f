//! The language, seen from outside: files in, service or diagnostics out.

mod design;
mod graph;
mod queues;
mod service;
mod shipped;
mod structure;
mod text;
mod traps;

use std::sync::Arc;
use std::time::Duration;

use super::{Audio, Loaded, load};
use crate::diag::{Colour, Source, framed};
use crate::speech::Fragment;

/// Everything is recorded, each clip this long.
struct Recorded(Duration);

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

const AUDIO: Recorded = Recorded(Duration::from_secs(2));

const CARD: &str = r#"name: France services de Montreuil
websites:
  - url: https://www.service-public.fr
    purpose: vos droits
hours:
  phone: "Mo-Fr 09:00-17:00; PH off"
"#;

const QUEUES: &str = "agents:\n  members: [amina]\nsupport:\n  members: [bruno]\n";

/// A flow without a fault; tests replace a part of it.
const FLOW: &str = r#"flow: accueil
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
  ferme:
    tell: [hours, contact]
    then: fin
  fin:
    hangup: "Au revoir."
"#;

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
