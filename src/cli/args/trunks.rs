//! What can be typed about the trunks.

#[derive(Debug, clap::Args)]
pub(crate) struct Trunks {
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}
