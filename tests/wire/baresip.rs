//! baresip as a citizen's or an agent's phone: it sends a sine tone and records what it hears.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::service::{Service, free_udp, wait_until};

/// A phone.
pub struct Phone {
    child: Child,
    dir: PathBuf,
    control: SocketAddr,
}

impl Phone {
    /// A phone that registers as an agent and answers by itself.
    pub fn agent(service: &Service, name: &str, tone: u32) -> Self {
        let account = format!(
            "<sip:{name}@{};transport=udp>;auth_user={name};auth_pass=secret;answermode=auto;regint=60\n",
            service.sip
        );
        let phone = Self::start(service, name, &account, tone);
        service.until(&format!("{name} is registered"), Duration::from_secs(20), || {
            service.log().contains(&format!("agent={name} up=true"))
        });
        phone
    }

    /// A phone that registers as an agent and rings until it is told what to do.
    pub fn manual_agent(service: &Service, name: &str, tone: u32) -> Self {
        let account =
            format!("<sip:{name}@{};transport=udp>;auth_user={name};auth_pass=secret;answermode=manual\n", service.sip);
        let phone = Self::start(service, name, &account, tone);
        service.until(&format!("{name} is registered"), Duration::from_secs(20), || {
            service.log().contains(&format!("agent={name} up=true"))
        });
        phone
    }

    /// A citizen's phone, which registers nowhere.
    pub fn citizen(service: &Service, tone: u32) -> Self {
        let account = format!("<sip:0612345678@{};transport=udp>;regint=0\n", service.sip);
        Self::start(service, "citizen", &account, tone)
    }

    fn start(service: &Service, name: &str, account: &str, tone: u32) -> Self {
        let dir = service.path(&format!("phone-{name}"));
        fs::create_dir_all(&dir).unwrap();
        let control: SocketAddr = format!("127.0.0.1:{}", free_tcp()).parse().unwrap();
        fs::write(dir.join("accounts"), account).unwrap();
        fs::write(dir.join("contacts"), "").unwrap();
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{}\naudio_player aufile,{player}\naudio_source ausine,{tone}\n\
             audio_alert aufile,{player}\nausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n\
             module_path /usr/lib/baresip/modules\nmodule stdio.so\nmodule g711.so\nmodule ausine.so\nmodule aufile.so\n\
             module sndfile.so\nsnd_path {dir}\nmodule_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n\
             module_app auloop.so\nmodule ctrl_tcp.so\nctrl_tcp_listen {control}\nrtp_ports 30000-39999\nrtp_stats no\n\
             net_interface lo\n",
            free_udp().port(),
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
    pub fn command(&self, command: &str, parameters: &str) {
        let text = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        let mut stream = TcpStream::connect(self.control).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        write!(stream, "{}:{text},", text.len()).unwrap();
        // The answer (or an event) says that it was read.
        let mut answer = [0; 4096];
        let _ = stream.read(&mut answer);
    }

    /// What it printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log.txt")).unwrap_or_default()
    }

    /// The recording of what it heard, once the call is over.
    pub fn heard(&self) -> Option<PathBuf> {
        recordings(&self.dir).into_iter().find(|p| p.to_string_lossy().contains("dec"))
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn recordings(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.to_string_lossy().contains("dump-")).collect();
    found.sort();
    found
}

fn free_tcp() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
