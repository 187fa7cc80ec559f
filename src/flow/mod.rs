//! The language: YAML → spanned tree → checked [`Program`]; one file per step kind,
//! one per lint rule.
//!
//! What does not live here: running a program, which is [`crate::engine`]'s.

mod program;

pub use program::*;
