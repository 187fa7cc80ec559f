use serde::Serialize;

use super::{FEWEST, share};
use crate::call::past::PastCall;
use crate::queue::wait::{Scores, WaitEnd};

/// What happened to those who asked for an agent in opening hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Calls that asked.
    pub asked: u64,
    /// Those that an agent answered.
    pub answered: u64,
    /// The taux de décroché, from 0 to 1: answered ÷ asked.
    pub taux: Option<f64>,
    /// Callers who hung up while they waited.
    pub abandoned: u64,
    /// From asking to the answer, of those who were answered: half waited no longer. Seconds.
    pub wait_median_s: Option<u64>,
    /// Nine in ten waited no longer. Seconds.
    pub wait_p90_s: Option<u64>,
    /// Marks given in surveys.
    pub marks: u64,
    /// Their mean, from 1.
    pub satisfaction: Option<f64>,
    /// How honest the told waits were.
    pub told: Honesty,
}

/// What became of the waits that callers were told.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Honesty {
    /// Callers who were told a wait.
    pub callers: u64,
    /// Those who left before the end of what they were told: nobody knows.
    pub unknown: u64,
    /// The median of how far the expected wait was from the real one, of those who were
    /// answered; by the first wait that each was told. Seconds, to a tenth of it.
    pub median_error_s: Option<u64>,
    /// The share of callers, but the unknown, who waited longer than they were told at any time.
    pub longer: Option<f64>,
    /// The share of first told waits that were above the estimate's own range: 0.1 when it
    /// is calibrated.
    pub above: Option<f64>,
    /// The share below it: 0.1 when it is calibrated.
    pub below: Option<f64>,
}

/// The sums of a queue and a day; days add up.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    asked: u64,
    answered: u64,
    abandoned: u64,
    /// Seconds.
    waits: Vec<u32>,
    marks: u64,
    mark_sum: u64,
    told: u64,
    kept: u64,
    longer: u64,
    first: Scores,
    firsts: u64,
}

impl Sums {
    pub(super) fn push(&mut self, call: &PastCall) {
        self.asked += 1;
        self.answered += u64::from(call.connected.is_some());
        self.abandoned += u64::from(call.has_given_up());
        if call.connected.is_some() {
            self.waits.extend(call.wait_ms.map(|ms| u32::try_from(ms / 1000).unwrap_or(u32::MAX)));
        }
        self.marks += call.survey.len() as u64;
        self.mark_sum += call.survey.iter().map(|mark| u64::from(mark.mark)).sum::<u64>();
        let promises: Vec<_> = call.promises().collect();
        if !promises.is_empty() {
            self.told += 1;
            let longer = promises.iter().any(crate::queue::wait::Outcome::is_longer);
            let answered = promises.iter().all(|promise| promise.end == WaitEnd::Answered);
            self.longer += u64::from(longer);
            self.kept += u64::from(answered && !longer);
        }
        for (_, outcome) in call.first_promises() {
            self.first.learn(&outcome);
            self.firsts += 1;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.waits.extend_from_slice(&other.waits);
        self.marks += other.marks;
        self.mark_sum += other.mark_sum;
        self.told += other.told;
        self.kept += other.kept;
        self.longer += other.longer;
        self.first.add(&other.first);
        self.firsts += other.firsts;
    }

    pub(super) fn figures(&self) -> Figures {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        Figures {
            asked: self.asked,
            answered: self.answered,
            taux: share(self.answered, self.asked),
            abandoned: self.abandoned,
            wait_median_s: quantile(&waits, 50),
            wait_p90_s: quantile(&waits, 90).filter(|_| waits.len() as u64 >= FEWEST),
            marks: self.marks,
            satisfaction: share(self.mark_sum, self.marks),
            told: self.honesty(),
        }
    }

    fn honesty(&self) -> Honesty {
        let known = self.kept + self.longer;
        let firsts = self.firsts - self.first.unknown;
        let of = |part, all| share(part, all).filter(|_| all >= FEWEST);
        Honesty {
            callers: self.told,
            unknown: self.told - known,
            median_error_s: self.first.median_error().map(|error| error.as_secs_f64().round() as u64),
            longer: of(self.longer, known),
            above: of(self.first.above, firsts),
            below: of(self.first.below, firsts),
        }
    }
}

/// The smallest value that at least so many of a hundred do not exceed.
fn quantile(sorted: &[u32], percent: usize) -> Option<u64> {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).map(|seconds| u64::from(*seconds))
}
