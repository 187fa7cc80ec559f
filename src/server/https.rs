//! One way to ask a web server: HTTP/1.1, over TLS where the address says so.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Asks web servers; must be used inside a tokio runtime.
pub(crate) type Client = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// What makes a client, so that whoever asks can say how many connections it keeps.
pub(crate) fn builder() -> legacy::Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.pool_timer(TokioTimer::new());
    builder
}

/// How a client connects: to `http:` and `https:` addresses, with servers' certificates held
/// against those that the machine trusts, and those of a file in PEM.
///
/// # Errors
/// When the file can't be read, or holds what is no certificate.
pub(crate) fn connector(authority: Option<&Path>) -> Result<HttpsConnector<HttpConnector>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authority {
        let unreadable = || format!("`{}` can't be read", path.display());
        for certificate in CertificateDer::pem_file_iter(path).map_err(io::Error::other).with_context(unreadable)? {
            roots.add(certificate.map_err(io::Error::other).with_context(unreadable)?).with_context(unreadable)?;
        }
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build())
}
