/// A set of ASCII characters that is asked by looking up, not by searching: a message is
/// read and written by characters of such sets (RFC 3261, section 25.1).
#[derive(Clone, Copy, Debug)]
pub(super) struct CharSet([bool; 128]);

/// What a token is made of.
pub(super) const TOKEN: CharSet = CharSet::alphanumeric_and("-.!%*_+`'~");

impl CharSet {
    /// Letters, digits and the ASCII characters of `more`.
    pub(super) const fn alphanumeric_and(more: &str) -> Self {
        let (mut set, mut byte) = ([false; 128], 0);
        while byte < 128 {
            set[byte] = (byte as u8).is_ascii_alphanumeric();
            byte += 1;
        }
        Self(set).and(more)
    }

    /// The same with the ASCII characters of `more`.
    pub(super) const fn and(self, more: &str) -> Self {
        let (mut set, more, mut at) = (self.0, more.as_bytes(), 0);
        while at < more.len() {
            set[more[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    /// Whether a byte is in it; none beyond ASCII is.
    pub(super) const fn has(&self, byte: u8) -> bool {
        byte < 128 && self.0[byte as usize]
    }

    /// Whether a text holds nothing else.
    pub(super) fn spans(&self, text: &str) -> bool {
        text.bytes().all(|byte| self.has(byte))
    }
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
}
