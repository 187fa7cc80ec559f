use std::ops::Range;

use super::Comparison;
use super::parse::Fault;
use crate::flow::Value;

/// A word of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Where it stands in the condition, in bytes.
    pub(super) bytes: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or a name.
    Word(String),
    /// A whole number.
    Number(u64),
    /// A text in quotes, without them.
    Text(String),
    /// Such as `<=`.
    Sign(Comparison),
    /// `(`
    Open,
    /// `)`
    Close,
}

/// Cuts a condition into words; what can't be one is told at its place.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if tokens.len() == MOST {
            return Err(Fault::new(at..text.len(), "the condition is too long")
                .label(format!("more than {MOST} words"))
                .help("make two steps of it"));
        }
        let (kind, length) = token(&text[at..]).map_err(|fault| fault.moved(at))?;
        tokens.push(Token { kind, bytes: at..at + length });
        at += length;
    }
    Ok(tokens)
}

/// The first word of a text and its length in bytes.
fn token(text: &str) -> Result<(TokenKind, usize), Fault> {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or_default();
    let two = |next: char| chars.clone().next() == Some(next);
    let sign = |how, length| Ok((TokenKind::Sign(how), length));
    match first {
        '(' => Ok((TokenKind::Open, 1)),
        ')' => Ok((TokenKind::Close, 1)),
        '=' if two('=') => Err(unknown(text, 2).help("write `=`")),
        '=' => sign(Comparison::Equal, 1),
        '!' if two('=') => sign(Comparison::Different, 2),
        '≠' => sign(Comparison::Different, first.len_utf8()),
        '<' if two('=') => sign(Comparison::AtMost, 2),
        '≤' => sign(Comparison::AtMost, first.len_utf8()),
        '<' if two('>') => Err(unknown(text, 2).help("write `!=`")),
        '<' => sign(Comparison::Less, 1),
        '>' if two('=') => sign(Comparison::AtLeast, 2),
        '≥' => sign(Comparison::AtLeast, first.len_utf8()),
        '>' => sign(Comparison::Greater, 1),
        '"' | '\'' => quoted(text, first),
        '«' => quoted(text, '»'),
        '0'..='9' => number(text),
        c if c.is_alphabetic() => {
            let end = text.find(|c: char| !is_in_name(c)).unwrap_or(text.len());
            Ok((TokenKind::Word(text[..end].to_owned()), end))
        }
        '&' => Err(unknown(text, if two('&') { 2 } else { 1 }).help("write `and`")),
        '|' => Err(unknown(text, if two('|') { 2 } else { 1 }).help("write `or`")),
        '!' => Err(unknown(text, 1).help("write `not`")),
        '{' | '}' => Err(unknown(text, 1).help("in a condition a variable has no braces")),
        c => Err(unknown(text, c.len_utf8()).help("texts are written in quotes")),
    }
}

/// Whether a character may stand in a name, after its first letter.
pub(in crate::flow) fn is_in_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

fn quoted(text: &str, close: char) -> Result<(TokenKind, usize), Fault> {
    let open = text.chars().next().map_or(0, char::len_utf8);
    match text[open..].find(close) {
        Some(length) => {
            let inside = &text[open..open + length];
            // The spaces inside « guillemets » are typography.
            let inside = if close == '»' { inside.trim() } else { inside };
            Ok((TokenKind::Text(inside.to_owned()), open + length + close.len_utf8()))
        }
        None => Err(Fault::new(0..text.len(), "the text has no end")
            .label("begins here")
            .help(format!("close it with `{close}`"))),
    }
}

fn number(text: &str) -> Result<(TokenKind, usize), Fault> {
    let end = text.find(|c: char| !is_in_name(c)).unwrap_or(text.len());
    let written = &text[..end];
    if written.len() > 1 && written.starts_with('0') && written.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::new(0..end, format!("`{written}` is a row of digits, not a number"))
            .label("begins with a zero")
            .help(format!("write `\"{written}\"`, in quotes")));
    }
    match written.parse() {
        Ok(n) if n <= Value::MOST => Ok((TokenKind::Number(n), end)),
        Ok(_) => Err(Fault::new(0..end, format!("`{written}` is too large a number"))
            .label(format!("more than {}", Value::MOST))
            .help("a row of digits is written in quotes")),
        Err(_) => Err(Fault::new(0..end, format!("`{written}` is not a whole number"))
            .label("not a number")
            .help("write digits only; texts are written in quotes")),
    }
}

fn unknown(text: &str, length: usize) -> Fault {
    Fault::new(0..length, format!("`{}` means nothing in a condition", &text[..length])).label("not known")
}

/// Words of one condition: more than anybody can read.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text).unwrap().into_iter().map(|t| t.kind).collect()
    }

    #[test]
    fn words_numbers_texts_and_signs_are_told_apart() {
        use TokenKind::{Close, Number, Open, Sign, Text, Word};
        assert_eq!(
            kinds("(âge_1<=18)and n-1≠\"a b\" 'c' « d »"),
            [
                Open,
                Word("âge_1".into()),
                Sign(Comparison::AtMost),
                Number(18),
                Close,
                Word("and".into()),
                Word("n-1".into()),
                Sign(Comparison::Different),
                Text("a b".into()),
                Text("c".into()),
                Text("d".into()),
            ]
        );
    }

    #[test]
    fn every_word_knows_its_place_also_behind_accents() {
        let text = "é = « à » or x";
        let words: Vec<&str> = tokens(text).unwrap().into_iter().map(|t| &text[t.bytes]).collect();
        assert_eq!(words, ["é", "=", "« à »", "or", "x"]);
    }

    #[test]
    fn what_other_languages_write_is_told() {
        for (text, help) in
            [("a == 1", "write `=`"), ("a && b", "write `and`"), ("!a", "write `not`"), ("a <> 1", "write `!=`")]
        {
            assert_eq!(tokens(text).unwrap_err().help.as_deref(), Some(help), "{text}");
        }
        for text in ["x = 007", "x = 1.5", "x = 12e3", "x = \"a", "x = 9999999999999", "x + 1", "{x} = 1"] {
            assert!(tokens(text).is_err(), "{text}");
        }
    }
}
