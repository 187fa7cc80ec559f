//! What `choose:` asks: a small typed language, read and checked when a flow is loaded.
//!
//! ```text
//! age < 18
//! language = en and not (statut = "clos" or dossier is empty)
//! dossier starts with "75" and length of dossier >= 8
//! ```
//!
//! A condition is true or false, whatever is known: what compares with a variable that is
//! not set does not hold, and `!=` is the opposite of `=`, so it does.

mod fact;
mod lexer;
mod parse;
mod reach;
mod types;

use std::cmp::Ordering;

pub use fact::Fact;
pub(super) use lexer::is_in_name;
pub(super) use parse::parse;
pub(super) use reach::{Reach, reach, samples};

use super::{Value, VariableId};

/// A condition whose names are resolved and whose types fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of them hold.
    All(Vec<Self>),
    /// One of them holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// Two values of the same kind stand so to each other.
    Compare {
        /// The first.
        left: Term,
        /// How.
        how: Comparison,
        /// The second.
        right: Term,
    },
    /// The characters of one begin with those of the other.
    StartsWith {
        /// The longer one.
        of: Term,
        /// What it begins with.
        prefix: Term,
    },
    /// The variable is not set, or holds no character.
    Empty(VariableId),
}

/// A value that a condition asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A variable.
    Variable(VariableId),
    /// What is known of the call.
    Fact(Fact),
    /// How many characters a variable holds; of one that is not set, 0.
    Length(VariableId),
    /// It is written in the condition.
    Written(Value),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// What conditions are asked about.
pub trait Known {
    /// What a variable holds; `None` when it is not set.
    fn variable(&self, id: VariableId) -> Option<Value>;
    /// What is known of the call.
    fn fact(&self, fact: Fact) -> Value;
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, known: &dyn Known) -> bool {
        match self {
            Self::All(each) => each.iter().all(|c| c.holds(known)),
            Self::Any(each) => each.iter().any(|c| c.holds(known)),
            Self::Not(inner) => !inner.holds(known),
            Self::Compare { left, how, right } => how.holds(left.value(known), right.value(known)),
            Self::StartsWith { of, prefix } => match (of.value(known), prefix.value(known)) {
                (Some(of), Some(prefix)) => of.characters().starts_with(prefix.characters()),
                (None, _) | (_, None) => false,
            },
            Self::Empty(id) => known.variable(*id).is_none_or(|value| match value {
                Value::Digits(text) | Value::Text(text) => text.is_empty(),
                Value::Number(_) | Value::YesNo(_) => false,
            }),
        }
    }

    /// Every term in it.
    pub(super) fn terms(&self) -> Vec<&Term> {
        match self {
            Self::All(each) | Self::Any(each) => each.iter().flat_map(Self::terms).collect(),
            Self::Not(inner) => inner.terms(),
            Self::Compare { left, right, .. } => vec![left, right],
            Self::StartsWith { of, prefix } => vec![of, prefix],
            Self::Empty(_) => Vec::new(),
        }
    }

    /// Every variable that it asks about.
    pub(super) fn variables(&self) -> Vec<VariableId> {
        match self {
            Self::All(each) | Self::Any(each) => each.iter().flat_map(Self::variables).collect(),
            Self::Not(inner) => inner.variables(),
            Self::Empty(id) => vec![*id],
            Self::Compare { .. } | Self::StartsWith { .. } => {
                let variable = |term: &Term| match term {
                    Term::Variable(id) | Term::Length(id) => Some(*id),
                    Term::Fact(_) | Term::Written(_) => None,
                };
                self.terms().into_iter().filter_map(variable).collect()
            }
        }
    }
}

impl Term {
    fn value(&self, known: &dyn Known) -> Option<Value> {
        match self {
            Self::Variable(id) => known.variable(*id),
            Self::Fact(fact) => Some(known.fact(*fact)),
            Self::Length(id) => {
                let length = known.variable(*id).map_or(0, |value| value.characters().chars().count());
                Some(Value::Number(length as u64))
            }
            Self::Written(value) => Some(value.clone()),
        }
    }
}

impl Comparison {
    fn holds(self, left: Option<Value>, right: Option<Value>) -> bool {
        let equal = left.is_some() && left == right;
        let order = left.zip(right).and_then(|(left, right)| left.against(&right));
        match self {
            Self::Equal => equal,
            Self::Different => !equal,
            Self::Less => order == Some(Ordering::Less),
            Self::AtMost => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::AtLeast => order.is_some_and(Ordering::is_ge),
        }
    }
}

#[cfg(test)]
mod tests;
