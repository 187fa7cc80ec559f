use std::sync::Arc;

use crate::diag::Source;
use crate::flow::yaml::{self, Tree};

/// Lines that may be left out before a file is given up.
const TRIES: usize = 4;

/// As much of a file as can be read. Where a line is half-typed it is left out, with
/// blanks in its place, so that everything else keeps its byte.
pub(super) fn tree(source: &Arc<Source>) -> Option<Tree> {
    let mut source = source.clone();
    for _ in 0..TRIES {
        let mut out = Vec::new();
        if let Some(tree) = yaml::parse(&source, &mut out) {
            return Some(tree);
        }
        let byte = out.iter().find(|d| d.code != "duplicate-key")?.span.as_ref()?.bytes.start;
        // A parser tells a mistake where it can't go on, which may be a line later.
        let suspects = [Some(byte), source.text[..byte].rfind('\n')];
        let mut without = suspects.into_iter().flatten().map(|byte| without_line(&source, byte));
        let first = without.next()?;
        let readable = |s: &Arc<Source>| yaml::parse(s, &mut Vec::new()).is_some();
        source = match without.next() {
            Some(second) if !readable(&first) && readable(&second) => second,
            _ => first,
        };
    }
    None
}

/// The same text with blanks where the byte's line is.
fn without_line(source: &Source, byte: usize) -> Arc<Source> {
    let text = &source.text;
    let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    let end = text[byte..].find('\n').map_or(text.len(), |at| byte + at);
    let blanks = " ".repeat(end - start);
    Source::new(source.path.as_str(), format!("{}{blanks}{}", &text[..start], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_typed_line_costs_that_line_alone() {
        for broken in ["    th", "    then: \"a", "  - [", "\tthen: b", "    then: a: b"] {
            let text = format!("start: é\nsteps:\n  a:\n    say: x\n{broken}\n  b:\n    say: y\n");
            let tree = tree(&Source::new("f.yaml", text.clone()));
            let place = tree.map(|tree| tree.place(&["steps", "b", "say"]).bytes);
            assert_eq!(place.map(|bytes| text[bytes].to_owned()).as_deref(), Some("y"), "{broken}");
        }
    }
}
