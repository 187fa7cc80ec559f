//! TLS, with baresip and OpenSSL at the other end.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::agents::talk;
use super::baresip::Phone;
use super::certificates::certificates;
use super::service::{OPEN, Service, free, story};

const SOON: Duration = Duration::from_secs(30);

/// An authority, and a certificate for `localhost` with its key.
pub(crate) struct Papers {
    dir: TempDir,
    pub(crate) authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

impl Papers {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let [authority, certificate, key] = certificates(dir.path());
        Self { dir, authority, certificate, key }
    }

    pub(crate) fn settings(&self, more: &str) -> String {
        let Self { certificate, key, .. } = self;
        format!("  tls: {{ certificate: {}, key: {}, {more} }}\n", certificate.display(), key.display())
    }
}

/// A service for datagrams and encrypted connections, and where the latter are.
fn encrypted(papers: &Papers) -> (Service, SocketAddr) {
    encrypted_with(papers, "")
}

/// The same with more settings.
pub(crate) fn encrypted_with(papers: &Papers, more: &str) -> (Service, SocketAddr) {
    let (udp, tls) = (free(), free());
    let clients = format!("clients: {}", papers.authority.display());
    let settings = format!("log: svi=debug\nsip:\n{}{more}", papers.settings(&clients));
    (Service::listening(OPEN, vec![format!("udp:{udp}"), format!("tls:{tls}")], &settings), tls)
}

/// Asks for OPTIONS by OpenSSL, which must believe the certificate; the answer, or nothing.
fn ask(at: SocketAddr, authority: &Path, more: &[&str]) -> String {
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", "localhost"])
        .args(["-connect", &at.to_string(), "-CAfile"])
        .arg(authority)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let options = format!(
        "OPTIONS sip:100@{at} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:100@{at}>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    let mut stdin = client.stdin.take().unwrap();
    // Who does not believe the certificate has gone already.
    let _ = stdin.write_all(options.as_bytes());
    let mut heard = vec![0; 15];
    let answered = client.stdout.take().unwrap().read_exact(&mut heard).is_ok();
    client.kill().unwrap();
    client.wait().unwrap();
    if answered { String::from_utf8_lossy(&heard).into_owned() } else { String::new() }
}

#[test]
fn phones_over_tls_hear_each_other_over_the_connections_that_they_have_opened() {
    let papers = Papers::new();
    let (service, tls) = encrypted_with(&papers, "whisper: false\n");
    let agent = Phone::over(&service, "amina", ("tls", tls), 600);
    let citizen = Phone::caller_by("tls", &service, ("0612345678", tls), (1000, ""));
    citizen.ask_for_an_agent_by(&service, &format!("sip:100@{tls};transport=tls"));
    talk(&service, &agent, &citizen);
    assert!(!service.log().contains("a connection is being opened"), "{}", service.log());
}

/// The keys of SRTP stand in the signalling, so that this is how it is worth something.
#[test]
fn both_phones_speak_encrypted_over_encrypted_connections() {
    let papers = Papers::new();
    let (service, tls) = encrypted_with(&papers, "rtp: { srtp: required }\n");
    let agent = Phone::over_more(&service, "amina", ("tls", tls), (600, ";mediaenc=srtp-mand"));
    let citizen = Phone::caller_by("tls", &service, ("0612345678", tls), (1000, ";mediaenc=srtp-mand"));
    citizen.ask_for_an_agent_by(&service, &format!("sip:100@{tls};transport=tls"));
    talk(&service, &agent, &citizen);
}

#[test]
fn openssl_believes_the_certificate_shows_its_own_and_sees_the_next_one_after_sighup() {
    let papers = Papers::new();
    let (service, tls) = encrypted(&papers);
    assert_eq!(ask(tls, &papers.authority, &[]), "SIP/2.0 200 OK\r");
    let [certificate, key] = [&papers.certificate, &papers.key].map(|path| path.to_str().unwrap());
    assert_eq!(ask(tls, &papers.authority, &["-cert", certificate, "-key", key]), "SIP/2.0 200 OK\r");
    service.until_log("names=[\"localhost\"]", SOON);
    let others = Papers::new();
    assert_eq!(ask(tls, &others.authority, &[]), "");
    // A file that is no certificate changes nothing.
    fs::write(&papers.certificate, "none").unwrap();
    service.signal("HUP");
    service.until_log("the certificate for SIP stays as it was", SOON);
    assert_eq!(ask(tls, &papers.authority, &[]), "SIP/2.0 200 OK\r");
    fs::copy(&others.certificate, &papers.certificate).unwrap();
    fs::copy(&others.key, &papers.key).unwrap();
    service.signal("HUP");
    service.until_log("the certificate for SIP was read anew", SOON);
    assert_eq!(ask(tls, &others.authority, &[]), "SIP/2.0 200 OK\r");
}

#[test]
fn openssl_is_answered_over_ipv6_too() {
    let papers = Papers::new();
    let [udp, tls] = [(); 2].map(|()| SocketAddr::from((Ipv6Addr::LOCALHOST, free().port())));
    let settings = format!("sip:\n{}", papers.settings(""));
    let _service = Service::listening(OPEN, vec![format!("udp:{udp}"), format!("tls:{tls}")], &settings);
    assert_eq!(ask(tls, &papers.authority, &[]), "SIP/2.0 200 OK\r");
}

#[test]
fn a_trunk_over_tls_is_believed_only_with_its_certificate() {
    let papers = Papers::new();
    let both = papers.dir.path().join("both.pem");
    let text = [&papers.certificate, &papers.key].map(|path| fs::read_to_string(path).unwrap()).concat();
    fs::write(&both, text).unwrap();
    for trusted in [true, false] {
        let at = free();
        let trust = if trusted { format!("trust: {}", papers.authority.display()) } else { String::new() };
        let settings = format!(
            "log: svi=debug\nsip:\n{}agents: [{{ name: amina, number: \"+33611111111\", confirm: false }}]\nwhisper: false\n\
             trunk: {{ address: \"localhost:{}\", transport: tls, presented: \"+33143124567\" }}\n",
            papers.settings(&trust),
            at.port() + 1,
        );
        let service = Service::of_agents(OPEN, &[], &settings);
        let _behind = Phone::behind_tls_trunk(&service, "+33611111111", (at, &both), 440);
        let citizen = Phone::citizen(&service, 880);
        citizen.ask_for_an_agent(&service, 1);
        service.until_log(if trusted { "connected amina" } else { "invalid peer certificate" }, SOON);
        citizen.command("hangup", "");
        let record = &service.records_of(1)[0];
        assert_eq!(story(record).iter().any(|line| line == "connected amina"), trusted, "{record}");
    }
}
