//! A diagnostic as data, and its renderers: framed text, one line, JSON.
//!
//! What does not live here: any rule. A room that finds something wrong makes a
//! [`Diagnostic`]; the command line chooses how it is shown.

mod framed;
mod json;
mod line;
mod source;

pub use framed::{Colour, framed};
pub use json::json;
pub use line::{one_line, summary};
pub use source::{Diagnostic, Severity, Source, Span};
