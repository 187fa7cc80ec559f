use std::ops::Range;

use super::Condition;
use super::lexer::{Token, TokenKind, tokens};
use super::types::ours;
use crate::flow::variables::Scope;

/// What is wrong with a condition, at its place in the condition's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Fault {
    /// The diagnostic's code.
    pub(in crate::flow) code: &'static str,
    /// The bytes that are marked.
    pub(in crate::flow) bytes: Range<usize>,
    /// What is wrong.
    pub(in crate::flow) message: String,
    /// What is marked.
    pub(in crate::flow) label: String,
    /// What to write.
    pub(in crate::flow) help: Option<String>,
}

impl Fault {
    /// A fault of form.
    pub(super) fn new(bytes: Range<usize>, message: impl Into<String>) -> Self {
        Self { code: "bad-condition", bytes, message: message.into(), label: String::new(), help: None }
    }

    pub(super) fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    pub(super) fn label(self, label: impl Into<String>) -> Self {
        Self { label: label.into(), ..self }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same fault, so many bytes further on.
    pub(super) fn moved(mut self, by: usize) -> Self {
        self.bytes = self.bytes.start + by..self.bytes.end + by;
        self
    }
}

/// Reads a condition, resolves its names and checks its types; the first fault is told.
pub(in crate::flow) fn parse(text: &str, scope: &Scope<'_>) -> Result<Condition, Fault> {
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, scope };
    if parser.tokens.is_empty() {
        return Err(Fault::new(0..text.len(), "the condition is empty").help("write one, such as `age < 18`"));
    }
    let condition = parser.several(0)?;
    match parser.peek() {
        None => Ok(condition),
        Some(TokenKind::Close) => Err(parser.fault_here("a bracket is closed that was never opened").label("too many")),
        Some(next) => {
            let help = match next {
                TokenKind::Word(word) => ours(word).map(|ours| format!("write `{ours}`")),
                _ => None,
            };
            let fault = parser.fault_here("the condition goes on where it should end").label("not expected here");
            Err(fault.help(help.unwrap_or_else(|| "join conditions with `and` or `or`".to_owned())))
        }
    }
}

/// The words of a condition that have not been read yet.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    pub(super) scope: &'a Scope<'a>,
}

impl Parser<'_> {
    /// Conditions joined by `and`, or by `or`. Both side by side need brackets: who has
    /// never programmed does not know which of them binds more.
    fn several(&mut self, depth: usize) -> Result<Condition, Fault> {
        if depth > DEPTH {
            return Err(self.fault_here("brackets are nested too deeply").help("make two steps of it"));
        }
        let first = self.one(depth)?;
        let Some(joined_by) = self.connective() else { return Ok(first) };
        let mut each = vec![first];
        while let Some(word) = self.connective() {
            if word != joined_by {
                return Err(self
                    .fault_here("`and` and `or` stand side by side")
                    .label("which comes first?")
                    .help("put brackets around what belongs together: `(a and b) or c`"));
            }
            self.skip();
            each.push(self.one(depth)?);
        }
        Ok(if joined_by == "and" { Condition::All(each) } else { Condition::Any(each) })
    }

    fn one(&mut self, depth: usize) -> Result<Condition, Fault> {
        if self.take_word("not") {
            if depth > DEPTH {
                return Err(self.fault_here("`not` is nested too deeply").help("two of them are none"));
            }
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        let opened = self.place();
        if self.peek() == Some(&TokenKind::Open) {
            self.skip();
            let inner = self.several(depth + 1)?;
            if self.peek() != Some(&TokenKind::Close) {
                return Err(Fault::new(opened, "the bracket is not closed")
                    .label("opened here")
                    .help("close it with `)`"));
            }
            self.skip();
            return Ok(inner);
        }
        self.test()
    }

    fn connective(&self) -> Option<&'static str> {
        ["and", "or"].into_iter().find(|word| self.is_word(word))
    }

    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(here)) if here == word)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let here = self.is_word(word);
        self.at += usize::from(here);
        here
    }

    /// Where the next word stands; behind the last one, the end.
    pub(super) fn place(&self) -> Range<usize> {
        let end = self.text.trim_end().len();
        self.tokens.get(self.at).map_or(end.saturating_sub(1)..end, |token| token.bytes.clone())
    }

    /// Where the word before stands.
    pub(super) fn place_before(&self) -> Range<usize> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0..0, |token| token.bytes.clone())
    }

    pub(super) fn fault_here(&self, message: impl Into<String>) -> Fault {
        let place = self.place();
        // A place in the middle of a letter can't be marked.
        let start = (0..=place.start).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        Fault::new(start..place.end, message)
    }
}

/// Brackets within brackets: more than anybody can read, and few enough for the stack.
const DEPTH: usize = 16;
