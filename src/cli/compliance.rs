//! The compliance report of `svi check --report`: each commitment of a public service on
//! the telephone, with what proves that it is kept, or where it is not.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::files::Services;
use crate::base::{Language, WallTime};
use crate::diag::rules::{self, About, COMMITMENTS, Commitment, Rule, Shown};
use crate::diag::{Diagnostic, Severity, Source, Span};
use crate::flow::Audio;

mod facts;
mod page;

use facts::Fact;

/// The whole report; its JSON is a promise to scripts, as [`crate::diag::json`]'s is.
#[derive(Debug, Serialize)]
pub(super) struct Compliance {
    version: u32,
    /// The program's version.
    svi: &'static str,
    /// When it was made, RFC 3339 in UTC.
    made: String,
    #[serde(skip)]
    at: DateTime<Tz>,
    services: Vec<ServiceLine>,
    /// What was read, so that it can be shown later which flows the report is of.
    files: Vec<FileLine>,
    commitments: Vec<Held>,
    /// What was found and rests on no commitment.
    others: Vec<Finding>,
}

/// Grows when a field goes or changes its meaning.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
struct ServiceLine {
    folder: String,
    /// The card's name.
    name: String,
    flows: Vec<String>,
    steps: usize,
}

#[derive(Debug, Serialize)]
struct FileLine {
    path: String,
    sha256: String,
}

/// One commitment, and how it is held.
#[derive(Debug, Serialize)]
struct Held {
    id: &'static str,
    fr: &'static str,
    en: &'static str,
    source: &'static str,
    url: &'static str,
    verdict: Verdict,
    /// The rules that rest on it.
    rules: Vec<&'static str>,
    /// What the files say of it.
    facts: Vec<Fact>,
    gaps: Vec<Finding>,
    allowed: Vec<Finding>,
    #[serde(skip)]
    commitment: &'static Commitment,
}

/// How a commitment is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// Its rules have looked at every flow and found nothing.
    Proved,
    /// The same, but for what an admin has allowed with a reason.
    Allowed,
    /// Something was found.
    Gap,
    /// The files have errors that keep its rules from looking at everything.
    Unproved,
    /// Only real calls show it: `svi report`.
    Measured,
    /// Only a comparison with the directory of the administration shows it: `svi card check`.
    Compared,
}

#[derive(Debug, Serialize)]
struct Finding {
    code: &'static str,
    message: String,
    /// What happens to a caller because of it, from the first word on.
    story: Option<String>,
    help: Option<String>,
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    allowed: Option<String>,
    #[serde(skip)]
    rule: Option<&'static Rule>,
}

/// The report on what was read and found, with these recordings.
pub(super) fn report(found: &Services, audio: &dyn Audio, made: WallTime) -> Compliance {
    let others = found.diagnostics.iter().filter(|d| rules::rule(d.code).is_none_or(|rule| rule.rests_on.is_empty()));
    let zone = found.services.first().map_or(chrono_tz::Europe::Paris, |service| service.card.phone_hours.zone());
    Compliance {
        version: VERSION,
        svi: env!("CARGO_PKG_VERSION"),
        made: made.utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        at: made.utc().with_timezone(&zone),
        services: found.services.iter().map(|service| service_line(service)).collect(),
        files: found.sources.iter().map(file_line).collect(),
        commitments: COMMITMENTS.iter().map(|commitment| held(commitment, found, audio)).collect(),
        others: others.map(finding).collect(),
    }
}

impl Compliance {
    /// Writes it as the file's ending says: `.html` or `.json`.
    ///
    /// # Errors
    /// Another ending, or a file that can't be written.
    pub(super) fn write(&self, path: &Path, language: Language) -> Result<()> {
        let text = match path.extension().and_then(|e| e.to_str()) {
            Some("html") => page::page(self, language).into_string(),
            Some("json") => serde_json::to_string_pretty(self)? + "\n",
            _ => bail!("`{}` is written as its name ends: `.html` or `.json`", path.display()),
        };
        fs::write(path, text).with_context(|| format!("`{}` can't be written", path.display()))
    }
}

fn held(commitment: &'static Commitment, found: &Services, audio: &dyn Audio) -> Held {
    let resting = |rule: &Rule| rule.rests_on.iter().any(|c| c.id == commitment.id);
    let about = |wanted: fn(Severity) -> bool| {
        let of_it = |d: &&Diagnostic| wanted(d.severity) && rules::rule(d.code).is_some_and(resting);
        found.diagnostics.iter().filter(of_it).map(finding).collect::<Vec<_>>()
    };
    let (gaps, allowed) = (about(|s| s > Severity::Note), about(|s| s == Severity::Note));
    let verdict = match commitment.shown {
        _ if !gaps.is_empty() => Verdict::Gap,
        Shown::ByMeasure => Verdict::Measured,
        Shown::ByComparison => Verdict::Compared,
        Shown::ByRules if !read_whole(found) => Verdict::Unproved,
        Shown::ByRules if allowed.is_empty() => Verdict::Proved,
        Shown::ByRules => Verdict::Allowed,
    };
    Held {
        id: commitment.id,
        fr: commitment.fr,
        en: commitment.en,
        source: commitment.origin.fr,
        url: commitment.origin.url,
        verdict,
        rules: rules::rules().iter().filter(|rule| resting(rule)).map(|rule| rule.code).collect(),
        facts: found.services.iter().flat_map(|service| facts::of(commitment.id, service, audio)).collect(),
        gaps,
        allowed,
        commitment,
    }
}

/// Whether every file could be read and every name led somewhere: else the rules about the
/// whole flow have not looked.
fn read_whole(found: &Services) -> bool {
    let hides = |d: &Diagnostic| rules::rule(d.code).is_none_or(|rule| rule.about != About::Callers);
    !found.diagnostics.iter().any(|d| d.severity == Severity::Error && hides(d))
}

fn finding(diagnostic: &Diagnostic) -> Finding {
    let place = diagnostic.span.as_ref().map(Span::line_column);
    Finding {
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        story: diagnostic.story.clone(),
        help: diagnostic.help.clone(),
        path: diagnostic.span.as_ref().map(|span| span.source.path.clone()),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        allowed: diagnostic.allowed.clone(),
        rule: rules::rule(diagnostic.code),
    }
}

fn service_line(service: &crate::flow::Service) -> ServiceLine {
    ServiceLine {
        folder: service.name.to_string(),
        name: service.card.name.to_string(),
        flows: service.flows.iter().map(|flow| flow.name.to_string()).collect(),
        steps: service.flows.iter().map(|flow| flow.steps.len()).sum(),
    }
}

fn file_line(source: &Arc<Source>) -> FileLine {
    let sha256 = Sha256::digest(source.text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    FileLine { path: source.path.clone(), sha256 }
}

#[cfg(test)]
mod tests;
