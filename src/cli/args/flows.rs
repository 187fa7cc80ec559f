//! What can be typed about the flows of a running service.

#[derive(Debug, clap::Args)]
pub(crate) struct Reload {
    /// Where the service listens for HTTP.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) http: String,
}
