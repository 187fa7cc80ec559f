use serde::Deserialize;

use super::{Site, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Goto, StepKind};

/// `goto:` a step.
pub(super) const VERB: Verb = Verb { name: "goto", shape: &SHAPE, build };

const SHAPE: Shape = Shape { fields: &[Field::needed("goto", Kind::StepName)] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GotoDocument {
    goto: String,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let GotoDocument { goto } = site.model()?;
    let to = site.step(Some(&goto), &["goto"], site.agent());
    Some(StepKind::Goto(Goto { to }))
}
