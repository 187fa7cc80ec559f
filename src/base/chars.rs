use std::fmt::{self, Write};

/// A set of ASCII characters that is asked by looking up, not by searching: SIP messages and
/// web addresses are written by characters of such sets (RFC 3261, section 25.1; RFC 3986).
#[derive(Clone, Copy, Debug)]
pub(crate) struct CharSet([bool; 128]);

/// What stands in any address as it is (RFC 3986, section 2.3).
pub(crate) const UNRESERVED: CharSet = CharSet::alphanumeric_and("-._~");

impl CharSet {
    /// Letters, digits and the ASCII characters of `more`.
    pub(crate) const fn alphanumeric_and(more: &str) -> Self {
        let (mut set, mut byte) = ([false; 128], 0);
        while byte < 128 {
            set[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        Self(set).and(more)
    }

    /// The same with the ASCII characters of `more`.
    pub(crate) const fn and(self, more: &str) -> Self {
        let (mut set, more, mut at) = (self.0, more.as_bytes(), 0);
        while at < more.len() {
            set[more[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    /// Whether a byte is in it; none beyond ASCII is.
    pub(crate) const fn has(&self, byte: u8) -> bool {
        byte < 128 && self.0[byte as usize]
    }

    /// Whether a text holds nothing else.
    pub(crate) fn spans(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }
}

/// A text for an address: what is not in the set is written as `%` and two hex digits for
/// each byte.
pub(crate) struct Escaped<'a>(pub(crate) &'a str, pub(crate) CharSet);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, plain) = self;
        if plain.spans(text) {
            return f.write_str(text);
        }
        for byte in text.bytes() {
            if plain.has(byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// The bytes of a text with `%41` taken back to `A`; `None` where a `%` escapes nothing.
pub(crate) fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_letters_digits_and_what_was_added() {
        let set = CharSet::alphanumeric_and("-.").and("!");
        assert!(set.spans("az-AZ.09!") && set.spans(""));
        for other in ["a b", "é", "\u{7f}", "_", "\0"] {
            assert!(!set.spans(other), "{other:?}");
        }
    }

    #[test]
    fn what_is_escaped_is_taken_back_and_what_escapes_nothing_is_told() {
        let text = "/srv/à l'été #1/100%~";
        let escaped = Escaped(text, UNRESERVED.and("/")).to_string();
        assert_eq!(escaped, "/srv/%C3%A0%20l%27%C3%A9t%C3%A9%20%231/100%25~");
        assert_eq!(unescaped(&escaped).unwrap(), text.as_bytes());
        for bad in ["%", "%4", "%4g", "a%zz"] {
            assert_eq!(unescaped(bad), None, "{bad}");
        }
    }
}
