use std::sync::Arc;

use serde::Deserialize;

use super::step::DurationDocument;
use super::yaml::{self, Field, Kind, Shape, Tree, Usual};
use crate::base::limits::QUEUE_CAPACITY;
use crate::base::{AgentName, Language, QueueName, Skill};
use crate::diag::{Diagnostic, has_errors};

mod checks;
mod rules;

pub use rules::{AtClosing, Member, Overflow, QueueRules, Strategy, WhenEmpty};

/// The queues by name.
pub(super) const FILE: Kind = Kind::Named(&Kind::Map(&QUEUE));

const QUEUE: Shape = Shape {
    fields: &[
        Field::optional(
            "strategy",
            Kind::OneOf(&["longest-idle", "least-recent", "round-robin", "fewest-calls", "ring-all"]),
        )
        .usual(Usual::Word("longest-idle")),
        Field::needed("members", Kind::List(&Kind::MapOr(&MEMBER, &Kind::Word))),
        Field::optional("ring", Kind::Duration).usual(Usual::Duration(rules::RING)),
        Field::optional("wrap_up", Kind::Duration).usual(Usual::Duration(rules::WRAP_UP)),
        Field::optional("pause_after", Kind::Count(1, 100)),
        Field::optional("music", Kind::Word).usual(Usual::Word(rules::MUSIC)),
        Field::optional("capacity", Kind::Count(1, 10_000)).usual(Usual::Count(QUEUE_CAPACITY as u64)),
        Field::ruled("at_closing", Kind::OneOf(&["serve", "callback", "tell"])),
        Field::optional("when_empty", Kind::OneOf(&["refuse", "wait-for-pause", "wait"])).usual(Usual::Word("refuse")),
        Field::optional("max_wait", Kind::Duration),
        Field::optional("overflow", Kind::Map(&OVERFLOW)),
        Field::optional("affinity", Kind::Duration),
        Field::optional("level", Kind::Duration).usual(Usual::Duration(rules::LEVEL)),
        Field::optional("languages", Kind::List(&Kind::OneOf(&["fr", "en"]))),
        Field::optional("whisper", Kind::Flag),
        Field::optional("callbacks_per_hour", Kind::Count(1, 1_000)),
    ],
};

const MEMBER: Shape = Shape {
    fields: &[
        Field::needed("agent", Kind::Word),
        Field::optional("priority", Kind::Count(1, 9)).usual(Usual::Count(1)),
        Field::optional("skills", Kind::List(&Kind::Word)),
        Field::optional("wrap_up", Kind::Duration),
    ],
};

const OVERFLOW: Shape =
    Shape { fields: &[Field::needed("to", Kind::QueueName), Field::needed("after", Kind::Duration)] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueDocument {
    strategy: Option<StrategyDocument>,
    members: Vec<MemberDocument>,
    ring: Option<DurationDocument>,
    wrap_up: Option<DurationDocument>,
    pause_after: Option<u32>,
    music: Option<String>,
    capacity: Option<usize>,
    at_closing: Option<AtClosingDocument>,
    when_empty: Option<WhenEmptyDocument>,
    max_wait: Option<DurationDocument>,
    overflow: Option<OverflowDocument>,
    affinity: Option<DurationDocument>,
    level: Option<DurationDocument>,
    #[serde(default)]
    languages: Vec<Language>,
    whisper: Option<bool>,
    callbacks_per_hour: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum MemberDocument {
    Name(String),
    Map {
        agent: String,
        priority: Option<u8>,
        #[serde(default)]
        skills: Vec<String>,
        wrap_up: Option<DurationDocument>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverflowDocument {
    to: String,
    after: DurationDocument,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum StrategyDocument {
    LongestIdle,
    LeastRecent,
    RoundRobin,
    FewestCalls,
    RingAll,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum AtClosingDocument {
    Serve,
    Callback,
    Tell,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum WhenEmptyDocument {
    Refuse,
    WaitForPause,
    Wait,
}

/// Reads `queues.yaml`; `None` when it holds an error.
pub(super) fn read(service: &str, tree: &Tree, out: &mut Vec<Diagnostic>) -> Option<Vec<Arc<QueueRules>>> {
    let mut found = Vec::new();
    yaml::check(tree, &tree.span, &FILE, &mut found);
    let mut queues = Vec::new();
    for entry in tree.entries() {
        let broken = |d: &Diagnostic| d.span.as_ref().is_some_and(|s| within(entry, s.bytes.start));
        if found.iter().any(broken) {
            continue;
        }
        match entry.value.model() {
            Ok(document) => {
                let rules = rules(service, &entry.key, document);
                checks::queue(tree, entry, &rules, &mut found);
                queues.push(Arc::new(rules));
            }
            Err(error) => found.push(Diagnostic::error("wrong-type", error, Some(entry.key_span.clone()))),
        }
    }
    let failed = has_errors(&found);
    out.append(&mut found);
    (!failed).then_some(queues)
}

fn within(entry: &yaml::Entry, byte: usize) -> bool {
    (entry.key_span.bytes.start..entry.value.span.bytes.end).contains(&byte)
}

fn full_name(service: &str, name: &str) -> QueueName {
    QueueName::from(format!("{service}/{name}").as_str())
}

fn rules(service: &str, name: &str, document: QueueDocument) -> QueueRules {
    let members = document.members.into_iter().map(Member::from).collect();
    let usual = QueueRules::new(full_name(service, name), members);
    QueueRules {
        strategy: document.strategy.map_or(usual.strategy, Strategy::from),
        ring: document.ring.map_or(usual.ring, |d| d.0),
        wrap_up: document.wrap_up.map_or(usual.wrap_up, |d| d.0),
        pause_after: document.pause_after,
        music: document.music.map_or(usual.music, Into::into),
        capacity: document.capacity.unwrap_or(usual.capacity),
        at_closing: document.at_closing.map_or(usual.at_closing, AtClosing::from),
        when_empty: document.when_empty.map_or(usual.when_empty, WhenEmpty::from),
        max_wait: document.max_wait.map(|d| d.0),
        overflow: document.overflow.map(|o| Overflow { to: full_name(service, &o.to), after: o.after.0 }),
        affinity: document.affinity.map(|d| d.0),
        level: document.level.map_or(usual.level, |d| d.0),
        languages: document.languages,
        whisper: document.whisper,
        callbacks_per_hour: document.callbacks_per_hour.unwrap_or(usual.callbacks_per_hour),
        ..usual
    }
}

impl From<MemberDocument> for Member {
    fn from(document: MemberDocument) -> Self {
        match document {
            MemberDocument::Name(name) => Self::from(AgentName::from(name.as_str())),
            MemberDocument::Map { agent, priority, skills, wrap_up } => Self {
                agent: AgentName::from(agent.as_str()),
                priority: priority.unwrap_or(1),
                skills: skills.iter().map(|s| Skill::from(s.as_str())).collect(),
                wrap_up: wrap_up.map(|d| d.0),
            },
        }
    }
}

impl From<StrategyDocument> for Strategy {
    fn from(document: StrategyDocument) -> Self {
        match document {
            StrategyDocument::LongestIdle => Self::LongestIdle,
            StrategyDocument::LeastRecent => Self::LeastRecent,
            StrategyDocument::RoundRobin => Self::RoundRobin,
            StrategyDocument::FewestCalls => Self::FewestCalls,
            StrategyDocument::RingAll => Self::RingAll,
        }
    }
}

impl From<AtClosingDocument> for AtClosing {
    fn from(document: AtClosingDocument) -> Self {
        match document {
            AtClosingDocument::Serve => Self::Serve,
            AtClosingDocument::Callback => Self::Callback,
            AtClosingDocument::Tell => Self::Tell,
        }
    }
}

impl From<WhenEmptyDocument> for WhenEmpty {
    fn from(document: WhenEmptyDocument) -> Self {
        match document {
            WhenEmptyDocument::Refuse => Self::Refuse,
            WhenEmptyDocument::WaitForPause => Self::WaitForPause,
            WhenEmptyDocument::Wait => Self::Wait,
        }
    }
}
