use std::collections::{BTreeMap, VecDeque};

use crate::base::Instant;

/// What is remembered for a while: the newest entries, so many at most.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    entries: BTreeMap<K, Entry<V>>,
    /// In the order in which they were put; one that was replaced or taken stays until its turn.
    order: VecDeque<(u64, K)>,
    next: u64,
    most: usize,
}

#[derive(Debug)]
struct Entry<V> {
    nth: u64,
    at: Instant,
    value: V,
}

impl<K: Ord + Copy, V> Recent<K, V> {
    /// Remembers so many.
    pub(super) fn new(most: usize) -> Self {
        Self { entries: BTreeMap::new(), order: VecDeque::new(), next: 0, most }
    }

    /// Remembers this in place of what was known under the key.
    pub(super) fn put(&mut self, now: Instant, key: K, value: V) {
        self.entries.insert(key, Entry { nth: self.next, at: now, value });
        self.order.push_back((self.next, key));
        self.next += 1;
        while self.order.len() > self.most {
            let Some((nth, key)) = self.order.pop_front() else { return };
            if self.entries.get(&key).is_some_and(|entry| entry.nth == nth) {
                self.entries.remove(&key);
            }
        }
    }

    /// What is known under the key, and since when.
    pub(super) fn get(&self, key: K) -> Option<(Instant, &V)> {
        self.entries.get(&key).map(|entry| (entry.at, &entry.value))
    }

    /// Forgets what is known under the key.
    pub(super) fn take(&mut self, key: K) -> Option<(Instant, V)> {
        self.entries.remove(&key).map(|entry| (entry.at, entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered_and_what_was_renewed_is_new() {
        let mut recent = Recent::new(2);
        let now = Instant::START;
        recent.put(now, 'a', 1);
        recent.put(now, 'b', 2);
        recent.put(now, 'a', 3);
        assert_eq!((recent.get('a'), recent.get('b')), (Some((now, &3)), Some((now, &2))));
        recent.put(now, 'c', 4);
        assert_eq!((recent.get('a'), recent.get('b')), (Some((now, &3)), None));
        assert_eq!((recent.take('a'), recent.get('a')), (Some((now, 3)), None));
        for n in 0..100 {
            recent.put(now, 'a', n);
        }
        assert!(recent.entries.len() <= 2 && recent.order.len() <= 2);
    }
}
