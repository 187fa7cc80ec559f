//! What a process has used, as the kernel counts it.

use std::fs;

use nix::time::clock_getcpuclockid;
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::clock::{self, Nanos};
use crate::lines::round;

/// The process that is measured, if one is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pid: Option<i32>,
}

/// Its figures at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    at: Nanos,
    /// CPU time of all its threads, those that have ended too, to the nanosecond: the sum
    /// that `utime` and `stime` of `/proc/PID/stat` show in ticks of 10 ms.
    cpu: Nanos,
    ticks: u64,
    /// What the host took from this machine since it runs, in hundredths of a second.
    pub(crate) steal: u64,
    pub(crate) resident_kib: u64,
    threads: u64,
    files: usize,
    udp: Vec<(String, u64)>,
}

impl Account {
    /// Of a process by its id.
    pub(crate) fn of(pid: Option<i32>) -> Self {
        Self { pid }
    }

    /// Its figures now.
    pub(crate) fn sample(self) -> Sample {
        let proc = |name: &str| {
            self.pid.and_then(|pid| fs::read_to_string(format!("/proc/{pid}/{name}")).ok()).unwrap_or_default()
        };
        let cpu = self.pid.and_then(|pid| clock_getcpuclockid(Pid::from_raw(pid)).ok()).map_or(0, clock::read);
        let status = proc("status");
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        let files = self.pid.and_then(|pid| Some(fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())).unwrap_or(0);
        Sample {
            at: clock::monotonic(),
            cpu,
            ticks: ticks(&proc("stat")),
            steal: steal(),
            resident_kib: field("VmRSS"),
            threads: field("Threads"),
            files,
            udp: udp(),
        }
    }
}

impl Sample {
    /// What was used between two moments.
    pub(crate) fn since(&self, before: &Self) -> Value {
        let seconds = (self.at - before.at) as f64 / 1e9;
        let cpu = (self.cpu - before.cpu) as f64 / 1e9;
        let udp: serde_json::Map<_, _> = self
            .udp
            .iter()
            .zip(&before.udp)
            .map(|((name, now), (_, was))| (name.clone(), json!(now.saturating_sub(*was))))
            .collect();
        json!({
            "seconds": round(seconds, 3),
            "cpu_s": round(cpu, 4),
            "cpu_stat_s": round((self.ticks - before.ticks.min(self.ticks)) as f64 / 100.0, 2),
            "cores": round(cpu / seconds, 4),
            "resident_kib": self.resident_kib,
            "threads": self.threads,
            "files": self.files,
            "steal_s": round((self.steal - before.steal) as f64 / 100.0, 2),
            "udp": udp,
        })
    }
}

/// `utime` and `stime` of `/proc/PID/stat` (fields 14 and 15), in ticks.
fn ticks(stat: &str) -> u64 {
    let Some((_, rest)) = stat.rsplit_once(')') else { return 0 };
    rest.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<u64>().ok()).sum()
}

/// What another guest of the machine's host took from us, in ticks of all cores.
fn steal() -> u64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = stat.lines().next().unwrap_or_default();
    all.split_whitespace().nth(8).and_then(|f| f.parse().ok()).unwrap_or(0)
}

/// The UDP errors of this network namespace.
fn udp() -> Vec<(String, u64)> {
    let snmp = fs::read_to_string("/proc/net/snmp").unwrap_or_default();
    let mut lines = snmp.lines().filter_map(|l| l.strip_prefix("Udp:"));
    let (names, values) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    names
        .split_whitespace()
        .zip(values.split_whitespace())
        .filter(|(name, _)| ["NoPorts", "InErrors", "RcvbufErrors", "SndbufErrors"].contains(name))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}
