//! The examples of the pages, put together with the service that they are parts of.

use std::sync::Arc;
use std::time::Duration;

use crate::cli::{files, reading};
use crate::config::Settings;
use crate::diag::rules::BASE;
use crate::diag::{Diagnostic, Source};
use crate::flow::{self, Audio};
use crate::speech::Fragment;

/// Everything is recorded, at two and a half words a second, but what says that it is not.
struct Spoken;

impl Audio for Spoken {
    fn length(&self, fragment: &Fragment) -> Option<Duration> {
        let words = u32::try_from(fragment.text.split_whitespace().count()).unwrap_or(u32::MAX);
        (!fragment.text.contains("pas encore d'enregistrement")).then(|| Duration::from_millis(400) * words)
    }
}

/// Everything that is wrong with an example.
pub(super) fn judged(example: &str) -> Vec<Diagnostic> {
    let (file, lacks) = header(example);
    if file == "svi.yaml" {
        return settings(example);
    }
    let mut files: Vec<Arc<Source>> = Vec::new();
    for (name, base) in BASE {
        if lacks == name {
            continue;
        }
        let text = if name == file { merged(base, example, lacks) } else { base.to_owned() };
        files.push(Source::new(name, text));
    }
    let loaded = flow::load("france-services", &files, &Spoken);
    let mut found = loaded.diagnostics;
    let services: Vec<_> = loaded.service.map(Arc::new).into_iter().collect();
    found.extend(flow::conflicts(&services));
    found.extend(files::missing_music(&services, |name| name == "attente"));
    found
}

/// The settings, and what they lack for the service of the examples.
fn settings(example: &str) -> Vec<Diagnostic> {
    let settings = match Settings::read(&Source::new("svi.yaml", example)) {
        Ok(settings) => settings,
        Err(found) => return found,
    };
    let files: Vec<_> = BASE.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let loaded = flow::load("france-services", &files, &Spoken);
    reading::unreachable(&loaded.service.expect("invariant: the service of the examples is good"), &settings)
}

/// The file that an example is a part of, and what of it is left out.
fn header(example: &str) -> (&str, &str) {
    let first = example.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default();
    match first.split_once("without ") {
        Some((file, lacks)) => (file.trim(), lacks),
        None if first.ends_with(".yaml") => (first, ""),
        None => ("accueil.yaml", ""),
    }
}

/// The file with each key, and each step, that the example writes replaced by it.
fn merged(base: &str, example: &str, lacks: &str) -> String {
    let mut keys = chunks(base, "");
    keys.retain(|(name, _)| name != lacks);
    for (name, text) in chunks(example, "").into_iter().filter(|(name, _)| !name.starts_with('#')) {
        match keys.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if name == "steps" => *known = format!("steps:\n{}", steps(known, &text)),
            Some((_, known)) => *known = text,
            None => keys.insert(0, (name, text)),
        }
    }
    keys.into_iter().map(|(_, text)| text).collect()
}

fn steps(base: &str, example: &str) -> String {
    let below = |text: &str| text.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned());
    let mut steps = chunks(&below(base), "  ");
    for (name, text) in chunks(&below(example), "  ") {
        match steps.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = text,
            None => steps.push((name, text)),
        }
    }
    steps.into_iter().map(|(_, text)| text).collect()
}

/// The text cut before each line that begins just there, each part with what stands before its colon.
fn chunks(text: &str, indent: &str) -> Vec<(String, String)> {
    let mut chunks: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let begins = line.strip_prefix(indent).is_some_and(|rest| !rest.starts_with([' ', '\t']));
        if begins || chunks.is_empty() {
            let name = line.trim().split(':').next().unwrap_or_default();
            chunks.push((name.to_owned(), String::new()));
        }
        let (_, chunk) = chunks.last_mut().expect("invariant: a part was begun");
        chunk.push_str(line);
        chunk.push('\n');
    }
    chunks
}
