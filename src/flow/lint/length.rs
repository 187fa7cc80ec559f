use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::Language;
use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::sentences::menu_sentences;
use crate::flow::{Audio, BargeIn, Menu, StepKind};
use crate::speech::{Fragment, Phrase};

/// Speech that is too long: a menu from its first word to its last, or a text that no
/// key stops. What has no recording yet is another rule's.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], audio: &dyn Audio, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.speech;
    for (id, languages) in file.ids().zip(heard) {
        let step = file.program.step(id);
        let longest = |length: &dyn Fn(Language) -> Option<Duration>| {
            languages.iter().filter_map(|l| length(*l)).max().filter(|length| *length > limit)
        };
        match &step.kind {
            StepKind::Menu(menu) => {
                if let Some(length) = longest(&|l| menu_length(menu, l, audio)) {
                    out.push(too_long("the menu", length, limit, step.span.clone()));
                }
            }
            StepKind::Say(say) if say.barge_in == BargeIn::Refused => {
                let fragment = |l| Fragment::new(say.text.language(l), say.text.get(l).clone());
                if let Some(length) = longest(&|l| audio.length(&fragment(l))) {
                    let span = file.place(id, &["say"]);
                    out.push(too_long("this text, which no key stops,", length, limit, span));
                }
            }
            StepKind::Say(_)
            | StepKind::Hours(_)
            | StepKind::Tell(_)
            | StepKind::Collect(_)
            | StepKind::Set(_)
            | StepKind::Choose(_)
            | StepKind::Goto(_)
            | StepKind::Lookup(_)
            | StepKind::Queue(_)
            | StepKind::Transfer(_)
            | StepKind::Voicemail(_)
            | StepKind::Callback(_)
            | StepKind::Survey(_)
            | StepKind::Hangup(_) => {}
        }
    }
}

fn menu_length(menu: &Menu, language: Language, audio: &dyn Audio) -> Option<Duration> {
    let lines = menu_sentences(language, menu);
    lines.iter().flat_map(|(Phrase(fragments), _)| fragments).map(|fragment| audio.length(fragment)).sum()
}

fn too_long(what: &str, length: Duration, limit: Duration, span: Span) -> Diagnostic {
    let message = format!("{what} lasts {:.1} s, {} s are allowed", length.as_secs_f64(), limit.as_secs());
    Diagnostic::error("menu-too-long", message, Some(span))
        .label("too long to listen to")
        .help("say it in fewer words, or make fewer choices")
}
