//! The command line as others script it: exit codes, JSON, help.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod book;
mod card;
mod check;
mod explain;
mod fuzzed;
#[path = "../past/mod.rs"]
mod past;
mod pictures;
mod prompts;
mod report;
mod run;
mod settings;
mod simulate;
mod test;
