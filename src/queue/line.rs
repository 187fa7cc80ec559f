use crate::base::CallId;

/// A caller's place: earlier arrivals have smaller ones, over all queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(pub(super) u64);

/// The callers of one queue in order, with fast ranks.
///
/// A sorted list cut into short runs: finding a place is a binary search, a rank
/// sums the lengths of the runs before it. With 10 000 callers that is some 150
/// additions over one cache-friendly list, and a place in the middle costs no more
/// than one at the end.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    runs: Vec<Vec<(Place, CallId)>>,
    len: usize,
}

/// The longest run: it is split in two beyond it.
const RUN: usize = 128;

impl Line {
    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Puts a caller at a place that nobody has.
    pub(super) fn insert(&mut self, place: Place, call: CallId) {
        self.len += 1;
        let Some(last) = self.runs.len().checked_sub(1) else {
            self.runs.push(vec![(place, call)]);
            return;
        };
        let at = self.run_of(place).min(last);
        let run = &mut self.runs[at];
        let within = run.partition_point(|(p, _)| *p < place);
        run.insert(within, (place, call));
        if run.len() > RUN {
            let tail = run.split_off(RUN / 2);
            self.runs.insert(at + 1, tail);
        }
    }

    /// Takes the caller of a place out.
    pub(super) fn remove(&mut self, place: Place) -> Option<CallId> {
        let at = self.run_of(place);
        let run = self.runs.get_mut(at)?;
        let within = run.binary_search_by_key(&place, |(p, _)| *p).ok()?;
        let (_, call) = run.remove(within);
        self.len -= 1;
        if run.is_empty() {
            self.runs.remove(at);
        }
        Some(call)
    }

    /// The rank of a place, from 1: one more than the callers before it.
    pub(super) fn rank(&self, place: Place) -> usize {
        let at = self.run_of(place);
        let before: usize = self.runs[..at].iter().map(Vec::len).sum();
        before + self.runs.get(at).map_or(0, |run| run.partition_point(|(p, _)| *p < place)) + 1
    }

    /// The first caller at this place or behind it.
    pub(super) fn from(&self, place: Place) -> Option<(Place, CallId)> {
        let run = self.runs.get(self.run_of(place))?;
        run.get(run.partition_point(|(p, _)| *p < place)).copied()
    }

    /// The first run that ends at or behind this place.
    fn run_of(&self, place: Place) -> usize {
        self.runs.partition_point(|run| run.last().is_some_and(|(last, _)| *last < place))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_line_is_a_sorted_list(steps in prop::collection::vec((0_u64..600, any::<bool>()), 0..900)) {
            let mut line = Line::default();
            let mut model = BTreeMap::new();
            for (n, add) in steps {
                let place = Place(n);
                if !add {
                    prop_assert_eq!(line.remove(place), model.remove(&place));
                } else if model.insert(place, CallId(n)).is_none() {
                    line.insert(place, CallId(n));
                }
                prop_assert_eq!(line.len(), model.len());
                prop_assert_eq!(line.rank(place), model.range(..place).count() + 1);
                prop_assert_eq!(line.from(place), model.range(place..).next().map(|(p, c)| (*p, *c)));
            }
        }
    }
}
