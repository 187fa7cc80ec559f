//! SIPp as the other side.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::service::{Service, free, wait_until};

/// One run of a scenario.
pub(crate) struct Sipp {
    command: Command,
    errors: PathBuf,
    output: PathBuf,
    messages: PathBuf,
}

impl Sipp {
    /// The scenario `tests/sipp/NAME.xml` against a service's number.
    pub(crate) fn new(service: &Service, scenario: &str, number: &str) -> Self {
        Self::on(service, scenario, number, free().port())
    }

    /// A scenario that waits at an address of its own, such as a provider's.
    pub(crate) fn at(service: &Service, scenario: &str, address: SocketAddr) -> Self {
        Self::on(service, scenario, "service", address.port())
    }

    /// The scenario against a service's number, by an address that leads there.
    pub(crate) fn over(service: &Service, scenario: &str, number: &str, by: SocketAddr) -> Self {
        Self::to(service, (scenario, by), number, free().port())
    }

    fn on(service: &Service, scenario: &str, number: &str, port: u16) -> Self {
        Self::to(service, (scenario, service.sip), number, port)
    }

    fn to(service: &Service, (scenario, by): (&str, SocketAddr), number: &str, port: u16) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/sipp/{scenario}.xml"));
        let [errors, output, messages] =
            ["err", "out", "messages"].map(|kind| service.path(&format!("{scenario}-{port}.{kind}")));
        let mut command = Command::new("sipp");
        command
            .arg(by.to_string())
            .arg("-sf")
            .arg(file)
            .args(["-s", number, "-i", &service.sip.ip().to_string(), "-p", &port.to_string()])
            .args([
                "-mp",
                &media_port().to_string(),
                "-nostdin",
                "-aa",
                "-timeout",
                "60s",
                "-timeout_error",
                "-trace_err",
            ])
            .arg("-error_file")
            .arg(&errors)
            .current_dir("/usr/share/sip-tester")
            .stdin(Stdio::null());
        Self { command, errors, output, messages }
    }

    /// More options of SIPp's.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    /// Registers an agent at a port of this machine.
    pub(crate) fn register(service: &Service, agent: &str, port: u16) {
        let account = ["-m", "1", "-au", agent, "-ap", "secret"];
        Self::on(service, "register", agent, port).args(&account).start().succeed();
    }

    /// An agent's phone: it has registered, and does to each call what the scenario says.
    /// [`Running::messages`] has what it said and heard.
    pub(crate) fn phone(service: &Service, scenario: &str, agent: &str) -> Running {
        let port = free().port();
        Self::register(service, agent, port);
        Self::on(service, scenario, agent, port).args(&["-timeout", "300s"]).logged().start()
    }

    /// Writes down all that is said: [`Running::messages`] has it.
    pub(crate) fn logged(mut self) -> Self {
        self.command.args(["-trace_msg", "-message_file"]).arg(&self.messages);
        self
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Running {
        let out = fs::File::create(&self.output).unwrap();
        self.command.stdout(out.try_clone().unwrap()).stderr(out);
        let child = self.command.spawn().expect("sipp is installed (tests/run does it)");
        Running { child, errors: self.errors, output: self.output, messages: self.messages }
    }

    /// Runs one call to its end; every step of the scenario must have happened.
    pub(crate) fn run(self) {
        self.args(&["-m", "1"]).start().succeed();
    }
}

/// SIPp at work; ended with the test.
pub(crate) struct Running {
    child: Child,
    errors: PathBuf,
    output: PathBuf,
    messages: PathBuf,
}

/// A SIP message in SIPp's own log.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Microseconds on this machine's clock.
    pub(crate) at: i64,
    /// SIPp sent it; else it was received.
    pub(crate) sent: bool,
    pub(crate) text: String,
}

impl Message {
    fn read(entry: &str) -> Option<Self> {
        let (time, rest) = entry.split_once('\n')?;
        let (kind, text) = rest.split_once("\n\n")?;
        let at = chrono::NaiveDateTime::parse_from_str(time.trim(), "%Y-%m-%d %H:%M:%S%.f").ok()?;
        let at = at.and_utc().timestamp_micros();
        Some(Self { at, sent: kind.contains("message sent"), text: text.replace('\r', "") })
    }

    pub(crate) fn is(&self, start: &str) -> bool {
        self.text.starts_with(start)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.map(str::trim).unwrap_or_default()
    }
}

impl Running {
    /// Everything that was said so far, by SIPp's own log.
    pub(crate) fn messages(&self) -> Vec<Message> {
        let text = fs::read_to_string(&self.messages).unwrap_or_default();
        text.split("----------------------------------------------- ").filter_map(Message::read).collect()
    }

    /// Begins no new call and waits for the end of those that are up; everything that was
    /// said, by SIPp's own log.
    pub(crate) fn stop(mut self) -> Vec<Message> {
        let asked = Command::new("sh").arg("-c").arg(format!("kill -USR1 {}", self.child.id())).status().unwrap();
        assert!(asked.success());
        wait_until(Duration::from_secs(30), &mut || self.child.try_wait().unwrap().is_some());
        self.messages()
    }

    /// Waits for the end, which must be a good one.
    pub(crate) fn succeed(mut self) {
        let status = self.child.wait().unwrap();
        if !status.success() {
            let errors = fs::read_to_string(&self.errors).unwrap_or_default();
            let output = fs::read_to_string(&self.output).unwrap_or_default();
            let tail: Vec<&str> = output.lines().rev().take(60).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            panic!("sipp ended with {status}\n{errors}\n{}", tail.join("\n"));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An even port whose three followers are free too: SIPp takes two pairs.
fn media_port() -> u16 {
    let is_free = |port: u16| UdpSocket::bind(("127.0.0.1", port)).is_ok();
    let mut candidates = (0..100).map(|_| free().port());
    candidates.find(|even| (1..4).all(|n| is_free(even + n))).expect("four ports in a row are free")
}
