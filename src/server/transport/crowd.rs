use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// How many connections there are, in all and from each address.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    per_address: usize,
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no room for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// There are too many in all.
    All,
    /// There are too many from this address.
    Address,
}

impl Crowd {
    pub(super) fn new(most: usize, per_address: usize) -> Self {
        Self { most, per_address, all: 0, by_address: HashMap::new() }
    }

    /// Counts one more.
    pub(super) fn enter(&mut self, address: IpAddr) -> Result<(), Full> {
        if self.all >= self.most {
            return Err(Full::All);
        }
        let here = self.by_address.entry(neighbourhood(address)).or_default();
        if *here >= self.per_address {
            return Err(Full::Address);
        }
        *here += 1;
        self.all += 1;
        Ok(())
    }

    /// Counts one less.
    pub(super) fn leave(&mut self, address: IpAddr) {
        let address = neighbourhood(address);
        if let Some(here) = self.by_address.get_mut(&address) {
            self.all -= 1;
            *here -= 1;
            if *here == 0 {
                self.by_address.remove(&address);
            }
        }
    }

    /// How many there may be in all.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    pub(super) fn len(&self) -> usize {
        self.all
    }
}

/// Whoever has one IPv6 address has a network of them.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_for_so_many_of_one_address() {
        let mut crowd = Crowd::new(4, 2);
        let ip = |text: &str| text.parse().unwrap();
        for address in ["192.0.2.1", "192.0.2.1", "2001:db8::1"] {
            assert_eq!(crowd.enter(ip(address)), Ok(()));
        }
        assert_eq!(crowd.enter(ip("192.0.2.1")), Err(Full::Address));
        assert_eq!(crowd.enter(ip("2001:db8::2")), Ok(()));
        assert_eq!(crowd.enter(ip("192.0.2.9")), Err(Full::All));
        crowd.leave(ip("192.0.2.1"));
        assert_eq!(crowd.enter(ip("2001:db8::3")), Err(Full::Address), "one network, one neighbour");
        assert_eq!(crowd.enter(ip("192.0.2.9")), Ok(()));
        for address in ["192.0.2.1", "192.0.2.9", "2001:db8::1", "2001:db8::2"] {
            crowd.leave(ip(address));
        }
        assert_eq!((crowd.len(), crowd.by_address.len()), (0, 0));
    }
}
