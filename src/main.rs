//! The `svi` program: everything it does lives in the library.

use std::process::ExitCode;

/// After a wave of calls what they needed goes back to the system, and a short call costs
/// less: `docs/performance.md` has both beside the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    svi::cli::main()
}
