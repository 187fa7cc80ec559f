use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::{Language, Localized};
use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::prove::Longest;
use crate::flow::sentences::menu_sentences;
use crate::flow::{Audio, Menu, StepKind, spoken};
use crate::speech::Phrase;

/// A menu that is too long from its first word to its last. What has no recording yet is
/// another rule's.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.speech;
    let values = Longest::of(&file.program);
    for (id, languages) in file.ids().zip(heard) {
        let step = file.program.step(id);
        let StepKind::Menu(menu) = &step.kind else { continue };
        let length = languages.iter().filter_map(|l| menu_length(&values, menu, *l, audio)).max();
        if let Some(length) = length.filter(|length| *length > limit) {
            out.push(too_long(length, limit, step.span.clone()));
        }
    }
}

fn menu_length(longest: &Longest<'_>, menu: &Menu, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let lines = menu_sentences(language, menu);
    let lines: Option<Duration> =
        lines.iter().flat_map(|(Phrase(fragments), _)| fragments).map(|fragment| audio.length(fragment)).sum();
    // The lines hold the question without what its variables hold.
    let values = menu.ask.iter().map(|ask| values_length(longest, ask, language, audio)).sum::<Option<Duration>>();
    Some(lines? + values?)
}

/// A text with the longest values that its variables can hold.
fn text_length(longest: &Longest<'_>, text: &Localized, language: Language, audio: &dyn Audio) -> Option<Duration> {
    phrase_length(&spoken(text.get(language), text.language(language), |name| longest.value(name)), audio)
}

/// What a text's variables take of it.
fn values_length(longest: &Longest<'_>, text: &Localized, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let bare = spoken(text.get(language), text.language(language), |_| None);
    Some(text_length(longest, text, language, audio)?.saturating_sub(phrase_length(&bare, audio)?))
}

fn phrase_length(Phrase(fragments): &Phrase, audio: &dyn Audio) -> Option<Duration> {
    fragments.iter().map(|fragment| audio.length(fragment)).sum()
}

fn too_long(length: Duration, limit: Duration, span: Span) -> Diagnostic {
    let message = format!("the menu lasts {:.1} s, {} s are allowed", length.as_secs_f64(), limit.as_secs());
    Diagnostic::error("menu-too-long", message, Some(span))
        .label("too long to listen to")
        .help("say it in fewer words, or make fewer choices")
}
