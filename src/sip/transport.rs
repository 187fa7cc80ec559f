use std::net::SocketAddr;

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    /// Datagrams: each message is sent again until it is answered.
    Udp,
}

impl Transport {
    /// The name in a `Via`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
        }
    }

    /// Whether what is sent arrives without being sent again.
    pub(crate) fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
        }
    }
}

/// The next hop of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hop {
    /// How to get there.
    pub(crate) transport: Transport,
    /// Where it is.
    pub(crate) address: SocketAddr,
}

impl Hop {
    /// A hop by datagrams.
    pub(crate) fn udp(address: SocketAddr) -> Self {
        Self { transport: Transport::Udp, address }
    }
}
