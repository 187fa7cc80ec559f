use std::ops::Range;

use super::lexer::TokenKind;
use super::parse::{Fault, Parser};
use super::{Comparison, Condition, Fact, Term};
use crate::flow::variables::KEYWORDS;
use crate::flow::yaml::{nearest, suggestion};
use crate::flow::{Value, ValueKind, VariableId};

/// What a term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Kind(ValueKind),
    /// One of a fact's words.
    WordOf(Fact),
}

/// A term with its type and its place.
struct Typed {
    term: Term,
    is: Type,
    bytes: Range<usize>,
}

impl Parser<'_> {
    /// One test: a comparison, `starts with`, `is set`, `is empty`, or something that is
    /// yes or no by itself.
    pub(super) fn test(&mut self) -> Result<Condition, Fault> {
        let left = self.subject()?;
        if let Some(TokenKind::Sign(how)) = self.peek() {
            let how = *how;
            let sign = self.place();
            self.skip();
            let right = self.object(&left)?;
            self.check_order(&left, how, sign)?;
            return Ok(Condition::Compare { left: left.term, how, right: right.term });
        }
        if self.take_word("starts") {
            self.expect("with", "`starts with`")?;
            if !matches!(left.is, Type::Kind(ValueKind::Digits | ValueKind::Text)) {
                return Err(self.mismatch(&left, "has no first characters").help("compare it with `=`"));
            }
            let right = self.object(&left)?;
            return Ok(Condition::StartsWith { of: left.term, prefix: right.term });
        }
        if self.take_word("is") {
            return self.set_or_empty(left);
        }
        match left.is {
            Type::Kind(ValueKind::YesNo) => {
                let right = Term::Written(Value::YesNo(true));
                Ok(Condition::Compare { left: left.term, how: Comparison::Equal, right })
            }
            Type::Kind(ValueKind::Digits | ValueKind::Number | ValueKind::Text) | Type::WordOf(_) => {
                let name = &self.text[left.bytes.clone()];
                let help = format!("compare it, such as `{name} = {}`", left.is.example());
                Err(self.mismatch(&left, "alone is neither true nor false").help(help))
            }
        }
    }

    /// What a test is about: a variable, a fact, or `length of` one.
    fn subject(&mut self) -> Result<Typed, Fault> {
        let bytes = self.place();
        match self.peek() {
            Some(TokenKind::Word(word)) => {
                let word = word.clone();
                self.skip();
                self.named(&word, bytes)
            }
            Some(TokenKind::Number(_) | TokenKind::Text(_)) => Err(self
                .fault_here("a comparison begins with a name")
                .label("not a name")
                .help("write it the other way round: `age < 18`")),
            Some(TokenKind::Sign(_) | TokenKind::Open | TokenKind::Close) => {
                Err(self.fault_here("a name is missing here").label("before this").help("write such as `age < 18`"))
            }
            None => Err(self.fault_here("the condition ends too early").label("something must follow")),
        }
    }

    /// What the left side is compared with: of the same type.
    fn object(&mut self, left: &Typed) -> Result<Typed, Fault> {
        let bytes = self.place();
        let written = |value| Typed { term: Term::Written(value), is: left.is, bytes: bytes.clone() };
        let right = match (self.peek().cloned(), left.is) {
            (Some(TokenKind::Word(word)), Type::WordOf(fact)) if fact.words().contains(&&*word) => {
                written(Value::Text(word.into()))
            }
            (Some(TokenKind::Word(word)), Type::WordOf(fact)) if self.scope.find(&word).is_none() => {
                let message = format!("`{}` is never `{word}`", fact.name());
                let fault = Fault::new(bytes, message).code("wrong-type").label("not one of its words");
                return Err(match suggestion(&word, fact.words().iter().copied()) {
                    Some(help) => fault.help(help),
                    None => fault,
                });
            }
            (Some(TokenKind::Word(word)), Type::Kind(ValueKind::YesNo)) if matches!(&*word, "yes" | "no") => {
                written(Value::YesNo(word == "yes"))
            }
            (Some(TokenKind::Word(word)), _) => {
                self.skip();
                let right = self.named(&word, bytes)?;
                return if right.is == left.is { Ok(right) } else { Err(self.differ(left, &right)) };
            }
            (Some(TokenKind::Number(n)), Type::Kind(ValueKind::Number)) => written(Value::Number(n)),
            (Some(TokenKind::Text(text)), Type::Kind(ValueKind::Text)) => written(Value::Text(text.into())),
            (Some(TokenKind::Text(text)), Type::Kind(ValueKind::Digits)) => {
                if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(self
                        .mismatch(left, format!("is a row of digits, and never « {text} »"))
                        .at(bytes)
                        .label("not a row of digits"));
                }
                written(Value::Digits(text.into()))
            }
            (Some(TokenKind::Number(_) | TokenKind::Text(_)), _) => return Err(self.wrong_literal(left, bytes)),
            (Some(TokenKind::Sign(_) | TokenKind::Open | TokenKind::Close) | None, _) => {
                let fault =
                    self.fault_here("the condition ends too early").label("something to compare with must follow");
                return Err(fault.help(format!(
                    "write such as `{} = {}`",
                    &self.text[left.bytes.clone()],
                    left.is.example()
                )));
            }
        };
        self.skip();
        Ok(right)
    }

    /// A name's term; `length` goes on with `of` and a variable.
    fn named(&mut self, word: &str, bytes: Range<usize>) -> Result<Typed, Fault> {
        if word == "length" && self.take_word("of") {
            return self.length(bytes);
        }
        if let Some((id, kind)) = self.scope.find(word) {
            return Ok(Typed { term: Term::Variable(id), is: Type::Kind(kind), bytes });
        }
        if let Some(fact) = Fact::from_name(word) {
            return Ok(Typed { term: Term::Fact(fact), is: Type::of(fact), bytes });
        }
        Err(self.unknown(word, bytes))
    }

    fn length(&mut self, bytes: Range<usize>) -> Result<Typed, Fault> {
        let (id, kind, place) = self.variable("length of")?;
        if !matches!(kind, ValueKind::Digits | ValueKind::Text) {
            let message = format!("`{}` is {}, and has no length", &self.text[place.clone()], Type::Kind(kind).words());
            return Err(Fault::new(place, message).code("wrong-type").label("no digits and no text"));
        }
        let bytes = bytes.start..place.end;
        Ok(Typed { term: Term::Length(id), is: Type::Kind(ValueKind::Number), bytes })
    }

    /// The variable that must follow these words.
    fn variable(&mut self, after: &str) -> Result<(VariableId, ValueKind, Range<usize>), Fault> {
        let bytes = self.place();
        let Some(TokenKind::Word(word)) = self.peek().cloned() else {
            return Err(self.fault_here(format!("a variable must follow `{after}`")).label("not a variable"));
        };
        self.skip();
        match self.scope.find(&word) {
            Some((id, kind)) => Ok((id, kind, bytes)),
            None if Fact::from_name(&word).is_some() => {
                let message = format!("`{word}` is always known, and no text");
                Err(Fault::new(bytes, message).code("wrong-type").label("not a variable"))
            }
            None => Err(self.unknown(&word, bytes)),
        }
    }

    fn set_or_empty(&mut self, left: Typed) -> Result<Condition, Fault> {
        let not = self.take_word("not");
        let empty = self.take_word("empty");
        if !empty && !self.take_word("set") {
            let fault = self.fault_here("`set` or `empty` must follow `is`").label("not expected here");
            return Err(fault.help("compare values with `=`, such as `age = 18`"));
        }
        let Term::Variable(id) = left.term else {
            return Err(self.mismatch(&left, "is always known").help("ask this of variables only"));
        };
        let condition = Condition::Empty(id);
        Ok(if empty == not { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn expect(&mut self, word: &str, whole: &str) -> Result<(), Fault> {
        if self.take_word(word) {
            return Ok(());
        }
        let before = self.place_before();
        Err(Fault::new(before, format!("`{word}` is missing")).label("behind this").help(format!("write {whole}")))
    }

    /// Only numbers are greater or less.
    fn check_order(&self, left: &Typed, how: Comparison, sign: Range<usize>) -> Result<(), Fault> {
        let ordered = !matches!(how, Comparison::Equal | Comparison::Different);
        if !ordered || left.is == Type::Kind(ValueKind::Number) {
            return Ok(());
        }
        let help = match left.is {
            Type::Kind(ValueKind::Digits) => "declare it `number` in `variables:`, if it is one",
            Type::Kind(_) | Type::WordOf(_) => "compare it with `=` or `!=`",
        };
        Err(self.mismatch(left, "can't be more or less").at(sign).label("for numbers only").help(help))
    }

    fn wrong_literal(&self, left: &Typed, bytes: Range<usize>) -> Fault {
        let written = &self.text[bytes.clone()];
        let inner = written.trim_matches(['"', '\'', '«', '»']).trim();
        let help = match left.is {
            Type::Kind(ValueKind::Digits | ValueKind::Text) => format!("write `\"{written}\"`, in quotes"),
            Type::Kind(ValueKind::Number) if inner.bytes().all(|b| b.is_ascii_digit()) && !inner.is_empty() => {
                format!("write `{inner}`, without quotes")
            }
            Type::WordOf(fact) if fact.words().contains(&inner) => format!("write `{inner}`, without quotes"),
            Type::Kind(ValueKind::Number | ValueKind::YesNo) | Type::WordOf(_) => {
                format!("write such as `{}`", left.is.example())
            }
        };
        let message = format!("`{}` is {}, `{written}` is not", &self.text[left.bytes.clone()], left.is.words());
        Fault::new(bytes, message).code("wrong-type").label(format!("not {}", left.is.words())).help(help)
    }

    fn differ(&self, left: &Typed, right: &Typed) -> Fault {
        let name = |typed: &Typed| &self.text[typed.bytes.clone()];
        let message = format!("`{}` is {}, `{}` is {}", name(left), left.is.words(), name(right), right.is.words());
        Fault::new(right.bytes.clone(), message).code("wrong-type").label("of another type")
    }

    fn mismatch(&self, typed: &Typed, what: impl AsRef<str>) -> Fault {
        let message = format!("`{}` {}", &self.text[typed.bytes.clone()], what.as_ref());
        Fault::new(typed.bytes.clone(), message).code("wrong-type").label(typed.is.words())
    }

    fn unknown(&self, word: &str, bytes: Range<usize>) -> Fault {
        let fault =
            Fault::new(bytes, format!("there is no variable `{word}`")).code("unknown-variable").label("not known");
        if let Some(ours) = ours(word) {
            return fault.help(format!("write `{ours}`"));
        }
        let names = self.scope.names();
        let all = names.iter().copied().chain(Fact::ALL.map(Fact::name)).chain(KEYWORDS);
        match nearest(word, all) {
            Some(name) => fault.help(format!("did you mean `{name}`?")),
            None => fault.help("declare it under `variables:`; texts are written in quotes"),
        }
    }
}

impl Fault {
    fn at(mut self, bytes: Range<usize>) -> Self {
        self.bytes = bytes;
        self
    }
}

impl Type {
    fn of(fact: Fact) -> Self {
        match fact {
            Fact::Language | Fact::Caller | Fact::Day => Self::WordOf(fact),
            Fact::Open => Self::Kind(ValueKind::YesNo),
            Fact::Hour => Self::Kind(ValueKind::Number),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Kind(ValueKind::Digits) => "a row of digits".to_owned(),
            Self::Kind(ValueKind::Number) => "a number".to_owned(),
            Self::Kind(ValueKind::Text) => "a text".to_owned(),
            Self::Kind(ValueKind::YesNo) => "`yes` or `no`".to_owned(),
            Self::WordOf(fact) => {
                let words: Vec<String> = fact.words().iter().map(|word| format!("`{word}`")).collect();
                format!("one of {}", words.join(", "))
            }
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Kind(ValueKind::Digits) => "\"1234\"",
            Self::Kind(ValueKind::Number) => "18",
            Self::Kind(ValueKind::Text) => "\"en cours\"",
            Self::Kind(ValueKind::YesNo) => "yes",
            Self::WordOf(fact) => fact.words().first().copied().unwrap_or_default(),
        }
    }
}

/// Our word for one that people bring with them.
pub(super) fn ours(word: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(foreign, _)| *foreign == word.to_lowercase()).map(|(_, ours)| *ours)
}

/// Words that people bring from French and from other languages, and ours.
const FOREIGN: [(&str, &str); 10] = [
    ("length", "length of …"),
    ("et", "and"),
    ("ou", "or"),
    ("non", "not"),
    ("pas", "not"),
    ("oui", "yes"),
    ("true", "yes"),
    ("false", "no"),
    ("langue", "language"),
    ("ouvert", "open"),
];
