//! The program's own code in memory: what only a start needed is let go once it is over.
//!
//! A start reads flows, proves them and opens what is kept; the kernel maps 64 KiB around
//! each place that this touches, and never takes them back while there is memory. The pages
//! stay in its cache, so what a call needs of them comes back without the disk.

use std::time::Duration;

use rustix::mm::{Advice, madvise};

use super::clock;

/// Lets the start's code go when it is over.
pub(super) async fn shrink() {
    clock::until(Some(clock::now() + START)).await;
    if let Err(error) = tokio::task::spawn_blocking(let_code_go).await.unwrap_or(Ok(())) {
        tracing::debug!(error = &error as &dyn std::error::Error, "the start's code stays in memory");
    }
}

/// As long as the flows are read, proved and watched, and the first callers greeted.
const START: Duration = Duration::from_secs(3);

/// Unmaps the pages of our own code until they are run again (`MADV_DONTNEED`, madvise(2)).
fn let_code_go() -> std::io::Result<()> {
    let (maps, program) = (std::fs::read_to_string("/proc/self/maps")?, std::env::current_exe()?);
    for (start, end) in maps.lines().filter_map(|line| code(line, program.to_str()?)) {
        #[expect(unsafe_code, reason = "the system is told of addresses")]
        // SAFETY: the mapping is of a file, may not be written to and never was, so what
        // is read next is what is there now; it is never unmapped, as it's our own code.
        unsafe {
            madvise(std::ptr::with_exposed_provenance_mut(start), end - start, Advice::LinuxDontNeed)?;
        }
    }
    Ok(())
}

/// The addresses of a line of `/proc/PID/maps` (proc(5)), if it maps code of the program.
fn code(line: &str, program: &str) -> Option<(usize, usize)> {
    let (fields, file) = line.split_once('/')?;
    let mut fields = fields.split_ascii_whitespace();
    let (addresses, rights) = (fields.next()?, fields.next()?);
    if rights != "r-xp" || file != program.strip_prefix('/')? {
        return None;
    }
    let (start, end) = addresses.split_once('-')?;
    Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_is_run_of_the_program_alone() {
        let of = |line| code(line, "/opt/s v i");
        assert_eq!(of("5600-5800 r-xp 00001000 fe:00 5351078                    /opt/s v i"), Some((0x5600, 0x5800)));
        assert_eq!(of("5600-5800 r--p 00001000 fe:00 5351078                    /opt/s v i"), None);
        assert_eq!(of("5600-5800 rw-p 00001000 fe:00 5351078                    /opt/s v i"), None);
        assert_eq!(of("7600-7800 r-xp 00001000 fe:00 1                          /usr/lib/libc.so.6"), None);
        assert_eq!(of("7600-7800 r-xp 00000000 00:00 0                          [vdso]"), None);
    }
}
