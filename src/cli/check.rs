//! `svi check`: every mistake on its line, before a caller can meet it.

use std::io::IsTerminal;

use anyhow::Result;

use super::args::{Check, Format};
use super::{Verdict, compliance, files, prompts, say, tell};
use crate::diag::{self, Colour, Diagnostic, Severity};
use crate::server::clock;
use crate::server::prompts::PromptStore;

pub(crate) fn run(args: &Check) -> Result<Verdict> {
    let store = PromptStore::open(&args.prompts)?;
    let mut found = files::services(&args.paths, store.library())?;
    found.diagnostics.extend(files::missing_music(&found.services, |name| store.has_music(name)));
    found.diagnostics.extend(prompts::unfit_audio(&found.services, &args.prompts)?);
    let compliance = (!args.report.is_empty()).then(|| compliance::report(&found, clock::wall()));
    for path in &args.report {
        compliance.iter().try_for_each(|report| report.write(path, args.language))?;
    }
    match args.format {
        Format::Json => say(&diag::json(&found.diagnostics)),
        Format::Sarif => say(&diag::sarif(&found.diagnostics, args.docs.as_deref())),
        Format::Github => found.diagnostics.iter().for_each(|d| say(&diag::github(d))),
        Format::Line => found.diagnostics.iter().for_each(|d| say(&diag::one_line(d))),
        Format::Text => {
            show(&found.diagnostics);
            match found.diagnostics.iter().find(|d| d.severity > Severity::Note) {
                Some(first) => tell(&format!("`svi explain {}` tells why, with examples.", first.code)),
                None => {
                    let flows: usize = found.services.iter().map(|s| s.flows.len()).sum();
                    tell(&format!("services: {}, flows: {flows}; nothing to mend.", found.services.len()));
                }
            }
        }
    }
    Ok(verdict(&found.diagnostics))
}

/// Every finding framed, then how many there are.
pub(crate) fn show(diagnostics: &[Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let colour = if std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        Colour::Always
    } else {
        Colour::Never
    };
    for diagnostic in diagnostics {
        tell(&diag::framed(diagnostic, colour));
    }
    tell(&diag::summary(diagnostics));
}

fn verdict(diagnostics: &[Diagnostic]) -> Verdict {
    let errors = diagnostics.iter().any(|d| d.severity == Severity::Error);
    if errors { Verdict::Findings } else { Verdict::Good }
}
