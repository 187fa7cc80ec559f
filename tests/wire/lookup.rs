//! A look-up on a real call: a server of its own answers what a caller has typed.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificates::certificates;
use super::raw::{PRESS, RawCall};
use super::service::{OPEN, Service};

const SOON: Duration = Duration::from_secs(20);
/// What the caller types: no port and no time has these digits in a row.
const NUMBER: &str = "73105946";

/// What a server does with a request.
#[derive(Clone, Copy)]
enum Manner {
    /// Answers with this status line and this JSON.
    Answer(&'static str, &'static str),
    /// Takes the request and says nothing.
    Silent,
    /// Hangs up on the first request, then answers so.
    BreaksOffOnce(&'static str),
    /// Sends more than anybody wants.
    Endless,
}

/// A server on a port of its own, and the requests that it has got.
fn server(manner: Manner) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, requests) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for (nth, stream) in listener.incoming().flatten().enumerate() {
            let mut stream = stream;
            let Some(request) = request(&mut stream) else { continue };
            if tell.send(request).is_err() {
                return;
            }
            match manner {
                Manner::Answer(status, json) => answer(&mut stream, status, json),
                Manner::BreaksOffOnce(json) if nth > 0 => answer(&mut stream, "200 OK", json),
                Manner::BreaksOffOnce(_) => {}
                Manner::Silent => kept.push(stream),
                Manner::Endless => endless(&mut stream),
            }
        }
    });
    (at, requests)
}

/// One request: its head, and a body as long as it says.
fn request(stream: &mut impl Read) -> Option<String> {
    let mut text = String::new();
    let mut byte = [0; 1];
    while !text.ends_with("\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        text.push(char::from(byte[0]));
    }
    let length = text.to_ascii_lowercase();
    let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    text.push_str(&String::from_utf8(body).ok()?);
    Some(text)
}

fn answer(stream: &mut impl Write, status: &str, json: &str) {
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nLocation: http://127.0.0.1:9/\r\n");
    let _ = write!(stream, "{head}Content-Length: {}\r\nConnection: close\r\n\r\n{json}", json.len());
}

fn endless(stream: &mut TcpStream) {
    let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[");
    while stream.write_all(&[b'1'; 4096]).is_ok() {}
}

/// France services where a number is asked for behind the key 3, looked up at this server, and
/// sorted by what was found; the settings allow this beginning of its addresses.
fn looking_up(at: SocketAddr, allowed: &str, more: &str) -> Service {
    looking_up_at(&format!("http://{at}"), (allowed, ""), more)
}

/// The same at a server that has a name, with more said of look-ups in the settings.
fn looking_up_at(server: &str, (allowed, settings): (&str, &str), more: &str) -> Service {
    let shipped = include_str!("../../flows/france-services/accueil.yaml");
    let (flow, step) = ("flow: accueil\n", "    tell: [appointments]\n    then: agents\n");
    assert!(shipped.contains(flow) && shipped.contains(step));
    let steps = format!(
        "    collect: {{ ask: \"Numéro effacé.\", name: dossier, at_most: 8 }}
    then: chercher
  chercher:
    lookup:
      url: \"{server}/dossiers/{{dossier}}\"
      take: {{ statut: /dossier/statut }}
      within: 2s
{more}    then: trier
    failed: agents
  trier:
    choose: [{{ if: statut = \"clos\", go: infos }}]
    else: agents
"
    );
    let flow = shipped.replace(flow, "flow: accueil\nvariables: { statut: text }\n").replace(step, &steps);
    let settings = format!(
        "log: svi=debug\nlookups:\n  servers:\n    - url: \"{allowed}\"\n      headers: {{ Authorization: \"Bearer passe-partout\" }}\n{settings}"
    );
    Service::of(OPEN, &[("accueil.yaml", &flow)], &settings)
}

/// A caller who has typed the number.
fn typed(service: &Service) -> RawCall {
    let mut call = RawCall::dial(service, "100", 101);
    call.listen(Duration::from_millis(300));
    call.press(3, &PRESS, 1);
    service.until("the number is asked for", SOON, || service.log().contains("step rendez-vous"));
    for digit in NUMBER.bytes() {
        call.press(digit - b'0', &PRESS, 1);
    }
    call
}

fn nothing_private(service: &Service) {
    let log = service.log();
    assert!(!log.contains(NUMBER), "no digit is in the log");
    assert!(!log.contains("passe-partout"), "no secret is in the log");
}

#[test]
fn what_a_server_says_of_a_typed_number_leads_the_caller_on() {
    let (at, requests) = server(Manner::Answer("200 OK", r#"{"dossier": {"statut": "clos"}}"#));
    let service = looking_up(at, &format!("http://{at}/dossiers/"), "");
    let _call = typed(&service);
    let request = requests.recv_timeout(SOON).unwrap();
    assert!(request.starts_with(&format!("GET /dossiers/{NUMBER} HTTP/1.1\r\n")), "{request}");
    assert!(request.to_ascii_lowercase().contains("authorization: bearer passe-partout\r\n"), "{request}");
    service.until_log("looked up chercher: answered", SOON);
    service.until_log("condition 1 holds", SOON);
    service.until_log("step infos", SOON);
    nothing_private(&service);
}

#[test]
fn json_can_be_sent_and_a_server_that_breaks_off_is_asked_again() {
    let (at, requests) = server(Manner::BreaksOffOnce(r#"{"dossier": {"statut": "ouvert"}}"#));
    let more = "      send: { numero: dossier, source: \"svi\" }\n";
    let service = looking_up(at, &format!("http://{at}"), more);
    let _call = typed(&service);
    for _ in 0..2 {
        let request = requests.recv_timeout(SOON).unwrap();
        assert!(request.starts_with(&format!("POST /dossiers/{NUMBER} HTTP/1.1\r\n")), "{request}");
        assert!(request.ends_with(&format!(r#"{{"numero":"{NUMBER}","source":"svi"}}"#)), "{request}");
    }
    service.until_log("looked up chercher: answered", SOON);
    service.until_log("no condition holds", SOON);
    service.until_log("step agents", SOON);
    nothing_private(&service);
}

#[test]
fn a_server_that_never_answers_costs_the_caller_the_time_of_the_step_and_no_sound() {
    let (at, requests) = server(Manner::Silent);
    let service = looking_up(at, &format!("http://{at}/dossiers/"), "");
    let call = typed(&service);
    requests.recv_timeout(SOON).unwrap();
    let asked = Instant::now();
    let heard = call.listen(Duration::from_millis(1_800));
    // Music begins after a second; every packet comes, 20 ms after the one before it.
    assert!(heard.len() >= 20, "{} packets in the last 800 ms", heard.len());
    assert!(service.log().contains("♪ attente"), "{}", service.log());
    service.until_log("looked up chercher: time-out", SOON);
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    service.until_log("step agents", SOON);
    nothing_private(&service);
}

/// A server whose certificate only its own authority has signed, the requests that it has got,
/// and the authority's file.
fn server_over_tls(dir: &Path, json: &'static str) -> (SocketAddr, Receiver<String>, String) {
    let [authority, certificate, key] = certificates(dir);
    let chain = vec![CertificateDer::from_pem_file(certificate).unwrap()];
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            // Who does not know the authority hangs up in the middle of the handshake.
            let Some(request) = request(&mut stream) else { continue };
            answer(&mut stream, "200 OK", json);
            stream.conn.send_close_notify();
            let _ = stream.flush();
            let _ = tell.send(request);
        }
    });
    (at, requests, authority.display().to_string())
}

#[test]
fn a_server_is_asked_over_tls_when_its_certificate_is_known_and_told_nothing_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let (at, requests, authority) = server_over_tls(dir.path(), r#"{"dossier": {"statut": "clos"}}"#);
    let server = format!("https://localhost:{}", at.port());
    let service = looking_up_at(&server, (&format!("{server}/dossiers/"), &format!("  ca: {authority}\n")), "");
    let _call = typed(&service);
    let request = requests.recv_timeout(SOON).unwrap();
    assert!(request.starts_with(&format!("GET /dossiers/{NUMBER} HTTP/1.1\r\n")), "{request}");
    service.until_log("looked up chercher: answered", SOON);
    service.until_log("step infos", SOON);
    nothing_private(&service);

    let stranger = looking_up_at(&server, (&format!("{server}/dossiers/"), ""), "");
    let _call = typed(&stranger);
    stranger.until_log("looked up chercher: unreachable", SOON);
    stranger.until_log("step agents", SOON);
    assert!(requests.try_recv().is_err(), "a server that nobody vouches for learns nothing");
}

#[test]
fn what_is_no_answer_leads_on_at_once() {
    for (manner, why) in [
        (Manner::Answer("404 Not Found", "{}"), "not-found"),
        (Manner::Answer("302 Found", "{}"), "redirected"),
        (Manner::Answer("200 OK", "<html>"), "not-json"),
        (Manner::Answer("200 OK", r#"{"dossier": {"statut": 3}}"#), "not-as-declared"),
        (Manner::Endless, "too-long"),
    ] {
        let (at, _requests) = server(manner);
        let service = looking_up(at, &format!("http://{at}/"), "");
        let _call = typed(&service);
        service.until_log(&format!("looked up chercher: {why}"), SOON);
        service.until_log("step agents", SOON);
    }
}

#[test]
fn a_server_that_the_settings_do_not_name_is_never_asked() {
    let (at, requests) = server(Manner::Answer("200 OK", r#"{"dossier": {"statut": "clos"}}"#));
    let service = looking_up(at, &format!("http://{at}/autres/"), "");
    assert!(service.log().contains("lookup-not-allowed"), "{}", service.log());
    let _call = typed(&service);
    service.until_log("looked up chercher: not-allowed", SOON);
    service.until_log("step agents", SOON);
    assert!(requests.try_recv().is_err());
}
