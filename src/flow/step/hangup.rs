use serde::Deserialize;

use super::{Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Hangup, StepKind};

/// `hangup:` ends the call.
pub(super) const VERB: Verb = Verb { name: "hangup", shape: &SHAPE, build };

const SHAPE: Shape = Shape { fields: &[Field::needed("hangup", Kind::MapOr(&TEXTS, &Kind::Ending))] };

const TEXTS: Shape = Shape { fields: &[Field::needed("fr", Kind::Word), Field::optional("en", Kind::Word)] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HangupDocument {
    hangup: Option<EndingDocument>,
}

/// Nothing, `true`, or the last sentence.
#[derive(Deserialize)]
#[serde(untagged)]
enum EndingDocument {
    Plain(bool),
    Text(TextDocument),
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: HangupDocument = site.model()?;
    let text = match document.hangup {
        Some(EndingDocument::Text(text)) => Some(site.text(&text)),
        Some(EndingDocument::Plain(_)) | None => None,
    };
    Some(StepKind::Hangup(Hangup { text }))
}
