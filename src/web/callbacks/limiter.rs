//! How often something may be asked for, from one address and in all.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::base::Instant;

/// Counts by the generic cell rate algorithm: as many at once as an hour allows, then one
/// each time that its share of the hour has passed.
///
/// It remembers an address only while something that it was allowed counts, so that the
/// limit on all bounds the memory too.
#[derive(Debug)]
pub(super) struct Limiter {
    each: Duration,
    all: Duration,
    by_source: BTreeMap<IpAddr, Instant>,
    together: Instant,
    /// How many addresses there may be before those that count no more are looked for.
    crowd: usize,
}

impl Limiter {
    /// So many within an hour from each address, and from all together. Neither may be 0.
    pub(super) fn new(each: u32, all: u32) -> Self {
        let share = |n: u32| HOUR / n.max(1);
        Self { each: share(each), all: share(all), by_source: BTreeMap::new(), together: Instant::START, crowd: CROWD }
    }

    /// Counts one from an address, or says how long to wait until the next. Nothing is
    /// counted that is refused.
    pub(super) fn take(&mut self, now: Instant, from: IpAddr) -> Result<(), Duration> {
        let source = source(from);
        let due = |busy_until: Instant, share: Duration| {
            let due = busy_until.max(now) + share;
            let over = due.since(now).saturating_sub(HOUR);
            if over.is_zero() { Ok(due) } else { Err(over) }
        };
        let one = due(self.by_source.get(&source).copied().unwrap_or(now), self.each)?;
        self.together = due(self.together, self.all)?;
        self.by_source.insert(source, one);
        if self.by_source.len() > self.crowd {
            self.by_source.retain(|_, busy_until| *busy_until > now);
            self.crowd = (2 * self.by_source.len()).max(CROWD);
        }
        Ok(())
    }
}

/// What one household has: an IPv4 address, or the network of an IPv6 one.
fn source(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const CROWD: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn at(seconds: u64) -> Instant {
        Instant::START + Duration::from_secs(seconds)
    }

    #[test]
    fn an_address_has_its_hour_s_worth_at_once_and_then_one_share_at_a_time() {
        let mut limiter = Limiter::new(4, 1_000);
        let home = address("192.0.2.7");
        for _ in 0..4 {
            assert_eq!(limiter.take(at(0), home), Ok(()));
        }
        assert_eq!(limiter.take(at(0), home), Err(Duration::from_secs(900)));
        assert_eq!(limiter.take(at(600), home), Err(Duration::from_secs(300)), "asking does not make it longer");
        assert_eq!(limiter.take(at(900), home), Ok(()));
        assert!(limiter.take(at(900), home).is_err());
        assert_eq!(limiter.take(at(0), address("192.0.2.8")), Ok(()), "another address has its own");
    }

    #[test]
    fn all_together_have_a_limit_too_and_who_is_refused_by_it_is_not_remembered() {
        let mut limiter = Limiter::new(10, 3);
        for n in 0..3 {
            assert_eq!(limiter.take(at(0), address(&format!("192.0.2.{n}"))), Ok(()));
        }
        assert_eq!(limiter.take(at(0), address("192.0.2.9")), Err(Duration::from_secs(1_200)));
        assert_eq!(limiter.by_source.len(), 3);
    }

    #[test]
    fn an_ipv6_network_is_one_source_and_a_mapped_address_is_its_ipv4_one() {
        let mut limiter = Limiter::new(1, 1_000);
        assert_eq!(limiter.take(at(0), address("2001:db8:0:1::1")), Ok(()));
        assert!(limiter.take(at(0), address("2001:db8:0:1:ffff::2")).is_err());
        assert_eq!(limiter.take(at(0), address("2001:db8:0:2::1")), Ok(()));
        assert_eq!(limiter.take(at(0), address("::ffff:192.0.2.7")), Ok(()));
        assert!(limiter.take(at(0), address("192.0.2.7")).is_err());
    }

    #[test]
    fn addresses_whose_hour_has_passed_are_forgotten() {
        let mut limiter = Limiter::new(10, 100_000);
        for n in 0..1_000_u32 {
            assert_eq!(limiter.take(at(u64::from(n) * 10), IpAddr::from(n.to_be_bytes())), Ok(()));
        }
        assert!(limiter.by_source.len() <= 2 * CROWD, "{}", limiter.by_source.len());
    }
}
