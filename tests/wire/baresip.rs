//! baresip as a citizen's or an agent's phone: it sends a sine tone and records what it hears.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::service::{Service, free, wait_until};

/// A phone.
pub(crate) struct Phone {
    child: Child,
    dir: PathBuf,
    control: SocketAddr,
}

impl Phone {
    /// A phone that registers as an agent and answers by itself.
    pub(crate) fn agent(service: &Service, name: &str, tone: u32) -> Self {
        Self::agent_with(service, name, tone, "")
    }

    /// The same with more in its account.
    pub(crate) fn agent_with(service: &Service, name: &str, tone: u32, more: &str) -> Self {
        let account = format!(
            "<sip:{name}@{};transport=udp>;auth_user={name};auth_pass=secret;answermode=auto;regint=60{more}\n",
            service.sip
        );
        let phone = Self::start(service, name, &account, tone);
        service.until(&format!("{name} is registered"), Duration::from_secs(20), || {
            service.log().contains(&format!("agent={name} up=true"))
        });
        phone
    }

    /// The same over another transport, to one of the service's addresses.
    pub(crate) fn over(service: &Service, name: &str, (transport, at): (&str, SocketAddr), tone: u32) -> Self {
        Self::over_more(service, name, (transport, at), (tone, ""))
    }

    /// The same with more in its account.
    pub(crate) fn over_more(
        service: &Service,
        name: &str,
        (transport, at): (&str, SocketAddr),
        (tone, more): (u32, &str),
    ) -> Self {
        let account = format!(
            "<sip:{name}@{at};transport={transport}>;auth_user={name};auth_pass=secret;answermode=auto;regint=60{more}\n"
        );
        Self::registered(service, name, &account, tone)
    }

    fn registered(service: &Service, name: &str, account: &str, tone: u32) -> Self {
        let phone = Self::start(service, name, account, tone);
        service.until(&format!("{name} is registered"), Duration::from_secs(20), || {
            service.log().contains(&format!("agent={name} up=true"))
        });
        phone
    }

    /// A phone that registers as an agent and rings until it is told what to do.
    pub(crate) fn manual_agent(service: &Service, name: &str, tone: u32) -> Self {
        let account =
            format!("<sip:{name}@{};transport=udp>;auth_user={name};auth_pass=secret;answermode=manual\n", service.sip);
        let phone = Self::start(service, name, &account, tone);
        service.until(&format!("{name} is registered"), Duration::from_secs(20), || {
            service.log().contains(&format!("agent={name} up=true"))
        });
        phone
    }

    /// A second phone of an agent, who picks up by hand there too.
    pub(crate) fn second_phone(service: &Service, name: &str, tone: u32) -> Self {
        let account =
            format!("<sip:{name}@{};transport=udp>;auth_user={name};auth_pass=secret;answermode=manual\n", service.sip);
        let phone = Self::start(service, &format!("{name}-second"), &account, tone);
        service.until("the second phone is registered", Duration::from_secs(20), || phone.log().contains("200 OK"));
        phone
    }

    /// A citizen's phone, which registers nowhere.
    pub(crate) fn citizen(service: &Service, tone: u32) -> Self {
        Self::caller(service, "citizen", "0612345678", tone)
    }

    /// A citizen's phone that speaks encrypted alone, with keys that come as `mediaenc` says.
    pub(crate) fn secret_citizen(service: &Service, mediaenc: &str, tone: u32) -> Self {
        let account = format!("<sip:0612345678@{};transport=udp>;regint=0;mediaenc={mediaenc}\n", service.sip);
        Self::start(service, "citizen", &account, tone)
    }

    /// A citizen's phone that speaks one codec alone, which baresip has a module for.
    pub(crate) fn citizen_speaking(service: &Service, module: &str, codec: &str, tone: u32) -> Self {
        let account = format!("<sip:0612345678@{};transport=udp>;regint=0;audio_codecs={codec}\n", service.sip);
        // The microphone's file stays at 8 kHz, whatever the codec has.
        let more =
            format!("module {module}.so\nausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n");
        Self::listen(service, ("citizen", free()), (&account, &more), tone)
    }

    /// The phone of one of several citizens.
    pub(crate) fn caller(service: &Service, name: &str, number: &str, tone: u32) -> Self {
        let account = format!("<sip:{number}@{};transport=udp>;regint=0\n", service.sip);
        Self::start(service, name, &account, tone)
    }

    /// A citizen's phone that calls through a proxy over a transport.
    pub(crate) fn caller_by(
        transport: &str,
        service: &Service,
        (number, proxy): (&str, SocketAddr),
        (tone, more): (u32, &str),
    ) -> Self {
        let account = format!("<sip:{number}@{proxy};transport={transport}>;regint=0{more}\n");
        Self::start(service, &format!("citizen-{transport}"), &account, tone)
    }

    /// A citizen's phone behind the trunk: who calls this address reaches it, and it answers.
    pub(crate) fn behind_trunk(service: &Service, number: &str, at: SocketAddr, tone: u32) -> Self {
        let account = format!("<sip:{number}@{at};transport=udp>;regint=0;answermode=auto;catchall=yes\n");
        Self::listen(service, ("behind-trunk", at), (&account, ""), tone)
    }

    /// The same behind a trunk of TLS, at the port above, with a certificate and its key in one file.
    pub(crate) fn behind_tls_trunk(
        service: &Service,
        number: &str,
        (at, certificate): (SocketAddr, &Path),
        tone: u32,
    ) -> Self {
        let account = format!("<sip:{number}@{at};transport=tls>;regint=0;answermode=auto;catchall=yes\n");
        let more = format!("sip_certificate {}\n", certificate.display());
        Self::listen(service, ("behind-trunk", at), (&account, &more), tone)
    }

    fn start(service: &Service, name: &str, account: &str, tone: u32) -> Self {
        Self::listen(service, (name, free()), (account, ""), tone)
    }

    fn listen(service: &Service, (name, at): (&str, SocketAddr), (account, more): (&str, &str), tone: u32) -> Self {
        let dir = service.path(&format!("phone-{name}"));
        fs::create_dir_all(&dir).unwrap();
        let control: SocketAddr = free();
        fs::write(dir.join("accounts"), account).unwrap();
        fs::write(dir.join("contacts"), "").unwrap();
        let config = format!(
            "poll_method epoll\nsip_listen {at}\naudio_player aufile,{player}\naudio_source aufile,{tone}\n\
             audio_alert aufile,{player}\n\
             module_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule g711.so\nmodule srtp.so\nmodule dtls_srtp.so\nmodule aufile.so\n\
             module sndfile.so\nsnd_path {dir}\nmodule_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n\
             module_app auloop.so\nmodule ctrl_tcp.so\nctrl_tcp_listen {control}\nrtp_ports 30000-39999\nrtp_stats no\n\
             rtcp_mux {mux}\nnet_interface 127.0.0.1\n{more}",
            mux = if account.contains("dtls_srtp") { "yes" } else { "no" },
            tone = sine(&dir, tone).display(),
            player = dir.join("speaker.wav").display(),
            dir = dir.display(),
        );
        fs::write(dir.join("config"), config).unwrap();
        let log = fs::File::create(dir.join("log.txt")).unwrap();
        let child = Command::new("baresip")
            .arg("-f")
            .arg(&dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("baresip is installed (tests/run does it)");
        let phone = Self { child, dir, control };
        assert!(
            wait_until(Duration::from_secs(10), &mut || TcpStream::connect(control).is_ok()),
            "baresip does not start:\n{}",
            phone.log()
        );
        phone
    }

    /// Gives a command of baresip's, such as `dial`.
    pub(crate) fn command(&self, command: &str, parameters: &str) {
        let text = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        let mut stream = TcpStream::connect(self.control).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        write!(stream, "{}:{text},", text.len()).unwrap();
        // The answer (or an event) says that it was read.
        let mut answer = [0; 4096];
        let _ = stream.read(&mut answer);
    }

    /// Dials the service, waits until it is the `nth` call that is up, and presses 0.
    pub(crate) fn ask_for_an_agent(&self, service: &Service, nth: u32) {
        self.dial(service, &format!("sip:100@{}", service.sip), nth);
    }

    /// The same by a URI that leads to the service, where no other call is up.
    pub(crate) fn ask_for_an_agent_by(&self, service: &Service, uri: &str) {
        self.dial(service, uri, 1);
    }

    fn dial(&self, service: &Service, uri: &str, nth: u32) {
        let before = self.log().matches("Call established").count();
        self.command("dial", uri);
        service
            .until("the call is up", Duration::from_secs(20), || service.metric("svi_calls_active") >= f64::from(nth));
        wait_until(Duration::from_secs(10), &mut || self.log().matches("Call established").count() > before);
        self.command("sndcode", "0");
    }

    /// Ends it with no good-bye to anyone, as a phone whose cable is cut.
    pub(crate) fn vanish(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What it printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log.txt")).unwrap_or_default()
    }

    /// The recording of what it heard, once the call is over.
    pub(crate) fn heard(&self) -> Option<PathBuf> {
        recordings(&self.dir).into_iter().find(|p| p.to_string_lossy().contains("dec"))
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Three minutes of a tone (baresip hangs up where the file ends), as the phone's microphone.
pub(crate) fn sine(dir: &Path, hertz: u32) -> PathBuf {
    let path = dir.join("microphone.wav");
    let spec =
        hound::WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(&path, spec).unwrap();
    for n in 0..180 * 8000 {
        let angle = f64::from(n) * f64::from(hertz) * std::f64::consts::TAU / 8000.0;
        wav.write_sample((angle.sin() * 8000.0) as i16).unwrap();
    }
    wav.finalize().unwrap();
    path
}

fn recordings(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.to_string_lossy().contains("dump-")).collect();
    found.sort();
    found
}
