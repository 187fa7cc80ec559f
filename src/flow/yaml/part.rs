use std::ops::Range;

use super::tree::Tree;
use crate::diag::Span;

impl Tree {
    /// The place of a part of a scalar's text, in bytes of [`Tree::written`]: what is wrong
    /// inside a text is marked there. Where the text is folded over lines, or written with
    /// escapes that say another letter, the whole of it.
    pub(in crate::flow) fn part(&self, bytes: &Range<usize>) -> Span {
        let whole = || self.span.clone();
        let Some(written) = self.written() else { return whole() };
        let Some(source) = self.source().text.get(self.span.bytes.clone()) else { return whole() };
        let starts = match source.chars().next() {
            Some('"') => quoted(&source[1..], written, '"'),
            Some('\'') => quoted(&source[1..], written, '\''),
            _ => (source == written.trim_end()).then(|| (0..=written.len()).collect()),
        };
        let Some(starts) = starts else { return whole() };
        let offset = if source.starts_with(['"', '\'']) { 1 } else { 0 };
        let place = |at: usize| starts.get(at).map(|start| self.span.bytes.start + offset + start);
        match (place(bytes.start), place(bytes.end)) {
            (Some(start), Some(end)) => {
                Span { source: self.source().clone(), bytes: start..end.min(self.span.bytes.end) }
            }
            _ => whole(),
        }
    }
}

/// For each byte of a quoted text, where it is written behind the opening quote; `None` where
/// that can't be told.
fn quoted(source: &str, written: &str, quote: char) -> Option<Vec<usize>> {
    let mut starts = Vec::with_capacity(written.len() + 1);
    let mut chars = source.char_indices().peekable();
    for wanted in written.chars() {
        let (at, c) = chars.next()?;
        let c = match c {
            '\\' if quote == '"' => chars.next_if(|(_, c)| matches!(c, '"' | '\\' | '/'))?.1,
            c if c == quote => chars.next_if(|(_, next)| *next == quote)?.1,
            c => c,
        };
        if c != wanted {
            return None;
        }
        starts.extend((0..wanted.len_utf8()).map(|i| at + i));
    }
    starts.push(chars.next().map_or(source.len(), |(at, _)| at));
    Some(starts)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::diag::Source;

    fn part(file: &str, word: &str) -> String {
        let tree = parse(&Source::new("a.yaml", file), &mut Vec::new()).unwrap();
        let value = tree.at(&["a"]).unwrap();
        let written = value.written().unwrap();
        let start = written.find(word).unwrap();
        let span = value.part(&(start..start + word.len()));
        span.source.text[span.bytes].to_owned()
    }

    #[test]
    fn a_part_of_a_text_is_found_in_the_file() {
        assert_eq!(part("a: âge < dix\n", "dix"), "dix");
        assert_eq!(part("a: \"âge < dix\"\n", "dix"), "dix");
        assert_eq!(part("a: 'l''âge < dix'\n", "âge"), "âge");
        assert_eq!(part("a: \"x = \\\"é\\\" or y\"\n", "\"é\""), "\\\"é\\\"");
        assert_eq!(part("a: \"x = \\\"é\\\" or y\"\n", "y"), "y");
    }

    #[test]
    fn of_what_is_folded_or_escaped_the_whole_is_marked() {
        assert_eq!(part("a: \"un\\u00e9 deux\"\n", "deux"), "\"un\\u00e9 deux\"");
        assert_eq!(part("a: \"un\n  deux\"\n", "deux"), "\"un\n  deux\"");
    }
}
