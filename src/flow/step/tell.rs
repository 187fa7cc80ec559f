use serde::Deserialize;

use super::question::barge_in;
use super::{Site, Verb};
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{StepKind, Tell};
use crate::service::Topic;

/// `tell:` facts of the card.
pub(super) const VERB: Verb = Verb { name: "tell", shape: &SHAPE, build };

const TOPICS: [(&str, Topic); 6] = [
    ("hours", Topic::Hours),
    ("contact", Topic::Contact),
    ("address", Topic::Address),
    ("appointments", Topic::Appointments),
    ("busy", Topic::Busy),
    ("quiet", Topic::Quiet),
];
/// What tells the procedure of `about:`.
const PROCEDURE: &str = "procedure";

const WORDS: Kind = Kind::OneOf(&["hours", "contact", "address", "appointments", "busy", "quiet", PROCEDURE]);

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("tell", Kind::List(&WORDS)),
        Field::optional("about", Kind::Word),
        Field::optional("barge_in", Kind::Flag).usual(Usual::Flag(true)),
        Field::optional("then", Kind::StepName),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TellDocument {
    tell: Vec<String>,
    about: Option<String>,
    barge_in: Option<bool>,
    then: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: TellDocument = site.model()?;
    let about = match &document.about {
        Some(about) => Some(Topic::Procedure(site.procedure(about)?)),
        None => None,
    };
    if about.is_none() && document.tell.iter().any(|word| word == PROCEDURE) {
        site.missing("about", &["tell"], "which procedure?");
        return None;
    }
    let topic = |word: &String| match word.as_str() {
        PROCEDURE => about,
        word => TOPICS.iter().find(|(name, _)| *name == word).map(|(_, topic)| *topic),
    };
    let topics = document.tell.iter().filter_map(topic).collect();
    let then = site.step(document.then.as_deref(), &["then"], site.agent());
    Some(StepKind::Tell(Tell { topics, barge_in: barge_in(document.barge_in), then }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_may_be_written_is_a_topic() {
        let Kind::OneOf(words) = WORDS else { panic!("a choice of words") };
        let known: Vec<&str> = TOPICS.iter().map(|(name, _)| *name).chain([PROCEDURE]).collect();
        assert_eq!(words, known);
    }
}
