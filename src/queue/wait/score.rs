//! How honest the announced waits were: a fold for metrics and the day's report.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::patience::WaitEnd;
use crate::speech::Wait;

/// What a caller was told of the wait, once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// What was said.
    pub spoken: Wait,
    /// The caller's rank then, from 1.
    pub rank: usize,
    /// The wait that was expected.
    pub expected: Duration,
    /// One wait in ten is shorter, by the estimate.
    pub low: Duration,
    /// One wait in ten is longer, by the estimate.
    pub high: Duration,
}

/// A promise and what became of it: the value that a record keeps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// What was told.
    pub promise: Promise,
    /// How long the caller waited from then on.
    pub waited: Duration,
    /// How the wait ended.
    pub end: WaitEnd,
}

impl Outcome {
    /// Whether the caller waited for longer than was told.
    pub fn is_longer(&self) -> bool {
        self.promise.spoken.top().is_some_and(|top| self.waited > top)
    }
}

/// The sums over outcomes of a queue and a day; days add up with [`Scores::add`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Promises to callers whom an agent answered.
    pub answered: u64,
    /// Promises to callers who left before the end of what was told, so that nobody knows.
    pub unknown: u64,
    /// Waits longer than what was told.
    pub longer: u64,
    /// Waits longer than what was told by more than a minute.
    pub longer_by_a_minute: u64,
    /// Waits above the estimate's own range: one in ten if it is calibrated.
    pub above: u64,
    /// Answered waits below the estimate's own range: one in ten if it is calibrated.
    pub below: u64,
    /// Absolute errors of the expected wait of answered callers, counted in classes that
    /// each reach a tenth further.
    errors: Vec<u64>,
}

impl Scores {
    /// Takes an outcome.
    pub fn learn(&mut self, outcome: &Outcome) {
        let Outcome { promise, waited, end } = outcome;
        let above = *waited > promise.high;
        if *end == WaitEnd::Left && !above && !outcome.is_longer() {
            self.unknown += 1;
            return;
        }
        self.above += u64::from(above);
        self.longer += u64::from(outcome.is_longer());
        let later = waited.saturating_sub(Duration::from_secs(60));
        self.longer_by_a_minute += u64::from(promise.spoken.top().is_some_and(|top| later > top));
        if *end == WaitEnd::Answered {
            self.answered += 1;
            self.below += u64::from(*waited < promise.low);
            let class = class(waited.abs_diff(promise.expected).as_secs_f64());
            if self.errors.len() <= class {
                self.errors.resize(class + 1, 0);
            }
            self.errors[class] += 1;
        }
    }

    /// Adds another day or queue.
    pub fn add(&mut self, other: &Self) {
        self.answered += other.answered;
        self.unknown += other.unknown;
        self.longer += other.longer;
        self.longer_by_a_minute += other.longer_by_a_minute;
        self.above += other.above;
        self.below += other.below;
        if self.errors.len() < other.errors.len() {
            self.errors.resize(other.errors.len(), 0);
        }
        for (mine, theirs) in self.errors.iter_mut().zip(&other.errors) {
            *mine += theirs;
        }
    }

    /// The median absolute error of the expected wait, to a tenth; none without answers.
    pub fn median_error(&self) -> Option<Duration> {
        let half = self.errors.iter().sum::<u64>().div_ceil(2);
        let mut seen = 0;
        let reaches = |count: &u64| {
            seen += count;
            seen >= half && half > 0
        };
        let class = self.errors.iter().position(reaches)?;
        Some(Duration::from_secs_f64(GROWTH.powf(class as f64 - 0.5)))
    }

    /// The share of answered callers who waited for longer than was told.
    pub fn share_longer(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.longer.min(self.answered) as f64 / self.answered as f64)
    }
}

/// Errors up to a second are one class.
fn class(seconds: f64) -> usize {
    let class = seconds.max(1.0).ln() / GROWTH.ln();
    (class.ceil() as usize).min(MOST_CLASSES)
}

const GROWTH: f64 = 1.1;
/// 1.1¹⁰⁵ s are six hours.
const MOST_CLASSES: usize = 105;

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(waited: u64, end: WaitEnd) -> Outcome {
        let secs = Duration::from_secs;
        let promise = Promise { spoken: Wait::Under(5), rank: 2, expected: secs(120), low: secs(40), high: secs(250) };
        Outcome { promise, waited: secs(waited), end }
    }

    #[test]
    fn a_day_s_promises_are_summed() {
        let mut scores = Scores::default();
        for (waited, end) in [
            (30, WaitEnd::Answered),
            (110, WaitEnd::Answered),
            (220, WaitEnd::Answered),
            (320, WaitEnd::Answered),
            (400, WaitEnd::Answered),
            (100, WaitEnd::Left),
            (280, WaitEnd::Left),
        ] {
            scores.learn(&outcome(waited, end));
        }
        assert_eq!((scores.answered, scores.unknown), (5, 1));
        assert_eq!((scores.longer, scores.longer_by_a_minute), (2, 1));
        assert_eq!((scores.above, scores.below), (3, 1), "who left above the range counts");
        assert_eq!(scores.share_longer(), Some(0.4));
        // Errors 90, 10, 100, 200, 280: the median is 100.
        let median = scores.median_error().unwrap().as_secs_f64();
        assert!((median / 100.0 - 1.0).abs() < 0.06, "{median}");
    }

    #[test]
    fn days_add_up() {
        let (mut all, mut one, mut two) = (Scores::default(), Scores::default(), Scores::default());
        for waited in [100, 200, 1000] {
            all.learn(&outcome(waited, WaitEnd::Answered));
            if waited == 100 { &mut one } else { &mut two }.learn(&outcome(waited, WaitEnd::Answered));
        }
        one.add(&two);
        assert_eq!(one, all);
    }

    #[test]
    fn nothing_told_is_nothing_known() {
        assert_eq!(Scores::default().median_error(), None);
        assert_eq!(Scores::default().share_longer(), None);
    }
}
