//! The true laws of the simulated centres: nobody but the oracle knows them.

use svi::base::Chance;

/// Above 0, at most 1.
pub fn unit(chance: &mut Chance) -> f64 {
    ((chance.u64() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
}

pub fn exponential(chance: &mut Chance) -> f64 {
    -unit(chance).ln()
}

/// Box and Muller, 1958.
pub fn normal(chance: &mut Chance) -> f64 {
    let (radius, angle) = ((-2.0 * unit(chance).ln()).sqrt(), unit(chance));
    radius * (2.0 * std::f64::consts::PI * angle).cos()
}

/// A log-normal length with this mean (seconds) and coefficient of variation.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    mu: f64,
    sigma: f64,
}

impl Length {
    pub fn new(mean: f64, variation: f64) -> Self {
        let squared = (variation * variation).ln_1p();
        Self { mu: mean.ln() - 0.5 * squared, sigma: squared.sqrt() }
    }

    pub fn draw(&self, chance: &mut Chance) -> f64 {
        (self.mu + self.sigma * normal(chance)).exp()
    }

    /// The rest of one that has lasted for `age`: a normal from its tail, by refusal
    /// (Robert, "Simulation of truncated normal variables", Statistics and Computing 5, 1995).
    pub fn rest(&self, age: f64, chance: &mut Chance) -> f64 {
        if age <= 0.0 {
            return self.draw(chance);
        }
        let from = (age.ln() - self.mu) / self.sigma;
        let z = loop {
            if from < 0.5 {
                let z = normal(chance);
                if z >= from {
                    break z;
                }
            } else {
                let rate = 0.5 * (from + (from * from + 4.0).sqrt());
                let z = from + exponential(chance) / rate;
                if unit(chance) <= (-0.5 * (z - rate) * (z - rate)).exp() {
                    break z;
                }
            }
        };
        ((self.mu + self.sigma * z).exp() - age).max(0.0)
    }
}

/// Patience with an early peak: some give up as soon as they hear that they must wait,
/// the others by a Weibull law whose hazard falls.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The share that gives up early, after this many seconds in the mean.
    early: f64,
    early_mean: f64,
    scale: f64,
    shape: f64,
}

impl Patience {
    pub const USUAL: Self = Self { early: 0.08, early_mean: 12.0, scale: 750.0, shape: 0.9 };

    pub fn draw(&self, chance: &mut Chance) -> f64 {
        self.rest(0.0, chance)
    }

    /// The rest of the patience of one who has waited for `age`.
    pub fn rest(&self, age: f64, chance: &mut Chance) -> f64 {
        let hasty = self.early * (-age / self.early_mean).exp();
        let worn = (age / self.scale).powf(self.shape);
        let steady = (1.0 - self.early) * (-worn).exp();
        if unit(chance) * (hasty + steady) < hasty {
            return exponential(chance) * self.early_mean;
        }
        self.scale * (worn + exponential(chance)).powf(1.0 / self.shape) - age
    }
}
