//! The command line: `serve`, `check`, `explain`, `simulate`, `test`, `graph`, `diff`, `call`, `prompts`, `card`,
//! `agents`, `bans`, `trunks`, `messages`, `callbacks`, `flows`, `reload`, `rollback`, `report`, `backup`, `forget`, `schema`, `lsp`.
//!
//! Exit codes, everywhere: 0 good, 1 findings, 2 could not run.

mod agents;
mod api;
mod args;
mod bans;
mod call;
mod callbacks;
mod card;
mod check;
mod compliance;
mod diff;
mod explain;
mod files;
mod graph;
mod flows;
#[cfg(feature = "lsp")]
mod lsp;
mod messages;
mod prompts;
mod reading;
mod report;
mod report_csv;
mod report_text;
mod retrace;
mod schema;
mod serve;
mod simulate;
mod softphone;
mod softphone_ear;
mod store;
mod test;
mod trunks;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let args = args::Args::parse();
    let outcome = match args.command {
        args::Command::Serve(args) => serve::run(&args),
        args::Command::Check(args) => check::run(&args),
        args::Command::Explain(args) => explain::run(&args),
        args::Command::Simulate(args) => simulate::run(&args),
        args::Command::Graph(args) => graph::run(&args),
        args::Command::Diff(args) => diff::run(&args),
        args::Command::Test(args) => test::run(&args),
        args::Command::Schema(args) => Ok(schema::run(&args)),
        #[cfg(feature = "lsp")]
        args::Command::Lsp(args) => lsp::run(&args),
        args::Command::Call(args) => call::run(&args),
        args::Command::Prompts(args) => prompts::run(&args),
        args::Command::Agents(args) => agents::run(&args),
        args::Command::Bans(args) => bans::run(&args),
        args::Command::Trunks(args) => trunks::run(&args),
        args::Command::Report(args) => report::run(&args),
        args::Command::Messages(args) => messages::run(&args),
        args::Command::Callbacks(args) => callbacks::run(&args),
        args::Command::Reload(args) => flows::reload(&args),
        args::Command::Card(args) => card::run(&args),
        args::Command::Rollback(args) => flows::rollback(&args),
        args::Command::Flows(args) => flows::flows(&args),
        args::Command::Backup(args) => store::backup(&args),
        args::Command::Forget(args) => store::forget(&args),
    };
    match outcome {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "svi: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing to mend.
    Good,
    /// Something to mend, already told.
    Findings,
}

/// Writes data to standard output; a reader who has gone away is no error.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Writes words for people to standard error.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
