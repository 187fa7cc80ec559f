//! `svi prompts`: gives every sentence its voice, and checks that it has one.

mod check;
mod http;
mod list;
mod manifest;
mod render;
mod studio;
mod voice;

pub(crate) use check::audio as unfit_audio;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

use super::args::Prompts;
use super::{Verdict, check as checked, files};
use crate::base::Language;
use crate::diag::has_errors;
use crate::flow;
use crate::speech::{Fragment, vocabulary};

pub(crate) fn run(args: &Prompts) -> Result<Verdict> {
    match args {
        Prompts::Render(args) => render::run(args),
        Prompts::List(args) => list::run(args),
        Prompts::Check(args) => check::run(args),
        Prompts::Studio(args) => studio::export(args),
        Prompts::Import(args) => studio::import(args),
    }
}

/// Every text that the services can say, and the vocabulary of what is only known at
/// run time, each with where it is said; `None` when a service holds a mistake, which
/// was shown.
fn texts(paths: &[PathBuf]) -> Result<Option<BTreeMap<Fragment, String>>> {
    let found = files::services(paths, &files::Everything)?;
    if has_errors(&found.diagnostics) {
        checked::show(&found.diagnostics);
        return Ok(None);
    }
    let mut texts = BTreeMap::new();
    for service in &found.services {
        for sentence in flow::sentences(service) {
            let place =
                sentence.step.map_or_else(|| service.name.to_string(), |step| format!("{}/{step}", service.name));
            texts.entry(sentence.fragment).or_insert(place);
        }
    }
    for language in Language::ALL {
        for text in vocabulary(language) {
            texts.entry(Fragment::new(language, text)).or_insert_with(|| VOCABULARY.to_owned());
        }
    }
    Ok(Some(texts))
}

/// The place of what is put together at run time: numbers, times, fixed sentences.
const VOCABULARY: &str = "vocabulary";
