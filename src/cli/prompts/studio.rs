use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::manifest::{HUMAN, Manifests, is_human};
use super::texts;
use crate::base::Language;
use crate::cli::args::{ImportPrompts, Studio};
use crate::cli::{Verdict, say, tell};
use crate::media::{Master, file_name, normalise};
use crate::speech::Fragment;

/// A line of the list that goes to the studio and comes back.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    /// The name of the file that is recorded.
    file: String,
    /// `fr` or `en`.
    language: Language,
    /// The words to say.
    text: String,
    /// Where callers hear it.
    place: String,
}

/// Writes what a person has yet to speak as a list for a studio.
pub(super) fn export(args: &Studio) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let manifests = Manifests::read(&args.prompts)?;
    let spoken = |f: &Fragment| !args.all && manifests.entry(f).is_some_and(is_human);
    let wanted = |f: &Fragment| args.language.is_none_or(|l| Language::from(l) == f.language);
    let file = File::create(&args.out).with_context(|| format!("`{}` can't be written", args.out.display()))?;
    let mut list = csv::Writer::from_writer(file);
    let mut count = 0;
    for (fragment, place) in texts.iter().filter(|(f, _)| wanted(f) && !spoken(f)) {
        list.serialize(Row {
            file: studio_file(fragment),
            language: fragment.language,
            text: fragment.text.to_string(),
            place: place.clone(),
        })?;
        count += 1;
    }
    list.flush()?;
    tell(&format!("{count} texts in `{}`; bring the recordings back with `svi prompts import`.", args.out.display()));
    Ok(Verdict::Good)
}

/// Takes the recordings of a studio: each is checked, brought to the level of all
/// prompts, and put in the place of an engine's.
pub(super) fn import(args: &ImportPrompts) -> Result<Verdict> {
    let rows = rows(&args.list)?;
    let mut manifests = Manifests::read(&args.prompts)?;
    let voice = args.voice.as_ref().map_or_else(|| HUMAN.to_owned(), |name| format!("{HUMAN}: {name}"));
    let (mut taken, mut absent, mut findings) = (0, 0, Vec::new());
    for row in &rows {
        let path = args.recordings.join(&row.file);
        if !path.is_file() {
            absent += 1;
            continue;
        }
        match recording(&path, row) {
            Ok(wav) => {
                manifests.keep(&Fragment::new(row.language, row.text.as_str()), &wav, &voice)?;
                taken += 1;
            }
            Err(error) => findings.push(format!("{}: {error:#}", path.display())),
        }
    }
    findings.extend(strays(&args.recordings, &rows)?);
    findings.iter().for_each(|finding| say(finding));
    tell(&format!("{taken} recordings taken, {absent} of the list are not there, {} findings.", findings.len()));
    Ok(if findings.is_empty() { Verdict::Good } else { Verdict::Findings })
}

fn rows(list: &Path) -> Result<Vec<Row>> {
    let shown = list.display();
    let mut reader = csv::Reader::from_path(list).with_context(|| format!("`{shown}` can't be read"))?;
    let mut rows = Vec::new();
    for (i, row) in reader.deserialize::<Row>().enumerate() {
        let row = row.with_context(|| format!("`{shown}`, line {}: it needs `file,language,text,place`", i + 2))?;
        if Path::new(&row.file).file_name().is_none_or(|name| *name != *row.file) {
            bail!("`{shown}`, line {}: `{}` is no plain file name", i + 2, row.file);
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The master of one recording, if it can be these words.
fn recording(path: &Path, row: &Row) -> Result<Vec<u8>> {
    let master = Master::from_wav(File::open(path)?)?;
    let letters = u32::try_from(normalise(&row.text).chars().count()).unwrap_or(u32::MAX);
    let (shortest, longest) = (FASTEST * letters, SLOWEST * letters + BREATH);
    let length = master.length();
    if length < shortest {
        bail!("{:.1} s are too short for “{}”: is it the right file, and whole?", length.as_secs_f64(), row.text);
    }
    if length > longest {
        bail!("{:.1} s are too long for “{}”: is it the right file, cut at both ends?", length.as_secs_f64(), row.text);
    }
    Ok(master.to_wav()?)
}

/// Recordings that the list does not know: a name was mistyped, or the list is older.
fn strays(folder: &Path, rows: &[Row]) -> Result<Vec<String>> {
    let mut strays = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("`{}` can't be read", folder.display()))?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_wav = name.to_ascii_lowercase().ends_with(".wav");
        if is_wav && rows.iter().all(|row| row.file != name) {
            strays.push(format!("{}: no line of the list has this name", folder.join(name).display()));
        }
    }
    strays.sort();
    Ok(strays)
}

/// Names of two languages must not meet in one folder.
fn studio_file(fragment: &Fragment) -> String {
    format!("{}-{}", fragment.language, file_name(&fragment.text))
}

/// Nobody says a letter in less time.
const FASTEST: Duration = Duration::from_millis(25);
/// Nobody takes longer for one, short words and digits included.
const SLOWEST: Duration = Duration::from_millis(250);
/// What pauses and the silence around may add.
const BREATH: Duration = Duration::from_secs(3);
