use serde::Serialize;

use super::{Diagnostic, Span};

/// One diagnostic as `--format json` gives it; its fields are a promise to scripts.
#[derive(Serialize)]
struct Line<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    path: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    help: Option<&'a str>,
}

/// All diagnostics as one JSON array: lines and columns from 1, columns in characters,
/// the end exclusive; what has no place has nulls.
pub fn json(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<Line<'_>> = diagnostics.iter().map(line).collect();
    serde_json::to_string_pretty(&lines).expect("invariant: strings and numbers always serialize")
}

fn line(diagnostic: &Diagnostic) -> Line<'_> {
    let span = diagnostic.span.as_ref();
    let start = span.map(Span::line_column);
    let end = span.map(Span::end_line_column);
    Line {
        code: diagnostic.code,
        severity: diagnostic.severity.word(),
        message: &diagnostic.message,
        path: span.map(|s| s.source.path.as_str()),
        line: start.map(|s| s.0),
        column: start.map(|s| s.1),
        end_line: end.map(|e| e.0),
        end_column: end.map(|e| e.1),
        help: diagnostic.help.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    #[test]
    fn each_diagnostic_is_an_object_with_its_place_or_nulls() {
        let source = Source::new("a.yaml", "flow: x\né: suport\n");
        let at = Diagnostic::error("unknown-step", "no `suport`", Some(Span { source, bytes: 12..18 })).help("try");
        insta::assert_snapshot!(json(&[at, Diagnostic::warning("no-file", "none", None)]));
    }
}
