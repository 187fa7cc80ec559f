//! Keys by a handshake (DTLS-SRTP), with OpenSSL as the phone's other half.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::baresip::Phone;
use super::media::{samples, share_of_tone};
use super::raw::RawCall;
use super::service::{OPEN, Service};

/// A certificate of RSA, as many phones have it, with its key, and its fingerprint.
fn certificate(dir: &Path, name: &str) -> (PathBuf, PathBuf, String) {
    let (key, cert) = (dir.join(format!("{name}.key")), dir.join(format!("{name}.pem")));
    let openssl = |arguments: &[&str]| {
        let out = Command::new("openssl").args(arguments).output().expect("openssl is installed (tests/run does it)");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let (key_path, cert_path) = (key.to_str().unwrap(), cert.to_str().unwrap());
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=phone",
        "-days",
        "2",
        "-keyout",
        key_path,
        "-out",
        cert_path,
    ]);
    let told = openssl(&["x509", "-in", cert_path, "-noout", "-fingerprint", "-sha256"]);
    let fingerprint = told.trim().split_once('=').unwrap().1.to_owned();
    (cert, key, fingerprint)
}

/// Calls, tells of one certificate, and comes to the handshake with another or the same; what
/// OpenSSL said, and the call.
fn shake_hands(service: &Service, told: &str, (cert, key): (&Path, &Path)) -> (String, RawCall) {
    let lines = format!("a=rtcp-mux\r\na=setup:active\r\na=fingerprint:sha-256 {told}\r\n");
    let call = RawCall::offering(service, "100", "8", &lines);
    assert!(call.answer.contains("a=setup:passive\r\n"), "{}", call.answer);
    assert!(call.answer.contains("a=fingerprint:sha-256 "), "{}", call.answer);
    let media = call.answer.lines().find_map(|line| line.strip_prefix("m=audio ")).unwrap();
    let at = format!("127.0.0.1:{}", media.split(' ').next().unwrap());
    let out = Command::new("openssl")
        .args(["s_client", "-dtls1_2", "-connect", &at, "-use_srtp", "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"])
        .args(["-cert".as_ref(), cert.as_os_str(), "-key".as_ref(), key.as_os_str()])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (String::from_utf8_lossy(&out.stdout).into_owned(), call)
}

#[test]
fn openssl_comes_to_keys_with_the_certificate_of_its_sdp_and_to_none_with_another() {
    let service = Service::of(OPEN, &[], "rtp: { srtp: optional }\n");
    let dir = service.path("certificates");
    std::fs::create_dir_all(&dir).unwrap();
    let (cert, key, fingerprint) = certificate(&dir, "phone");
    let (said, call) = shake_hands(&service, &fingerprint, (&cert, &key));
    assert!(said.contains("SRTP Extension negotiated, profile=SRTP_"), "{said}");
    call.hang_up();

    let (_, _, another) = certificate(&dir, "another");
    let (said, call) = shake_hands(&service, &another, (&cert, &key));
    let bye = call.request(Duration::from_secs(10)).unwrap_or_else(|| panic!("no BYE comes: {said}"));
    assert!(bye.starts_with("BYE ") && bye.contains("\r\nReason: SIP;cause=488"), "{bye}");
    call.accept(&bye);
    let records = service.records_of(2);
    assert_eq!(records[0]["ending"]["by"], "caller");
    assert_eq!(records[1]["ending"], serde_json::json!({"by": "peer", "why": "no-keys"}));
}

/// Three phones whose keys come by handshakes: a key asks for an agent, the caller holds the line
/// and comes back, is sent on to a colleague, and gives a mark when that one hangs up.
#[test]
fn a_talk_with_keys_of_handshakes_is_held_taken_up_sent_on_and_marked() {
    const SOON: Duration = Duration::from_secs(30);
    let queue = ("queues.yaml", "agents: { members: [amina], wrap_up: 1s, at_closing: serve }\n");
    let service = Service::of(OPEN, &[queue], "whisper: false\nrtp: { srtp: required, keys: [dtls] }\n");
    let agents = [("amina", 600), ("bruno", 700)];
    let [amina, bruno] = agents.map(|(name, tone)| Phone::agent_with(&service, name, tone, ";mediaenc=dtls_srtp"));
    let citizen = Phone::secret_citizen(&service, "dtls_srtp", 1000);
    let talk = |what: &str| {
        let since = std::time::Instant::now();
        service.until(what, SOON, || since.elapsed() > Duration::from_secs(2));
    };
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    citizen.command("hold", "");
    service.until_log("held by caller", SOON);
    citizen.command("resume", "");
    service.until_log("resumed by caller", SOON);
    talk("caller and amina talk again");
    amina.command("transfer", &format!("sip:bruno@{}", service.sip));
    service.until_log("connected bruno", SOON);
    talk("caller and bruno talk");
    bruno.command("hangup", "");
    service.until_log("talk ended bruno", SOON);
    citizen.command("sndcode", "4");
    let record = &service.records_of(1)[0];
    assert_eq!(record["survey"], serde_json::json!([{"step": "avis", "mark": 4}]), "{record}");
    assert_eq!(record["agent"], "bruno");
    for (phone, who) in [(&amina, "amina"), (&bruno, "bruno")] {
        let recorded = || phone.heard().map(|path| samples(&path)).unwrap_or_default();
        service.until("the phone has closed its recording", SOON, || !recorded().is_empty());
        let heard = recorded();
        let share = share_of_tone(&heard[heard.len().saturating_sub(8_000)..], 1000.0);
        assert!(share > 0.7, "{who} heard the caller's tone in {share:.2} of the last second");
    }
    for phone in [&amina, &bruno, &citizen] {
        assert!(phone.log().contains("verified sha-256 fingerprint OK"), "{}", phone.log());
    }
}
