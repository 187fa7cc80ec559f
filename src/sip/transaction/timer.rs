use std::time::Duration;

use crate::sip::transport::Transport;

/// The round-trip time that is assumed.
pub(crate) const T1: Duration = Duration::from_millis(500);
/// The longest pause between two sendings of a request other than INVITE, and of a response to INVITE.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// The longest time that a message stays in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// How long a transaction is tried: 64 × T1, 32 s.
pub(crate) const PATIENCE: Duration = Duration::from_secs(32);

/// The named deadlines of transactions (RFC 3261, table 4; RFC 6026, section 8.2). Timer C
/// is a proxy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Timer {
    /// INVITE is sent again: T1, doubled each time.
    A,
    /// INVITE has had no response: 64 × T1.
    B,
    /// Late final responses to INVITE are still acknowledged: 32 s, 0 when reliable.
    D,
    /// Another request is sent again: T1, doubled up to T2.
    E,
    /// Another request has had no final response: 64 × T1.
    F,
    /// A refusal of INVITE is sent again: T1, doubled up to T2.
    G,
    /// The ACK has not come: 64 × T1.
    H,
    /// Late ACKs are absorbed: T4, 0 when reliable.
    I,
    /// Late requests are still answered: 64 × T1, 0 when reliable.
    J,
    /// Late responses are absorbed: T4, 0 when reliable.
    K,
    /// An accepted INVITE's late copies are absorbed: 64 × T1.
    L,
    /// More 2xx, from other branches of a fork, are passed on: 64 × T1.
    M,
}

impl Timer {
    /// The time from its start to its first expiry.
    pub(crate) fn delay(self, transport: Transport) -> Duration {
        match self {
            Self::A | Self::E | Self::G => T1,
            Self::B | Self::F | Self::H | Self::L | Self::M => PATIENCE,
            Self::D | Self::J if transport.is_reliable() => Duration::ZERO,
            Self::I | Self::K if transport.is_reliable() => Duration::ZERO,
            Self::D | Self::J => PATIENCE,
            Self::I | Self::K => T4,
        }
    }
}
