//! The `svi` program: everything it does lives in the library.

use std::process::ExitCode;

/// A short call costs a fifth less than with the C library's allocator, and what a wave of
/// calls needed goes back to the system: `docs/performance.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    give_back_at_once();
    svi::cli::main()
}

/// Gives pages back when they are free: the usual delay ends at the next page that is
/// wanted, which after a wave may be hours away.
fn give_back_at_once() {
    /// `mi_option_purge_delay` of `mimalloc.h`, in milliseconds.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    #[expect(unsafe_code, reason = "the allocator's settings are reached through C only")]
    // SAFETY: a number is stored, before there is a second thread.
    unsafe {
        libmimalloc_sys::mi_option_set(PURGE_DELAY, 0);
    }
}
