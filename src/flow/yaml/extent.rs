use std::ops::Range;

/// Line starts of a text, so that a parser's line and column become bytes.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Reads the line starts once.
    pub(super) fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { text, starts }
    }

    /// The byte of a line and column, both from 1, the column in characters.
    pub(super) fn byte(&self, line: usize, column: usize) -> usize {
        let Some(&start) = self.starts.get(line.saturating_sub(1)) else { return self.text.len() };
        let rest = &self.text[start..];
        rest.char_indices().nth(column.saturating_sub(1)).map_or(self.text.len(), |(i, _)| start + i)
    }

    /// The line that a byte is in, without its end and its outer blanks.
    pub(super) fn trimmed(&self, byte: usize) -> Range<usize> {
        let start = self.text[..byte].rfind('\n').map_or(0, |i| i + 1);
        let end = self.text[byte..].find('\n').map_or(self.text.len(), |i| byte + i);
        let line = &self.text[start..end];
        let from = start + (line.len() - line.trim_start().len());
        from..(start + line.trim_end().len()).max(from)
    }
}

/// Where a scalar that starts at `start` and reads as `value` is written: quotes
/// included; of a text over several lines that is not quoted, the first line.
pub(super) fn scalar(text: &str, start: usize, value: &str) -> Range<usize> {
    let rest = &text[start..];
    let length = match rest.as_bytes().first() {
        Some(b'"') => quoted(rest, '"'),
        Some(b'\'') => quoted(rest, '\''),
        _ if rest.starts_with(value) => value.trim_end().len(),
        _ => rest.lines().next().unwrap_or("").trim_end().len(),
    };
    start..start + length
}

/// The length of a quoted text with its quotes; `''` and `\"` do not end it.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                continue;
            }
            return i + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_ends_where_its_quotes_or_its_words_end() {
        let of = |text: &str, value: &str| text[scalar(text, 0, value)].to_owned();
        assert_eq!(of("bonjour # x", "bonjour"), "bonjour");
        assert_eq!(of("\"a \\\" b\" # x", "a \" b"), "\"a \\\" b\"");
        assert_eq!(of("'c''est' x", "c'est"), "'c''est'");
        assert_eq!(of("un\n  deux\n", "un deux"), "un");
    }

    #[test]
    fn lines_and_columns_count_characters() {
        let lines = Lines::new("é: à\nb: ç\n");
        assert_eq!(lines.byte(1, 4), 4);
        assert_eq!(lines.byte(2, 1), 7);
        assert_eq!(lines.byte(9, 9), 13);
        assert_eq!(lines.trimmed(8), 7..12);
    }
}
