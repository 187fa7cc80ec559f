//! The program under test, started as an operator would, ended by its process id.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A Tuesday morning, when the shipped services are open.
pub const OPEN: &str = "2026-11-24T10:00";
/// Christmas, when they are closed.
pub const CLOSED: &str = "2026-12-25T10:00";

/// A running `svi serve`.
pub struct Service {
    child: Child,
    pub sip: SocketAddr,
    pub http: SocketAddr,
    pub dir: TempDir,
    pub greeting: mpsc::Receiver<String>,
}

impl Service {
    /// Starts on free ports with amina, bruno and the rest as agents (password `secret`).
    pub fn start(at: &str) -> Self {
        Self::with(at, "")
    }

    /// The same with more lines of settings.
    pub fn with(at: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let agents = ["amina", "bruno", "claire", "david", "elise", "farid", "gaelle"];
        let mut settings = String::from("agents:\n");
        for agent in agents {
            settings.push_str(&format!("  - {{ name: {agent}, password: secret }}\n"));
        }
        settings.push_str(more);
        let config = dir.path().join("svi.yaml");
        fs::write(&config, settings).unwrap();
        let (sip, http) = (free_udp(), free_tcp());
        let mut child = Command::new(env!("CARGO_BIN_EXE_svi"))
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .args(["--sip", &sip.to_string(), "--http", &http.to_string(), "--at", at])
            .arg("--data")
            .arg(dir.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let (lines, greeting) = mpsc::channel();
        let log = dir.path().join("log.txt");
        thread::spawn(move || {
            let mut file = fs::File::create(log).unwrap();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = writeln!(file, "{line}");
                let _ = lines.send(line);
            }
        });
        let service = Self { child, sip, http, dir, greeting };
        service.until("the service is ready", Duration::from_secs(20), || service.get("/readyz").0 == 200);
        service
    }

    /// A GET over HTTP: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(self.http) else { return (0, String::new()) };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: svi\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map(|(_, b)| b.to_owned()).unwrap_or_default();
        (status, body)
    }

    /// A metric's value by the start of its line; 0 when it is not there yet.
    pub fn metric(&self, line: &str) -> f64 {
        let body = self.get("/metrics").1;
        let found = body.lines().filter(|l| l.starts_with(line));
        found.filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Every record written so far.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.dir.path().join("data/records.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The records, once there are this many.
    pub fn records_of(&self, count: usize) -> Vec<serde_json::Value> {
        self.until(&format!("{count} records"), Duration::from_secs(45), || self.records().len() >= count);
        self.records()
    }

    /// What it wrote to standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log.txt")).unwrap_or_default()
    }

    /// Waits for a condition, and says what the service said when it never comes.
    pub fn until(&self, what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
        assert!(wait_until(within, &mut holds), "{what} did not come within {within:?}; log:\n{}", self.log());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn terminate(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// The exit code, once the program has ended.
    pub fn exit_code(&mut self, within: Duration) -> Option<i32> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        None
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Polls a condition until it holds or the deadline has passed.
pub fn wait_until(within: Duration, holds: &mut dyn FnMut() -> bool) -> bool {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    holds()
}

/// A UDP address on loopback that was free a moment ago.
pub fn free_udp() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn free_tcp() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
