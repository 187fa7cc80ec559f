//! The `svi` program: everything it does lives in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    svi::cli::main()
}
