//! `svi test`: the calls that stand beside a flow, made and compared.

mod coverage;
mod junit;
mod kept;
mod shown;
mod suite;
mod update;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};

use super::args::{Test, TestFormat};
use super::{Verdict, check, files, say, simulate, tell};
use crate::diag::has_errors;
use crate::flow::{self, Service, Trial};
use crate::server::prompts::PromptStore;
use crate::sim::{self, Rehearsal};
use crate::speech::Fragment;

pub(crate) use kept::keep;

/// How long a clip lasts.
type Lengths<'a> = &'a dyn Fn(&Fragment) -> Duration;

/// One test that was run.
struct Outcome {
    service: Arc<str>,
    trial: Trial,
    rehearsal: Rehearsal,
}

impl Outcome {
    fn passed(&self) -> bool {
        self.rehearsal.mismatch.is_none()
    }
}

pub(crate) fn run(args: &Test) -> Result<Verdict> {
    let prompts = PromptStore::open(&args.prompts)?;
    let lengths = |fragment: &Fragment| simulate::length(prompts.library(), fragment);
    let found = suite::find(&args.paths)?;
    let (mut diagnostics, mut outcomes) = (found.diagnostics, Vec::new());
    for suite in &found.suites {
        for path in &suite.files {
            let mut source = files::source(path)?;
            if args.update {
                source = update::file(&suite.service, source, args, &lengths)?;
            }
            for trial in flow::trials(&suite.service, &source, &mut diagnostics) {
                if is_wanted(&trial, args) {
                    let rehearsal = sim::rehearse(&suite.service, &trial, &lengths);
                    outcomes.push(Outcome { service: Arc::clone(&suite.service.name), trial, rehearsal });
                }
            }
        }
    }
    check::show(&diagnostics);
    if outcomes.is_empty() && diagnostics.is_empty() {
        bail!("there is no such test; tests are files in the folder `tests` of a service (docs/tests.md)");
    }
    let services: Vec<&Arc<Service>> = found.suites.iter().map(|suite| &suite.service).collect();
    let covered = if args.coverage { coverage::of(&services, &outcomes) } else { Vec::new() };
    match args.format {
        TestFormat::Text => {
            shown::text(&outcomes);
            covered.iter().for_each(|flow| say(&coverage::text(flow)));
        }
        TestFormat::Json => say(&shown::json(&outcomes, &covered)),
        TestFormat::Junit => say(&junit::xml(&outcomes)),
    }
    if !outcomes.is_empty() {
        tell(&shown::summary(&outcomes));
    }
    let broken = has_errors(&diagnostics);
    let good = !broken && outcomes.iter().all(Outcome::passed);
    Ok(if good { Verdict::Good } else { Verdict::Findings })
}

fn is_wanted(trial: &Trial, args: &Test) -> bool {
    args.only.as_ref().is_none_or(|only| trial.name.contains(only.as_str()))
}
