//! File descriptors: each leg has its sockets, and the system allows so many.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files to what the system allows this process, and answers how
/// many calls and how many connections for SIP it is good for, at most as many as are wanted.
pub(super) fn share(wanted: usize, connections: usize) -> (usize, usize) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Refused only where the limit is above the maximum, which this is not.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let allowed = getrlimit(Resource::Nofile).current;
    let (calls, connections) = good_for(allowed, wanted, connections);
    if calls < wanted {
        tracing::warn!(
            calls,
            wanted,
            "the system allows too few open files: fewer calls are taken; raise `LimitNOFILE` or `ulimit -n`"
        );
    }
    (calls, connections)
}

/// How many of the wanted calls and connections fit into this many open files; no limit is
/// enough for all. Connections have a quarter at most.
fn good_for(allowed: Option<u64>, calls: usize, connections: usize) -> (usize, usize) {
    let Some(allowed) = allowed else { return (calls, connections) };
    let free = usize::try_from(allowed).unwrap_or(usize::MAX).saturating_sub(OURS);
    let connections = connections.min(free / 4);
    (calls.min((free - connections) / PER_CALL), connections)
}

/// RTP and RTCP.
const SOCKETS_OF_A_LEG: usize = 2;
/// The caller's leg and the agent's.
const PER_CALL: usize = 2 * SOCKETS_OF_A_LEG;
/// What the service itself holds open: the database, HTTP, SIP, logs.
const OURS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_fit_into_the_open_files() {
        assert_eq!(good_for(None, 1_000, 2_000), (1_000, 2_000));
        assert_eq!(good_for(Some(65_536), 1_000, 2_000), (1_000, 2_000));
        assert_eq!(good_for(Some(1_024), 1_000, 2_000), (180, 240));
        assert_eq!(good_for(Some(1_024), 1_000, 10), (237, 10));
        assert_eq!(good_for(Some(10), 1_000, 2_000), (0, 0));
    }
}
