use serde::Deserialize;

use super::question::{self, QuestionDocument};
use super::queue::{known_skills, queue_name};
use super::{Site, Verb};
use crate::base::Skill;
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Callback, StepKind};

/// `callback:` asks by which number and when the caller is called back.
pub(super) const VERB: Verb = Verb { name: "callback", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("callback", Kind::QueueName),
        Field::optional("needs", Kind::List(&Kind::Word)),
        Field::optional("priority", Kind::Count(0, 9)).usual(Usual::Count(0)),
        Field::optional("silences", question::SILENCES),
        Field::optional("wrong_keys", question::WRONG),
        Field::optional("on_silence", question::WORDS),
        Field::optional("on_wrong", question::WORDS),
        Field::optional("then", Kind::StepName),
        Field::optional("otherwise", Kind::StepName),
    ],
};

#[derive(Deserialize)]
struct CallbackDocument {
    callback: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    priority: u8,
    #[serde(flatten)]
    question: QuestionDocument,
    then: Option<String>,
    otherwise: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: CallbackDocument = site.model()?;
    let queue = queue_name(site, "callback", &document.callback);
    let needs: Vec<Skill> = document.needs.iter().map(|need| Skill::from(need.as_str())).collect();
    known_skills(site, &queue, &needs);
    let then = site.optional_step(document.then.as_deref(), &["then"]);
    let otherwise = site.optional_step(document.otherwise.as_deref(), &["otherwise"]);
    let question = question::question(site, &[], &document.question, &Callback::QUESTION);
    Some(StepKind::Callback(Callback { queue, needs, priority: document.priority, question, then, otherwise }))
}
