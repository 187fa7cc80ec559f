//! The law of talk times: log-normal, as call centres' are.

use super::normal;

/// A log-normal law of lengths, in seconds: what talks follow in every call centre that
/// was measured (Brown, Gans, Mandelbaum et al., "Statistical Analysis of a Telephone
/// Call Center", JASA 100, 2005, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LogNormal {
    /// The mean of the logarithm.
    pub(super) mu: f64,
    /// The standard deviation of the logarithm.
    pub(super) sigma: f64,
}

/// What is to be expected of a length that has lasted for some time already.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beyond {
    /// The mean length, in seconds.
    pub(super) mean: f64,
    /// The mean of the logarithm, and of its square.
    pub(super) log: f64,
    pub(super) log_squared: f64,
}

impl LogNormal {
    /// The law with this mean (seconds) and this width of the logarithm.
    pub(super) fn with_mean(mean: f64, sigma: f64) -> Self {
        Self { mu: mean.max(SHORTEST).ln() - 0.5 * sigma * sigma, sigma }
    }

    /// exp(μ + σ²/2).
    pub(super) fn mean(&self) -> f64 {
        (self.mu + 0.5 * self.sigma * self.sigma).exp()
    }

    /// The squared coefficient of variation, exp(σ²) − 1.
    pub(super) fn variation(&self) -> f64 {
        (self.sigma * self.sigma).exp_m1()
    }

    /// The share that lasts longer than `seconds`.
    pub(super) fn survival(&self, seconds: f64) -> f64 {
        if seconds <= 0.0 { 1.0 } else { normal::tail(self.standard(seconds)) }
    }

    /// The length that a share `above` of all lengths exceeds.
    pub(super) fn exceeded_by(&self, above: f64) -> f64 {
        (self.mu - self.sigma * normal::quantile(above)).exp()
    }

    /// The mean and the log moments of lengths above `seconds`: the truncated log-normal
    /// (Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions" 1, chapter 14,
    /// and for the logarithm, chapter 13, section 10.1).
    pub(super) fn beyond(&self, seconds: f64) -> Beyond {
        let z = if seconds <= 0.0 { -FAR } else { self.standard(seconds).min(FAR) };
        let share = normal::tail(z);
        let mills = normal::density(z) / share;
        let log = self.mu + self.sigma * mills;
        let variance = self.sigma * self.sigma * (1.0 + z * mills - mills * mills).max(0.0);
        let mean = self.mean() * normal::tail(z - self.sigma) / share;
        Beyond { mean: mean.max(seconds), log, log_squared: variance + log * log }
    }

    fn standard(&self, seconds: f64) -> f64 {
        (seconds.ln() - self.mu) / self.sigma
    }
}

/// Lengths below a second are a second: the logarithm has no floor of its own.
pub(super) const SHORTEST: f64 = 1.0;
/// Beyond eight widths the law says nothing any more: it is looked up there.
const FAR: f64 = 8.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-3 * b.abs().max(1.0)
    }

    #[test]
    fn moments_are_those_of_the_book() {
        // σ = 0.5: the mean is exp(σ²/2) = 1.1331 times the median, the variation e^0.25 − 1 = 0.2840.
        let law = LogNormal::with_mean(300.0, 0.5);
        assert!(close(law.mean(), 300.0));
        assert!(close(law.mu.exp(), 300.0 / 1.133_148));
        assert!(close(law.variation(), 0.284_025));
        assert!(close(law.survival(law.mu.exp()), 0.5));
        assert!(close(law.exceeded_by(0.158_655), (law.mu + 0.5).exp()));
    }

    #[test]
    fn a_length_that_has_reached_the_median_is_expected_to_go_on() {
        // At the median z = 0: Mills' ratio is 0.3989/0.5 = 0.7979, so E ln = μ + 0.7979 σ,
        // Var ln = σ²(1 − 0.6366), and E = mean · Φ(σ)/0.5 with Φ(0.5) = 0.691462.
        let law = LogNormal { mu: 5.0, sigma: 0.5 };
        let beyond = law.beyond(5.0_f64.exp());
        assert!(close(beyond.log, 5.0 + 0.5 * 0.797_885));
        assert!(close(beyond.log_squared - beyond.log * beyond.log, 0.25 * (1.0 - 0.797_885 * 0.797_885)));
        assert!(close(beyond.mean, law.mean() * 0.691_462 / 0.5));
    }

    #[test]
    fn a_length_that_has_not_begun_has_the_law_s_moments() {
        let law = LogNormal { mu: 5.0, sigma: 0.7 };
        let beyond = law.beyond(0.0);
        assert!(close(beyond.mean, law.mean()));
        assert!(close(beyond.log, 5.0));
        assert!(close(beyond.log_squared, 25.49));
    }

    #[test]
    fn an_endless_length_stays_finite() {
        let law = LogNormal { mu: 5.0, sigma: 0.3 };
        let beyond = law.beyond(1e9);
        assert!(beyond.mean.is_finite() && beyond.mean >= 1e9 && beyond.log_squared.is_finite());
    }
}
