//! Nonces that need no memory: the time they were made, and a proof that we made them for
//! this address.

use std::net::IpAddr;

use sha2::Digest as _;
use subtle::ConstantTimeEq as _;

use super::hex;
use crate::base::{Chance, Instant, limits};

/// Makes and checks nonces that expire after [`limits::NONCE`].
#[derive(Clone)]
pub struct Nonces {
    secret: [u8; 32],
}

/// What a nonce is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Ours and young enough.
    Fresh,
    /// Ours and too old: challenge again with `stale=true`.
    Stale,
    /// Not ours, made for another address, or not from this start of the program.
    Foreign,
}

impl Nonces {
    /// A maker with a secret of its own.
    pub fn new(chance: &mut Chance) -> Self {
        let mut secret = [0; 32];
        for chunk in secret.chunks_exact_mut(8) {
            chunk.copy_from_slice(&chance.u64().to_be_bytes());
        }
        Self { secret }
    }

    /// A nonce made now, to be sent to an address.
    pub fn issue(&self, now: Instant, to: IpAddr) -> String {
        let made = millis(now);
        format!("{made:012x}{}", self.proof(made, to))
    }

    /// Whether a nonce that has come from an address was made for it, and is still young.
    pub fn check(&self, now: Instant, nonce: &str, from: IpAddr) -> Freshness {
        let Some((made, proof)) = nonce.split_at_checked(12) else { return Freshness::Foreign };
        let Ok(made) = u64::from_str_radix(made, 16) else { return Freshness::Foreign };
        if !bool::from(self.proof(made, from).as_bytes().ct_eq(proof.as_bytes())) {
            return Freshness::Foreign;
        }
        let age = millis(now).checked_sub(made);
        let limit = u64::try_from(limits::NONCE.as_millis()).unwrap_or(u64::MAX);
        if age.is_some_and(|age| age < limit) { Freshness::Fresh } else { Freshness::Stale }
    }

    /// The secret stands on both sides, so that no length extension of SHA-256 helps.
    fn proof(&self, made: u64, address: IpAddr) -> String {
        let mut hash = sha2::Sha256::new();
        hash.update(self.secret);
        hash.update(made.to_be_bytes());
        hash.update(octets(address));
        hash.update(self.secret);
        hex(&hash.finalize()[..16])
    }
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonces(…)")
    }
}

/// An IPv4 address is the same when IPv6 carries it.
fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

fn millis(now: Instant) -> u64 {
    u64::try_from(now.since_start().as_millis()).unwrap_or(u64::MAX)
}
