use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use webpki::EndEntityCert;

use super::News;
use crate::config::Tls;

/// What encrypted connections are made with.
#[derive(Clone)]
pub(in crate::server) struct Encryption {
    /// For those that are opened to us, if we have a certificate.
    acceptor: Option<TlsAcceptor>,
    /// For those that we open.
    connector: TlsConnector,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encryption").finish_non_exhaustive()
    }
}

impl Encryption {
    /// Reads the files; without any, what it takes to connect to others.
    ///
    /// # Errors
    /// When a file can't be read, holds nothing of what it should, or the key is another's.
    pub(in crate::server) fn read(tls: Option<&Tls>) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let client = client?.with_root_certificates(trusted(tls.and_then(|tls| tls.trust.as_deref()))?);
        let Some(tls) = tls else {
            let connector = Arc::new(client.with_no_client_auth()).into();
            return Ok(Self { acceptor: None, connector });
        };
        let certificates = certificates(&tls.certificate)?;
        let key = || {
            let key = PrivateKeyDer::from_pem_file(&tls.key);
            key.with_context(|| format!("`sip.tls.key`: `{}` holds no key", tls.key.display()))
        };
        let server =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
        let server = match &tls.clients {
            None => server.with_no_client_auth(),
            Some(file) => {
                let roots = Arc::new(roots(file)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                server.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
            }
        };
        let misfit = || format!("`sip.tls`: `{}` and `{}` don't fit", tls.certificate.display(), tls.key.display());
        let server = server.with_single_cert(certificates.clone(), key()?).with_context(misfit)?;
        let client = client.with_client_auth_cert(certificates, key()?).with_context(misfit)?;
        Ok(Self { acceptor: Some(Arc::new(server).into()), connector: Arc::new(client).into() })
    }

    /// Encrypts a connection that was opened to us.
    pub(super) async fn accept(self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        match self.acceptor {
            Some(acceptor) => acceptor.accept(stream).await,
            None => Err(io::Error::other("there is no certificate")),
        }
    }

    /// Encrypts a connection that we have opened. The certificate must be one of this name.
    pub(super) async fn connect(
        self,
        stream: TcpStream,
        name: ServerName<'static>,
    ) -> io::Result<client::TlsStream<TcpStream>> {
        self.connector.connect(name, stream).await
    }
}

/// The names that a peer's certificate proves (RFC 5922, section 7.1): SIP domains, else hosts.
pub(super) fn names(stream: &server::TlsStream<TcpStream>) -> Vec<String> {
    let (_, connection) = stream.get_ref();
    let certificate = connection.peer_certificates().and_then(|chain| chain.first());
    let Some(Ok(certificate)) = certificate.map(EndEntityCert::try_from) else { return Vec::new() };
    let domain = |uri: &str| {
        let (scheme, domain) = uri.split_once(':')?;
        (scheme.eq_ignore_ascii_case("sip") && !domain.contains('@')).then(|| domain.to_ascii_lowercase())
    };
    let domains: Vec<String> = certificate.valid_uri_names().filter_map(domain).take(NAMES).collect();
    if domains.is_empty() {
        return certificate.valid_dns_names().map(str::to_ascii_lowercase).take(NAMES).collect();
    }
    domains
}

/// Reads the files again at SIGHUP, for as long as anybody listens. Files that are wrong are
/// told, and what was read before goes on.
pub(in crate::server) fn renew_at_hangup(tls: Tls, news: mpsc::Sender<News>) -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let tls = tls.clone();
            let read = spawn_blocking(move || Encryption::read(Some(&tls))).await;
            match read.map_err(anyhow::Error::from).flatten() {
                Ok(encryption) => {
                    tracing::info!("the certificate for SIP was read anew");
                    if news.send(News::Renewed(encryption)).await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::error!(error, "the certificate for SIP stays as it was");
                }
            }
        }
    });
    Ok(())
}

/// A domain, or an address, as a certificate has it.
///
/// # Errors
/// When it is neither.
pub(super) fn server_name(name: &str) -> Result<ServerName<'static>> {
    let name = name.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(name.to_owned()).with_context(|| format!("`{name}` is no name of a certificate"))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.with_context(|| format!("`{}` can't be read", file.display()))?;
    anyhow::ensure!(!read.is_empty(), "`{}` holds no certificate", file.display());
    Ok(read)
}

fn roots(file: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).with_context(|| format!("`{}` holds no root certificate", file.display()))?;
    }
    Ok(roots)
}

/// Whom we believe: those whom the system does, and one more.
fn trusted(more: Option<&Path>) -> Result<RootCertStore> {
    let mut all = more.map_or_else(|| Ok(RootCertStore::empty()), roots)?;
    all.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(all)
}

/// Names of one certificate that are looked at: those of an operator are a few.
const NAMES: usize = 16;
