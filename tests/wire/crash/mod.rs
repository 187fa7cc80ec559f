//! Callbacks under load, and the service killed: SIPp's callers ask for a call, SIPp's
//! citizens get it, and their logs are the judges.
//!
//! The service dies by its own hand at every named place (`src/server/crash.rs`), proved by
//! the note that it leaves there and by the signal that ended it, then by `kill -9` at
//! [random moments](RANDOM). Whoever heard the promise must have been called and have
//! answered once; more often only as often as the ticket says that a crash may have led to
//! it, and only if the crash came right after the answer. Nobody has two calls at once, and
//! nobody is called who did not ask.
//!
//! What "heard the promise" is: the flow hangs up on a caller only after it, and SIPp logs
//! the BYE. Who was cut off before that may be called all the same: the ticket was written.
//!
//! `SVI_CRASH_SEED=7` repeats a run's dice, `SVI_CRASH_KILLS=500` kills more often:
//! `cargo test --features postgres --test wire crash:: -- --nocapture`.

mod drill;
mod judge;
mod phones;

#[cfg(feature = "postgres")]
use super::store::postgres::Postgres;
use drill::{Access, Drill};

/// Kills at random moments.
const RANDOM: usize = 50;

#[test]
fn no_promise_is_lost_and_nobody_is_called_twice_when_the_service_is_killed() {
    let mut drill = Drill::start(None, Access::Open);
    drill.die_at_every_place();
    drill.kill_at_random(kills());
    drill.come_to_rest();
    drill.judge();
}

#[cfg(feature = "postgres")]
#[test]
fn the_same_on_postgresql_which_is_stopped_and_started_in_the_middle() {
    let mut server = Postgres::start();
    let mut drill = Drill::start(Some(server.database()), Access::Password);
    drill.die_at_every_place();
    drill.go_on_without(|| server.stop());
    drill.go_on_with(|| server.resume());
    drill.kill_at_random(kills());
    drill.come_to_rest();
    drill.judge();
}

fn kills() -> usize {
    std::env::var("SVI_CRASH_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(RANDOM)
}
