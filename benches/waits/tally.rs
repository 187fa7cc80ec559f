//! Sums over the samples of a scenario.

use super::centre::Sample;
use super::rivals::{METHODS, SVI};

/// The sums of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub told: usize,
    pub untold: usize,
    pub waited: f64,
    pub squares: [f64; METHODS.len()],
    pub errors: [f64; METHODS.len()],
    /// Waits longer than predicted by more than a minute.
    pub overrun: [usize; METHODS.len()],
    /// Waits above the tenth-highest of the estimate, and of the oracle.
    pub above: usize,
    pub above_oracle: usize,
    pub below: usize,
    pub longer: usize,
    pub longer_by_a_minute: usize,
    pub without_end: usize,
    pub later: usize,
    pub later_above: usize,
    pub later_longer: usize,
    pub silent: usize,
}

impl Tally {
    pub fn take(&mut self, sample: &Sample) {
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
        self.without_end += usize::from(top.is_infinite());
        self.silent += sample.silent;
        for (after, promise) in &sample.later {
            let rest = waited - after;
            self.later += 1;
            self.later_above += usize::from(rest > promise.high.as_secs_f64());
            let top = promise.spoken.top().map_or(f64::INFINITY, |top| top.as_secs_f64());
            self.later_longer += usize::from(rest > top);
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.told += other.told;
        self.untold += other.untold;
        self.waited += other.waited;
        for m in 0..METHODS.len() {
            self.squares[m] += other.squares[m];
            self.errors[m] += other.errors[m];
            self.overrun[m] += other.overrun[m];
        }
        self.above += other.above;
        self.above_oracle += other.above_oracle;
        self.below += other.below;
        self.longer += other.longer;
        self.longer_by_a_minute += other.longer_by_a_minute;
        self.without_end += other.without_end;
        self.later += other.later;
        self.later_above += other.later_above;
        self.later_longer += other.later_longer;
        self.silent += other.silent;
    }

    pub fn mean(&self) -> f64 {
        self.waited / self.told.max(1) as f64
    }

    /// The root of the mean squared error, in seconds.
    pub fn rmse(&self, method: usize) -> f64 {
        (self.squares[method] / self.told.max(1) as f64).sqrt()
    }

    /// The estimate's RMSE over another's.
    pub fn against(&self, method: usize) -> f64 {
        self.rmse(SVI) / self.rmse(method)
    }

    pub fn share(&self, count: usize) -> f64 {
        count as f64 / self.told.max(1) as f64
    }
}
