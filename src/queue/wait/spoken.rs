//! The steps in which a wait is said.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A wait as people say it; [`crate::speech`] has the words. Whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spoken {
    /// Less than so many minutes.
    Under(u16),
    /// About five minutes: from three to seven.
    AboutFive,
    /// From so many to so many minutes.
    Between(u16, u16),
    /// More than so many minutes.
    Over(u16),
}

impl Spoken {
    /// The first step whose top is at least `high` and whose bottom is at most `low`: the
    /// closest one that keeps what both ends promise.
    pub fn covering(low: Duration, high: Duration) -> Self {
        let fits = |step: &&Self| step.top().is_none_or(|top| high <= top) && step.bottom() <= low;
        STEPS.iter().find(fits).copied().unwrap_or(Self::Over(20))
    }

    /// The longest wait that this allows; none if it names no end.
    pub fn top(self) -> Option<Duration> {
        match self {
            Self::Under(top) | Self::Between(_, top) => Some(minutes(top)),
            Self::AboutFive => Some(minutes(7)),
            Self::Over(_) => None,
        }
    }

    /// The shortest wait that this allows.
    pub fn bottom(self) -> Duration {
        match self {
            Self::Under(_) => Duration::ZERO,
            Self::AboutFive => minutes(3),
            Self::Between(bottom, _) | Self::Over(bottom) => minutes(bottom),
        }
    }

    /// Whether this promises a later end than `other`, or a longer wait without an end.
    pub fn is_longer_than(self, other: Self) -> bool {
        match (self.top(), other.top()) {
            (Some(mine), Some(theirs)) => mine > theirs,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => self.bottom() > other.bottom(),
        }
    }

    /// This, to one who was told `before`: at the same end the earlier words stand, so that
    /// *moins de cinq minutes* does not become *de deux à cinq minutes*.
    pub(super) fn after(self, before: Self) -> Self {
        if self.top() == before.top() && self.bottom() > before.bottom() { before } else { self }
    }
}

fn minutes(n: u16) -> Duration {
    Duration::from_secs(u64::from(n) * 60)
}

/// By top; among equal tops the narrowest first.
const STEPS: [Spoken; 16] = [
    Spoken::Under(2),
    Spoken::Between(2, 5),
    Spoken::Under(5),
    Spoken::AboutFive,
    Spoken::Between(5, 10),
    Spoken::Under(10),
    Spoken::Between(10, 15),
    Spoken::Between(5, 15),
    Spoken::Between(15, 20),
    Spoken::Between(10, 20),
    Spoken::Under(20),
    Spoken::Between(20, 30),
    Spoken::Between(15, 30),
    Spoken::Between(10, 30),
    Spoken::Over(30),
    Spoken::Over(20),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(low: u64, high: u64) -> Spoken {
        Spoken::covering(Duration::from_secs(low), Duration::from_secs(high))
    }

    #[test]
    fn a_wait_is_said_in_the_closest_step() {
        assert_eq!(said(20, 120), Spoken::Under(2));
        assert_eq!(said(20, 121), Spoken::Under(5));
        assert_eq!(said(130, 290), Spoken::Between(2, 5));
        assert_eq!(said(200, 400), Spoken::AboutFive);
        assert_eq!(said(100, 400), Spoken::Under(10));
        assert_eq!(said(320, 580), Spoken::Between(5, 10));
        assert_eq!(said(620, 880), Spoken::Between(10, 15));
        assert_eq!(said(1000, 1700), Spoken::Between(15, 30));
        assert_eq!(said(1900, 2700), Spoken::Over(30));
        assert_eq!(said(1300, 2700), Spoken::Over(20));
    }

    #[test]
    fn longer_is_told_from_shorter() {
        let row = [
            Spoken::Under(2),
            Spoken::Under(5),
            Spoken::AboutFive,
            Spoken::Between(5, 10),
            Spoken::Over(20),
            Spoken::Over(30),
        ];
        for (i, step) in row.iter().enumerate() {
            for (j, other) in row.iter().enumerate() {
                assert_eq!(step.is_longer_than(*other), i > j, "{step:?} {other:?}");
            }
        }
        assert_eq!(Spoken::Between(2, 5).after(Spoken::Under(5)), Spoken::Under(5));
        assert_eq!(Spoken::AboutFive.after(Spoken::Under(10)), Spoken::AboutFive);
        assert_eq!(Spoken::Under(10).after(Spoken::Between(5, 10)), Spoken::Under(10));
    }

    proptest! {
        #[test]
        fn a_step_keeps_what_both_ends_promise(low in 0_u64..7000, wide in 0_u64..7000) {
            let (low, high) = (Duration::from_secs(low), Duration::from_secs(low + wide));
            let step = Spoken::covering(low, high);
            prop_assert!(step.top().is_none_or(|top| high <= top));
            prop_assert!(step.bottom() <= low || step == Spoken::Over(20));
        }
    }
}
