//! A diagnostic as data, its renderers (framed text, one line, JSON, SARIF, GitHub's
//! commands), and the page of every code ([`rules`]).
//!
//! What does not live here: any check. A room that finds something wrong makes a
//! [`Diagnostic`]; the command line chooses how it is shown.

mod framed;
mod github;
mod json;
mod line;
pub mod rules;
mod sarif;
mod source;
mod utf16;

pub use framed::{Colour, framed};
pub use github::github;
pub use json::json;
pub use line::{one_line, summary};
pub use sarif::sarif;
pub use source::{Diagnostic, Severity, Source, Span, errors, has_errors};
pub use utf16::Utf16;
