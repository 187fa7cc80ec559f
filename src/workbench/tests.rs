//! The service that the tests of this room begin with.

use std::sync::Arc;
use std::time::Duration;

use crate::diag::Source;
use crate::flow::{Audio, Service, load};
use crate::speech::Fragment;

/// Everything is recorded.
struct Recorded;

impl Audio for Recorded {
    fn length(&self, _: &Fragment) -> Option<Duration> {
        Some(Duration::from_secs(2))
    }
}

const CARD: &str = "name: Mairie\nwebsites:\n  - url: https://www.service-public.fr\n    purpose: vos droits\nhours:\n  phone: \"Mo-Fr 09:00-17:00\"\nquiet: { phone: \"We 14:00-16:00\" }\n";
const QUEUES: &str = "agents:\n  members: [amina]\n  at_closing: serve\n";
const FLOW: &str = r#"flow: accueil
numbers: ["100"]
agent: agents
start: ouverture
steps:
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

/// A small town hall with parts of its files replaced; each part must be there.
pub(super) fn service(parts: &[(&str, &str)]) -> Vec<Arc<Service>> {
    let mut texts = [CARD.to_owned(), QUEUES.to_owned(), FLOW.to_owned()];
    for (old, new) in parts {
        assert!(texts.iter().any(|text| text.contains(old)), "`{old}` is nowhere");
        texts = texts.map(|text| text.replace(old, new));
    }
    let files = ["service", "queues", "accueil"].into_iter().zip(texts);
    let files: Vec<_> = files.map(|(name, text)| Source::new(format!("mairie/{name}.yaml"), text)).collect();
    let loaded = load("mairie", &files, &Recorded);
    vec![Arc::new(loaded.service.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)))]
}
