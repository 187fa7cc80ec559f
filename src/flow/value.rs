use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::condition::{Condition, samples};
use super::{Program, StepId, StepKind};

/// A variable of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The name that conditions and texts use.
    pub name: Arc<str>,
    /// What it holds.
    pub kind: ValueKind,
    /// What it holds when a call begins; without it nothing.
    pub initial: Option<Value>,
}

/// A variable's place in [`super::Program::variables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VariableId(pub u32);

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// A row of digits, such as a file's number: leading zeros count.
    Digits,
    /// A whole number from 0 to [`Value::MOST`].
    Number,
    /// Any text.
    Text,
    /// Yes or no.
    YesNo,
}

impl ValueKind {
    /// The words of a flow's `variables:`.
    pub const WORDS: [&'static str; 4] = ["digits", "number", "text", "yes-no"];

    /// The word in flows and messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Number => "number",
            Self::Text => "text",
            Self::YesNo => "yes-no",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Digits, Self::Number, Self::Text, Self::YesNo].into_iter().find(|kind| kind.word() == word)
    }

    /// The value of this kind that digits typed by the caller make; `None` for too large
    /// a number, and for kinds that nobody can type.
    pub fn typed(self, digits: &str) -> Option<Value> {
        match self {
            Self::Digits => Some(Value::Digits(digits.into())),
            Self::Number => digits.parse().ok().filter(|n| *n <= Value::MOST).map(Value::Number),
            Self::Text | Self::YesNo => None,
        }
    }
}

/// A value of a variable. What a caller has typed, and what was looked up for it, is
/// private: wrap it in [`crate::base::Private`] wherever it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A row of digits.
    Digits(Arc<str>),
    /// A whole number.
    Number(u64),
    /// A text.
    Text(Arc<str>),
    /// Yes or no.
    YesNo(bool),
}

impl Value {
    /// The greatest number: twelve digits, more than any amount in cents that a counter deals with.
    pub const MOST: u64 = 999_999_999_999;

    /// The characters of digits or of a text; nothing of other kinds.
    pub fn characters(&self) -> &str {
        match self {
            Self::Digits(text) | Self::Text(text) => text,
            Self::Number(_) | Self::YesNo(_) => "",
        }
    }

    /// How it stands to another number; `None` where one of them is none.
    pub(super) fn against(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Digits(_) | Self::Number(_) | Self::Text(_) | Self::YesNo(_), _) => None,
        }
    }
}

impl fmt::Display for Value {
    /// In the clear, as a flow would write it, without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(text) | Self::Text(text) => f.write_str(text),
            Self::Number(n) => n.fmt(f),
            Self::YesNo(true) => f.write_str("yes"),
            Self::YesNo(false) => f.write_str("no"),
        }
    }
}

impl Program {
    /// One value of each sort that the flow's conditions can tell apart in a variable: whoever
    /// tries them all has gone every way that it decides by itself.
    pub fn samples(&self, id: VariableId) -> Vec<Value> {
        let chooses = self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Choose(choose) => Some(choose),
            _ => None,
        });
        let conditions: Vec<&Condition> = chooses.flat_map(|c| &c.branches).map(|branch| &branch.condition).collect();
        samples(id, &conditions, &self.variables)
    }
}

/// `set:` variables, `then:` a step.
#[derive(Clone, Debug)]
pub struct Set {
    /// What is set, in order: a later one sees what an earlier one has set.
    pub assignments: Vec<Assignment>,
    /// Where it goes on.
    pub then: StepId,
}

/// A variable that gets a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Which.
    pub to: VariableId,
    /// What it gets.
    pub from: ValueSource,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueSource {
    /// It is written in the flow.
    Written(Value),
    /// There is none: the variable is left without a value.
    Nothing,
    /// From another variable of the same kind; where that is not set, nor is this one.
    Variable(VariableId),
}

/// `choose:` the first of some conditions that holds.
#[derive(Clone, Debug)]
pub struct Choose {
    /// The conditions, in the order in which they are asked.
    pub branches: Vec<Branch>,
    /// Where it goes when none holds.
    pub otherwise: StepId,
}

/// One condition of a `choose:`.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The condition as it is written, for people.
    pub written: Arc<str>,
    /// What must hold.
    pub condition: Condition,
    /// Where it goes then.
    pub go: StepId,
}

/// `goto:` a step.
#[derive(Clone, Copy, Debug)]
pub struct Goto {
    /// Where it goes.
    pub to: StepId,
}
