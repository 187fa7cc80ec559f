use serde::Deserialize;

use super::question::barge_in;
use super::{Site, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
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

const WORDS: Kind = Kind::OneOf(&["hours", "contact", "address", "appointments", "busy", "quiet"]);

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("tell", Kind::List(&WORDS)),
        Field::optional("barge_in", Kind::Flag),
        Field::optional("then", Kind::Word),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TellDocument {
    tell: Vec<String>,
    barge_in: Option<bool>,
    then: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: TellDocument = site.model()?;
    let topic = |word: &String| TOPICS.iter().find(|(name, _)| name == word).map(|(_, topic)| *topic);
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
        assert_eq!(words, TOPICS.map(|(name, _)| name));
    }
}
