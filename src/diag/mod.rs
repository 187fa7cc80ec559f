//! A diagnostic as data, and its renderers: framed text, one line, JSON.
//!
//! What does not live here: any rule. A room that finds something wrong makes a
//! [`Diagnostic`]; the command line chooses how it is shown.

mod source;

pub use source::{Diagnostic, Severity, Source, Span};
