use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::step::DurationDocument;
use super::yaml::{self, Field, Kind, Shape};
use super::{AtClosing, QueueRules, Strategy};
use crate::base::limits::QUEUE_CAPACITY;
use crate::base::{AgentName, QueueName};
use crate::diag::{Diagnostic, Severity, Source};

const QUEUE: Shape = Shape {
    fields: &[
        Field::optional("strategy", Kind::OneOf(&["longest-idle"])),
        Field::needed("members", Kind::List(&Kind::Word)),
        Field::optional("ring", Kind::Duration),
        Field::optional("wrap_up", Kind::Duration),
        Field::optional("music", Kind::Word),
        Field::optional("capacity", Kind::Count(1, 10_000)),
        Field::optional("at_closing", Kind::OneOf(&["serve", "callback", "tell"])),
    ],
};

/// An agent's phone rings five times before the next one is tried.
const RING: Duration = Duration::from_secs(20);
/// Time to write down what was said.
const WRAP_UP: Duration = Duration::from_secs(30);
const MUSIC: &str = "attente";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueDocument {
    strategy: Option<StrategyDocument>,
    members: Vec<String>,
    ring: Option<DurationDocument>,
    wrap_up: Option<DurationDocument>,
    music: Option<String>,
    capacity: Option<usize>,
    at_closing: Option<AtClosingDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StrategyDocument {
    LongestIdle,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AtClosingDocument {
    Serve,
    Callback,
    Tell,
}

/// Reads `queues.yaml`; `None` when it holds an error.
pub(super) fn read(service: &str, source: &Arc<Source>, out: &mut Vec<Diagnostic>) -> Option<Vec<Arc<QueueRules>>> {
    let tree = yaml::parse(source, out)?;
    let mut found = Vec::new();
    yaml::check(&tree, &tree.span, &Kind::Named(&Kind::Map(&QUEUE)), &mut found);
    let mut queues = Vec::new();
    for entry in tree.entries() {
        let broken = |d: &Diagnostic| d.span.as_ref().is_some_and(|s| within(entry, s.bytes.start));
        if found.iter().any(broken) {
            continue;
        }
        match entry.value.model() {
            Ok(document) => queues.push(Arc::new(rules(service, &entry.key, document))),
            Err(error) => found.push(Diagnostic::error("wrong-type", error, Some(entry.key_span.clone()))),
        }
    }
    let failed = found.iter().any(|d| d.severity == Severity::Error);
    out.append(&mut found);
    (!failed).then_some(queues)
}

fn within(entry: &yaml::Entry, byte: usize) -> bool {
    (entry.key_span.bytes.start..entry.value.span.bytes.end).contains(&byte)
}

fn rules(service: &str, name: &str, document: QueueDocument) -> QueueRules {
    QueueRules {
        name: QueueName::from(format!("{service}/{name}").as_str()),
        strategy: match document.strategy {
            Some(StrategyDocument::LongestIdle) | None => Strategy::LongestIdle,
        },
        members: document.members.iter().map(|m| AgentName::from(m.as_str())).collect(),
        ring: document.ring.map_or(RING, |d| d.0),
        wrap_up: document.wrap_up.map_or(WRAP_UP, |d| d.0),
        music: document.music.map_or_else(|| MUSIC.into(), Into::into),
        capacity: document.capacity.unwrap_or(QUEUE_CAPACITY),
        at_closing: match document.at_closing {
            Some(AtClosingDocument::Callback) => AtClosing::Callback,
            Some(AtClosingDocument::Tell) => AtClosing::Tell,
            Some(AtClosingDocument::Serve) | None => AtClosing::Serve,
        },
    }
}
