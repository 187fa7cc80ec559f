//! The command line: `serve`, `check`, `simulate`, `call`, `prompts`.

use std::process::ExitCode;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    ExitCode::from(2)
}
