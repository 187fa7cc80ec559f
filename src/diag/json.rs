use serde::Serialize;

use super::rules::{self, Allowance};
use super::{Diagnostic, Severity, Span};

/// All findings as `--format json` gives them; the fields are a promise to scripts: what
/// is there stays as long as [`VERSION`] does, and more may come.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    allowed: usize,
    findings: Vec<Finding<'a>>,
}

/// Grows when a field goes or changes its meaning.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    label: &'a str,
    help: Option<&'a str>,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    story: Option<&'a str>,
    allowed: Option<&'a str>,
    rule: Option<Rule>,
}

#[derive(Serialize)]
struct Rule {
    title: &'static str,
    why: &'static str,
    commitments: Vec<&'static str>,
    allowable: bool,
    url: String,
}

/// All findings as one JSON object: lines and columns from 1, columns in characters,
/// the end exclusive; what has no place has nulls. `url` begins at the repository's folder.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let report = Report {
        version: VERSION,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        allowed: count(Severity::Note),
        findings: diagnostics.iter().map(finding).collect(),
    };
    serde_json::to_string_pretty(&report).expect("invariant: strings and numbers always serialize")
}

fn finding(diagnostic: &Diagnostic) -> Finding<'_> {
    let span = diagnostic.span.as_ref();
    let start = span.map(Span::line_column);
    let end = span.map(Span::end_line_column);
    Finding {
        code: diagnostic.code,
        severity: diagnostic.severity.word(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        help: diagnostic.help.as_deref(),
        path: span.map(|s| s.source.path.as_str()),
        line: start.map(|s| s.0),
        column: start.map(|s| s.1),
        end_line: end.map(|e| e.0),
        end_column: end.map(|e| e.1),
        story: diagnostic.story.as_deref(),
        allowed: diagnostic.allowed.as_deref(),
        rule: rules::rule(diagnostic.code).map(rule),
    }
}

fn rule(rule: &rules::Rule) -> Rule {
    Rule {
        title: rule.en.title,
        why: rule.en.why,
        commitments: rule.rests_on.iter().map(|c| c.id).collect(),
        allowable: rule.allowance == Allowance::WithReason,
        url: rule.place(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    #[test]
    fn each_finding_is_an_object_with_its_place_or_nulls() {
        let source = Source::new("a.yaml", "flow: x\né: suport\n");
        let at = Diagnostic::error("unknown-step", "no `suport`", Some(Span { source, bytes: 12..18 })).help("try");
        insta::assert_snapshot!(json(&[at, Diagnostic::warning("no-file", "none", None)]));
    }
}
