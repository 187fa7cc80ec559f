//! `svi prompts`: gives every sentence its voice, and checks that it has one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::args::{CheckPrompts, Prompts, Render};
use super::{Verdict, check, files, say, tell};
use crate::base::Language;
use crate::diag::Severity;
use crate::flow;
use crate::media::{Clip, ManifestEntry, file_name, normalise};
use crate::speech::{Fragment, vocabulary};

pub(crate) fn run(args: &Prompts) -> Result<Verdict> {
    match args {
        Prompts::Render(args) => render(args),
        Prompts::Check(args) => check(args),
    }
}

/// Every text that the services can say, and the vocabulary of what is only known at run time.
fn texts(paths: &[PathBuf]) -> Result<Option<Vec<Fragment>>> {
    let found = files::services(paths, &files::Everything)?;
    if found.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        check::show(&found.diagnostics);
        return Ok(None);
    }
    let mut texts: Vec<Fragment> = Vec::new();
    for language in Language::ALL {
        texts.extend(vocabulary(language).into_iter().map(|text| Fragment::new(language, text)));
    }
    for service in &found.services {
        texts.extend(flow::sentences(service).into_iter().map(|sentence| sentence.fragment));
    }
    texts.sort();
    texts.dedup();
    Ok(Some(texts))
}

fn render(args: &Render) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let mut manifests = Manifests::read(&args.prompts)?;
    let missing: Vec<&Fragment> = texts.iter().filter(|t| !manifests.has(t)).collect();
    if args.list {
        missing.iter().for_each(|t| say(&format!("{}\t{}", t.language, t.text)));
        return Ok(if missing.is_empty() { Verdict::Good } else { Verdict::Findings });
    }
    if missing.is_empty() {
        tell(&format!("{} texts: every one has its audio.", texts.len()));
        return Ok(Verdict::Good);
    }
    let mut voice = Voice::start(&args.voice)?;
    for (done, fragment) in missing.iter().enumerate() {
        tell(&format!("{:>5}/{} {} {}", done + 1, missing.len(), fragment.language, fragment.text));
        let file = file_name(&fragment.text);
        let path = args.prompts.join(fragment.language.code()).join(&file);
        voice.speak(fragment, &path)?;
        manifests.add(fragment, file, &path, &voice.name)?;
        manifests.write(fragment.language)?;
    }
    tell(&format!("{} texts rendered; `svi prompts check` hears whether they are in order.", missing.len()));
    Ok(Verdict::Good)
}

fn check(args: &CheckPrompts) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let manifests = Manifests::read(&args.prompts)?;
    let mut findings = Vec::new();
    for fragment in &texts {
        match manifests.entry(fragment) {
            None => findings.push(format!("{}: no audio for “{}”", fragment.language, fragment.text)),
            Some(entry) => findings.extend(faults(&args.prompts, fragment, entry)),
        }
    }
    findings.iter().for_each(|finding| say(finding));
    if findings.is_empty() {
        tell(&format!("{} texts: every one has its audio, in the right format.", texts.len()));
        return Ok(Verdict::Good);
    }
    tell(&format!("{} of {} texts need audio; `svi prompts render` makes it.", findings.len(), texts.len()));
    Ok(Verdict::Findings)
}

/// What is wrong with one recording: changed, not playable, silent or clipped.
fn faults(prompts: &Path, fragment: &Fragment, entry: &ManifestEntry) -> Vec<String> {
    let path = prompts.join(fragment.language.code()).join(&entry.file);
    let shown = path.display();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) => return vec![format!("{shown}: {error}")],
    };
    let mut faults = Vec::new();
    if digest(&bytes) != entry.sha256 {
        faults.push(format!("{shown}: the file is not the one that the manifest describes"));
    }
    if let Err(error) = Clip::from_wav(entry.file.as_str(), &*bytes) {
        faults.push(format!("{shown}: {error}"));
        return faults;
    }
    match level(&bytes) {
        Ok(level) if level.rms < QUIETEST => faults.push(format!("{shown}: silent ({:.0} dBFS)", level.rms)),
        Ok(level) if level.clipped > 3 => faults.push(format!("{shown}: clipped at {} samples", level.clipped)),
        Ok(_) => {}
        Err(error) => faults.push(format!("{shown}: {error}")),
    }
    faults
}

struct Level {
    /// Root mean square in dB of full scale.
    rms: f64,
    /// Samples at the very edge.
    clipped: usize,
}

fn level(wav: &[u8]) -> Result<Level, hound::Error> {
    let samples: Vec<i16> = hound::WavReader::new(wav)?.into_samples().collect::<Result<_, _>>()?;
    let power: f64 = samples.iter().map(|s| (f64::from(*s) / 32_768.0).powi(2)).sum::<f64>();
    let rms = 10.0 * (power / samples.len().max(1) as f64).max(1e-12).log10();
    Ok(Level { rms, clipped: samples.iter().filter(|s| s.unsigned_abs() >= 32_767).count() })
}

/// Below this a recording is taken for silence, in dB of full scale.
const QUIETEST: f64 = -45.0;

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// The manifests of a prompts folder.
struct Manifests {
    folder: PathBuf,
    entries: BTreeMap<Language, BTreeMap<String, ManifestEntry>>,
}

impl Manifests {
    fn read(folder: &Path) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for language in Language::ALL {
            let path = folder.join(language.code()).join("manifest.json");
            let list: Vec<ManifestEntry> = match fs::read_to_string(&path) {
                Ok(text) => {
                    serde_json::from_str(&text).with_context(|| format!("`{}` is no manifest", path.display()))?
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(error).with_context(|| format!("`{}` can't be read", path.display())),
            };
            entries.insert(language, list.into_iter().map(|e| (normalise(&e.text), e)).collect());
        }
        Ok(Self { folder: folder.to_owned(), entries })
    }

    fn entry(&self, fragment: &Fragment) -> Option<&ManifestEntry> {
        self.entries.get(&fragment.language)?.get(&normalise(&fragment.text))
    }

    fn has(&self, fragment: &Fragment) -> bool {
        self.entry(fragment).is_some()
    }

    fn add(&mut self, fragment: &Fragment, file: String, path: &Path, voice: &str) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("the voice wrote no `{}`", path.display()))?;
        let reader = hound::WavReader::new(bytes.as_slice())?;
        let seconds = f64::from(reader.duration()) / f64::from(reader.spec().sample_rate);
        let entry = ManifestEntry {
            text: fragment.text.to_string(),
            file,
            seconds: (seconds * 1000.0).round() / 1000.0,
            sha256: digest(&bytes),
            voice: voice.to_owned(),
            wer: None,
            heard: None,
        };
        self.entries.entry(fragment.language).or_default().insert(normalise(&fragment.text), entry);
        Ok(())
    }

    /// Writes one manifest beside itself and puts it in place, so that none is ever half a file.
    fn write(&self, language: Language) -> Result<()> {
        let folder = self.folder.join(language.code());
        fs::create_dir_all(&folder)?;
        let list: Vec<&ManifestEntry> = self.entries.get(&language).into_iter().flat_map(BTreeMap::values).collect();
        let (path, new) = (folder.join("manifest.json"), folder.join("manifest.json.new"));
        fs::write(&new, serde_json::to_string_pretty(&list)? + "\n")?;
        fs::rename(&new, &path).with_context(|| format!("`{}` can't be written", path.display()))
    }
}

/// The speech engine: a command that reads a line of JSON for each text, writes the WAV
/// file, and answers with a line of JSON.
struct Voice {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    name: String,
}

#[derive(Serialize)]
struct Order<'a> {
    language: Language,
    text: &'a str,
    out: &'a Path,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    voice: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

impl Voice {
    fn start(command: &str) -> Result<Self> {
        let mut words = command.split_whitespace();
        let Some(program) = words.next() else { bail!("`--voice` names no command") };
        let mut child = Command::new(program)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the voice `{program}` can't be started; see prompts/voice/README.md"))?;
        let (orders, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(answers)) = (orders, answers) else { bail!("the voice has no pipes") };
        Ok(Self { child, orders, answers: BufReader::new(answers), name: program.to_owned() })
    }

    fn speak(&mut self, fragment: &Fragment, out: &Path) -> Result<()> {
        if let Some(folder) = out.parent() {
            fs::create_dir_all(folder)?;
        }
        let order = Order { language: fragment.language, text: &fragment.text, out };
        writeln!(self.orders, "{}", serde_json::to_string(&order)?).context("the voice has stopped listening")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line)
            .with_context(|| format!("the voice answered {line:?} to “{}”", fragment.text))?;
        if let Some(error) = answer.error {
            bail!("the voice can't say “{}”: {error}", fragment.text);
        }
        if let Some(voice) = answer.voice {
            self.name = voice;
        }
        Ok(())
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
