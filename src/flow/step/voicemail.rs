use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, Site, TextDocument, Verb};
use crate::base::limits;
use crate::diag::Diagnostic;
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Beep, Review, StepKind, Taking, Voicemail};

/// `voicemail:` takes a message.
pub(super) const VERB: Verb = Verb { name: "voicemail", shape: &SHAPE, build };

/// The longest message when the step does not say.
pub(super) const AT_MOST: Duration = Duration::from_secs(120);

const SHAPE: Shape =
    Shape { fields: &[Field::needed("voicemail", Kind::Map(&MESSAGE)), Field::optional("then", Kind::StepName)] };

const MESSAGE: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("at_most", Kind::Duration).usual(Usual::Duration(AT_MOST)),
        Field::optional("callback", Kind::Flag).usual(Usual::Flag(false)),
        Field::optional("name", Kind::Word),
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
    name: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let VoicemailDocument { voicemail, then } = site.model()?;
    let then = site.optional_step(then.as_deref(), &["then"]);
    let at_most = longest(site, "voicemail", voicemail.at_most);
    Some(StepKind::Voicemail(Voicemail {
        ask: site.text(&voicemail.ask),
        at_most,
        callback: voicemail.callback,
        name: voicemail.name.map(Into::into),
        taking: Taking::Voicemail,
        beep: Beep::Yes,
        review: Review::Yes,
        then,
    }))
}

/// The longest message of a step with this key, within what a message may be.
pub(super) fn longest(site: &mut Site<'_>, verb: &str, at_most: Option<DurationDocument>) -> Duration {
    if at_most.is_some_and(|d| d.0 > limits::MESSAGE) {
        let place = site.tree.place(&[verb, "at_most"]);
        let longest = limits::MESSAGE.as_secs() / 60;
        site.out.push(
            Diagnostic::error("message-too-long", format!("a message lasts {longest} minutes at most"), Some(place))
                .label("longer than that")
                .help(format!("write `at_most: {longest}m` or less")),
        );
    }
    at_most.map_or(AT_MOST, |d| d.0)
}
