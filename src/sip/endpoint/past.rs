use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::legs::Origin;
use crate::base::{Instant, limits};

/// The INVITEs of legs that are over, for as long as copies of them may come by other ways
/// (RFC 3261, section 8.2.2.2): a proxy that forks may still be at it when we have refused.
///
/// Only a hash is kept of each, 24 bytes in all.
#[derive(Debug, Default)]
pub(super) struct Past {
    hashes: RandomState,
    known: HashSet<u64>,
    order: VecDeque<(Instant, u64)>,
    /// Those that time has not passed for yet.
    fresh: Vec<u64>,
}

impl Past {
    /// Notes that a leg is over.
    pub(super) fn add(&mut self, origin: &Origin) {
        let hash = self.hashes.hash_one(origin);
        self.known.insert(hash);
        self.fresh.push(hash);
    }

    /// Whether the INVITE's leg ended a moment ago.
    pub(super) fn has(&self, origin: &Origin) -> bool {
        self.known.contains(&self.hashes.hash_one(origin))
    }

    /// Stamps what is new, and forgets what is old.
    pub(super) fn expire(&mut self, now: Instant) {
        self.order.extend(self.fresh.drain(..).map(|hash| (now + KEPT, hash)));
        while let Some((until, hash)) = self.order.front().copied() {
            if until > now && self.order.len() <= limits::SIP_TRANSACTIONS {
                return;
            }
            self.order.pop_front();
            self.known.remove(&hash);
            if self.order.is_empty() {
                *self = Self { hashes: self.hashes.clone(), ..Self::default() };
            }
        }
    }
}

/// How long a transaction may last (RFC 3261, section 17: 64 × T1).
const KEPT: Duration = Duration::from_secs(32);
