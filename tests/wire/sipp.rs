//! SIPp as the other side.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::service::{Service, free};

/// One run of a scenario.
pub(crate) struct Sipp {
    command: Command,
    errors: PathBuf,
    output: PathBuf,
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

    fn on(service: &Service, scenario: &str, number: &str, port: u16) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/sipp/{scenario}.xml"));
        let (errors, output) = (service.path(&format!("{scenario}.err")), service.path(&format!("{scenario}.out")));
        let mut command = Command::new("sipp");
        command
            .arg(service.sip.to_string())
            .arg("-sf")
            .arg(file)
            .args(["-s", number, "-i", "127.0.0.1", "-p", &port.to_string()])
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
        Self { command, errors, output }
    }

    /// More options of SIPp's.
    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Running {
        let out = fs::File::create(&self.output).unwrap();
        self.command.stdout(out.try_clone().unwrap()).stderr(out);
        let child = self.command.spawn().expect("sipp is installed (tests/run does it)");
        Running { child, errors: self.errors, output: self.output }
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
}

impl Running {
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
