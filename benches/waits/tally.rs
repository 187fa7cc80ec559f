//! Sums over the samples of a scenario.

use serde::{Deserialize, Serialize};

use super::centre::Sample;
use super::rivals::{METHODS, SVI};
use super::scenario::{Kind, Scenario};

/// What the days of one scenario came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Result {
    pub name: String,
    pub kind: Kind,
    pub days: usize,
    /// Once 50 calls of the queue have been answered.
    pub warm: Tally,
    /// Of these, the hour after somebody came or went for the day.
    pub changed: Tally,
    /// Before.
    pub cold: Tally,
}

/// The sums over callers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    pub told: usize,
    pub untold: usize,
    /// Seconds, of those who were told.
    pub waited: f64,
    pub squares: [f64; METHODS.len()],
    pub errors: [f64; METHODS.len()],
    /// Waits longer than predicted by more than a minute.
    pub overrun: [usize; METHODS.len()],
    /// Waits above and below the estimate's range.
    pub above: usize,
    pub below: usize,
    /// Waits above nine in ten of the oracle's.
    pub above_oracle: usize,
    /// Waits longer than what was said.
    pub longer: usize,
    pub longer_by_a_minute: usize,
    /// What was said named no end.
    pub endless: usize,
    /// Of those told again every half minute.
    pub later: usize,
    pub later_above: usize,
    pub later_longer: usize,
    pub silent: usize,
}

impl Result {
    pub fn new(scenario: &Scenario) -> Self {
        let (warm, changed, cold) = Default::default();
        Self { name: scenario.name.to_owned(), kind: scenario.kind, days: 0, warm, changed, cold }
    }

    /// Adds other days of the same scenario.
    pub fn add(&mut self, other: &Self) {
        self.days += other.days;
        self.warm.add(&other.warm);
        self.changed.add(&other.changed);
        self.cold.add(&other.cold);
    }

    /// Takes a day.
    pub fn take(&mut self, samples: &[Sample]) {
        self.days += 1;
        for sample in samples {
            if sample.served < 50 {
                self.cold.take(sample);
                continue;
            }
            self.warm.take(sample);
            if sample.since_change < 3600.0 {
                self.changed.take(sample);
            }
        }
    }
}

impl Tally {
    fn take(&mut self, sample: &Sample) {
        let Some(waited) = sample.waited else { return };
        let Some(promise) = sample.promise else {
            self.untold += 1;
            return;
        };
        self.told += 1;
        self.waited += waited;
        for (m, expected) in sample.expected.iter().enumerate() {
            self.squares[m] += (waited - expected).powi(2);
            self.errors[m] += expected - waited;
            self.overrun[m] += usize::from(waited > expected + 60.0);
        }
        self.above += usize::from(waited > promise.high.as_secs_f64());
        self.below += usize::from(waited < promise.low.as_secs_f64());
        self.above_oracle += usize::from(waited > sample.oracle_high);
        let top = promise.spoken.top().map_or(f64::INFINITY, |top| top.as_secs_f64());
        self.longer += usize::from(waited > top);
        self.longer_by_a_minute += usize::from(waited > top + 60.0);
        self.endless += usize::from(top.is_infinite());
        self.silent += sample.silent;
        for (after, promise) in &sample.later {
            let rest = waited - after;
            self.later += 1;
            self.later_above += usize::from(rest > promise.high.as_secs_f64());
            self.later_longer += usize::from(promise.spoken.top().is_some_and(|top| rest > top.as_secs_f64()));
        }
    }

    fn add(&mut self, other: &Self) {
        self.waited += other.waited;
        for m in 0..METHODS.len() {
            self.squares[m] += other.squares[m];
            self.errors[m] += other.errors[m];
            self.overrun[m] += other.overrun[m];
        }
        for (mine, theirs) in self.counts().into_iter().zip(other.clone().counts()) {
            *mine += *theirs;
        }
    }

    fn counts(&mut self) -> [&mut usize; 12] {
        [
            &mut self.told,
            &mut self.untold,
            &mut self.above,
            &mut self.below,
            &mut self.above_oracle,
            &mut self.longer,
            &mut self.longer_by_a_minute,
            &mut self.endless,
            &mut self.later,
            &mut self.later_above,
            &mut self.later_longer,
            &mut self.silent,
        ]
    }

    /// The mean wait, in seconds.
    pub fn mean(&self) -> f64 {
        self.waited / self.told.max(1) as f64
    }

    /// The root of the mean squared error over the mean wait.
    pub fn error(&self, method: usize) -> f64 {
        (self.squares[method] / self.told.max(1) as f64).sqrt() / self.mean().max(1.0)
    }

    /// Our error over another's.
    pub fn against(&self, method: usize) -> f64 {
        (self.squares[SVI] / self.squares[method]).sqrt()
    }

    /// The share of the callers who were told.
    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.told.max(1) as f64
    }

    /// The share that was told something.
    pub fn told_share(&self) -> f64 {
        self.told as f64 / (self.told + self.untold).max(1) as f64
    }
}
