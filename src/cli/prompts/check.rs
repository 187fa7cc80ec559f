use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::manifest::{Manifests, digest};
use super::texts;
use crate::cli::args::CheckPrompts;
use crate::cli::{Verdict, say, tell};
use crate::diag::Diagnostic;
use crate::flow::{self, Service};
use crate::media::{Clip, Level, ManifestEntry, Master, level};
use crate::speech::Fragment;

/// Says which texts have no audio, or audio that nobody should hear.
pub(super) fn run(args: &CheckPrompts) -> Result<Verdict> {
    let Some(texts) = texts(&args.paths)? else { return Ok(Verdict::Findings) };
    let manifests = Manifests::read(&args.prompts)?;
    let mut findings = Vec::new();
    for fragment in texts.keys() {
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
    match measured(&bytes) {
        Ok(level) if level.active < QUIETEST => faults.push(format!("{shown}: too faint ({:.0} dBFS)", level.active)),
        Ok(level) if level.active > LOUDEST => faults.push(format!("{shown}: too loud ({:.0} dBFS)", level.active)),
        Ok(level) if level.clipped > FEW => faults.push(format!("{shown}: clipped at {} samples", level.clipped)),
        Ok(_) => {}
        Err(error) => faults.push(format!("{shown}: {error}")),
    }
    faults
}

fn measured(wav: &[u8]) -> Result<Level, hound::Error> {
    let mut reader = hound::WavReader::new(wav)?;
    let rate = reader.spec().sample_rate;
    let samples: Vec<f32> =
        reader.samples::<i16>().map(|s| s.map(|s| f32::from(s) / 32_768.0)).collect::<Result<_, _>>()?;
    Ok(level(&samples, rate))
}

/// What is wrong with the recordings of the services' own sentences, each told where the
/// sentence is written.
///
/// # Errors
/// When a manifest can't be read.
pub(crate) fn audio(services: &[Arc<Service>], prompts: &Path) -> Result<Vec<Diagnostic>> {
    let manifests = Manifests::read(prompts)?;
    let mut found = Vec::new();
    for sentence in services.iter().flat_map(|service| flow::sentences(service)) {
        // A recording that is not there is told by the check of the flow.
        let Some(entry) = manifests.entry(&sentence.fragment) else { continue };
        for fault in faults(prompts, &sentence.fragment, entry) {
            let message = format!("what is recorded for “{}” can't be used", sentence.fragment.text);
            found.push(
                Diagnostic::error("unfit-audio", message, sentence.span.clone())
                    .label("callers hear this")
                    .help(format!("{fault}; delete it and run `svi prompts render`, or record it again")),
            );
        }
    }
    Ok(found)
}

/// Whether a file is already as masters are: their rate and format, at a level that
/// `svi prompts check` takes.
pub(super) fn is_master(wav: &[u8]) -> bool {
    let format = hound::WavReader::new(wav).is_ok_and(|reader| {
        let spec = reader.spec();
        (spec.sample_rate, spec.channels, spec.bits_per_sample) == (Master::RATE, 1, 16)
    });
    format && measured(wav).is_ok_and(|l| (QUIETEST..=LOUDEST).contains(&l.active) && l.clipped <= FEW)
}

/// So many samples at the edge of the scale are not heard.
const FEW: usize = 3;
/// A voice that is fainter is not understood in a street, in dB of full scale.
const QUIETEST: f64 = -32.0;
/// A voice that is louder hurts, and is bent by the telephone's codecs, in dB of full scale.
const LOUDEST: f64 = -12.0;
