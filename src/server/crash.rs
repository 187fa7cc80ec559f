//! Places at which a build for tests can be told to die as by `kill -9`: nothing is said,
//! flushed or closed. A release has none of them.
//!
//! `SVI_DIE_AT=after-dialling:2` dies when a ticket's attempt has been written down for the
//! second time; the place's name is put on the disk as the last thing, in the file that
//! `SVI_DIE_NOTE` names. The places:
//!
//! - `before-STATE` and `after-STATE`: a version of a ticket is about to reach the store, or
//!   has reached it and nobody knows yet. `STATE` is the ticket's, and `ringing` for an
//!   attempt whose phone rings;
//! - `dialled`: an INVITE to the trunk has left;
//! - `answered`: the citizen has answered, and the book is about to hear it;
//! - `version-kept`: other flows are kept as a version, and no call gets them yet;
//! - `files-written`: the files of a rollback are on the disk, and no call gets them yet.

use super::callbacks::Written;
use crate::base::TicketId;
use crate::callback::{Input, Ticket};

/// Tickets are about to be written.
pub(super) fn before_write(tickets: &[Ticket]) {
    if cfg!(debug_assertions) {
        tickets.iter().for_each(|ticket| armed::pass("before-", armed::state(ticket)));
    }
}

/// Tickets were written, or not.
pub(super) fn after_write(tickets: &[Ticket], told: &[(TicketId, u32, Written)]) {
    if cfg!(debug_assertions) {
        let written = tickets.iter().zip(told).filter(|(_, (.., written))| *written == Written::Yes);
        written.for_each(|(ticket, _)| armed::pass("after-", armed::state(ticket)));
    }
}

/// A SIP message has left.
pub(super) fn sent(bytes: &[u8]) {
    if cfg!(debug_assertions) && bytes.starts_with(b"INVITE sip:+") {
        armed::pass("", "dialled");
    }
}

/// The book is about to hear something.
pub(super) fn heard(input: &Input) {
    if cfg!(debug_assertions) && matches!(input, Input::Answered { .. }) {
        armed::pass("", "answered");
    }
}

/// A reload has come to a place.
pub(super) fn at(place: &'static str) {
    if cfg!(debug_assertions) {
        armed::pass("", place);
    }
}

#[cfg(not(debug_assertions))]
mod armed {
    use crate::callback::Ticket;

    pub(super) fn state(_: &Ticket) -> &'static str {
        ""
    }

    pub(super) fn pass(_: &str, _: &str) {}
}

#[cfg(debug_assertions)]
mod armed {
    use std::fs::OpenOptions;
    use std::io::Write;
    use std::path::PathBuf;
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use rustix::process::{Signal, getpid, kill_process};

    use crate::base::Lifecycle;
    use crate::callback::{Ticket, TicketState};

    /// Where to die, and how often that place is still passed before.
    struct Order {
        place: String,
        left: AtomicU32,
        note: Option<PathBuf>,
    }

    static ORDER: LazyLock<Option<Order>> = LazyLock::new(|| {
        let order = std::env::var("SVI_DIE_AT").ok()?;
        let (place, nth) = order.rsplit_once(':').unwrap_or((&order, "1"));
        let left = AtomicU32::new(nth.parse::<u32>().ok()?.saturating_sub(1));
        Some(Order { place: place.to_owned(), left, note: std::env::var_os("SVI_DIE_NOTE").map(PathBuf::from) })
    });

    pub(super) fn state(ticket: &Ticket) -> &'static str {
        let rings = ticket.attempts.last().is_some_and(|attempt| attempt.dialog.to_tag.is_some());
        if ticket.state == TicketState::Dialling && rings { "ringing" } else { ticket.state.name() }
    }

    pub(super) fn pass(when: &str, what: &str) {
        let Some(order) = &*ORDER else { return };
        if order.place.strip_prefix(when) != Some(what) {
            return;
        }
        let last = order.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err();
        if last {
            die(order);
        }
    }

    fn die(order: &Order) {
        if let Some(note) = &order.note {
            let file = OpenOptions::new().create(true).append(true).open(note);
            // A note that can't be written is missed by the test, which fails.
            let _ = file.and_then(|mut file| {
                file.write_all(format!("{}\n", order.place).as_bytes())?;
                file.sync_all()
            });
        }
        let _ = kill_process(getpid(), Signal::KILL);
    }
}
