use super::{Diagnostic, Severity};

/// A diagnostic in one line, as editors and CI read it: `path:line:col: error[code]: message`.
pub fn one_line(diagnostic: &Diagnostic) -> String {
    let Diagnostic { code, severity, message, .. } = diagnostic;
    let allowed =
        diagnostic.allowed.as_ref().map_or_else(String::new, |reason| format!(" (allowed, because: {reason})"));
    let what = format!("{}[{code}]: {message}{allowed}", severity.word());
    match &diagnostic.span {
        Some(span) => {
            let (line, column) = span.line_column();
            format!("{}:{line}:{column}: {what}", span.source.path)
        }
        None => what,
    }
}

/// How many there are of each severity: `2 errors, 1 warning`; empty when there are none.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity: Severity| {
        let n = diagnostics.iter().filter(|d| d.severity == severity).count();
        let ending = if n == 1 { "" } else { "s" };
        (n > 0).then(|| match severity {
            Severity::Note => format!("{n} allowed"),
            Severity::Warning | Severity::Error => format!("{n} {}{ending}", severity.word()),
        })
    };
    [count(Severity::Error), count(Severity::Warning), count(Severity::Note)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Source, Span};

    #[test]
    fn one_line_has_path_line_and_column_in_characters() {
        let source = Source::new("a.yaml", "flow: x\né: suport\n");
        let at = Diagnostic::error("unknown-step", "no `suport`", Some(Span { source, bytes: 12..18 }));
        assert_eq!(one_line(&at), "a.yaml:2:4: error[unknown-step]: no `suport`");
        assert_eq!(one_line(&Diagnostic::warning("no-file", "none", None)), "warning[no-file]: none");
        let allowed = allowed(Diagnostic::error("menu-too-wide", "six choices", None));
        assert_eq!(one_line(&allowed), "note[menu-too-wide]: six choices (allowed, because: essai)");
    }

    fn allowed(finding: Diagnostic) -> Diagnostic {
        Diagnostic { severity: Severity::Note, allowed: Some("essai".to_owned()), ..finding }
    }

    #[test]
    fn the_summary_counts_and_leaves_out_what_there_is_none_of() {
        let error = Diagnostic::error("a", "a", None);
        let warning = Diagnostic::warning("b", "b", None);
        assert_eq!(summary(&[error.clone(), warning.clone(), error.clone()]), "2 errors, 1 warning");
        assert_eq!(summary(&[warning]), "1 warning");
        assert_eq!(summary(&[error.clone(), allowed(error.clone())]), "1 error, 1 allowed");
        assert_eq!(summary(&[error]), "1 error");
        assert_eq!(summary(&[]), "");
    }
}
