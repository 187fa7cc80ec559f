//! What can be typed about strangers who are not heard.

use std::net::IpAddr;

use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(crate) struct Bans {
    /// What to do; without it, the bans are listed.
    #[command(subcommand)]
    pub(crate) verb: Option<BansVerb>,
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", global = true)]
    pub(crate) http: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BansVerb {
    /// Hears an address again, and forgets what it did.
    Lift {
        /// The address.
        #[arg(value_name = "ADDRESS")]
        address: IpAddr,
    },
}
