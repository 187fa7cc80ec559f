//! A real call, made again in the simulator from its record.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::tell;
use crate::base::{Digit, WallTime};
use crate::flow::{Program, Service};
use crate::sim::{self, Crowding, Room, Scenario, Script, Told};
use crate::speech::Fragment;

/// A line of `records.jsonl`, as far as it is needed.
#[derive(Debug, Deserialize)]
struct Record {
    sip_call_id: String,
    service: String,
    flow: String,
    started: WallTime,
    answered: Option<WallTime>,
    rank: Option<usize>,
    #[serde(default)]
    survey: Vec<Mark>,
    #[serde(default)]
    steps: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Mark {
    mark: u8,
}

#[derive(Debug, Deserialize)]
struct Line {
    at_ms: u64,
    what: String,
}

/// The call and its keys; what could not be found again is told.
pub(super) fn retrace(
    path: &Path,
    call: Option<&str>,
    (service, program): (&Arc<Service>, &Arc<Program>),
    lengths: &dyn Fn(&Fragment) -> Duration,
) -> Result<(Scenario, Script)> {
    let record = find(path, call, program)?;
    let answered = record.answered.context("the call was never answered")?;
    let before = u64::try_from(answered.millis() - record.started.millis()).unwrap_or(0);
    let story: Vec<Told> = record.steps.into_iter().filter_map(|line| told(line, before)).collect();
    let refused = |why: &str| story.iter().any(|t| t.what.starts_with("refused ") && t.what.ends_with(why));
    let usual = Crowding::default();
    let scenario = Scenario {
        waiting: record.rank.map_or(usual.waiting, |rank| rank.saturating_sub(1)),
        agents: if refused("nobody") { 0 } else { usual.agents },
        room: if refused("full") { Room::Full } else { Room::Enough },
        ..Scenario::new(Arc::clone(service), Arc::clone(program), answered)
    };
    let marks: Vec<Digit> = (record.survey.iter())
        .filter_map(|mark| char::from_digit(mark.mark.into(), 10).and_then(Digit::from_char))
        .collect();
    let found = sim::retrace(&scenario, &story, &marks, lengths);
    if found.made_up {
        tell("No record has the digits that a caller types: `1` stands in for each.");
    }
    if let Some(lost) = &found.lost {
        let at = lost.at.as_secs_f64();
        tell(&format!("From `{}` at {at:.1} s on the flow goes another way; the keys end there.", lost.what));
    }
    Ok((scenario, found.script()))
}

/// The record of a call to this flow; the last one, unless another is named.
fn find(path: &Path, call: Option<&str>, program: &Program) -> Result<Record> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("`{shown}` can't be read"))?;
    for line in text.lines().rev().filter(|line| !line.trim().is_empty()) {
        let record: Record =
            serde_json::from_str(line).with_context(|| format!("`{shown}` has a line that is no record"))?;
        let wanted = match call {
            Some(id) => record.sip_call_id == id,
            None => record.service == *program.service && record.flow == *program.name,
        };
        if wanted && (record.service != *program.service || record.flow != *program.name) {
            bail!(
                "this was a call to `{}/{}`, not to `{}/{}`",
                record.service,
                record.flow,
                program.service,
                program.name
            );
        }
        if wanted {
            return Ok(record);
        }
    }
    bail!("`{shown}` has no record of such a call to `{}/{}`", program.service, program.name)
}

/// A line of the story, from the answer on.
fn told(line: Line, before: u64) -> Option<Told> {
    let at = Duration::from_millis(line.at_ms.checked_sub(before)?);
    Some(Told { at, what: line.what })
}
