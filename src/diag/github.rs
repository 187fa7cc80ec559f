use super::{Diagnostic, Severity};

/// A diagnostic as a workflow command of GitHub's, which marks the line in the review:
/// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::…`.
pub fn github(diagnostic: &Diagnostic) -> String {
    let command = match diagnostic.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut properties = Vec::new();
    if let Some(span) = &diagnostic.span {
        let (line, column) = span.line_column();
        let (end_line, end_column) = span.end_line_column();
        properties.push(format!("file={}", property(&span.source.path)));
        properties.push(format!("line={line},col={column},endLine={end_line},endColumn={end_column}"));
    }
    properties.push(format!("title={}", property(diagnostic.code)));
    let mut message = diagnostic.message.clone();
    for more in [&diagnostic.story, &diagnostic.help, &diagnostic.allowed].into_iter().flatten() {
        message.push('\n');
        message.push_str(more);
    }
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// What may stand after `::`: GitHub's runner reads these three escapes back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What may stand in a property: as [`data`], and without what ends one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Source, Span};

    #[test]
    fn a_finding_is_a_command_with_its_place() {
        let source = Source::new("a.yaml", "flow: x\né: suport\n");
        let at = Diagnostic::error("unknown-step", "there is no step `suport`", Some(Span { source, bytes: 12..18 }));
        assert_eq!(
            github(&at.help("did you mean `support`?")),
            "::error file=a.yaml,line=2,col=4,endLine=2,endColumn=10,title=unknown-step::there is no step `suport`%0Adid you mean `support`?"
        );
        assert_eq!(github(&Diagnostic::warning("no-file", "none", None)), "::warning title=no-file::none");
    }

    #[test]
    fn what_happens_to_a_caller_is_told_before_the_help() {
        let told = Diagnostic::error("no-agent-path", "no agent", None).help("try").story("a caller hears « x »");
        assert_eq!(github(&told), "::error title=no-agent-path::no agent%0Aa caller hears « x »%0Atry");
    }

    #[test]
    fn nothing_in_a_path_or_a_text_ends_the_command_early() {
        let source = Source::new("été, 100%/a:b.yaml", "x");
        let at = Diagnostic::error("a", "::error::50 %\r\n::stop", Some(Span { source, bytes: 0..1 }));
        let told = github(&at);
        assert_eq!(
            told,
            "::error file=été%2C 100%25/a%3Ab.yaml,line=1,col=1,endLine=1,endColumn=2,title=a::::error::50 %25%0D%0A::stop"
        );
        assert_eq!(told.lines().count(), 1);
    }
}
