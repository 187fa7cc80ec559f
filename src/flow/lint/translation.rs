use std::collections::BTreeSet;

use crate::base::{Language, Localized};
use crate::diag::{Diagnostic, Span};
use crate::flow::StepKind;
use crate::flow::asked::question_texts;
use crate::flow::card::CardFile;
use crate::flow::file::FlowFile;
use crate::service::Topic;

/// A text that a caller who chose English hears in French.
pub(super) fn check(file: &FlowFile, heard: &[BTreeSet<Language>], out: &mut Vec<Diagnostic>) {
    for (id, languages) in file.ids().zip(heard) {
        let kind = &file.program.step(id).kind;
        if !languages.iter().any(|language| kind.languages(*language).contains(&Language::En)) {
            continue;
        }
        let mut text = |text: &Localized, path: &[&str]| {
            if text.en.is_none() {
                out.push(untranslated(file.place(id, path)));
            }
        };
        for (path, words) in question_texts(kind) {
            text(words, &path.iter().map(String::as_str).collect::<Vec<_>>());
        }
        match kind {
            StepKind::Say(say) => text(&say.text, &["say"]),
            StepKind::Menu(menu) => {
                menu.ask.iter().for_each(|ask| text(ask, &["ask"]));
                for (i, choice) in menu.choices.iter().enumerate() {
                    if choice.language != Some(Language::Fr) {
                        text(&choice.purpose, &["menu", &i.to_string(), "for"]);
                    }
                }
            }
            StepKind::Collect(collect) => text(&collect.ask, &["collect", "ask"]),
            StepKind::Voicemail(voicemail) => text(&voicemail.ask, &[voicemail.taking.verb(), "ask"]),
            StepKind::Survey(survey) => text(&survey.ask, &["survey", "ask"]),
            StepKind::Hangup(hangup) => hangup.text.iter().for_each(|last| text(last, &["hangup"])),
            StepKind::Queue(queue) => {
                for (i, comfort) in queue.comfort.iter().enumerate() {
                    text(comfort, &["comfort", &i.to_string()]);
                }
                for (i, offer) in queue.busy.iter().flat_map(|busy| &busy.offers).enumerate() {
                    offer.purpose.iter().for_each(|words| text(words, &["busy", "offer", &i.to_string(), "for"]));
                }
            }
            StepKind::Tell(tell) => {
                for topic in &tell.topics {
                    let Topic::Procedure(nth) = topic else { continue };
                    let procedure = file.program.card.procedures.get(*nth);
                    let words = procedure.into_iter().flat_map(|p| std::iter::once(&p.essentials).chain(&p.agent));
                    words.for_each(|words| text(words, &["about"]));
                }
            }
            StepKind::Lookup(lookup) => lookup.say.iter().for_each(|words| text(words, &["lookup", "say"])),
            StepKind::Hours(_)
            | StepKind::Set(_)
            | StepKind::Choose(_)
            | StepKind::Goto(_)
            | StepKind::Transfer(_)
            | StepKind::Callback(_) => {}
        }
    }
}

/// The same for the card's texts, when a flow tells it in English.
pub(super) fn card(file: &CardFile, language: Language, out: &mut Vec<Diagnostic>) {
    if language != Language::En {
        return;
    }
    let card = &file.card;
    let mut text = |text: Option<&Localized>, path: &[&str]| {
        if text.is_some_and(|text| text.en.is_none()) {
            out.push(untranslated(file.tree.place(path)));
        }
    };
    for (i, phone) in card.phones.iter().enumerate() {
        text(Some(&phone.purpose), &["phones", &i.to_string(), "purpose"]);
    }
    for (i, email) in card.emails.iter().enumerate() {
        text(Some(&email.purpose), &["emails", &i.to_string(), "purpose"]);
    }
    for (i, site) in card.websites.iter().enumerate() {
        text(Some(&site.purpose), &["websites", &i.to_string(), "purpose"]);
    }
    text(card.desk.as_ref().map(|d| &d.address), &["desk", "address"]);
    text(card.desk.as_ref().and_then(|d| d.access.as_ref()), &["desk", "access"]);
    text(card.appointments.as_ref(), &["appointments"]);
}

fn untranslated(span: Span) -> Diagnostic {
    Diagnostic::warning("missing-translation", "this text is heard in English and has no English words", Some(span))
        .label("only in French")
        .help("write it as `{ fr: …, en: … }`")
}
