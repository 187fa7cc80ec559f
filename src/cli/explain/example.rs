//! The examples of the pages, put together with the service that they are parts of.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::cli::{files, prompts, reading};
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
    let settings = parts.iter().find(|part| part.file == "svi.yaml");
    let settings = match settings.map(|part| Settings::read(&Source::new("svi.yaml", part.text.as_str()))).transpose() {
        Ok(settings) => settings,
        Err(found) => return found,
    };
    let mut files: Vec<Arc<Source>> = Vec::new();
    for (name, base) in BASE {
        let text = match parts.iter().find(|part| part.file == name || part.lacks == name) {
            Some(part) if part.lacks == name => continue,
            Some(part) => merged(base, &part.text, part.lacks),
            None => base.to_owned(),
        };
        files.push(Source::new(name, text));
    }
    let is_known = |file: &str| file == "svi.yaml" || BASE.iter().any(|(name, _)| *name == file);
    let more = parts.iter().filter(|part| !part.file.is_empty() && !is_known(part.file));
    files.extend(more.map(|part| Source::new(part.file, part.text.as_str())));
    let loaded = flow::load("france-services", &files, &Spoken);
    let mut found = loaded.diagnostics;
    let services: Vec<_> = loaded.service.map(Arc::new).into_iter().collect();
    found.extend(flow::conflicts(&services));
    found.extend(files::missing_music(&services, |name| name == "attente"));
    for (service, settings) in services.iter().zip(&settings) {
        found.extend(reading::unreachable(service, settings));
    }
    let folder = silent_recording();
    found.extend(prompts::unfit_audio(&services, folder.path()).expect("invariant: the manifest is good"));
    found
}

/// A folder of prompts with the one recording that the examples speak of.
fn silent_recording() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("invariant: tests may write");
    let spec = WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
    fs::create_dir(folder.path().join("fr")).expect("invariant: tests may write");
    let mut wav = WavWriter::create(folder.path().join("fr/muet.wav"), spec).expect("invariant: tests may write");
    (0..16_000).try_for_each(|_| wav.write_sample(0i16)).expect("invariant: tests may write");
    wav.finalize().expect("invariant: tests may write");
    let entry = r#"[{ "text": "Le fichier de cette phrase est muet.", "file": "muet.wav", "seconds": 1.0 }]"#;
    fs::write(folder.path().join("fr/manifest.json"), entry).expect("invariant: tests may write");
    folder
}

/// What an example says of one file.
struct Part<'a> {
    file: &'a str,
    /// The key, or the file, that is left out.
    lacks: &'a str,
    text: String,
}

/// The parts of an example: `# service.yaml` begins one, and one that begins otherwise is of the flow.
fn parts(example: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in example.lines() {
        let heading = line.strip_prefix("# ").filter(|heading| heading.contains(".yaml"));
        match (heading, parts.last_mut()) {
            (Some(heading), _) => {
                let (file, lacks) = heading.split_once("without ").unwrap_or((heading, ""));
                parts.push(Part { file: file.trim(), lacks, text: String::new() });
            }
            (None, Some(part)) => part.text += &format!("{line}\n"),
            (None, None) => parts.push(Part { file: "accueil.yaml", lacks: "", text: format!("{line}\n") }),
        }
    }
    parts
}

/// The file with each key, and each step, that the example writes replaced by it.
fn merged(base: &str, example: &str, lacks: &str) -> String {
    let mut keys = chunks(base, "");
    keys.retain(|(name, _)| name != lacks);
    for (name, text) in chunks(example, "") {
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
