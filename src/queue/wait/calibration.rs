//! Keeps the announced range honest: one in ten above, one in ten below.

use super::patience::WaitEnd;

/// A predicted wait as seconds from the moment of asking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) mean: f64,
    pub(super) high: f64,
}

/// Two stretches, learned from what was promised and what happened, that pull the ends of
/// every range towards or away from its mean.
///
/// Adaptive conformal inference (Gibbs and Candès, NeurIPS 2021, equation 2): after each
/// outcome the stretch moves by the step times what was missed less what should have been.
/// Whatever the waits' true law, the share missed then tends to the one aimed at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Calibration {
    /// The logarithms of the stretches.
    high: f64,
    low: f64,
}

impl Calibration {
    pub(super) fn stretch(&self, drawn: Range) -> Range {
        let Range { low, median, mean, high } = drawn;
        let high = mean + (high - mean).max(0.0) * self.high.exp();
        let low = (mean - (mean - low).max(0.0) * self.low.exp()).max(0.0);
        Range { low, median: median.clamp(low, high), mean, high }
    }

    /// Takes what a promised range came to.
    pub(super) fn learn(&mut self, promised: Range, waited: f64, end: WaitEnd) {
        let above = share_above(promised, waited, end);
        let below = share_below(promised, waited, end);
        self.high = (self.high + STEP * (above - MISSED)).clamp(-FARTHEST, FARTHEST);
        self.low = (self.low + STEP * (below - MISSED)).clamp(-FARTHEST, FARTHEST);
    }
}

/// Whether a wait went above the promised range. Who left before its end might have: with
/// the chance that the range itself gives to it, the wait having reached that far (the mass
/// of the censored is moved to the right: Efron, "The two sample problem with censored
/// data", 1967).
pub(super) fn share_above(promised: Range, waited: f64, end: WaitEnd) -> f64 {
    if waited > promised.high {
        1.0
    } else if end == WaitEnd::Answered {
        0.0
    } else {
        MISSED / (1.0 - share_to(promised, waited))
    }
}

/// The same for a wait below the promised range.
fn share_below(promised: Range, waited: f64, end: WaitEnd) -> f64 {
    if waited >= promised.low {
        0.0
    } else if end == WaitEnd::Answered {
        1.0
    } else {
        let share = share_to(promised, waited);
        (MISSED - share).max(0.0) / (1.0 - share)
    }
}

/// The share of waits that a range puts below `seconds`: straight lines through its
/// quantiles, up to the high one.
fn share_to(range: Range, seconds: f64) -> f64 {
    let knots = [(0.0, 0.0), (range.low, MISSED), (range.median, 0.5), (range.high, 1.0 - MISSED)];
    for pair in knots.windows(2) {
        let ((from, share), (to, next)) = (pair[0], pair[1]);
        if seconds < to {
            return share + (next - share) * (seconds - from) / (to - from);
        }
    }
    1.0 - MISSED
}

/// The share of waits on either side of the range.
pub(super) const MISSED: f64 = 0.1;
/// A miss stretches by 4.5 %, a hit pulls back by 0.5 %.
const STEP: f64 = 0.05;
/// Neither end is stretched by more than this, as a logarithm: e, or 1/e.
const FARTHEST: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range = Range { low: 60.0, median: 110.0, mean: 120.0, high: 200.0 };

    #[test]
    fn a_miss_stretches_and_a_hit_pulls_back() {
        let mut calibration = Calibration::default();
        assert_eq!(calibration.stretch(RANGE), RANGE);
        calibration.learn(RANGE, 201.0, WaitEnd::Answered);
        // 120 + 80·e^(0.05·0.9) = 203.68; the low end: 120 − 60·e^(−0.05·0.1) = 60.30.
        let stretched = calibration.stretch(RANGE);
        assert!((stretched.high - 203.682).abs() < 1e-3 && (stretched.low - 60.299).abs() < 1e-3, "{stretched:?}");
        for _ in 0..9 {
            calibration.learn(RANGE, 100.0, WaitEnd::Answered);
        }
        assert!((calibration.stretch(RANGE).high - 200.0).abs() < 1e-6, "nine hits undo a miss");
    }

    #[test]
    fn who_leaves_early_counts_as_the_range_itself_says() {
        // At the median half is still to come: 0.1/0.5. At 85 s, halfway from the low to the
        // median, 0.3 lie below.
        assert!((share_above(RANGE, 110.0, WaitEnd::Left) - 0.2).abs() < 1e-9);
        assert!((share_above(RANGE, 85.0, WaitEnd::Left) - 0.1 / 0.7).abs() < 1e-9);
        assert!((share_above(RANGE, 200.0, WaitEnd::Left) - 1.0).abs() < 1e-9);
        assert!((share_above(RANGE, 0.0, WaitEnd::Left) - 0.1).abs() < 1e-9, "nothing is known of who leaves at once");
        // At 30 s 0.05 lie below: (0.1 − 0.05)/0.95.
        assert!((share_below(RANGE, 30.0, WaitEnd::Left) - 0.05 / 0.95).abs() < 1e-9);
        assert!(share_below(RANGE, 70.0, WaitEnd::Left).abs() < 1e-9);
    }

    #[test]
    fn a_range_without_width_stays_finite() {
        let point = Range { low: 0.0, median: 0.0, mean: 0.0, high: 0.0 };
        assert!(share_above(point, 0.0, WaitEnd::Left).is_finite());
        let stretched = Calibration::default().stretch(point);
        assert!(stretched.high.abs() < 1e-9 && stretched.low.abs() < 1e-9);
    }

    #[test]
    fn the_share_missed_tends_to_one_in_ten_though_the_range_was_wrong() {
        // Waits spread evenly over 0 to 360 s: the range would be missed above by 4 in 9.
        let mut calibration = Calibration::default();
        let mut missed = 0;
        for k in 0..4000_u32 {
            let waited = f64::from(k.wrapping_mul(2_654_435_761) % 3600) / 10.0;
            let told = calibration.stretch(RANGE);
            missed += u32::from(k >= 400 && waited > told.high);
            calibration.learn(told, waited, WaitEnd::Answered);
        }
        assert!((300..420).contains(&missed), "{missed} of 3600");
    }
}
