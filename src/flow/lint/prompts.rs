use crate::base::Language;
use crate::diag::{Diagnostic, Span};
use crate::flow::Audio;
use crate::flow::card::CardFile;
use crate::flow::sentences::Sentence;
use crate::flow::yaml::{Content, Tree};
use crate::speech::{Fragment, card_fragments, vocabulary};

/// What a flow says and nobody has recorded.
pub(super) fn check(sentences: &[Sentence], audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    for sentence in sentences.iter().filter(|s| audio.length(&s.fragment).is_none()) {
        let step = sentence.step.as_deref().unwrap_or_default();
        let message = format!("the step `{step}` has no recording of « {} »", sentence.fragment.text);
        out.push(missing(message, sentence.fragment.language, sentence.span.clone()));
    }
}

/// What is told of a card, and the words that times and numbers are made of.
pub(super) fn card(card: &CardFile, language: Language, audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    for fragment in card_fragments(language, &card.card) {
        if audio.length(&fragment).is_none() {
            let message = format!("the card has no recording of « {} »", fragment.text);
            out.push(missing(message, fragment.language, Some(place(&card.tree, &fragment))));
        }
    }
    let words = vocabulary(language);
    let silent: Vec<&String> =
        words.iter().filter(|w| audio.length(&Fragment::new(language, w.as_str())).is_none()).collect();
    if let Some(first) = silent.first() {
        let (count, all) = (silent.len(), words.len());
        let message =
            format!("{count} of the {all} clips for ranks, numbers and times have no recording, such as « {first} »");
        out.push(missing(message, language, None));
    }
}

fn missing(message: String, language: Language, span: Option<Span>) -> Diagnostic {
    let voice = match language {
        Language::Fr => "not recorded in French",
        Language::En => "not recorded in English",
    };
    Diagnostic::error("missing-prompt", message, span).label(voice).help("run `svi prompts render`")
}

/// The longest text of the card that is in the fragment.
fn place(tree: &Tree, fragment: &Fragment) -> Span {
    let mut best = (0, Span { bytes: 0..0, ..tree.span.clone() });
    let mut todo = vec![tree];
    while let Some(tree) = todo.pop() {
        match &tree.content {
            Content::Map(entries) => todo.extend(entries.iter().map(|e| &e.value)),
            Content::List(items) => todo.extend(items),
            Content::Scalar { written, .. } => {
                let text = written.trim().trim_end_matches('.');
                if text.len() > best.0 && fragment.text.contains(text) {
                    best = (text.len(), tree.span.clone());
                }
            }
        }
    }
    best.1
}
