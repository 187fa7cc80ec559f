use std::time::Duration;

use super::Waiting;
use crate::base::Instant;

/// A place in a line: the smaller, the earlier the turn. No two are the same.
///
/// The time is that of the arrival, less what the caller's priority is worth in waiting:
/// everybody's claim then grows alike with time, so that the order of two callers never
/// changes, nobody is overtaken for ever, and a line is a sorted list that no passing
/// of time has to sort again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// In microseconds since the start of the clock; before it with priority.
    pub(super) at: i64,
    /// The order of arrival, over all queues.
    pub(super) nth: u64,
}

impl Place {
    /// The place of who came so, with so much time for the priority.
    pub(super) fn new(arrived: Instant, bonus: Duration, nth: u64) -> Self {
        Self { at: micros(arrived.since_start()).saturating_sub(micros(bonus)), nth }
    }
}

/// Whole microseconds, as far as they go.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Who waits for the same agents, in order, with ranks in O(log n).
///
/// A treap (Seidel and Aragon, Randomized search trees, 1996) whose nodes count what is
/// below them. Its weights are the places' own hash: the same inputs make the same tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    nodes: Vec<Node>,
    root: Link,
    /// Nodes to be used again.
    spare: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Node {
    place: Place,
    who: Waiting,
    weight: u64,
    /// How many nodes this one is the top of, itself included.
    count: u32,
    before: Link,
    behind: Link,
}

type Link = Option<u32>;

impl Line {
    /// Puts somebody at a place that nobody has.
    pub(super) fn insert(&mut self, place: Place, who: Waiting) {
        let node = Node { place, who, weight: weight(place), count: 1, before: None, behind: None };
        let at = match self.spare.pop() {
            Some(at) => {
                self.nodes[at as usize] = node;
                at
            }
            None => {
                self.nodes.push(node);
                u32::try_from(self.nodes.len() - 1).expect("invariant: a queue has fewer places than a u32")
            }
        };
        let (before, behind) = self.split(self.root, place);
        let before = self.merge(before, Some(at));
        self.root = self.merge(before, behind);
    }

    /// Takes out who has this place.
    pub(super) fn remove(&mut self, place: Place) -> Option<Waiting> {
        let at = self.find(place)?;
        self.root = self.without(self.root, place);
        self.spare.push(at);
        Some(self.nodes[at as usize].who)
    }

    /// How many come before this place.
    pub(super) fn ahead(&self, place: Place) -> usize {
        let (mut next, mut ahead) = (self.root, 0);
        while let Some(at) = next {
            let node = &self.nodes[at as usize];
            if node.place < place {
                ahead += self.count(node.before) + 1;
                next = node.behind;
            } else {
                next = node.before;
            }
        }
        ahead
    }

    fn find(&self, place: Place) -> Link {
        let mut next = self.root;
        while let Some(at) = next {
            let node = &self.nodes[at as usize];
            next = match place.cmp(&node.place) {
                std::cmp::Ordering::Less => node.before,
                std::cmp::Ordering::Equal => return Some(at),
                std::cmp::Ordering::Greater => node.behind,
            };
        }
        None
    }

    fn count(&self, link: Link) -> usize {
        link.map_or(0, |at| self.nodes[at as usize].count as usize)
    }

    fn recount(&mut self, at: u32) {
        let node = &self.nodes[at as usize];
        let count = 1 + self.count(node.before) + self.count(node.behind);
        self.nodes[at as usize].count = u32::try_from(count).unwrap_or(u32::MAX);
    }

    /// What comes before a place, and what is at it or behind.
    fn split(&mut self, link: Link, place: Place) -> (Link, Link) {
        let Some(at) = link else { return (None, None) };
        let node = &self.nodes[at as usize];
        if node.place < place {
            let (before, behind) = self.split(node.behind, place);
            self.nodes[at as usize].behind = before;
            self.recount(at);
            (link, behind)
        } else {
            let (before, behind) = self.split(node.before, place);
            self.nodes[at as usize].before = behind;
            self.recount(at);
            (before, link)
        }
    }

    /// One tree of two, all of the first coming before all of the second.
    fn merge(&mut self, first: Link, second: Link) -> Link {
        let (Some(a), Some(b)) = (first, second) else { return first.or(second) };
        if self.nodes[a as usize].weight > self.nodes[b as usize].weight {
            self.nodes[a as usize].behind = self.merge(self.nodes[a as usize].behind, second);
            self.recount(a);
            first
        } else {
            self.nodes[b as usize].before = self.merge(first, self.nodes[b as usize].before);
            self.recount(b);
            second
        }
    }

    /// The tree without the node of this place.
    fn without(&mut self, link: Link, place: Place) -> Link {
        let at = link?;
        let node = self.nodes[at as usize].clone();
        match place.cmp(&node.place) {
            std::cmp::Ordering::Equal => return self.merge(node.before, node.behind),
            std::cmp::Ordering::Less => self.nodes[at as usize].before = self.without(node.before, place),
            std::cmp::Ordering::Greater => self.nodes[at as usize].behind = self.without(node.behind, place),
        }
        self.recount(at);
        link
    }
}

/// A number that looks like chance, so that the tree stays flat (the finalizer of
/// `SplitMix64`, Steele, Lea and Flood 2014).
fn weight(place: Place) -> u64 {
    let mut z = place.nth.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::base::CallId;

    proptest! {
        #[test]
        fn a_line_is_a_sorted_list(steps in prop::collection::vec((0_u64..600, any::<bool>()), 0..900)) {
            let mut line = Line::default();
            let mut model = BTreeMap::new();
            for (n, add) in steps {
                // Neither the time nor the order of arrival alone makes the order.
                let place = Place { at: (n % 30).cast_signed(), nth: n };
                let who = Waiting::from(CallId(n));
                if !add {
                    prop_assert_eq!(line.remove(place), model.remove(&place));
                } else if model.insert(place, who).is_none() {
                    line.insert(place, who);
                }
                prop_assert_eq!(line.count(line.root), model.len());
                prop_assert_eq!(line.ahead(place), model.range(..place).count());
            }
            prop_assert!(line.nodes.len() <= 600, "freed nodes are used again");
        }
    }

    #[test]
    fn a_line_of_ten_thousand_stays_flat() {
        let mut line = Line::default();
        for nth in 0..10_000 {
            line.insert(Place { at: 0, nth }, Waiting::from(CallId(nth)));
        }
        let depth = |line: &Line| {
            let (mut level, mut deep) = (vec![line.root], 0);
            while !level.is_empty() {
                let below = |at: u32| [line.nodes[at as usize].before, line.nodes[at as usize].behind];
                level = level.into_iter().flatten().flat_map(below).filter(Option::is_some).collect();
                deep += 1;
            }
            deep
        };
        assert!(depth(&line) < 45, "{}", depth(&line));
    }
}
