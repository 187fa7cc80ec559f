//! Somebody who only sleeps, on the server's core: whoever is woken late there knows that the
//! machine stood still, and not the server.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::clock::{self, MS, Nanos};
use crate::lines::round;

/// The moments at which a core came late, and by how much.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Vec<(Nanos, Nanos)>>>);

impl Witness {
    /// Sleeps on a core until the program ends.
    pub(crate) fn on(core: usize) -> nix::Result<Self> {
        let witness = Self::default();
        let seen = witness.clone();
        let mut cores = CpuSet::new();
        cores.set(core)?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let there = sched_setaffinity(Pid::from_raw(0), &cores);
            if tell.send(there).is_ok() && there.is_ok() {
                seen.look_on();
            }
        });
        // One who is somewhere else sees nothing, which would look like a core that never stood still.
        told.recv().unwrap_or(Err(Errno::ESRCH))?;
        Ok(witness)
    }

    fn look_on(&self) {
        let mut due = clock::monotonic();
        loop {
            due += 2 * MS;
            clock::sleep_until(due);
            let late = clock::monotonic() - due;
            if late >= LATE {
                let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if seen.len() < MOST {
                    seen.push((clock::real(), late));
                }
                due += late;
            }
        }
    }

    /// `[seconds since `began`, milliseconds late]`, of the clock of the time stamps.
    pub(crate) fn to_json(&self, began: Nanos) -> Value {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let show =
            |(at, late): &(Nanos, Nanos)| json!([round((at - began) as f64 / 1e9, 3), round(*late as f64 / 1e6, 1)]);
        seen.iter().map(show).collect()
    }
}

/// Late enough to be noted.
const LATE: Nanos = 15 * MS;
/// As much is noted.
const MOST: usize = 10_000;
