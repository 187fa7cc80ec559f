use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};

/// Randomness as an argument: a seeded, cryptographically strong generator.
///
/// The shell seeds it from the operating system, a test from a number, so that
/// every run of the core can be replayed.
#[derive(Clone, Debug)]
pub struct Chance(StdRng);

impl Chance {
    /// The same numbers for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Unpredictable numbers from 32 bytes of the operating system's randomness.
    pub fn from_entropy(seed: [u8; 32]) -> Self {
        Self(StdRng::from_seed(seed))
    }

    /// A generator of its own, for another owner.
    pub fn split(&mut self) -> Self {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        Self(StdRng::from_seed(seed))
    }

    /// 32 random bits.
    pub fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// 64 random bits.
    pub fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `n`; 0 when `n` is 0. The bias is below n ÷ 2⁶⁴.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { usize::try_from(self.u64() % n as u64).unwrap_or(0) }
    }

    /// A token of `bytes` random bytes in lower-case hex, for tags, branches and nonces.
    pub fn token(&mut self, bytes: usize) -> String {
        let mut raw = vec![0; bytes];
        self.0.fill_bytes(&mut raw);
        raw.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }
}
