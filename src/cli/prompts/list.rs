use anyhow::Result;
use serde::Serialize;

use super::manifest::{Manifests, is_human};
use super::texts;
use crate::base::Language;
use crate::cli::args::{ListFormat, ListPrompts};
use crate::cli::{Verdict, say, tell};

/// One text with what there is of it.
#[derive(Serialize)]
struct Listed<'a> {
    language: Language,
    text: &'a str,
    /// Where it is said.
    place: &'a str,
    /// `human`, `synthetic` or `missing`.
    state: &'static str,
    voice: Option<&'a str>,
    file: Option<&'a str>,
    seconds: Option<f64>,
    /// The word error rate when it was heard back.
    wer: Option<f64>,
}

/// Lists every text with its voice; finds something when one has none.
pub(super) fn run(args: &ListPrompts) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let manifests = Manifests::read(&args.prompts)?;
    let mut all = Vec::new();
    for (fragment, place) in &texts {
        let entry = manifests.entry(fragment);
        let state = match entry {
            None => "missing",
            Some(entry) if is_human(entry) => "human",
            Some(_) => "synthetic",
        };
        all.push(Listed {
            language: fragment.language,
            text: &fragment.text,
            place,
            state,
            voice: entry.map(|e| e.voice.as_str()),
            file: entry.map(|e| e.file.as_str()),
            seconds: entry.map(|e| e.seconds),
            wer: entry.and_then(|e| e.wer),
        });
    }
    match args.format {
        ListFormat::Json => say(&serde_json::to_string_pretty(&all)?),
        ListFormat::Text => all.iter().for_each(|l| say(&line(l))),
    }
    let count = |state| all.iter().filter(|l| l.state == state).count();
    let (human, synthetic, missing) = (count("human"), count("synthetic"), count("missing"));
    tell(&format!("{} texts: {human} spoken by people, {synthetic} by an engine, {missing} without audio.", all.len()));
    Ok(if missing == 0 { Verdict::Good } else { Verdict::Findings })
}

fn line(listed: &Listed<'_>) -> String {
    let seconds = listed.seconds.map_or_else(|| "-".to_owned(), |s| format!("{s:.1} s"));
    let wer = listed.wer.map_or_else(|| "-".to_owned(), |wer| format!("{:.0} %", wer * 100.0));
    format!("{}\t{}\t{seconds}\t{wer}\t{}\t{}", listed.language, listed.state, listed.place, listed.text)
}
