use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, Site, Verb};
use crate::base::PhoneNumber;
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{StepKind, Transfer};

/// `transfer:` to an outside number.
pub(super) const VERB: Verb = Verb { name: "transfer", shape: &SHAPE, build };

/// Six rings.
const RING: Duration = Duration::from_secs(30);

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("transfer", Kind::MapOr(&TO, &Kind::Phone)),
        Field::optional("failed", Kind::StepName),
        Field::optional("then", Kind::StepName),
    ],
};

const TO: Shape = Shape {
    fields: &[Field::needed("to", Kind::Phone), Field::optional("ring", Kind::Duration).usual(Usual::Duration(RING))],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferDocument {
    transfer: ToDocument,
    failed: Option<String>,
    then: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ToDocument {
    Number(PhoneNumber),
    Map { to: PhoneNumber, ring: Option<DurationDocument> },
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: TransferDocument = site.model()?;
    let (to, ring) = match document.transfer {
        ToDocument::Number(to) => (to, None),
        ToDocument::Map { to, ring } => (to, ring),
    };
    let written = site.optional_step(document.failed.as_deref(), &["failed"]);
    // A transfer that is the agent's step can't fall back on itself.
    let fallback = if site.agent() == site.id { site.names.closed } else { Some(site.agent()) };
    let Some(failed) = written.or(fallback) else {
        if document.failed.is_none() {
            site.missing("failed", &["transfer"], "when nobody answers there, the caller is led nowhere");
        }
        return None;
    };
    let then = site.optional_step(document.then.as_deref(), &["then"]);
    Some(StepKind::Transfer(Transfer { to, ring: ring.map_or(RING, |d| d.0), failed, then }))
}
