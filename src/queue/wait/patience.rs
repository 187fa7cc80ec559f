//! How long callers are willing to wait, learned from those who left and from those
//! who did not.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A running fold over waits: in each piece of the wait, how many left and how long
/// everyone together stood there.
///
/// Leavers per second of standing is the hazard. Who was served, or waits still, counts
/// with the time stood and no leaving: this is what censoring means, and for hazards that
/// are constant within a piece it is the maximum-likelihood estimate (Mandelbaum and
/// Zeltyn, "Service Engineering of Call Centers", 2007, section 3; Kaplan and Meier, JASA
/// 53, 1958, in the limit of short pieces).
#[derive(Clone, Debug, Default)]
pub(super) struct Patience {
    left: [f64; PIECES],
    stood: [f64; PIECES],
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitEnd {
    /// An agent answered.
    Answered,
    /// The caller hung up, or did something else instead.
    Left,
}

/// The hazard of leaving in each piece of the wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hazards {
    /// Per second.
    rates: [f64; PIECES],
    /// The relative standard error of what comes after the early peak.
    pub(super) error: f64,
}

impl Patience {
    /// Takes a wait that has ended after so many seconds.
    pub(super) fn learn(&mut self, seconds: f64, end: WaitEnd) {
        for (left, stood) in self.left.iter_mut().zip(&mut self.stood) {
            *left *= KEEP;
            *stood *= KEEP;
        }
        self.stood = stood_by(self.stood, seconds);
        if end == WaitEnd::Left {
            self.left[piece(seconds)] += 1.0;
        }
    }

    /// The hazards, from the waits that have ended and those that go on (their lengths so
    /// far, in seconds).
    pub(super) fn know(&self, waiting: impl Iterator<Item = f64>) -> Hazards {
        let stood = waiting.fold(self.stood, stood_by);
        let mut rates = [0.0; PIECES];
        let mut believed = BELIEVED;
        for (i, rate) in rates.iter_mut().enumerate() {
            let leavers = match i.cmp(&PEAK) {
                Ordering::Less => LEAVERS,
                Ordering::Equal => LEAVERS_FIRST,
                Ordering::Greater => LEAVERS_LATER,
            };
            *rate = (self.left[i] + leavers) / (stood[i] + leavers / believed);
            // The peak tells nothing of later.
            if i >= PEAK {
                believed = *rate;
            }
        }
        let seen: f64 = self.left[PEAK..].iter().sum();
        Hazards { rates, error: 1.0 / (seen + LEAVERS_FIRST).sqrt() }
    }
}

impl Hazards {
    /// Who leaves at this rate, known for sure.
    #[cfg(test)]
    pub(super) fn constant(rate: f64) -> Self {
        Self { rates: [rate; PIECES], error: 0.0 }
    }

    /// The hazard summed over a wait from its start to `seconds`: the share that is still
    /// there is exp(−this).
    pub(super) fn sum_to(&self, seconds: f64) -> f64 {
        let mut sum = 0.0;
        for (i, rate) in self.rates.iter().enumerate() {
            let end = EDGES.get(i + 1).copied().unwrap_or(f64::INFINITY);
            if seconds <= end {
                return sum + rate * (seconds - EDGES[i]).max(0.0);
            }
            sum += rate * (end - EDGES[i]);
        }
        sum
    }
}

fn piece(seconds: f64) -> usize {
    EDGES.iter().rposition(|edge| seconds >= *edge).unwrap_or(0)
}

fn stood_by(mut stood: [f64; PIECES], seconds: f64) -> [f64; PIECES] {
    for (i, sum) in stood.iter_mut().enumerate() {
        let end = EDGES.get(i + 1).copied().unwrap_or(f64::INFINITY);
        *sum += (seconds.min(end) - EDGES[i]).max(0.0);
    }
    stood
}

const PIECES: usize = 8;
/// Where the pieces begin, in seconds: short at first, since many leave at once when
/// they hear that they have to wait.
const EDGES: [f64; PIECES] = [0.0, 10.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0];
/// The first piece after the early peak.
const PEAK: usize = 3;
/// One leaver in twelve minutes.
const BELIEVED: f64 = 1.0 / 720.0;
/// How many leavers the belief weighs.
const LEAVERS: f64 = 1.0;
/// How many it weighs in the first piece after the peak, from where on later ones take it.
const LEAVERS_FIRST: f64 = 4.0;
/// After the peak the belief is what the piece before has shown, and weighs more: hazards
/// change slowly there, and a rush finds an estimate for waits that nobody has had yet.
const LEAVERS_LATER: f64 = 30.0;
/// A wait counts half after 1 000 others.
const KEEP: f64 = 0.999_307;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_nothing_seen_one_in_twelve_minutes_leaves() {
        let hazards = Patience::default().know(std::iter::empty());
        assert!((hazards.sum_to(720.0) - 1.0).abs() < 1e-9);
        assert!((hazards.sum_to(2000.0) - 2000.0 / 720.0).abs() < 1e-9);
    }

    #[test]
    fn a_hazard_is_leavers_over_the_time_that_all_stood() {
        let mut patience = Patience::default();
        patience.learn(5.0, WaitEnd::Left);
        patience.learn(40.0, WaitEnd::Answered);
        // Forgetting the first by one step: the first ten seconds were stood 5·0.9993 + 10 s
        // by these two and 10 s by one who waits still, and 0.9993 left.
        let hazards = patience.know(std::iter::once(12.0));
        let expected = (KEEP + 1.0) / (5.0 * KEEP + 10.0 + 10.0 + 720.0);
        assert!((hazards.sum_to(10.0) - 10.0 * expected).abs() < 1e-9);
        let next = 1.0 / (20.0 + 2.0 + 720.0);
        assert!((hazards.sum_to(30.0) - hazards.sum_to(10.0) - 20.0 * next).abs() < 1e-9);
    }

    #[test]
    fn a_wait_that_nobody_has_had_yet_takes_after_the_one_before() {
        let mut patience = Patience::default();
        (0..100).for_each(|_| patience.learn(120.0, WaitEnd::Answered));
        (0..20).for_each(|_| patience.learn(100.0, WaitEnd::Left));
        let hazards = patience.know(std::iter::empty());
        let rate = |from: f64, to: f64| (hazards.sum_to(to) - hazards.sum_to(from)) / (to - from);
        assert!((rate(200.0, 210.0) / rate(70.0, 90.0) - 1.0).abs() < 1e-9);
        // Some twenty have been seen leaving, and four are believed: 1/√24.
        assert!((hazards.error - 24.0_f64.powf(-0.5)).abs() < 0.002, "{}", hazards.error);
    }

    #[test]
    fn an_early_peak_is_seen_as_one() {
        let mut patience = Patience::default();
        for k in 0..400 {
            let end = if k % 10 == 0 { (4.0, WaitEnd::Left) } else { (200.0, WaitEnd::Answered) };
            patience.learn(end.0, end.1);
        }
        let hazards = patience.know(std::iter::empty());
        let early = hazards.sum_to(10.0) / 10.0;
        let late = (hazards.sum_to(60.0) - hazards.sum_to(30.0)) / 30.0;
        assert!(early > 20.0 * late, "{early} {late}");
    }
}
