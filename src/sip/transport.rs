use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams: each message is sent again until it is answered.
    Udp,
    /// A connection.
    Tcp,
    /// An encrypted connection.
    Tls,
}

impl Transport {
    /// The name in a `Via`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// The name in a URI's `transport` parameter, and in the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// The transport of a `transport` parameter, in any case; `None` for one that is not spoken here.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Udp, Self::Tcp, Self::Tls].into_iter().find(|transport| transport.word().eq_ignore_ascii_case(word))
    }

    /// The port of an address that names none (RFC 3261, section 18.1.1).
    pub fn port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
        }
    }

    /// Whether what is sent arrives without being sent again.
    pub fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls => true,
        }
    }
}

/// The name of one connection, never used twice while anybody remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub NonZeroU32);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a message comes from, or its next hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    /// How to get there.
    pub transport: Transport,
    /// The connection that leads there while it is up; then a new one to the address.
    pub connection: Option<ConnectionId>,
    /// Where it is; the port is 0 when nothing but the connection leads there.
    pub address: SocketAddr,
    /// The place in the list of our own addresses that it came to, or leaves from.
    pub door: Option<u8>,
    /// Whether a request that is too large for a datagram goes over a connection, and by
    /// datagrams all the same if there is none (RFC 3261, section 18.1.1).
    pub grows: bool,
}

impl Hop {
    /// A hop by a transport.
    pub fn by(transport: Transport, address: SocketAddr) -> Self {
        Self { transport, connection: None, address, door: None, grows: false }
    }

    /// The same, with nothing but the connection that it has: whoever stands behind a
    /// translator of addresses can't be connected to.
    pub(crate) fn by_connection_alone(self) -> Self {
        let mut hop = self;
        if hop.connection.is_some() {
            hop.address.set_port(0);
        }
        hop
    }

    /// A hop by datagrams.
    pub fn udp(address: SocketAddr) -> Self {
        Self::by(Transport::Udp, address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_is_small() {
        assert!(size_of::<Hop>() <= 40, "{}: each transaction and each leg has one", size_of::<Hop>());
    }
}
