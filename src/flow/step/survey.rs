use serde::Deserialize;

use super::question::{self, QuestionDocument};
use super::{Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Question, StepKind, Survey, TypeAhead};

/// `survey:` asks how it was.
pub(super) const VERB: Verb = Verb { name: "survey", shape: &SHAPE, build };

/// The highest mark when the step does not say.
const SCALE: u8 = 5;

const SHAPE: Shape =
    Shape { fields: &[Field::needed("survey", Kind::Map(&QUESTION)), Field::optional("then", Kind::StepName)] };

const QUESTION: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("scale", Kind::Count(2, 9)).usual(Usual::Count(SCALE as u64)),
        Field::optional("silences", question::SILENCES),
        Field::optional("wrong_keys", question::WRONG),
        Field::optional("on_silence", question::WORDS),
        Field::optional("on_wrong", question::WORDS),
        Field::optional("again", Kind::Text),
        Field::optional("barge_in", Kind::Flag).usual(Usual::Flag(true)),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SurveyDocument {
    survey: MarkDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
struct MarkDocument {
    ask: TextDocument,
    scale: Option<u8>,
    #[serde(flatten)]
    question: QuestionDocument,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let SurveyDocument { survey, then } = site.model()?;
    let then = site.optional_step(then.as_deref(), &["then"]);
    // Nobody has to give a mark: it is asked for once more. Keys typed before are no answer.
    let usual = Question { type_ahead: TypeAhead::Forgotten, ..Question::usual(1, 2) };
    let question = question::question(site, &["survey"], &survey.question, &usual);
    Some(StepKind::Survey(Survey { ask: site.text(&survey.ask), scale: survey.scale.unwrap_or(SCALE), question, then }))
}
