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
    let parts = parts(example);
    let part = |file: &str| parts.iter().find(|part| part.file == file);
    let settings = match part("svi.yaml").map(|part| Settings::read(&Source::new("svi.yaml", part.text.as_str()))) {
        Some(Err(found)) => return found,
        Some(Ok(settings)) => Some(settings),
        None => None,
    };
    let mut files: Vec<Arc<Source>> = Vec::new();
    for (name, base) in BASE.into_iter().filter(|(name, _)| parts.iter().all(|part| part.lacks != *name)) {
        let text = part(name).map_or_else(|| base.to_owned(), |part| merged(base, &part.text, part.lacks));
        files.push(Source::new(name, text));
    }
    let is_known = |file: &str| file == "svi.yaml" || BASE.iter().any(|(name, _)| *name == file);
    let more = parts.iter().filter(|part| !is_known(part.file));
    files.extend(more.map(|part| Source::new(part.file, part.text.as_str())));
    let loaded = flow::load("france-services", &files, &Spoken);
    let mut found = loaded.diagnostics;
    let services: Vec<_> = loaded.service.map(Arc::new).into_iter().collect();
    found.extend(flow::conflicts(&services));
    found.extend(files::missing_music(&services, |name| name == "attente"));
    for (service, settings) in services.iter().zip(&settings) {
        found.extend(reading::unreachable(service, settings));
    }
    found
}

/// What an example says of one file.
struct Part<'a> {
    /// The file.
    file: &'a str,
    /// What of it is left out, or which file.
    lacks: &'a str,
    /// What is written.
    text: String,
}

/// An example cut before each line that names a file, such as `# service.yaml`; without one
/// it is a part of the flow.
fn parts(example: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in example.lines() {
        let (file, lacks) = header(line);
        if parts.is_empty() || !(file.is_empty() && lacks.is_empty()) {
            let file = if file.is_empty() { "accueil.yaml" } else { file };
            parts.push(Part { file, lacks, text: String::new() });
        }
        let part = parts.last_mut().expect("invariant: a part was begun");
        part.text.push_str(line);
        part.text.push('\n');
    }
    parts
}

/// The file that a line names, and what of it is left out.
fn header(line: &str) -> (&str, &str) {
    let words = line.strip_prefix("# ").unwrap_or_default();
    match words.split_once("without ") {
        Some((file, lacks)) => (file.trim(), lacks),
        None if words.ends_with(".yaml") => (words, ""),
        None => ("", ""),
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
