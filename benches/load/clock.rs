//! The two clocks, in nanoseconds, and the one way to wait.

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};

/// Nanoseconds, of either clock or between two moments.
pub(crate) type Nanos = i64;

/// Nanoseconds of a millisecond.
pub(crate) const MS: Nanos = 1_000_000;
/// Nanoseconds of a second.
pub(crate) const SECOND: Nanos = 1_000_000_000;

/// The clock that never jumps: for deadlines and slots.
pub(crate) fn monotonic() -> Nanos {
    read(ClockId::CLOCK_MONOTONIC)
}

/// The clock of the kernel's receive time stamps: for everything that is compared with one.
pub(crate) fn real() -> Nanos {
    read(ClockId::CLOCK_REALTIME)
}

/// Any clock of the system, such as a process's CPU time; 0 when it has gone.
pub(crate) fn read(clock: ClockId) -> Nanos {
    clock_gettime(clock).map_or(0, nanos)
}

/// Nanoseconds of a kernel's time.
pub(crate) fn nanos(time: TimeSpec) -> Nanos {
    time.tv_sec() * SECOND + time.tv_nsec()
}

/// Sleeps until a moment of the monotonic clock.
pub(crate) fn sleep_until(at: Nanos) {
    let until = TimeSpec::new(at / SECOND, at % SECOND);
    // Woken early by a signal: the slot that is not due yet does nothing.
    let _ = clock_nanosleep(ClockId::CLOCK_MONOTONIC, ClockNanosleepFlags::TIMER_ABSTIME, &until);
}

/// Nanoseconds of so many seconds.
pub(crate) fn seconds(seconds: f64) -> Nanos {
    #[allow(clippy::cast_possible_truncation, reason = "run times are minutes")]
    let nanos = (seconds * 1e9) as Nanos;
    nanos
}
