use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, Site, TextDocument, Verb};
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{StepKind, Voicemail};

/// `voicemail:` takes a message.
pub(super) const VERB: Verb = Verb { name: "voicemail", shape: &SHAPE, build };

/// The longest message when the step does not say.
const AT_MOST: Duration = Duration::from_secs(120);

const SHAPE: Shape =
    Shape { fields: &[Field::needed("voicemail", Kind::Map(&MESSAGE)), Field::optional("then", Kind::Word)] };

const MESSAGE: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("at_most", Kind::Duration),
        Field::optional("callback", Kind::Flag),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VoicemailDocument {
    voicemail: MessageDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageDocument {
    ask: TextDocument,
    at_most: Option<DurationDocument>,
    #[serde(default)]
    callback: bool,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let VoicemailDocument { voicemail, then } = site.model()?;
    let then = site.optional_step(then.as_deref(), &["then"]);
    Some(StepKind::Voicemail(Voicemail {
        ask: site.text(&voicemail.ask),
        at_most: voicemail.at_most.map_or(AT_MOST, |d| d.0),
        callback: voicemail.callback,
        then,
    }))
}
