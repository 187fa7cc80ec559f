//! Numbers that look drawn by chance and are the same every time.

use super::normal;

/// The numbers of one future.
///
/// Not chance but a rule: the same floor gives the same estimate, and one second later
/// nearly the same. Futures come in mirrored pairs (what is long in one is short in the
/// other), so that the mean of a few tells what the mean of many would (antithetic
/// variates: Hammersley and Morton, 1956).
#[derive(Clone, Debug)]
pub(super) struct Draw {
    state: u64,
    mirrored: bool,
}

impl Draw {
    pub(super) fn of(future: usize) -> Self {
        let pair = future as u64 / 2 + 1;
        Self { state: pair.wrapping_mul(0xd134_2543_de82_ef95), mirrored: future % 2 == 1 }
    }

    /// Between 0 and 1, never either. SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    pub(super) fn unit(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (z ^ (z >> 31)) >> 11;
        let unit = (bits as f64 + 0.5) / (1_u64 << 53) as f64;
        if self.mirrored { (1.0 - unit).min(1.0 - f64::EPSILON) } else { unit }
    }

    pub(super) fn normal(&mut self) -> f64 {
        normal::quantile(self.unit())
    }

    /// With mean one.
    pub(super) fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_mirrored_and_pairs_differ() {
        let (mut one, mut two, mut three) = (Draw::of(0), Draw::of(1), Draw::of(2));
        let mut sum = 0.0;
        for _ in 0..1000 {
            let u = one.unit();
            assert!(u > 0.0 && u < 1.0);
            assert!((u + two.unit() - 1.0).abs() < 1e-12);
            assert!((u - three.unit()).abs() > 0.0);
            sum += u;
        }
        assert!((sum / 1000.0 - 0.5).abs() < 0.03);
    }

    #[test]
    fn exponentials_have_mean_one_and_normals_none() {
        let mut draw = Draw::of(4);
        let mean = (0..4000).map(|_| draw.exponential()).sum::<f64>() / 4000.0;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        let mean = (0..4000).map(|_| draw.normal()).sum::<f64>() / 4000.0;
        assert!(mean.abs() < 0.05, "{mean}");
    }
}
