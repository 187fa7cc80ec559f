use serde::Deserialize;
use serde_yaml::Value;

use super::{Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Hangup, StepKind};

/// `hangup:` ends the call.
pub(super) const VERB: Verb = Verb { name: "hangup", shape: &SHAPE, build };

const SHAPE: Shape = Shape { fields: &[Field::needed("hangup", Kind::Ending)] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HangupDocument {
    hangup: Value,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: HangupDocument = site.model()?;
    // Nothing and `true` say no last sentence.
    let text: Option<TextDocument> = serde_yaml::from_value(document.hangup).ok();
    Some(StepKind::Hangup(Hangup { text: text.as_ref().map(|text| site.text(text)) }))
}
