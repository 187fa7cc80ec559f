use std::ops::Range;

use super::Source;

/// A place in a text as editors count: lines from 0, and in the line UTF-16 code units
/// from 0 (the Language Server Protocol 3.17, "Position").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utf16 {
    /// The line.
    pub line: u32,
    /// The code units before the place in its line.
    pub unit: u32,
}

impl Source {
    /// The place of a byte; one inside a character is at its beginning, one past the end at the end.
    pub fn utf16(&self, byte: usize) -> Utf16 {
        let before = &self.text[..self.text.floor_char_boundary(byte)];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count();
        let unit = before[start..].encode_utf16().count();
        Utf16 { line: u32::try_from(line).unwrap_or(u32::MAX), unit: u32::try_from(unit).unwrap_or(u32::MAX) }
    }

    /// The byte of a place; past the end of a line or of the text it is that end.
    pub fn byte(&self, place: Utf16) -> usize {
        let mut starts = std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1));
        let Some(start) = usize::try_from(place.line).ok().and_then(|line| starts.nth(line)) else {
            return self.text.len();
        };
        let mut units = 0;
        for (at, c) in self.text[start..].char_indices() {
            if units >= place.unit || matches!(c, '\n' | '\r') {
                return start + at;
            }
            units += u32::try_from(c.len_utf16()).unwrap_or(1);
        }
        self.text.len()
    }

    /// Both ends of a range of bytes.
    pub fn utf16_range(&self, bytes: &Range<usize>) -> Range<Utf16> {
        self.utf16(bytes.start)..self.utf16(bytes.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_units_are_counted_not_bytes_nor_characters() {
        let source = Source::new("a", "é: 𝄞x\r\nb");
        for (byte, line, unit) in [(0, 0, 0), (2, 0, 1), (4, 0, 3), (8, 0, 5), (11, 1, 0), (12, 1, 1)] {
            let place = Utf16 { line, unit };
            assert_eq!(source.utf16(byte), place, "{byte}");
            assert_eq!(source.byte(place), byte, "{place:?}");
        }
    }

    #[test]
    fn what_lies_beyond_is_the_nearest_end() {
        let source = Source::new("a", "é\nbc\n");
        assert_eq!(source.byte(Utf16 { line: 0, unit: 9 }), 2);
        assert_eq!(source.byte(Utf16 { line: 9, unit: 0 }), 6);
        assert_eq!(source.utf16(1), Utf16 { line: 0, unit: 0 });
        assert_eq!(source.utf16(99), Utf16 { line: 2, unit: 0 });
    }
}
