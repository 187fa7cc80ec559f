//! A diagnostic as data, its renderers (framed text, one line, JSON), and the page of
//! every code ([`rules`]).
//!
//! What does not live here: any check. A room that finds something wrong makes a
//! [`Diagnostic`]; the command line chooses how it is shown.

mod framed;
mod json;
mod line;
pub mod rules;
mod source;

pub use framed::{Colour, framed};
pub use json::json;
pub use line::{one_line, summary};
pub use source::{Diagnostic, Severity, Source, Span};
