use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::legs::Origin;
use crate::base::{Instant, limits};
use crate::sip::message::Request;

/// OPTIONS and REGISTERs that were answered, for as long as a proxy that forks may bring
/// them by another way (RFC 3261, section 8.2.2.2). INVITEs are known by their legs.
///
/// Only hashes are kept: 32 bytes each.
#[derive(Debug, Default)]
pub(super) struct Heard {
    hashes: RandomState,
    /// By what the copies have in common, the branch that came first.
    known: HashMap<u64, u64>,
    order: VecDeque<(Instant, u64)>,
}

impl Heard {
    /// Whether a request is one that was answered and has come by another way. What comes
    /// again by the same way is sent again because its answer was lost.
    pub(super) fn is_merged(&self, request: &Request) -> bool {
        // An old phone without a tag can't be told from another (RFC 2543).
        request.headers.from.tag().is_some()
            && self.known.get(&self.origin(request)).is_some_and(|branch| *branch != self.branch(request))
    }

    /// Notes that a request was answered.
    pub(super) fn add(&mut self, now: Instant, request: &Request) {
        let (origin, branch) = (self.origin(request), self.branch(request));
        if self.known.insert(origin, branch).is_none() {
            self.order.push_back((now + KEPT, origin));
        }
    }

    /// Forgets what is old, and the oldest of too many.
    pub(super) fn expire(&mut self, now: Instant) {
        while let Some((until, origin)) = self.order.front().copied() {
            if until > now && self.order.len() <= limits::HEARD_REQUESTS {
                return;
            }
            self.order.pop_front();
            self.known.remove(&origin);
            if self.order.is_empty() {
                *self = Self { hashes: self.hashes.clone(), ..Self::default() };
            }
        }
    }

    fn origin(&self, request: &Request) -> u64 {
        self.hashes.hash_one((&request.method, Origin::of(&request.headers)))
    }

    fn branch(&self, request: &Request) -> u64 {
        let via = request.headers.via.first();
        self.hashes.hash_one(via.map(|via| (via.params.value("branch"), &via.host, via.port)))
    }
}

/// How long a transaction of theirs lasts over datagrams (RFC 3261, section 17.2.2: 64 × T1).
const KEPT: Duration = Duration::from_secs(32);
