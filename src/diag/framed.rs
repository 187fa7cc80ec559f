use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Severity, Span};

/// Whether the text is coloured for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// With ANSI colours.
    Always,
}

/// A diagnostic as people read it: the message, the file, line and column, the line
/// itself with carets under the marked words, and the advice. Ends without a newline.
pub fn framed(diagnostic: &Diagnostic, colour: Colour) -> String {
    let level = match diagnostic.severity {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    let mut group = annotate_snippets::Group::with_title(title);
    if let Some(span) = &diagnostic.span {
        let mut annotation = AnnotationKind::Primary.span(clamped(span));
        if !diagnostic.label.is_empty() {
            annotation = annotation.label(diagnostic.label.as_str());
        }
        let snippet = Snippet::source(span.source.text.as_str()).path(span.source.path.as_str()).annotation(annotation);
        group = group.element(snippet);
    }
    if let (Some(story), None) = (&diagnostic.story, &diagnostic.allowed) {
        group = group.element(Level::NOTE.message(story.as_str()));
    }
    match (&diagnostic.allowed, &diagnostic.help) {
        (Some(reason), _) => group = group.element(Level::NOTE.message(allowed(reason))),
        (None, Some(help)) => group = group.element(Level::HELP.message(help.as_str())),
        (None, None) => {}
    }
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    renderer.render(&[group])
}

fn allowed(reason: &str) -> String {
    format!("allowed, because: {reason}")
}

/// The span cut to its first line, so that a long block frames one line, not a page,
/// and to the text, so that a span past the end can't trouble the renderer.
fn clamped(span: &Span) -> std::ops::Range<usize> {
    let text = &span.source.text;
    let boundary = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(span.bytes.start);
    let end = boundary(span.bytes.end).max(start);
    let line = text[start..end].find('\n').map_or(end, |i| start + i);
    start..line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn sample(start: usize, end: usize) -> Diagnostic {
        let source = Source::new("flows/été/accueil.yaml", "flow: accueil\nagent: suport\nétapes:\n  « là »: 1\n");
        let span = Span { source, bytes: start..end };
        Diagnostic::error("unknown-step", "`agent` leads to `suport`, which does not exist", Some(span))
            .label("no step of this name")
            .help("did you mean `support`?")
    }

    #[test]
    fn the_line_is_framed_with_carets_label_and_help() {
        insta::assert_snapshot!(framed(&sample(21, 27), Colour::Never));
    }

    #[test]
    fn accents_do_not_shift_the_carets() {
        insta::assert_snapshot!(framed(&sample(40, 47), Colour::Never));
    }

    #[test]
    fn a_span_of_many_lines_past_the_end_frames_its_first_line() {
        insta::assert_snapshot!(framed(&sample(14, 900), Colour::Never));
    }

    #[test]
    fn without_a_place_there_is_no_frame() {
        let bare = Diagnostic::warning("no-file", "there is no `service.yaml`", None).help("write one");
        insta::assert_snapshot!(framed(&bare, Colour::Never));
    }

    #[test]
    fn what_is_allowed_is_a_note_with_the_reason() {
        let mut note = sample(21, 27);
        note.severity = Severity::Note;
        note.allowed = Some("trois démarches distinctes, essai jusqu'en mars".to_owned());
        insta::assert_snapshot!(framed(&note, Colour::Never));
    }

    #[test]
    fn colour_is_only_there_when_it_is_asked_for() {
        assert!(framed(&sample(21, 27), Colour::Always).contains("\u{1b}["));
        assert!(!framed(&sample(21, 27), Colour::Never).contains('\u{1b}'));
    }
}
