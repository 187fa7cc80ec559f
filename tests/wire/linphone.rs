//! linphone as a phone. It brings 76 packages, so that the gate leaves it out:
//! `apt-get install --no-install-recommends linphone-cli`, then
//! `cargo test --features postgres --test wire linphone:: -- --ignored --nocapture`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use super::baresip::{Phone, sine};
use super::media::{samples, share_of_tone};
use super::service::{OPEN, Service, free, times, wait_until};
use super::transports_tls::Papers;

const SOON: Duration = Duration::from_secs(30);

/// What stands before the samples.
const WAV_HEAD: usize = 44;

/// How linphone speaks to the service.
struct Line<'a> {
    /// `udp`, `tcp` or `tls`.
    transport: &'a str,
    /// Host and port of the service.
    at: &'a str,
    /// `none`, `srtp` or `dtls`; nothing else is accepted then.
    encryption: &'a str,
    /// More lines of its settings.
    more: &'a str,
}

/// A phone of amina's, which answers by itself, sends a tone and records what it hears.
struct Linphone {
    child: Child,
    stdin: ChildStdin,
    dir: PathBuf,
}

impl Linphone {
    fn amina(service: &Service, line: &Line<'_>, tone: u32) -> Self {
        let Line { transport, at, encryption, more } = line;
        let dir = service.path("linphone");
        fs::create_dir_all(dir.join(".local/share/linphone")).unwrap();
        let udp = if *transport == "udp" { i32::from(free().port()) } else { NO_PORT };
        let is_encrypted = i32::from(*encryption != "none");
        let config = format!(
            "[sip]\nsip_port={udp}\nsip_tcp_port={NO_PORT}\nsip_tls_port={NO_PORT}\ndefault_proxy=0\nguess_hostname=0\n\
             contact=\"Amina\" <sip:amina@127.0.0.1>\nmedia_encryption={encryption}\n\
             media_encryption_mandatory={is_encrypted}\n[rtp]\naudio_rtp_port=20000-29999\n\
             [proxy_0]\nreg_proxy=<sip:{at};transport={transport}>\nreg_identity=<sip:amina@127.0.0.1>\nreg_expires=60\n\
             reg_sendregister=1\n[auth_info_0]\nusername=amina\npasswd=secret\nrealm=svi\n{more}",
        );
        fs::write(dir.join("linphonerc"), config).unwrap();
        let log = fs::File::create(dir.join("said.txt")).unwrap();
        let mut child = Command::new("linphonec")
            .arg("-a")
            .arg("-c")
            .arg(dir.join("linphonerc"))
            .env("HOME", &dir)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("linphonec is installed (linphone-cli)");
        let stdin = child.stdin.take().unwrap();
        let mut phone = Self { child, stdin, dir };
        let microphone = sine(&phone.dir, tone);
        let speaker = phone.dir.join("speaker.wav");
        phone.say("soundcard use files");
        phone.say(&format!("play {}", microphone.display()));
        phone.say(&format!("record {}", speaker.display()));
        phone
    }

    /// Types a command.
    fn say(&mut self, command: &str) {
        writeln!(self.stdin, "{command}").unwrap();
    }

    /// What it has heard, once it has ended.
    fn heard(&mut self) -> Vec<i16> {
        self.say("quit");
        let ended = wait_until(SOON, &mut || self.child.try_wait().unwrap().is_some());
        assert!(ended, "{}", self.said());
        // It does not say in the file's head how much there is.
        let bytes = fs::read(self.dir.join("speaker.wav")).unwrap();
        bytes[WAV_HEAD..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.dir.join("said.txt")).unwrap_or_default()
    }
}

/// A transport that linphone opens no port for; it connects all the same.
const NO_PORT: i32 = -2;

impl Drop for Linphone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Calls as a citizen and hears the welcome, presses a key and hangs up; then is called as an
/// agent by baresip, and both hear the other's tone.
fn calls_and_is_called(service: &Service, line: &Line<'_>, citizen: &Phone) {
    let mut amina = Linphone::amina(service, line, 700);
    service.until_log("agent=amina up=true", SOON);
    amina.say(&format!("call sip:100@{};transport={}", line.at, line.transport));
    let is_up = wait_until(SOON, &mut || amina.said().contains("Media streams established"));
    assert!(is_up, "{}\n{}", amina.said(), service.log());
    let heard = std::time::Instant::now();
    service.until("it hears the welcome", SOON, || heard.elapsed() > Duration::from_secs(2));
    amina.say("2");
    service.until_log("step infos", SOON);
    amina.say("terminate");
    let record = &service.records_of(1)[0];
    assert_eq!((times(record, "key"), record["ending"]["by"].as_str()), (1, Some("caller")), "{record}");

    citizen.ask_for_an_agent(service, 1);
    service.until_log("connected amina", SOON);
    let talked = std::time::Instant::now();
    service.until("they talk", SOON, || talked.elapsed() > Duration::from_secs(3));
    citizen.command("hangup", "");
    let record = &service.records_of(2)[1];
    assert_eq!(record["agent"], "amina", "{record}");
    let recorded = || citizen.heard().map(|path| samples(&path)).unwrap_or_default();
    service.until("the citizen's recording", SOON, || !recorded().is_empty());
    let by_amina = amina.heard();
    let welcome = &by_amina[..16_000];
    let loudness = (welcome.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / welcome.len() as f64).sqrt();
    let last = |heard: &[i16], tone| share_of_tone(&heard[heard.len().saturating_sub(12_000)..], tone);
    let shares = [last(&by_amina, 1000.0), last(&recorded(), 700.0)];
    println!(
        "{} {}: RMS {loudness:.0} in the welcome, the tones are in {shares:.2?} of what was heard last",
        line.transport, line.encryption
    );
    assert!(loudness > 300.0 && shares.iter().all(|share| *share > 0.6), "{loudness} {shares:?}");
}

/// Over a transport of the service's one address, with these settings.
fn in_clear(transport: &str, encryption: &str, (settings, more): (&str, &str)) {
    let service = Service::of(OPEN, &[], &format!("log: svi=debug\nwhisper: false\n{settings}"));
    let at = service.sip.to_string();
    let citizen = Phone::citizen(&service, 1000);
    calls_and_is_called(&service, &Line { transport, at: &at, encryption, more }, &citizen);
}

/// Over TLS, whose certificate linphone believes only for its authority and its name.
fn over_tls(encryption: &str, settings: &str) {
    let papers = Papers::new();
    // Who is asked for a certificate of its own makes linphonec ask its user on the terminal, and wait.
    let settings = format!("log: svi=debug\nwhisper: false\n{settings}sip:\n{}", papers.settings(""));
    let (udp, tls) = (free(), free());
    let service = Service::listening(OPEN, vec![format!("udp:{udp}"), format!("tls:{tls}")], &settings);
    let at = format!("localhost:{}", tls.port());
    let more = format!("[sip]\nroot_ca={}\nverify_server_certs=1\nverify_server_cn=1\n", papers.authority.display());
    let citizen = Phone::citizen(&service, 1000);
    calls_and_is_called(&service, &Line { transport: "tls", at: &at, encryption, more: &more }, &citizen);
}

#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_over_udp() {
    in_clear("udp", "none", ("", ""));
}

#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_over_tcp() {
    in_clear("tcp", "none", ("", ""));
}

#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_over_tls() {
    over_tls("none", "");
}

/// linphone insists on it (RTP/SAVP), and the citizen's phone speaks in clear.
#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_encrypted_over_tls() {
    over_tls("srtp", "rtp: { srtp: optional }\n");
}

#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_encrypted_over_udp_and_tcp() {
    in_clear("udp", "srtp", ("rtp: { srtp: optional }\n", ""));
    in_clear("tcp", "srtp", ("rtp: { srtp: optional }\n", ""));
}

/// Keys by a handshake, on one port with RTCP.
#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_with_keys_of_a_handshake() {
    over_tls("dtls", "rtp: { srtp: optional, keys: [dtls, sdes] }\n");
}

/// What linphone's own accounts have: RTP/AVPF, ICE, RTCP on the same port.
#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_with_feedback_and_ice() {
    let more = "[rtp]\nrtcp_mux=1\n[proxy_0]\navpf=1\nnat_policy_ref=own\n[nat_policy_0]\nref=own\nprotocols=ice\n";
    in_clear("udp", "none", ("", more));
}
