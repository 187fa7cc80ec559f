use crate::base::Digit;

/// The payload of a telephone-event packet (RFC 4733, section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// The event code; 0 to 11 are the keys.
    pub code: u8,
    /// Whether the key has been let go.
    pub end: bool,
    /// The power level in −dBm0, 0 to 63.
    pub volume: u8,
    /// How long it has lasted, in samples at 8 kHz.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Reads a payload; `None` when it is shorter than four bytes. What follows the
    /// first event (redundancy that no phone sends) is not looked at.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let &[code, flags, high, low, ..] = payload else { return None };
        Some(Self { code, end: flags & 0x80 != 0, volume: flags & 0x3F, duration: u16::from_be_bytes([high, low]) })
    }

    /// The four bytes on the wire.
    pub fn bytes(self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, (u8::from(self.end) << 7) | (self.volume & 0x3F), high, low]
    }

    /// The key, if the event is one of the twelve.
    pub fn digit(self) -> Option<Digit> {
        Digit::from_event(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_format_is_that_of_the_rfc() {
        let event = TelephoneEvent { code: 11, end: true, volume: 10, duration: 800 };
        assert_eq!(event.bytes(), [11, 0x8A, 0x03, 0x20]);
        assert_eq!(TelephoneEvent::parse(&event.bytes()), Some(event));
        assert_eq!(event.digit(), Some(Digit::HASH));
        assert_eq!(TelephoneEvent::parse(&[1, 2, 3]), None);
    }
}
