use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Lengths;
use crate::cli::tell;
use crate::diag::Source;
use crate::flow;
use crate::sim::{self, Simulation};

/// Writes a simulated call to a new file as a test that passes.
pub(crate) fn keep(simulation: &Simulation<'_>, path: &Path, lengths: Lengths<'_>) -> Result<()> {
    let shown = path.display().to_string();
    let text = passing(simulation, &shown, lengths)?;
    let mut file = fs::File::create_new(path).with_context(|| format!("`{shown}` can't be written anew"))?;
    file.write_all(text.as_bytes()).with_context(|| format!("`{shown}` can't be written"))?;
    tell(&format!("the call is kept as a test: {shown}"));
    Ok(())
}

/// The call as a test. Where its words depend on the very tenth of a second at which a
/// key was pressed, the test has the words of its own playing.
pub(super) fn passing(simulation: &Simulation<'_>, path: &str, lengths: Lengths<'_>) -> Result<String> {
    let mut source = Source::new(path, sim::record(simulation, &name(simulation)));
    for _ in 0..ROUNDS {
        let mut wrong = Vec::new();
        let trials = flow::trials(simulation.service(), &source, &mut wrong);
        let [trial] = trials.as_slice() else {
            bail!("the call can't be written as a test: {}", wrong.first().map_or("", |d| &d.message));
        };
        let rehearsal = sim::rehearse(simulation.service(), trial, lengths);
        let Some(mismatch) = &rehearsal.mismatch else { return Ok(source.text.clone()) };
        match sim::rewrite(mismatch) {
            Some(text) => source = Source::new(path, text),
            None => break,
        }
    }
    bail!("the call plays differently when it is made again, and can't be kept as a test")
}

/// Such as `touches 1 0`.
fn name(simulation: &Simulation<'_>) -> String {
    let keys: Vec<String> = simulation.keys().map(|key| key.to_string()).collect();
    match keys.as_slice() {
        [] => "sans toucher au clavier".to_owned(),
        keys => format!("touches {}", keys.join(" ")),
    }
}

/// Lines that may be put right.
const ROUNDS: usize = 200;
