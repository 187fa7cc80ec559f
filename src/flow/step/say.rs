use serde::Deserialize;

use super::question::barge_in;
use super::{Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Say, StepKind};

/// `say:` a text, `then:` a step.
pub(super) const VERB: Verb = Verb { name: "say", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("say", Kind::Text),
        Field::optional("barge_in", Kind::Flag).usual(Usual::Flag(true)),
        Field::optional("about", Kind::Word),
        Field::optional("then", Kind::StepName),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SayDocument {
    say: TextDocument,
    barge_in: Option<bool>,
    about: Option<String>,
    then: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: SayDocument = site.model()?;
    // What it is about is for the checks: the card has both ways to do it.
    if let Some(about) = &document.about {
        site.procedure(about)?;
    }
    let then = site.step(document.then.as_deref(), &["then"], site.agent());
    Some(StepKind::Say(Say { text: site.text(&document.say), barge_in: barge_in(document.barge_in), then }))
}
