//! A PostgreSQL server of Debian's for tests: its own folder, an own port, nothing of the system's.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A server. It ends with the process that started it, however that ends.
pub(crate) struct Postgres {
    home: PathBuf,
    port: u16,
    /// A shell whose standard input is a pipe from us: at its end it ends the server and removes its folder.
    guard: Option<Child>,
    made: AtomicU32,
}

impl Postgres {
    /// Makes an empty server and starts it.
    pub(crate) fn start() -> Self {
        let home = std::env::temp_dir().join(format!("svi-postgres-{}-{}", std::process::id(), free_port()));
        fs::create_dir(&home).expect("the temporary folder can be written to");
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&home));
        }
        let data = home.join("data");
        let password = home.join("password");
        fs::write(&password, PASSWORD).unwrap();
        fs::set_permissions(&password, fs::Permissions::from_mode(0o644)).unwrap();
        run(as_postgres("initdb")
            .args(["--no-sync", "--no-instructions", "--username=svi", "--auth=scram-sha-256", "--encoding=UTF8"])
            .args(["--locale=C", &format!("--pwfile={}", password.display()), "-D"])
            .arg(&data));
        let mut server = Self { home, port: free_port(), guard: None, made: AtomicU32::new(0) };
        server.resume();
        server
    }

    /// Stops the server as an administrator would who has no time: every connection is cut.
    pub(crate) fn stop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            if let Some(mut word) = guard.stdin.take() {
                let _ = word.write_all(b"stop\n");
            }
            let _ = guard.wait();
        }
    }

    /// Starts it again on the same port with what it has.
    pub(crate) fn resume(&mut self) {
        let postgres = binary("postgres");
        let script = format!(
            "{postgres} -D {home}/data -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} \
             >> {home}/log 2>&1 < /dev/null & server=$!; read word; kill -INT $server; wait $server; \
             [ \"$word\" = stop ] || rm -rf {home}",
            postgres = postgres.display(),
            home = self.home.display(),
            port = self.port
        );
        let mut shell = as_postgres("sh");
        self.guard = Some(shell.args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("sh starts"));
        // Asking takes some hundredths of a second each time: a minute, without a clock.
        let up = (0..2_000).any(|_| self.psql("postgres", "SELECT 1").status.success());
        let log = || fs::read_to_string(self.home.join("log")).unwrap_or_default();
        assert!(up, "PostgreSQL has not started:\n{}", log());
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("svi{}", self.made.fetch_add(1, Ordering::Relaxed));
        let made = self.psql("postgres", &format!("CREATE DATABASE {name}"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        self.address(&name)
    }

    /// The address of a database.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("postgres://svi:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs a statement as the server's owner.
    pub(crate) fn psql(&self, database: &str, statement: &str) -> std::process::Output {
        let address = format!("{}?connect_timeout=2", self.address(database));
        Command::new("psql").args(["-XAtq", "-c", statement, &address]).output().expect("psql is installed")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// Not in any log, the tests say.
pub(crate) const PASSWORD: &str = "hunter2hunter2";

fn run(command: &mut Command) {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &str) -> Command {
    let program = binary(program);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // Where the user `postgres` may not be, it can't start.
    command.current_dir("/");
    command
}

/// Debian keeps the server's programs out of the path.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin").join(name)).collect();
    found.retain(|path| path.is_file());
    found.sort();
    found.pop().unwrap_or_else(|| Path::new(name).to_owned())
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
