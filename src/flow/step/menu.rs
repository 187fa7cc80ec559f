use std::time::Duration;

use serde::Deserialize;

use super::question::{self, QuestionDocument};
use super::{DurationDocument, KeyDocument, Site, TextDocument, Verb};
use crate::base::Language;
use crate::flow::yaml::{Field, Kind, Shape, Usual};
use crate::flow::{Choice, Menu, Question, StepKind};

/// `menu:` choices by one key.
pub(super) const VERB: Verb = Verb { name: "menu", shape: &SHAPE, build };

/// After the last word: time enough to find the key on a telephone held at the ear.
const PATIENCE: Duration = Duration::from_secs(5);
/// A silent caller hears the menu once more, then an agent is called; after two wrong keys
/// too.
const USUAL: Question = Question::usual(1, 2);

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("menu", Kind::List(&Kind::Map(&CHOICE))),
        Field::optional("ask", Kind::Text),
        Field::optional("patience", Kind::Duration).usual(Usual::Duration(PATIENCE)),
        Field::optional("silences", question::SILENCES),
        Field::optional("wrong_keys", question::WRONG),
        Field::optional("on_silence", question::WORDS),
        Field::optional("on_wrong", question::WORDS),
        Field::optional("again", Kind::Text),
        Field::optional("barge_in", Kind::Flag).usual(Usual::Flag(true)),
        Field::optional("type_ahead", Kind::Flag).usual(Usual::Flag(true)),
    ],
};

const CHOICE: Shape = Shape {
    fields: &[
        Field::needed("key", Kind::Key),
        Field::needed("for", Kind::Text),
        Field::optional("language", Kind::OneOf(&["fr", "en"])),
        Field::optional("go", Kind::StepName),
    ],
};

#[derive(Deserialize)]
struct MenuDocument {
    menu: Vec<ChoiceDocument>,
    ask: Option<TextDocument>,
    patience: Option<DurationDocument>,
    #[serde(flatten)]
    question: QuestionDocument,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceDocument {
    key: KeyDocument,
    #[serde(rename = "for")]
    purpose: TextDocument,
    language: Option<Language>,
    go: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: MenuDocument = site.model()?;
    let mut choices = Vec::with_capacity(document.menu.len());
    for (i, choice) in document.menu.iter().enumerate() {
        choices.extend(build_choice(site, choice, &i.to_string()));
    }
    Some(StepKind::Menu(Menu {
        ask: document.ask.as_ref().map(|ask| site.text(ask)),
        choices,
        patience: document.patience.map_or(PATIENCE, |d| d.0),
        question: question::question(site, &[], &document.question, &USUAL),
    }))
}

/// A choice of language without `go` says the same menu again, in that language.
fn build_choice(site: &mut Site<'_>, document: &ChoiceDocument, position: &str) -> Option<Choice> {
    let go = match (&document.go, document.language) {
        (Some(go), _) => site.step(Some(go), &["menu", position, "go"], site.agent()),
        (None, Some(_)) => site.id,
        (None, None) => {
            site.missing("go", &["menu", position], "this choice leads nowhere");
            return None;
        }
    };
    // `language: en, for: English`: one text for a choice of language is in that language.
    let purpose = document.purpose.localized(document.language.unwrap_or(site.names.language));
    Some(Choice { key: document.key.digit()?, purpose, language: document.language, go })
}
