use std::fmt;

use super::message::Headers;
use super::parse::split;

/// Why a call ends, as a BYE, a CANCEL or a refusal says it (RFC 3326). Its text is nobody's
/// business: only the cause is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whose list the cause is from.
    pub protocol: Protocol,
    /// The cause: a SIP status, or a value of ITU-T Q.850.
    pub cause: u16,
}

/// Whose list a cause is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Statuses of SIP.
    Sip,
    /// The telephone network's.
    Q850,
}

impl Reason {
    /// Another phone was quicker: it has missed nothing.
    pub const ELSEWHERE: Self = Self { protocol: Protocol::Sip, cause: 200 };
    /// Nobody has refreshed the session (RFC 4028).
    pub const EXPIRED: Self = Self { protocol: Protocol::Sip, cause: 408 };
    /// The handshake has not given the keys of the sound.
    pub const NO_KEYS: Self = Self { protocol: Protocol::Sip, cause: 488 };
    /// Everything was said.
    pub const NORMAL: Self = Self { protocol: Protocol::Q850, cause: 16 };
    /// There is no codec in common.
    pub const NO_CODEC: Self = Self { protocol: Protocol::Q850, cause: 65 };
    /// The call has lasted too long.
    pub const TOO_LONG: Self = Self { protocol: Protocol::Q850, cause: 102 };
    /// The service stops.
    pub const STOPPING: Self = Self { protocol: Protocol::Q850, cause: 41 };

    /// The first reason of a message that can be read.
    pub(crate) fn read(headers: &Headers) -> Option<Self> {
        headers.others("Reason").flat_map(|value| split(value, b',')).find_map(|reason| {
            let mut parts = split(reason, b';').into_iter().map(str::trim);
            let protocol = match parts.next()? {
                name if name.eq_ignore_ascii_case("SIP") => Protocol::Sip,
                name if name.eq_ignore_ascii_case("Q.850") => Protocol::Q850,
                _ => return None,
            };
            let cause = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("cause").then(|| value.trim().parse().ok()).flatten()
            });
            Some(Self { protocol, cause: cause.filter(|cause| *cause < 1_000)? })
        })
    }

    /// As it stands in a message.
    pub(crate) fn header(self) -> (String, String) {
        let text = match self {
            Self::ELSEWHERE => ";text=\"Call completed elsewhere\"",
            Self::EXPIRED => ";text=\"Session expired\"",
            Self::NO_KEYS => ";text=\"No DTLS-SRTP handshake\"",
            Self::NORMAL => ";text=\"Normal call clearing\"",
            _ => "",
        };
        ("Reason".to_owned(), format!("{};cause={}{text}", self.protocol.name(), self.cause))
    }
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Self::Sip => "SIP",
            Self::Q850 => "Q.850",
        }
    }
}

impl fmt::Display for Reason {
    /// As records have it: `Q.850 16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.protocol.name(), self.cause)
    }
}
