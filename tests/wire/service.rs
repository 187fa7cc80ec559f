//! The program under test, started as an operator would, ended by its process id.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A Tuesday morning, when the shipped services are open.
pub(crate) const OPEN: &str = "2026-11-24T10:00";
/// Christmas, when they are closed.
pub(crate) const CLOSED: &str = "2026-12-25T10:00";
/// The true time, which goes on while the service is down.
pub(crate) const NOW: &str = "";

/// A running `svi serve`.
pub(crate) struct Service {
    child: Child,
    pub(crate) sip: SocketAddr,
    pub(crate) http: SocketAddr,
    listen: Vec<String>,
    pub(crate) dir: TempDir,
    pub(crate) greeting: mpsc::Receiver<String>,
}

impl Service {
    /// Starts on free ports with amina, bruno and the rest as agents (password `secret`).
    pub(crate) fn start(at: &str) -> Self {
        Self::with(at, "")
    }

    /// The same with more lines of settings.
    pub(crate) fn with(at: &str, more: &str) -> Self {
        let agents = ["amina", "bruno", "claire", "david", "elise", "farid", "gaelle"];
        let mut settings = String::from("agents:\n");
        for agent in agents {
            settings.push_str(&format!("  - {{ name: {agent}, password: secret }}\n"));
        }
        settings.push_str(more);
        Self::run(tempfile::tempdir().unwrap(), at, &settings)
    }

    /// Only `france-services`, with some of its files replaced by others.
    pub(crate) fn of(at: &str, files: &[(&str, &str)], more: &str) -> Self {
        let agents = "agents: [{ name: amina, password: secret }, { name: bruno, password: secret }]\n";
        Self::of_agents(at, files, &format!("{agents}{more}"))
    }

    /// The same with these agents (or none) in the settings.
    pub(crate) fn of_agents(at: &str, files: &[(&str, &str)], settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let flows = france_services(dir.path(), files);
        let paths = format!("paths: {{ flows: {} }}\n", flows.display());
        Self::run(dir, at, &format!("{settings}{paths}"))
    }

    /// The same with clips that last no time: whoever is told something has heard it at once.
    pub(crate) fn silent(at: &str, files: &[(&str, &str)], settings: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let flows = france_services(dir.path(), files);
        let prompts = short_prompts(dir.path());
        let paths = format!("paths: {{ flows: {}, prompts: {} }}\n", flows.display(), prompts.display());
        Self::run(dir, at, &format!("{settings}{paths}"))
    }

    /// The same with a database that holds these calls already.
    pub(crate) fn with_past(at: &str, files: &[(&str, &str)], past: &[svi::call::Record]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        super::past::keep(&dir.path().join("data"), past);
        let flows = france_services(dir.path(), files);
        let agents = "agents: [{ name: amina, password: secret }, { name: bruno, password: secret }]\n";
        let settings = format!("log: svi=debug\n{agents}paths: {{ flows: {} }}\n", flows.display());
        Self::run(dir, at, &settings)
    }

    /// As [`Self::with`], but listening at these addresses (`tls:[::1]:5061`), of which the
    /// first is the one that is called.
    pub(crate) fn listening(at: &str, listen: Vec<String>, settings: &str) -> Self {
        let agents = "agents: [{ name: amina, password: secret }, { name: bruno, password: secret }]\n";
        Self::run_at(tempfile::tempdir().unwrap(), at, &format!("{agents}{settings}"), listen)
    }

    fn run(dir: TempDir, at: &str, settings: &str) -> Self {
        Self::run_at(dir, at, settings, vec![free().to_string()])
    }

    fn run_at(dir: TempDir, at: &str, settings: &str, listen: Vec<String>) -> Self {
        let config = dir.path().join("svi.yaml");
        fs::write(&config, settings).unwrap();
        let first = listen[0].trim_start_matches(|c: char| c.is_ascii_lowercase());
        let mut sip: SocketAddr = first.strip_prefix(':').unwrap_or(first).parse().unwrap();
        if sip.ip().is_unspecified() {
            sip.set_ip([127, 0, 0, 1].into());
        }
        let http = free();
        let (child, greeting) = serve(dir.path(), at, (&listen, http), &[]);
        let service = Self { child, sip, http, listen, dir, greeting };
        service.until("the service is ready", Duration::from_secs(20), || service.get("/readyz").0 == 200);
        service
    }

    /// Ends it as `kill -9` does, and starts it anew with what is on the disk.
    pub(crate) fn crash(&mut self, at: &str) {
        self.kill();
        self.restart(at, &[]);
        self.until("the service is ready again", Duration::from_secs(20), || self.get("/readyz").0 == 200);
    }

    /// Ends it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it, once it has ended, with more in its environment; it is not waited for.
    pub(crate) fn restart(&mut self, at: &str, environment: &[(&str, &str)]) {
        (self.child, self.greeting) = serve(self.dir.path(), at, (&self.listen, self.http), environment);
    }

    /// Waits until it has ended by itself.
    pub(crate) fn until_ended(&mut self, within: Duration) {
        let ended = wait_until(within, &mut || self.child.try_wait().unwrap().is_some());
        assert!(ended, "the service goes on; log:\n{}", self.log());
    }

    /// How it has ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// The memory that it has in use, in KiB.
    pub(crate) fn memory_kib(&self) -> usize {
        self.kib("VmRSS:")
    }

    /// The memory that is its own, in KiB: without its code, which is let go after the start.
    pub(crate) fn own_memory_kib(&self) -> usize {
        self.kib("RssAnon:")
    }

    fn kib(&self, field: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// A GET over HTTP: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.request(&format!("GET {path}"), &[], "")
    }

    /// A POST of JSON over HTTP: status and body.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        self.request(&format!("POST {path}"), &["Content-Type: application/json"], body)
    }

    /// A request over HTTP with these headers: status and body.
    pub(crate) fn request(&self, what: &str, headers: &[&str], body: &str) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(self.http) else { return (0, String::new()) };
        let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let host = format!("Host: {}\r\nContent-Length: {}\r\n", self.http, body.len());
        let _ = write!(stream, "{what} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n{body}");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map(|(_, b)| b.to_owned()).unwrap_or_default();
        (status, body)
    }

    /// A metric's value by the start of its line; 0 when it is not there yet.
    pub(crate) fn metric(&self, line: &str) -> f64 {
        let body = self.get("/metrics").1;
        let found = body.lines().filter(|l| l.starts_with(line));
        found.filter_map(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).sum()
    }

    /// Every record written so far.
    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.dir.path().join("data/records.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The records, once there are this many.
    pub(crate) fn records_of(&self, count: usize) -> Vec<serde_json::Value> {
        self.until(&format!("{count} records"), Duration::from_secs(45), || self.records().len() >= count);
        self.records()
    }

    /// Waits for a line of the log (as it is written: `ringing amina`).
    pub(crate) fn until_log(&self, line: &str, within: Duration) {
        self.until(&format!("`{line}`"), within, || self.log().contains(line));
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log.txt")).unwrap_or_default()
    }

    /// Waits for a condition, and says what the service said when it never comes.
    pub(crate) fn until(&self, what: &str, within: Duration, mut holds: impl FnMut() -> bool) {
        assert!(wait_until(within, &mut holds), "{what} did not come within {within:?}; log:\n{}", self.log());
    }

    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends it a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: a small system has no other.
        let done = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status().unwrap();
        assert!(done.success());
    }

    /// The exit code, once the program has ended.
    pub(crate) fn exit_code(&mut self, within: Duration) -> Option<i32> {
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        None
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// The program with the settings and the data of this folder; its log is lengthened.
fn serve(
    dir: &Path,
    at: &str,
    (listen, http): (&[String], SocketAddr),
    environment: &[(&str, &str)],
) -> (Child, mpsc::Receiver<String>) {
    let at: &[&str] = if at == NOW { &[] } else { &["--at", at] };
    let mut child = Command::new(env!("CARGO_BIN_EXE_svi"))
        .env_remove("SVI_LOG")
        .envs(environment.iter().copied())
        .arg("serve")
        .arg("--config")
        .arg(dir.join("svi.yaml"))
        .args(listen.iter().flat_map(|address| ["--sip", address]))
        .args(["--http", &http.to_string()])
        .args(at)
        .arg("--data")
        .arg(dir.join("data"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = child.stderr.take().unwrap();
    let (lines, greeting) = mpsc::channel();
    let mut file = fs::OpenOptions::new().create(true).append(true).open(dir.join("log.txt")).unwrap();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{line}");
            let _ = lines.send(line);
        }
    });
    (child, greeting)
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a record's story.
pub(crate) fn story(record: &serde_json::Value) -> Vec<String> {
    let steps = record["steps"].as_array().cloned().unwrap_or_default();
    steps.iter().map(|s| s["what"].as_str().unwrap_or_default().to_owned()).collect()
}

/// How often something is in a record's story.
pub(crate) fn times(record: &serde_json::Value, what: &str) -> usize {
    story(record).iter().filter(|line| *line == what).count()
}

/// Polls a condition until it holds or the deadline has passed.
pub(crate) fn wait_until(within: Duration, holds: &mut dyn FnMut() -> bool) -> bool {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    holds()
}

/// A folder of services that holds `france-services` as it is shipped, but for these files.
pub(crate) fn france_services(dir: &Path, files: &[(&str, &str)]) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/france-services");
    let flows = dir.join("flows");
    let own = flows.join("france-services");
    fs::create_dir_all(&own).unwrap();
    for entry in fs::read_dir(shipped).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), own.join(entry.file_name())).unwrap();
    }
    for (name, text) in files {
        fs::write(own.join(name), text).unwrap();
    }
    flows
}

/// The shipped prompts' names, each with a hundredth of a second of silence.
fn short_prompts(dir: &Path) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
    let prompts = dir.join("prompts");
    let data = [0_u8; 160];
    let mut wav =
        b"RIFF\xc4\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\xa0\0\0\0".to_vec();
    wav.extend(data);
    let short = dir.join("short.wav");
    fs::write(&short, wav).unwrap();
    for folder in ["fr", "en", "music"] {
        fs::create_dir_all(prompts.join(folder)).unwrap();
        for entry in fs::read_dir(shipped.join(folder)).unwrap().flatten() {
            let (from, to) = (entry.path(), prompts.join(folder).join(entry.file_name()));
            let sound = from.extension().is_some_and(|kind| kind == "wav") && folder != "music";
            match sound {
                true => fs::hard_link(&short, to).unwrap(),
                false => fs::copy(from, to).map(drop).unwrap(),
            }
        }
    }
    prompts
}

/// An address on loopback that nobody has, over UDP and TCP: baresip listens on both.
///
/// The system hands out the ports from 32 768 on to connections as they come, so one
/// that was free a moment ago need not be; these it gives to nobody, each is given
/// once, and other runs of these tests begin elsewhere.
pub(crate) fn free() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() as usize * 97;
    for _ in 0..PORTS {
        let step = usize::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST_PORT + 4 * ((start + step) % PORTS) as u16;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok() {
            return address;
        }
    }
    panic!("no port is free");
}

/// From 10 000 on, below those that calls' media take; the three after each are its own too.
const FIRST_PORT: u16 = 10_000;
const PORTS: usize = 1_500;
