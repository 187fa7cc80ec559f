//! The command line as others script it: exit codes, JSON, help.

mod check;
mod prompts;
mod run;
mod settings;
mod simulate;
