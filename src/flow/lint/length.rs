use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::limits::COLLECTED_DIGITS;
use crate::base::{Language, Localized};
use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::sentences::menu_sentences;
use crate::flow::{Audio, BargeIn, Menu, Program, StepKind, Value, ValueKind, spoken};
use crate::speech::Phrase;

/// Speech that is too long: a menu from its first word to its last, or a text that no
/// key stops. What has no recording yet is another rule's.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.speech;
    for (id, languages) in file.ids().zip(heard) {
        let step = file.program.step(id);
        let longest = |length: &dyn Fn(Language) -> Option<Duration>| {
            languages.iter().filter_map(|l| length(*l)).max().filter(|length| *length > limit)
        };
        if let StepKind::Menu(menu) = &step.kind
            && let Some(length) = longest(&|l| menu_length(&file.program, menu, l, audio))
        {
            out.push(too_long("the menu", length, limit, step.span.clone()));
            continue;
        }
        if let Some(length) = longest(&|l| unstopped(&file.program, &step.kind, l, audio)) {
            let written = |key: &&str| file.step_tree(id).is_some_and(|tree| tree.entry(key).is_some());
            let key = ["say", "menu", "collect", "survey"].into_iter().find(written);
            let span = file.place(id, key.as_slice());
            out.push(too_long("this text, which no key stops,", length, limit, span));
        }
    }
}

/// How long what no key stops lasts: a text, or a question with the longest words that are said
/// before it to who gives no answer. What is told of the card is cut off in time by the engine.
fn unstopped(program: &Program, kind: &StepKind, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let length = |text: &Localized| text_length(program, text, language, audio);
    let (barge_in, asked) = match kind {
        StepKind::Say(say) => (say.barge_in, length(&say.text)?),
        StepKind::Menu(menu) => (menu.question.barge_in, menu_length(program, menu, language, audio)?),
        StepKind::Collect(collect) => (collect.question.barge_in, length(&collect.ask)?),
        StepKind::Survey(survey) => (survey.question.barge_in, length(&survey.ask)?),
        StepKind::Hours(_)
        | StepKind::Tell(_)
        | StepKind::Set(_)
        | StepKind::Choose(_)
        | StepKind::Goto(_)
        | StepKind::Lookup(_)
        | StepKind::Queue(_)
        | StepKind::Transfer(_)
        | StepKind::Voicemail(_)
        | StepKind::Callback(_)
        | StepKind::Hangup(_) => return None,
    };
    let before = kind
        .question()
        .and_then(|question| question.on_silence.iter().chain(&question.on_wrong).filter_map(length).max());
    (barge_in == BargeIn::Refused).then(|| before.unwrap_or_default() + asked)
}

fn menu_length(program: &Program, menu: &Menu, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let lines = menu_sentences(language, menu);
    let lines: Option<Duration> =
        lines.iter().flat_map(|(Phrase(fragments), _)| fragments).map(|fragment| audio.length(fragment)).sum();
    // The lines hold the question without what its variables hold.
    let values = menu.ask.iter().map(|ask| values_length(program, ask, language, audio)).sum::<Option<Duration>>();
    Some(lines? + values?)
}

/// A text with the longest values that its variables can hold.
fn text_length(program: &Program, text: &Localized, language: Language, audio: &dyn Audio) -> Option<Duration> {
    phrase_length(&spoken(text.get(language), text.language(language), |name| longest_value(program, name)), audio)
}

/// What a text's variables take of it.
fn values_length(program: &Program, text: &Localized, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let bare = spoken(text.get(language), text.language(language), |_| None);
    Some(text_length(program, text, language, audio)?.saturating_sub(phrase_length(&bare, audio)?))
}

fn phrase_length(Phrase(fragments): &Phrase, audio: &dyn Audio) -> Option<Duration> {
    fragments.iter().map(|fragment| audio.length(fragment)).sum()
}

/// As long a value as a variable can hold: as many digits as may be typed into it, or the
/// greatest number, which is said digit by digit.
fn longest_value(program: &Program, name: &str) -> Option<Value> {
    let variable = program.variables.iter().find(|variable| *variable.name == *name)?;
    let typed = program.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Collect(collect) if *collect.name == *name => collect.form.all_lengths().max(),
        _ => None,
    });
    match variable.kind {
        ValueKind::Digits => Some(Value::Digits("4".repeat(typed.max().unwrap_or(COLLECTED_DIGITS)).into())),
        ValueKind::Number => Some(Value::Number(444_444_444_444)),
        ValueKind::Text | ValueKind::YesNo => None,
    }
}

fn too_long(what: &str, length: Duration, limit: Duration, span: Span) -> Diagnostic {
    let message = format!("{what} lasts {:.1} s, {} s are allowed", length.as_secs_f64(), limit.as_secs());
    Diagnostic::error("menu-too-long", message, Some(span))
        .label("too long to listen to")
        .help("say it in fewer words, or make fewer choices")
}
