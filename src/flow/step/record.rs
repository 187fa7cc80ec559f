use serde::Deserialize;

use super::voicemail::{AT_MOST, longest};
use super::{DurationDocument, Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Beep, Review, StepKind, Taking, Voicemail};

/// `record:` takes a message in the middle of a call.
pub(super) const VERB: Verb = Verb { name: "record", shape: &SHAPE, build };

const SHAPE: Shape =
    Shape { fields: &[Field::needed("record", Kind::Map(&MESSAGE)), Field::optional("then", Kind::StepName)] };

const MESSAGE: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("at_most", Kind::Duration).usual(Usual::Duration(AT_MOST)),
        Field::optional("name", Kind::Word),
        Field::optional("beep", Kind::Flag).usual(Usual::Flag(true)),
        Field::optional("review", Kind::Flag).usual(Usual::Flag(true)),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordDocument {
    record: MessageDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageDocument {
    ask: TextDocument,
    at_most: Option<DurationDocument>,
    name: Option<String>,
    beep: Option<bool>,
    review: Option<bool>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let RecordDocument { record, then } = site.model()?;
    let then = site.step(then.as_deref(), &["then"], site.agent());
    let at_most = longest(site, "record", record.at_most);
    Some(StepKind::Voicemail(Voicemail {
        ask: site.text(&record.ask),
        at_most,
        callback: false,
        name: Some(record.name.map_or_else(|| site.names.steps[site.id.0 as usize].clone(), Into::into)),
        taking: Taking::Record,
        beep: if record.beep.unwrap_or(true) { Beep::Yes } else { Beep::No },
        review: if record.review.unwrap_or(true) { Review::Yes } else { Review::No },
        then: Some(then),
    }))
}
