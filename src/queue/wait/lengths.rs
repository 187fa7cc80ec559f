//! Lengths learned as they happen: talks, wrap-ups, ringing, pauses.

use super::law::{LogNormal, SHORTEST};

/// What is believed of a length before any has been seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prior {
    /// The mean, in seconds.
    pub(super) mean: f64,
    /// The width of the logarithm.
    pub(super) sigma: f64,
    /// How many lengths this belief weighs.
    pub(super) weight: f64,
    /// After how many lengths an old one counts half.
    pub(super) half_life: f64,
}

/// A running fold over lengths that have ended, the recent ones weighing more.
///
/// The mean is the arithmetic one, because it decides how many calls are answered in an
/// hour, whatever the true shape; the width comes from the logarithms, which long
/// outliers move less.
#[derive(Clone, Debug)]
pub(super) struct Lengths {
    prior: Prior,
    weight: f64,
    weight_squared: f64,
    sum: f64,
    log: f64,
    log_squared: f64,
    law: LogNormal,
    /// How many begin in a second.
    pace: f64,
}

/// The law as it is known now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) law: LogNormal,
    /// The relative standard error of the mean.
    pub(super) error: f64,
    /// How many lengths this rests on; a forgotten one counts less.
    pub(super) evidence: f64,
}

impl Lengths {
    pub(super) fn new(prior: Prior) -> Self {
        Self {
            prior,
            weight: 0.0,
            weight_squared: 0.0,
            sum: 0.0,
            log: 0.0,
            log_squared: 0.0,
            law: LogNormal::with_mean(prior.mean, prior.sigma),
            pace: 0.0,
        }
    }

    /// Takes a length that has ended.
    ///
    /// It weighs what its beginning weighs by now: were the ended ones weighed by their
    /// ends, the running ones, which are long more often than not, would pull the mean up.
    pub(super) fn learn(&mut self, seconds: f64) {
        let keep = self.keep(1.0);
        let seconds = seconds.clamp(0.0, LONGEST);
        let weight = self.keep(seconds * self.pace);
        let log = seconds.max(SHORTEST).ln();
        self.weight = self.weight * keep + weight;
        self.weight_squared = self.weight_squared * keep * keep + weight * weight;
        self.sum = self.sum * keep + weight * seconds;
        self.log = self.log * keep + weight * log;
        self.log_squared = self.log_squared * keep + weight * log * log;
    }

    /// The law, from what has ended and from what still runs (its age, in seconds).
    ///
    /// Without the running ones the long talks would be missing at the start of a day,
    /// when only short ones have ended: each stands in with its expected full length, one
    /// step of expectation and maximisation per look (Dempster, Laird and Rubin, JRSS B 39,
    /// 1977, section 4.1.3, censored data).
    pub(super) fn know(&mut self, running: impl Iterator<Item = f64>) -> Known {
        let Prior { mean, sigma, weight, .. } = self.prior;
        let log = LogNormal::with_mean(mean, sigma).mu;
        let mut count = weight + self.weight;
        let mut sum = weight * mean + self.sum;
        let mut logs = weight * log + self.log;
        let mut squares = weight * (sigma * sigma + log * log) + self.log_squared;
        let mut running_now = 0.0;
        for age in running {
            let age = age.clamp(0.0, LONGEST);
            let weight = self.keep(age * self.pace);
            let beyond = self.law.beyond(age);
            count += weight;
            sum += weight * beyond.mean;
            logs += weight * beyond.log;
            squares += weight * beyond.log_squared;
            running_now += 1.0;
        }
        let centre = logs / count;
        let width = (squares / count - centre * centre).max(0.0).sqrt().clamp(NARROWEST, WIDEST);
        self.law = LogNormal::with_mean(sum / count, width);
        self.pace = running_now / self.law.mean();
        let evidence = self.evidence();
        Known { law: self.law, error: (self.law.variation() / (weight + evidence)).sqrt(), evidence }
    }

    /// What is left of a weight after so many lengths have begun.
    fn keep(&self, begun: f64) -> f64 {
        (-std::f64::consts::LN_2 * begun / self.prior.half_life).exp()
    }

    /// How many lengths are remembered: Kish's effective sample size.
    pub(super) fn evidence(&self) -> f64 {
        if self.weight_squared > 0.0 { self.weight * self.weight / self.weight_squared } else { 0.0 }
    }

    /// The mean of what has ended, with the prior.
    pub(super) fn mean(&self) -> f64 {
        (self.prior.weight * self.prior.mean + self.sum) / (self.prior.weight + self.weight)
    }
}

/// No call and no pause counts for more than this.
const LONGEST: f64 = 2.0 * 3600.0;
const NARROWEST: f64 = 0.02;
const WIDEST: f64 = 2.0;

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { mean: 300.0, sigma: 0.7, weight: 1.0, half_life: 100.0 };

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-6 * b.abs().max(1.0)
    }

    #[test]
    fn with_nothing_seen_the_prior_is_the_law() {
        let known = Lengths::new(PRIOR).know(std::iter::empty());
        assert!(close(known.law.mean(), 300.0) && close(known.law.sigma, 0.7));
        assert!(known.evidence.abs() < 1e-12);
        assert!(close(known.error, 0.49_f64.exp_m1().sqrt()), "one length's worth");
    }

    #[test]
    fn one_length_halves_the_distance_to_the_prior_of_one() {
        let mut lengths = Lengths::new(PRIOR);
        lengths.learn(100.0);
        assert!(close(lengths.know(std::iter::empty()).law.mean(), 200.0));
        assert!(close(lengths.mean(), 200.0));
    }

    #[test]
    fn an_old_length_counts_half_after_the_half_life() {
        let mut lengths = Lengths::new(Prior { weight: 0.0, half_life: 1.0, ..PRIOR });
        lengths.learn(100.0);
        lengths.learn(400.0);
        // Weights ½ and 1: (50 + 400)/1.5 = 300; Kish: 1.5²/(0.25 + 1) = 1.8.
        assert!(close(lengths.know(std::iter::empty()).law.mean(), 300.0));
        assert!(close(lengths.evidence(), 1.8));
    }

    #[test]
    fn equal_lengths_have_next_to_no_width() {
        let mut lengths = Lengths::new(Prior { weight: 0.0, ..PRIOR });
        (0..50).for_each(|_| lengths.learn(30.0));
        let known = lengths.know(std::iter::empty());
        assert!(close(known.law.mean(), 30.0) && close(known.law.sigma, NARROWEST));
    }

    #[test]
    fn running_talks_take_the_bias_out_of_the_first_short_ones() {
        // 200 talks at the log-normal's even quantiles; only those under 150 s have ended.
        let truth = LogNormal::with_mean(300.0, 0.7);
        let all: Vec<f64> = (0..200).map(|k| truth.exceeded_by((f64::from(k) + 0.5) / 200.0)).collect();
        let mut lengths = Lengths::new(PRIOR);
        all.iter().filter(|t| **t < 150.0).for_each(|t| lengths.learn(*t));
        let naive = lengths.mean();
        let running = all.iter().filter(|t| **t >= 150.0).count();
        let mean = (0..60).map(|_| lengths.know(std::iter::repeat_n(150.0, running)).law.mean()).last().unwrap();
        assert!(naive < 120.0, "{naive}");
        assert!((mean - 300.0).abs() < 75.0, "{mean}");
    }
}
