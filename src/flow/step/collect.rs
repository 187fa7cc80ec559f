use std::time::Duration;

use serde::Deserialize;

use super::number::{self, NumberDocument};
use super::question::{self, QuestionDocument};
use super::{DurationDocument, Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Collect, Question, ReadBack, StepKind, Terminator};

/// `collect:` a number typed on the keypad.
pub(super) const VERB: Verb = Verb { name: "collect", shape: &SHAPE, build };

/// Time to find the paper that the number is on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time to look from the paper to the keys.
const BETWEEN: Duration = Duration::from_secs(4);
/// It is asked again once, and typed twice.
const USUAL: Question = Question::usual(1, 2);

const SHAPE: Shape =
    Shape { fields: &[Field::needed("collect", Kind::Map(&NUMBER)), Field::optional("then", Kind::StepName)] };

const NUMBER: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("name", Kind::Word),
        Field::optional("at_least", number::LENGTH),
        Field::optional("at_most", number::LENGTH),
        Field::optional("lengths", Kind::List(&number::LENGTH)),
        Field::optional("pattern", Kind::OneOrMore(&Kind::Word)),
        Field::optional("check", number::CHECK),
        Field::optional("terminator", Kind::OneOf(&["hash", "none"])).usual(Usual::Word("hash")),
        Field::optional("read_back", Kind::Flag).usual(Usual::Flag(false)),
        Field::optional("patience", Kind::Duration).usual(Usual::Duration(PATIENCE)),
        Field::optional("between", Kind::Duration).usual(Usual::Duration(BETWEEN)),
        Field::optional("silences", question::SILENCES),
        Field::optional("tries", question::WRONG),
        Field::optional("on_silence", question::WORDS),
        Field::optional("on_wrong", question::WORDS),
        Field::optional("again", Kind::Text),
        Field::optional("barge_in", Kind::Flag).usual(Usual::Flag(true)),
        Field::optional("type_ahead", Kind::Flag).usual(Usual::Flag(true)),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectDocument {
    collect: EntryDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
struct EntryDocument {
    ask: TextDocument,
    name: Option<String>,
    #[serde(flatten)]
    number: NumberDocument,
    #[serde(default)]
    terminator: TerminatorDocument,
    #[serde(default)]
    read_back: bool,
    patience: Option<DurationDocument>,
    between: Option<DurationDocument>,
    #[serde(flatten)]
    question: QuestionDocument,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TerminatorDocument {
    #[default]
    Hash,
    None,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let CollectDocument { collect, then } = site.model()?;
    let form = number::form(site, &collect.number)?;
    let then = site.step(then.as_deref(), &["then"], site.agent());
    let question = question::question(site, &["collect"], &collect.question, &USUAL);
    Some(StepKind::Collect(Collect {
        ask: site.text(&collect.ask),
        name: collect.name.map_or_else(|| site.names.steps[site.id.0 as usize].clone(), |name| site.names.whole(&name)),
        form,
        terminator: match collect.terminator {
            TerminatorDocument::Hash => Terminator::Hash,
            TerminatorDocument::None => Terminator::None,
        },
        read_back: if collect.read_back { ReadBack::Yes } else { ReadBack::No },
        patience: collect.patience.map_or(PATIENCE, |d| d.0),
        between: collect.between.map_or(BETWEEN, |d| d.0),
        question,
        then,
    }))
}
