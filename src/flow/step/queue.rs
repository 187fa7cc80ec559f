use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, KeyDocument, PercentDocument, Site, TextDocument, Verb};
use crate::base::{QueueName, Skill};
use crate::diag::Diagnostic;
use crate::flow::yaml::{self, Field, Kind, Shape, Usual};
use crate::flow::{Announce, Busy, Offer, OfferAction, Queue, StepKind};

/// `queue:` waits for an agent.
pub(super) const VERB: Verb = Verb { name: "queue", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("queue", Kind::QueueName),
        Field::optional("needs", Kind::List(&Kind::Word)),
        Field::optional("priority", Kind::Count(0, 9)).usual(Usual::Count(0)),
        Field::optional("announce", Kind::MapOr(&ANNOUNCE, &Kind::List(&Kind::OneOf(&["rank", "wait"])))),
        Field::optional("comfort", Kind::List(&Kind::Text)),
        Field::optional("busy", Kind::Map(&BUSY)),
        Field::optional("answered", Kind::StepName),
        Field::optional("nobody", Kind::StepName),
        Field::optional("full", Kind::StepName),
        Field::optional("long", Kind::StepName),
        Field::optional("closed", Kind::StepName),
    ],
};

const ANNOUNCE: Shape = Shape {
    fields: &[
        Field::optional("rank", Kind::Duration),
        Field::optional("wait", Kind::Duration),
        Field::optional("comfort", Kind::Duration).usual(Usual::Duration(Announce::USUAL.comfort)),
        Field::optional("offers", Kind::Duration).usual(Usual::Duration(Announce::USUAL.offers)),
    ],
};

const BUSY: Shape = Shape {
    fields: &[Field::needed("when", Kind::Map(&WHEN)), Field::needed("offer", Kind::List(&Kind::Map(&OFFER)))],
};

const WHEN: Shape = Shape {
    fields: &[
        Field::optional("wait", Kind::Duration),
        Field::optional("waiting", Kind::Count(1, 10_000)),
        Field::optional("abandoned", Kind::Percent),
    ],
};

const OFFER: Shape = Shape {
    fields: &[
        Field::needed("key", Kind::Key),
        Field::needed("do", Kind::OneOf(&["callback", "quiet-hours", "message", "continue"])),
        Field::optional("go", Kind::StepName),
        Field::optional("for", Kind::Text),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QueueDocument {
    queue: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    priority: u8,
    announce: Option<AnnounceDocument>,
    #[serde(default)]
    comfort: Vec<TextDocument>,
    busy: Option<BusyDocument>,
    answered: Option<String>,
    nobody: Option<String>,
    full: Option<String>,
    long: Option<String>,
    closed: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnnounceDocument {
    Names(Vec<String>),
    Periods {
        rank: Option<DurationDocument>,
        wait: Option<DurationDocument>,
        comfort: Option<DurationDocument>,
        offers: Option<DurationDocument>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BusyDocument {
    when: WhenDocument,
    offer: Vec<OfferDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenDocument {
    wait: Option<DurationDocument>,
    waiting: Option<usize>,
    abandoned: Option<PercentDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferDocument {
    key: KeyDocument,
    #[serde(rename = "do")]
    action: ActionDocument,
    go: Option<String>,
    #[serde(rename = "for")]
    purpose: Option<TextDocument>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ActionDocument {
    Callback,
    QuietHours,
    Message,
    Continue,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: QueueDocument = site.model()?;
    let queue = queue_name(site, "queue", &document.queue);
    let needs: Vec<Skill> = document.needs.iter().map(|need| Skill::from(need.as_str())).collect();
    known_skills(site, &queue, &needs);
    let answered = site.optional_step(document.answered.as_deref(), &["answered"]);
    let nobody = match (site.optional_step(document.nobody.as_deref(), &["nobody"]), site.names.closed) {
        (Some(step), _) | (None, Some(step)) => step,
        (None, None) => {
            if document.nobody.is_none() {
                site.missing("nobody", &["queue"], "when no agent is there, the caller is led nowhere");
            }
            site.agent()
        }
    };
    let full = site.step(document.full.as_deref(), &["full"], nobody);
    let long = site.step(document.long.as_deref(), &["long"], nobody);
    let closed = site.optional_step(document.closed.as_deref(), &["closed"]).or(site.names.closed);
    Some(StepKind::Queue(Queue {
        queue,
        needs,
        priority: document.priority,
        announce: announce(document.announce.as_ref()),
        comfort: document.comfort.iter().map(|text| site.text(text)).collect(),
        busy: document.busy.as_ref().map(|document| busy(site, document)),
        answered,
        nobody,
        full,
        long,
        closed,
    }))
}

/// The full name of a queue of this service, written under this key.
pub(super) fn queue_name(site: &mut Site<'_>, key: &str, name: &str) -> QueueName {
    let full = QueueName::from(format!("{}/{name}", site.names.service).as_str());
    let Some(queues) = &site.names.queues else { return full };
    if !queues.iter().any(|q| q.name == full) {
        let names = || queues.iter().filter_map(|q| q.name.as_str().rsplit('/').next());
        let help = yaml::suggestion(name, names().collect::<Vec<_>>());
        site.out.push(
            Diagnostic::error("unknown-queue", format!("there is no queue `{name}`"), Some(site.tree.place(&[key])))
                .label("no queue of this name")
                .help(help.unwrap_or_else(|| "write this queue in `queues.yaml`".to_owned())),
        );
    }
    full
}

/// The rank alone where nothing is written.
fn announce(document: Option<&AnnounceDocument>) -> Announce {
    match document {
        None => Announce { rank: Some(Announce::RANK), ..Announce::USUAL },
        Some(AnnounceDocument::Names(names)) => {
            let told = |name: &str, period: Duration| names.iter().any(|n| n == name).then_some(period);
            Announce { rank: told("rank", Announce::RANK), wait: told("wait", Announce::WAIT), ..Announce::USUAL }
        }
        Some(AnnounceDocument::Periods { rank, wait, comfort, offers }) => Announce {
            rank: rank.map(|d| d.0),
            wait: wait.map(|d| d.0),
            comfort: comfort.map_or(Announce::USUAL.comfort, |d| d.0),
            offers: offers.map_or(Announce::USUAL.offers, |d| d.0),
        },
    }
}

/// Somebody must have all that a caller needs, or the caller would find nobody.
pub(super) fn known_skills(site: &mut Site<'_>, queue: &QueueName, needs: &[Skill]) {
    let queues = site.names.queues.as_deref().unwrap_or_default();
    let Some(rules) = queues.iter().find(|q| q.name == *queue) else { return };
    if needs.is_empty() || rules.members.iter().any(|m| needs.iter().all(|need| m.skills.contains(need))) {
        return;
    }
    let all = rules.members.iter().flat_map(|m| &m.skills).map(Skill::as_str);
    let unknown = needs.iter().find(|need| !all.clone().any(|skill| skill == need.as_str()));
    let help = unknown.and_then(|need| yaml::suggestion(need.as_str(), all.collect::<Vec<_>>()));
    let words: Vec<String> = needs.iter().map(|need| format!("`{need}`")).collect();
    let skills = if words.len() == 1 { "the skill" } else { "all the skills" };
    let message = format!("no agent of the queue has {skills} {}", words.join(", "));
    site.out.push(
        Diagnostic::error("unknown-skill", message, Some(site.tree.place(&["needs"])))
            .label("callers would find nobody")
            .help(
                help.unwrap_or_else(|| {
                    "give them to a member in `queues.yaml`: `{ agent: …, skills: […] }`".to_owned()
                }),
            ),
    );
}

fn busy(site: &mut Site<'_>, document: &BusyDocument) -> Busy {
    let when = &document.when;
    Busy {
        when_wait: when.wait.map(|d| d.0),
        when_waiting: when.waiting,
        when_abandoned: when.abandoned.map(|share| share.0),
        offers: document.offer.iter().enumerate().filter_map(|(i, each)| offer(site, i, each)).collect(),
    }
}

fn offer(site: &mut Site<'_>, i: usize, document: &OfferDocument) -> Option<Offer> {
    let i = i.to_string();
    let place = ["busy", "offer", i.as_str(), "go"];
    let action = match (document.action, document.go.as_deref()) {
        (ActionDocument::Message, Some(name)) => OfferAction::Message(site.optional_step(Some(name), &place)?),
        (ActionDocument::Message, None) => {
            site.missing("go", &place[..3], "the step that takes the message");
            return None;
        }
        (ActionDocument::Callback, _) => OfferAction::Callback,
        (ActionDocument::QuietHours, _) => OfferAction::QuietHours,
        (ActionDocument::Continue, _) => OfferAction::Continue,
    };
    let purpose = document.purpose.as_ref().map(|text| site.text(text));
    Some(Offer { key: document.key.digit()?, action, purpose })
}
