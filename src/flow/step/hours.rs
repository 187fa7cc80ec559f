use serde::Deserialize;

use super::{Site, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Hours, StepKind};
use crate::service::HoursKind;

/// `hours:` open or closed.
pub(super) const VERB: Verb = Verb { name: "hours", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("hours", Kind::OneOf(&["phone", "desk"])),
        Field::needed("open", Kind::StepName),
        Field::needed("closed", Kind::StepName),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursDocument {
    hours: String,
    open: String,
    closed: String,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: HoursDocument = site.model()?;
    let kind = if document.hours == "desk" { HoursKind::Desk } else { HoursKind::Phone };
    let open = site.step(Some(&document.open), &["open"], site.agent());
    let closed = site.step(Some(&document.closed), &["closed"], site.agent());
    Some(StepKind::Hours(Hours { kind, open, closed }))
}
