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

const SOON: Duration = Duration::from_secs(30);

/// What stands before the samples.
const WAV_HEAD: usize = 44;

/// A phone of amina's, which answers by itself, sends a tone and records what it hears.
struct Linphone {
    child: Child,
    stdin: ChildStdin,
    dir: PathBuf,
}

impl Linphone {
    fn amina(service: &Service, tone: u32) -> Self {
        let dir = service.path("linphone");
        fs::create_dir_all(dir.join(".local/share/linphone")).unwrap();
        let config = format!(
            "[sip]\nsip_udp_port={}\nsip_tcp_port=-2\nsip_tls_port=-2\ndefault_proxy=0\nguess_hostname=0\n\
             contact=\"Amina\" <sip:amina@127.0.0.1>\nverify_server_certs=0\nverify_server_cn=0\n\
             media_encryption=none\n[rtp]\naudio_rtp_port=20000-29999\n\
             [proxy_0]\nreg_proxy=<sip:{};transport=udp>\nreg_identity=<sip:amina@127.0.0.1>\nreg_expires=60\n\
             reg_sendregister=1\n[auth_info_0]\nusername=amina\npasswd=secret\nrealm=svi\n",
            free().port(),
            service.sip
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

impl Drop for Linphone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "linphone is too large for the gate"]
fn linphone_calls_and_is_called_over_udp() {
    let service = Service::of(OPEN, &[], "log: svi=debug\nwhisper: false\n");
    let mut amina = Linphone::amina(&service, 700);
    service.until_log("agent=amina up=true", SOON);

    // As a citizen: a call, a key, and the way out.
    amina.say(&format!("call sip:100@{}", service.sip));
    let is_up = wait_until(SOON, &mut || amina.said().contains("Media streams established"));
    assert!(is_up, "{}\n{}", amina.said(), service.log());
    amina.say("2");
    service.until_log("step infos", SOON);
    amina.say("terminate");
    let record = &service.records_of(1)[0];
    assert_eq!((times(record, "key"), record["ending"]["by"].as_str()), (1, Some("caller")), "{record}");

    // As an agent.
    let citizen = Phone::citizen(&service, 1000);
    citizen.ask_for_an_agent(&service, 1);
    service.until_log("connected amina", SOON);
    let talked = std::time::Instant::now();
    service.until("they talk", SOON, || talked.elapsed() > Duration::from_secs(3));
    citizen.command("hangup", "");
    let record = &service.records_of(2)[1];
    assert_eq!(record["agent"], "amina", "{record}");
    let recorded = || citizen.heard().map(|path| samples(&path)).unwrap_or_default();
    service.until("the citizen's recording", SOON, || !recorded().is_empty());
    let shares = [(amina.heard(), 1000.0), (recorded(), 700.0)]
        .map(|(heard, tone)| share_of_tone(&heard[heard.len().saturating_sub(12_000)..], tone));
    println!("the tones are in {shares:.2?} of what was heard last");
    assert!(shares.iter().all(|share| *share > 0.6), "{shares:?}");
}
