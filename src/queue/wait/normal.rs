//! The normal distribution: its density, its upper tail and its quantiles.

use std::f64::consts::PI;

/// The density at `z`.
pub(super) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The share above `z`, to 15 digits, also far out: J. F. Hart, "Computer
/// Approximations" (1968), function 5666, and beyond 7 the continued fraction of Mills'
/// ratio (Abramowitz and Stegun 26.2.14), both as G. West gives them in "Better
/// approximations to cumulative normal functions" (Wilmott, 2005).
pub(super) fn tail(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - tail(-z);
    }
    let bell = (-0.5 * z * z).exp();
    if z > 7.0 {
        let mills = [4.0, 3.0, 2.0, 1.0].iter().fold(z + 0.65, |below, k| z + k / below);
        return bell / mills / (2.0 * PI).sqrt();
    }
    bell * polynomial(&TAIL_ABOVE, z) / polynomial(&TAIL_BELOW, z)
}

/// The value that a share `p` lies below, to 7 digits: M. J. Wichura, algorithm AS 241,
/// PPND7 (Applied Statistics 37, 1988). `p` is taken into the open range from 0 to 1.
pub(super) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(&MIDDLE_ABOVE, r) / polynomial(&MIDDLE_BELOW, r);
    }
    let r = (-p.min(1.0 - p).max(f64::MIN_POSITIVE).ln()).sqrt();
    let z = if r <= 5.0 {
        polynomial(&NEAR_ABOVE, r - 1.6) / polynomial(&NEAR_BELOW, r - 1.6)
    } else {
        polynomial(&FAR_ABOVE, r - 5.0) / polynomial(&FAR_BELOW, r - 5.0)
    };
    z.copysign(q)
}

/// A polynomial with its highest power first.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

const TAIL_ABOVE: [f64; 7] = [
    3.526_249_659_989_11e-2,
    0.700_383_064_443_688,
    6.373_962_203_531_65,
    33.912_866_078_383,
    112.079_291_497_871,
    221.213_596_169_931,
    220.206_867_912_376,
];
const TAIL_BELOW: [f64; 8] = [
    8.838_834_764_831_84e-2,
    1.755_667_163_182_64,
    16.064_177_579_207,
    86.780_732_202_946_1,
    296.564_248_779_674,
    637.333_633_378_831,
    793.826_512_519_948,
    440.413_735_824_752,
];
const MIDDLE_ABOVE: [f64; 4] = [59.109_374_72, 159.291_132_02, 50.434_271_938, 3.387_132_717_9];
const MIDDLE_BELOW: [f64; 4] = [67.187_563_6, 78.757_757_664, 17.895_169_469, 1.0];
const NEAR_ABOVE: [f64; 4] = [0.170_238_211_03, 1.306_728_481_6, 2.756_815_39, 1.423_437_277_7];
const NEAR_BELOW: [f64; 3] = [0.120_211_329_75, 0.737_001_642_5, 1.0];
const FAR_ABOVE: [f64; 4] = [0.017_337_203_997, 0.428_682_943_37, 3.081_226_386, 6.657_905_115];
const FAR_BELOW: [f64; 3] = [0.012_258_202_635, 0.241_978_942_25, 1.0];

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun, tables 26.1 and 26.2.
    const TABLE: [(f64, f64); 6] = [
        (0.0, 0.5),
        (0.5, 0.308_537_538_726),
        (1.0, 0.158_655_253_931),
        (1.96, 0.024_997_895_149),
        (3.0, 1.349_898_032e-3),
        (6.0, 9.865_876_450e-10),
    ];

    #[test]
    fn the_tail_is_the_table_s() {
        for (z, share) in TABLE {
            assert!((tail(z) / share - 1.0).abs() < 1e-9, "{z}: {}", tail(z));
            assert!((tail(-z) - (1.0 - share)).abs() < 1e-12, "{z}: {}", tail(-z));
        }
        assert!((tail(7.000_001) / tail(7.0) - 1.0).abs() < 1e-4, "the two halves meet");
    }

    #[test]
    fn the_quantile_is_the_tail_s_inverse() {
        for (z, share) in TABLE {
            assert!((quantile(share) + z).abs() < 1e-6, "{z}: {}", quantile(share));
        }
        for p in [1e-12, 1e-3, 0.074, 0.076, 0.3, 0.924, 0.926, 0.999] {
            assert!((tail(-quantile(p)) / p - 1.0).abs() < 1e-5, "{p}");
        }
        assert!(quantile(0.0).is_finite() && quantile(1.0).is_finite());
    }

    #[test]
    fn the_density_has_its_top_at_the_middle() {
        assert!((density(0.0) - 0.398_942_280_4).abs() < 1e-10);
        assert!((density(1.0) - 0.241_970_724_5).abs() < 1e-10);
    }
}
