//! What can be typed about the flows of a running service.

use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(crate) struct Reload {
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rollback {
    /// The version; the one before by default, or what runs where the disk has other files.
    #[arg(id = "number", value_name = "N")]
    pub(crate) version: Option<u64>,
    /// Keeps changes on the disk that no version has as a version, instead of refusing.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Flows {
    /// What to show; without it, what runs and whether the files on the disk are the same.
    #[command(subcommand)]
    pub(crate) verb: Option<FlowsVerb>,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", global = true)]
    pub(crate) http: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FlowsVerb {
    /// Lists the versions that were kept: when, by whom, what was different.
    Versions,
    /// Prints the files of a version, or one of them.
    Show {
        /// The version.
        #[arg(id = "number", value_name = "N")]
        version: u64,
        /// One file, such as `france-services/accueil.yaml`.
        #[arg(value_name = "FILE")]
        file: Option<String>,
    },
    /// Prints what is different in a version, as `diff -u` does.
    Diff {
        /// The version.
        #[arg(id = "number", value_name = "N")]
        version: u64,
        /// The one to compare it with; the one before by default.
        #[arg(value_name = "M")]
        with: Option<u64>,
    },
}
