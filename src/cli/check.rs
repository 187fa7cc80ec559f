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
    let compliance = (!args.report.is_empty()).then(|| compliance::report(&found, store.library(), clock::wall()));
    for path in &args.report {
        compliance.iter().try_for_each(|report| report.write(path, args.language))?;
    }
    let flows: usize = found.services.iter().map(|s| s.flows.len()).sum();
    let good = format!("services: {}, flows: {flows}; nothing to mend.", found.services.len());
    Ok(report(&found.diagnostics, args.format, (args.docs.as_deref(), &good)))
}

/// Shows findings in a form; people are told where there are none, in the words of `good`. SARIF
/// links its rules to `docs`.
pub(crate) fn report(diagnostics: &[Diagnostic], format: Format, (docs, good): (Option<&str>, &str)) -> Verdict {
    match format {
        Format::Json => say(&diag::json(diagnostics)),
        Format::Sarif => say(&diag::sarif(diagnostics, docs)),
        Format::Github => diagnostics.iter().for_each(|d| say(&diag::github(d))),
        Format::Line => diagnostics.iter().for_each(|d| say(&diag::one_line(d))),
        Format::Text => {
            show(diagnostics);
            match diagnostics.iter().find(|d| d.severity > Severity::Note) {
                Some(first) => tell(&format!("`svi explain {}` tells why, with examples.", first.code)),
                None => tell(good),
            }
        }
    }
    verdict(diagnostics)
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
    if diag::has_errors(diagnostics) { Verdict::Findings } else { Verdict::Good }
}
