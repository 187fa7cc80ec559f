use std::fmt::Write as _;

use super::{Outcome, shown};
use crate::diag::Colour;
use crate::sim;

/// The results as JUnit's XML, one suite for each service, which CI systems show.
pub(super) fn xml(outcomes: &[Outcome]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in outcomes.chunk_by(|one, other| one.service == other.service) {
        let failed = suite.iter().filter(|outcome| !outcome.passed()).count();
        let name = escaped(&suite[0].service);
        let _ = writeln!(out, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\">", suite.len());
        for outcome in suite {
            case(outcome, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>");
    out
}

fn case(outcome: &Outcome, out: &mut String) {
    let path = escaped(&outcome.trial.span.source.path);
    let (line, _) = outcome.trial.span.line_column();
    let name = escaped(&outcome.trial.name);
    let _ = write!(out, "    <testcase classname=\"{path}\" name=\"{name}\" file=\"{path}\" line=\"{line}\"");
    if outcome.passed() {
        out.push_str("/>\n");
        return;
    }
    let message = escaped(&shown::title(outcome));
    let difference = escaped(&sim::difference(&outcome.rehearsal, Colour::Never));
    let _ = writeln!(out, ">\n      <failure message=\"{message}\">{difference}</failure>\n    </testcase>");
}

/// The text as XML's attributes and elements take it; other control characters have no place in XML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
