use std::io::IsTerminal;

use serde::Serialize;

use super::{Outcome, coverage};
use crate::cli::say;
use crate::diag::Colour;
use crate::sim::{self, Coverage};

/// A line for each test; behind one that failed, the difference.
pub(super) fn text(outcomes: &[Outcome]) {
    let colour = colour();
    for outcome in outcomes {
        say(&format!("{}  {}", mark(outcome, colour), title(outcome)));
        if !outcome.passed() {
            say(&sim::difference(&outcome.rehearsal, colour));
            say("");
        }
    }
}

/// Everything for programs, as one object.
pub(super) fn json(outcomes: &[Outcome], covered: &[Coverage]) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let tests = outcomes.iter().map(Json::from).collect();
    let coverage = covered.iter().map(coverage::Json::from).collect();
    let all = All { passed: outcomes.len() - failed, failed, tests, coverage };
    serde_json::to_string_pretty(&all).expect("invariant: text and numbers can be written as JSON")
}

/// How many there were, and how many failed.
pub(super) fn summary(outcomes: &[Outcome]) -> String {
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let plural = if outcomes.len() == 1 { "" } else { "s" };
    match failed {
        0 => format!("{} test{plural}, all passed", outcomes.len()),
        failed => format!("{} test{plural}, {failed} failed", outcomes.len()),
    }
}

/// The service, the file and the test's own name.
pub(super) fn title(outcome: &Outcome) -> String {
    let (line, _) = outcome.trial.span.line_column();
    format!("{}  ({}:{line})", outcome.trial.name, outcome.trial.span.source.path)
}

/// Colours for a terminal, unless they are not wanted.
pub(super) fn colour() -> Colour {
    match std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        true => Colour::Always,
        false => Colour::Never,
    }
}

fn mark(outcome: &Outcome, colour: Colour) -> &'static str {
    match (outcome.passed(), colour) {
        (true, Colour::Never) => "ok  ",
        (false, Colour::Never) => "FAIL",
        (true, Colour::Always) => "\u{1b}[32mok  \u{1b}[0m",
        (false, Colour::Always) => "\u{1b}[31mFAIL\u{1b}[0m",
    }
}

#[derive(Serialize)]
struct All<'a> {
    passed: usize,
    failed: usize,
    tests: Vec<Json<'a>>,
    /// Empty when it was not asked for.
    coverage: Vec<coverage::Json>,
}

/// One test; its fields are a promise to scripts.
#[derive(Serialize)]
struct Json<'a> {
    service: &'a str,
    path: &'a str,
    line: usize,
    name: &'a str,
    passed: bool,
    failure: Option<Failure>,
}

#[derive(Serialize)]
struct Failure {
    line: usize,
    expected: String,
    found: Vec<String>,
}

impl<'a> From<&'a Outcome> for Json<'a> {
    fn from(outcome: &'a Outcome) -> Self {
        let failure = outcome.rehearsal.mismatch.as_ref().map(|mismatch| {
            let (expected, found) = sim::sides(&mismatch.kind, Colour::Never);
            Failure { line: mismatch.line.line_column().0, expected, found }
        });
        Self {
            service: &outcome.service,
            path: &outcome.trial.span.source.path,
            line: outcome.trial.span.line_column().0,
            name: &outcome.trial.name,
            passed: outcome.passed(),
            failure,
        }
    }
}
