use serde::Deserialize;

use super::{Site, TextDocument};
use crate::diag::Diagnostic;
use crate::flow::yaml::Kind;
use crate::flow::{BargeIn, Question, TypeAhead};

/// What is said to who gives no answer: one text, or one for each time.
pub(super) const WORDS: Kind = Kind::OneOrMore(&Kind::Text);
/// How often it is asked again to who says nothing.
pub(super) const SILENCES: Kind = Kind::Count(0, MOST_SILENCES as u64);
/// How many wrong answers are one too many.
pub(super) const WRONG: Kind = Kind::Count(1, MOST_WRONG as u64);

const MOST_SILENCES: u32 = 5;
const MOST_WRONG: u32 = 5;

/// The keys that say how a question is asked, whichever step asks it. A step's shape says
/// which of them it takes.
#[derive(Default, Deserialize)]
pub(super) struct QuestionDocument {
    barge_in: Option<bool>,
    type_ahead: Option<bool>,
    #[serde(default)]
    on_silence: WordsDocument,
    #[serde(default)]
    on_wrong: WordsDocument,
    again: Option<TextDocument>,
    silences: Option<u32>,
    /// A number's step counts tries.
    #[serde(alias = "tries")]
    wrong_keys: Option<u32>,
}

/// One text, or one for each time.
#[derive(Deserialize)]
#[serde(untagged)]
enum WordsDocument {
    One(TextDocument),
    Each(Vec<TextDocument>),
}

impl Default for WordsDocument {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl WordsDocument {
    fn texts(&self) -> &[TextDocument] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Each(texts) => texts,
        }
    }
}

/// `barge_in:` as it is written.
pub(super) fn barge_in(written: Option<bool>) -> BargeIn {
    match written {
        Some(false) => BargeIn::Refused,
        Some(true) | None => BargeIn::Allowed,
    }
}

/// The question of a step whose keys stand at `path`. Who writes words for each time means
/// that it is asked again so often; words that would never be heard are told.
pub(super) fn question(site: &mut Site<'_>, path: &[&str], document: &QuestionDocument, usual: &Question) -> Question {
    let (silent, wrong) = (document.on_silence.texts(), document.on_wrong.texts());
    let count = |words: &[TextDocument]| u32::try_from(words.len()).unwrap_or(u32::MAX);
    let silences = document.silences.unwrap_or(match count(silent) {
        0 => usual.silences,
        n => n.min(MOST_SILENCES),
    });
    let most = document.wrong_keys.unwrap_or(match count(wrong) {
        0 => usual.wrong,
        n => n.saturating_add(1).min(MOST_WRONG),
    });
    never_said(site, path, "on_silence", (silent.len(), silences));
    never_said(site, path, "on_wrong", (wrong.len(), most - 1));
    Question {
        barge_in: barge_in(document.barge_in),
        type_ahead: match document.type_ahead {
            Some(false) => TypeAhead::Forgotten,
            Some(true) => TypeAhead::Kept,
            None => usual.type_ahead,
        },
        on_silence: silent.iter().map(|text| site.text(text)).collect(),
        on_wrong: wrong.iter().map(|text| site.text(text)).collect(),
        again: document.again.as_ref().map(|text| site.text(text)),
        silences,
        wrong: most,
    }
}

fn never_said(site: &mut Site<'_>, path: &[&str], key: &str, (words, times): (usize, u32)) {
    let times = usize::try_from(times).unwrap_or(usize::MAX);
    if words <= times {
        return;
    }
    let first = times.to_string();
    let place = [path, &[key, first.as_str()]].concat();
    let message = match times {
        0 => format!("`{key}` is never heard: the question is not asked again"),
        1 => format!("`{key}` has {words} texts, and the question is asked again once"),
        _ => format!("`{key}` has {words} texts, and the question is asked again {times} times"),
    };
    site.out.push(
        Diagnostic::error("never-said", message, Some(site.tree.place(&place)))
            .label("never heard")
            .help("ask again more often, or write fewer texts"),
    );
}
