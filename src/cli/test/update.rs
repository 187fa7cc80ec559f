use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};

use super::{Lengths, is_wanted, shown};
use crate::cli::args::Test;
use crate::cli::{say, tell};
use crate::diag::Source;
use crate::flow::{self, Service, Trial};
use crate::sim;

/// Shows each difference of a file's tests and writes what is heard in its place; answers
/// the file as it is then. What only the admin can mend stays as it is.
pub(super) fn file(
    service: &Arc<Service>,
    source: Arc<Source>,
    args: &Test,
    lengths: Lengths<'_>,
) -> Result<Arc<Source>> {
    let mut source = source;
    let before = source.text.clone();
    let mut left: BTreeSet<Arc<str>> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let trials = flow::trials(service, &source, &mut Vec::new());
        let names: BTreeSet<Arc<str>> = names(&trials);
        let rehearsed = trials
            .into_iter()
            .filter(|trial| is_wanted(trial, args) && !left.contains(&trial.name))
            .map(|trial| (sim::rehearse(service, &trial, lengths), trial));
        let Some((rehearsal, trial)) = rehearsed.into_iter().find(|(rehearsal, _)| rehearsal.mismatch.is_some()) else {
            break;
        };
        say(&format!("{}\n{}\n", trial.name, sim::difference(&rehearsal, shown::colour())));
        let text = rehearsal.mismatch.as_ref().and_then(sim::rewrite);
        let rewritten = text.map(|text| Source::new(source.path.clone(), text));
        // A line that can't be replaced in place, such as `[hears: …]`, is left to the admin.
        match rewritten.filter(|new| self::names(&flow::trials(service, new, &mut Vec::new())) == names) {
            Some(new) => source = new,
            None => {
                left.insert(Arc::clone(&trial.name));
            }
        }
    }
    if source.text != before {
        fs::write(&source.path, &source.text).with_context(|| format!("`{}` can't be written", source.path))?;
        tell(&format!("{} holds what is heard now", source.path));
    }
    Ok(source)
}

fn names(trials: &[Trial]) -> BTreeSet<Arc<str>> {
    trials.iter().map(|trial| Arc::clone(&trial.name)).collect()
}

/// Lines of one file that are rewritten in one run.
const ROUNDS: usize = 1000;
