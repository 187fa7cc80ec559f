use std::ops::Range;
use std::sync::Arc;

/// A file as it was read: its path as the user named it, and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path, as it is shown.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// A place in a file: byte offsets into [`Source::text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes, end exclusive.
    pub bytes: Range<usize>,
}

impl Span {
    /// Line and column of the first character, both counted from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.source.line_column(self.bytes.start)
    }

    /// Line and column just after the last character, counted as in [`Self::line_column`].
    pub fn end_line_column(&self) -> (usize, usize) {
        self.source.line_column(self.bytes.end)
    }
}

impl Source {
    /// A file that was read.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into() })
    }

    /// Line and column of a byte, both counted from 1, the column in characters.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let mut end = byte.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |i| i + 1);
        (line, before[start..].chars().count() + 1)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is a fault, and an admin has allowed it with a reason.
    Note,
    /// It works, but a caller may suffer.
    Warning,
    /// It must not meet a caller.
    Error,
}

impl Severity {
    /// The word that is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The rule's stable name, such as `unknown-step`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One terse phrase without a full stop: the thing to show if only one can be shown.
    pub message: String,
    /// The place, if there is one.
    pub span: Option<Span>,
    /// What is said beside the marked place; may be empty.
    pub label: String,
    /// What happens to a caller because of it, from the first word on.
    pub story: Option<String>,
    /// What to do, in the imperative.
    pub help: Option<String>,
    /// Why an admin has allowed it; then it is a [`Severity::Note`].
    pub allowed: Option<String>,
}

/// How many of these are errors.
pub fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

/// Whether one of these is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    errors(diagnostics) > 0
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            story: None,
            help: None,
            allowed: None,
        }
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, message: impl Into<String>, span: Option<Span>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// The same with words beside the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with what happens to a caller.
    #[must_use]
    pub fn story(mut self, story: impl Into<String>) -> Self {
        self.story = Some(story.into());
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
