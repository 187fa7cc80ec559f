use std::sync::Arc;

use serde::Serialize;

use super::Outcome;
use crate::flow::Service;
use crate::sim::{Coverage, Exit};

/// What the tests have taken in each flow of these services.
pub(super) fn of(services: &[&Arc<Service>], outcomes: &[Outcome]) -> Vec<Coverage> {
    let flows = services.iter().flat_map(|service| &service.flows);
    flows
        .map(|program| {
            let mut all = Coverage::new(Arc::clone(program));
            let calls = outcomes.iter().filter(|outcome| Arc::ptr_eq(&outcome.trial.program, program));
            for outcome in calls {
                all.add(&outcome.rehearsal.taken);
            }
            all
        })
        .collect()
}

/// How much of a flow its tests take, then each step and way that none does.
pub(super) fn text(coverage: &Coverage) -> String {
    let ((steps, no_steps), (ways, no_ways)) = (coverage.steps(), coverage.ways());
    let (steps_taken, ways_taken) = (steps - no_steps.len(), ways - no_ways.len());
    let mut lines = vec![format!(
        "{}: {steps_taken} of {steps} steps ({} %), {ways_taken} of {ways} ways out ({} %)",
        path(coverage),
        percent(steps_taken, steps),
        percent(ways_taken, ways),
    )];
    lines.extend(no_steps.iter().map(|step| format!("  no test comes to  {step}")));
    lines.extend(no_ways.iter().map(|exit| format!("  no test takes     {}", way(coverage, exit))));
    lines.join("\n")
}

/// The same for programs.
#[derive(Serialize)]
pub(super) struct Json {
    path: String,
    flow: String,
    steps: Counted,
    ways: Counted,
}

#[derive(Serialize)]
struct Counted {
    all: usize,
    taken: usize,
    percent: usize,
    /// What no test takes.
    missing: Vec<String>,
}

impl From<&Coverage> for Json {
    fn from(coverage: &Coverage) -> Self {
        let ((steps, no_steps), (ways, no_ways)) = (coverage.steps(), coverage.ways());
        let missing_ways: Vec<String> = no_ways.iter().map(|exit| way(coverage, exit)).collect();
        Self {
            path: path(coverage).to_owned(),
            flow: coverage.program().name.to_string(),
            steps: counted(steps, no_steps.iter().map(ToString::to_string).collect()),
            ways: counted(ways, missing_ways),
        }
    }
}

fn counted(all: usize, missing: Vec<String>) -> Counted {
    let taken = all - missing.len();
    Counted { all, taken, percent: percent(taken, all), missing }
}

/// `agents: full → calme`.
fn way(coverage: &Coverage, exit: &Exit) -> String {
    let program = coverage.program();
    let to = exit.to.map(|to| format!(" → {}", program.step(to).name)).unwrap_or_default();
    format!("{}: {}{to}", program.step(exit.step).name, exit.way.words())
}

fn path(coverage: &Coverage) -> &str {
    coverage.program().steps.first().map_or("", |step| step.span.source.path.as_str())
}

/// Rounded down, so that 100 means all.
fn percent(taken: usize, all: usize) -> usize {
    (100 * taken).checked_div(all).unwrap_or(100)
}
