use serde::Deserialize;

use super::{Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{StepKind, Survey};

/// `survey:` asks how it was.
pub(super) const VERB: Verb = Verb { name: "survey", shape: &SHAPE, build };

/// The highest mark when the step does not say.
const SCALE: u8 = 5;

const SHAPE: Shape =
    Shape { fields: &[Field::needed("survey", Kind::Map(&QUESTION)), Field::optional("then", Kind::Word)] };

const QUESTION: Shape =
    Shape { fields: &[Field::needed("ask", Kind::Text), Field::optional("scale", Kind::Count(2, 9))] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyDocument {
    survey: QuestionDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionDocument {
    ask: TextDocument,
    scale: Option<u8>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let SurveyDocument { survey, then } = site.model()?;
    let then = site.optional_step(then.as_deref(), &["then"]);
    Some(StepKind::Survey(Survey { ask: site.text(&survey.ask), scale: survey.scale.unwrap_or(SCALE), then }))
}
