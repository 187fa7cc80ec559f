//! The one clock of the program: everywhere else, time is an argument.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::base::{Instant, Now, WallTime};

/// The start of the monotonic clock: the first time that somebody asked.
static START: LazyLock<std::time::Instant> = LazyLock::new(monotonic);
/// What is added to the wall's clock, in milliseconds.
static SHIFT: AtomicI64 = AtomicI64::new(0);

/// The monotonic moment.
pub fn now() -> Instant {
    // The start is read first: on the first call it is the earlier of the two.
    let start = *START;
    Instant::from_start(monotonic().saturating_duration_since(start))
}

/// The start of the monotonic clock, for a library that counts with the system's own moments.
pub(super) fn origin() -> std::time::Instant {
    *START
}

/// The moment on the wall's clock, shifted by [`shift_to`].
pub fn wall() -> WallTime {
    WallTime::from_millis(true_wall().millis().saturating_add(SHIFT.load(Ordering::Relaxed)))
}

/// Both moments.
pub fn both() -> Now {
    Now { mono: now(), wall: wall() }
}

/// Waits until a deadline; for ever without one.
pub async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep(deadline.since(now())).await,
        None => std::future::pending().await,
    }
}

/// Puts this thread to sleep: for the media workers, which have no runtime.
#[expect(clippy::disallowed_methods, reason = "the pace of sound is a duration")]
pub(super) fn sleep(duration: Duration) {
    if !duration.is_zero() {
        std::thread::sleep(duration);
    }
}

/// Lets the wall's clock show `wall` from now on (`svi serve --at`).
pub fn shift_to(wall: WallTime) {
    SHIFT.store(wall.millis().saturating_sub(true_wall().millis()), Ordering::Relaxed);
}

/// Whether the wall's clock shows another time than the true one.
pub(super) fn is_shifted() -> bool {
    SHIFT.load(Ordering::Relaxed) != 0
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn monotonic() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is the one clock")]
fn true_wall() -> WallTime {
    chrono::Utc::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_clock_shows_another_day_and_goes_on() {
        let holiday = WallTime::from_millis(1_798_192_800_000);
        let before = wall();
        shift_to(holiday);
        let shown = wall();
        assert!(shown >= holiday && shown.millis() - holiday.millis() < 5_000);
        shift_to(true_wall());
        assert!(wall().millis() - before.millis() < 5_000);
        assert!(now() <= now());
    }
}
