use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use crate::base::{Instant, give_back};

/// The next deadline of each of many owners: setting, taking and finding the
/// earliest cost O(log n).
#[derive(Clone, Debug)]
pub(crate) struct Deadlines<K> {
    order: BTreeSet<(Instant, K)>,
    of: HashMap<K, Instant>,
}

impl<K> Default for Deadlines<K> {
    fn default() -> Self {
        Self { order: BTreeSet::new(), of: HashMap::new() }
    }
}

impl<K: Clone + Ord + Hash> Deadlines<K> {
    /// Sets or forgets the owner's deadline.
    pub(crate) fn set(&mut self, owner: &K, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.of.insert(owner.clone(), at),
            None => self.forget(owner),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, owner.clone()));
        }
        if let Some(at) = at {
            self.order.insert((at, owner.clone()));
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes the owner with the earliest deadline that `now` has reached.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<K> {
        if self.next()? > now {
            return None;
        }
        let (_, owner) = self.order.pop_first()?;
        self.forget(&owner);
        Some(owner)
    }

    fn forget(&mut self, owner: &K) -> Option<Instant> {
        let before = self.of.remove(owner);
        give_back(&mut self.of);
        before
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn owners_come_out_in_the_order_of_their_last_deadline() {
        let at = |s| Some(Instant::START + Duration::from_secs(s));
        let mut deadlines = Deadlines::default();
        deadlines.set(&'a', at(1));
        deadlines.set(&'b', at(2));
        deadlines.set(&'c', at(3));
        deadlines.set(&'a', at(9));
        deadlines.set(&'c', None);
        assert_eq!(deadlines.next(), at(2));
        let now = at(9).unwrap();
        assert_eq!([deadlines.pop(now), deadlines.pop(now), deadlines.pop(now)], [Some('b'), Some('a'), None]);
    }
}
