//! Whether a condition can ever hold where those before it did not.
//!
//! Conditions compare with constants, so what a variable can hold falls into few sorts that
//! no condition tells apart: the numbers between two constants, the texts that leave the
//! constants' letters at the same place and are as long. One sample of each sort, tried in
//! every combination, decides exactly. Two variables that are compared with each other are
//! taken to stand in any way.

use std::collections::{BTreeMap, BTreeSet};

use super::{Condition, Fact, Known, Term};
use crate::base::limits::{COLLECTED_DIGITS, VALUE_LETTERS};
use crate::flow::{Value, ValueKind, Variable, VariableId};

/// Whether a branch can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum Reach {
    /// It can, or it would take too long to find out.
    Open,
    /// Its condition contradicts itself.
    Never,
    /// Whenever it holds, one before it does: this one, or several together.
    Shadowed(Option<usize>),
}

/// For each of some conditions, asked in this order, whether it can be the first that holds.
pub(in crate::flow) fn reach(conditions: &[&Condition], variables: &[Variable]) -> Vec<Reach> {
    let one = |i: usize| {
        let condition = conditions[i];
        let near = |other: &&Condition| !subjects(other).is_disjoint(&subjects(condition));
        let before: Vec<&Condition> = conditions[..i].iter().copied().filter(near).collect();
        if never(condition, &[], variables) {
            return Reach::Never;
        }
        let single = || conditions[..i].iter().position(|other| near(other) && never(condition, &[other], variables));
        if let Some(by) = single() {
            return Reach::Shadowed(Some(by));
        }
        if never(condition, &before, variables) { Reach::Shadowed(None) } else { Reach::Open }
    };
    (0..conditions.len()).map(one).collect()
}

/// One value of each sort that the conditions of a flow can tell apart in a variable.
pub(in crate::flow) fn samples(id: VariableId, conditions: &[&Condition], variables: &[Variable]) -> Vec<Value> {
    Subject::Variable(id).samples(conditions, variables).into_iter().flatten().collect()
}

/// Whether the condition certainly never holds while none of the others does.
fn never(condition: &Condition, others: &[&Condition], variables: &[Variable]) -> bool {
    let all: Vec<&Condition> = others.iter().copied().chain([condition]).collect();
    let mut samples: BTreeMap<Subject, Vec<Option<Value>>> = BTreeMap::new();
    for subject in all.iter().flat_map(|c| subjects(c)) {
        samples.entry(subject).or_insert_with(|| subject.samples(&all, variables));
    }
    let combinations = samples.values().try_fold(1usize, |n, each| n.checked_mul(each.len()));
    if combinations.is_none_or(|n| n > MOST) {
        return false;
    }
    let possible = |world: &World<'_>| {
        judge(condition, world) != Some(false) && others.iter().all(|other| judge(other, world) != Some(true))
    };
    let mut world = World { samples: &samples, at: samples.keys().map(|subject| (*subject, 0)).collect() };
    loop {
        if possible(&world) {
            return false;
        }
        if !world.next() {
            return true;
        }
    }
}

/// Whether a condition holds; `None` where it depends on how two variables stand to each other.
fn judge(condition: &Condition, world: &World<'_>) -> Option<bool> {
    match condition {
        Condition::All(each) => {
            let judged: Vec<Option<bool>> = each.iter().map(|c| judge(c, world)).collect();
            if judged.contains(&Some(false)) { Some(false) } else { (!judged.contains(&None)).then_some(true) }
        }
        Condition::Any(each) => {
            let judged: Vec<Option<bool>> = each.iter().map(|c| judge(c, world)).collect();
            if judged.contains(&Some(true)) { Some(true) } else { (!judged.contains(&None)).then_some(false) }
        }
        Condition::Not(inner) => judge(inner, world).map(|holds| !holds),
        Condition::Compare { right, .. } | Condition::StartsWith { prefix: right, .. } => {
            matches!(right, Term::Written(_)).then(|| condition.holds(world))
        }
        Condition::Empty(_) => Some(condition.holds(world)),
    }
}

/// What a condition asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Variable(VariableId),
    Fact(Fact),
}

fn subjects(condition: &Condition) -> BTreeSet<Subject> {
    let facts = condition.terms().into_iter().filter_map(|term| match term {
        Term::Fact(fact) => Some(Subject::Fact(*fact)),
        Term::Variable(_) | Term::Length(_) | Term::Written(_) => None,
    });
    facts.chain(condition.variables().into_iter().map(Subject::Variable)).collect()
}

impl Subject {
    /// One of each sort of value that the conditions can tell apart.
    fn samples(self, conditions: &[&Condition], variables: &[Variable]) -> Vec<Option<Value>> {
        let constants = Constants::of(self, conditions);
        let kind = match self {
            Self::Fact(Fact::Open) => return [true, false].map(|yes| Some(Value::YesNo(yes))).to_vec(),
            Self::Fact(Fact::Hour) => return (0..24).map(|hour| Some(Value::Number(hour))).collect(),
            Self::Fact(fact) => return fact.words().iter().map(|word| Some(Value::Text((*word).into()))).collect(),
            Self::Variable(id) => match variables.get(id.0 as usize) {
                Some(variable) => variable.kind,
                None => return vec![None],
            },
        };
        let mut samples: Vec<Option<Value>> = match kind {
            ValueKind::YesNo => [true, false].map(|yes| Some(Value::YesNo(yes))).to_vec(),
            ValueKind::Number => {
                around(&constants.numbers, Value::MOST).into_iter().map(Value::Number).map(Some).collect()
            }
            ValueKind::Digits => {
                let texts = constants.texts(1, COLLECTED_DIGITS, free_digit);
                texts.into_iter().map(|text| Some(Value::Digits(text.into()))).collect()
            }
            ValueKind::Text => {
                let texts = constants.texts(0, VALUE_LETTERS, |_, _| Some(NO_LETTER));
                texts.into_iter().map(|text| Some(Value::Text(text.into()))).collect()
            }
        };
        samples.push(None);
        samples
    }
}

/// What conditions compare a subject with.
#[derive(Default)]
struct Constants {
    numbers: BTreeSet<u64>,
    /// Whole texts, and the beginnings of texts.
    words: BTreeSet<String>,
    /// Of these, the beginnings.
    beginnings: BTreeSet<String>,
    lengths: BTreeSet<u64>,
}

impl Constants {
    fn of(subject: Subject, conditions: &[&Condition]) -> Self {
        let mut constants = Self::default();
        conditions.iter().for_each(|condition| constants.add(subject, condition));
        constants
    }

    fn add(&mut self, subject: Subject, condition: &Condition) {
        match condition {
            Condition::All(each) | Condition::Any(each) => each.iter().for_each(|c| self.add(subject, c)),
            Condition::Not(inner) => self.add(subject, inner),
            Condition::StartsWith { of: Term::Variable(id), prefix: Term::Written(value) } => {
                if subject == Subject::Variable(*id) {
                    self.words.insert(value.characters().to_owned());
                    self.beginnings.insert(value.characters().to_owned());
                }
            }
            Condition::Compare { left, right: Term::Written(value), .. } => match (left, value) {
                (Term::Variable(id), Value::Number(n)) if subject == Subject::Variable(*id) => {
                    self.numbers.insert(*n);
                }
                (Term::Variable(id), value) if subject == Subject::Variable(*id) => {
                    self.words.insert(value.characters().to_owned());
                }
                (Term::Length(id), Value::Number(n)) if subject == Subject::Variable(*id) => {
                    self.lengths.insert(*n);
                }
                _ => {}
            },
            Condition::Compare { .. } | Condition::StartsWith { .. } | Condition::Empty(_) => {}
        }
    }

    /// A text of each sort: equal to a word, or away from all of them behind each beginning
    /// that is asked for. `beyond` is a letter that leads away, if there is one.
    fn texts(
        &self,
        least: usize,
        most: usize,
        beyond: impl Fn(&str, &BTreeSet<String>) -> Option<char>,
    ) -> BTreeSet<String> {
        let mut texts = self.words.clone();
        let mut todo: Vec<String> = self.beginnings.iter().cloned().chain([String::new()]).collect();
        if !self.lengths.is_empty() {
            let ends = |word: &String| word.char_indices().map(|(i, _)| word[..i].to_owned()).collect::<Vec<_>>();
            todo.extend(self.words.iter().flat_map(ends));
        }
        let lengths = around(&self.lengths, most as u64);
        while let Some(stem) = todo.pop() {
            let Some(letter) = beyond(&stem, &self.words) else {
                todo.extend(DIGITS.chars().map(|digit| format!("{stem}{digit}")));
                continue;
            };
            texts.insert(format!("{stem}{letter}"));
            let own = stem.chars().count();
            for length in lengths.iter().filter(|_| !self.lengths.is_empty()) {
                let more = usize::try_from(*length).ok().and_then(|length| length.checked_sub(own));
                texts
                    .extend(more.map(|more| stem.chars().chain(std::iter::repeat_n(letter, more)).collect::<String>()));
            }
        }
        texts.extend((least == 0).then(String::new));
        texts.retain(|text| (least..=most).contains(&text.chars().count()));
        texts
    }
}

/// A digit with which no word goes on behind a beginning.
fn free_digit(stem: &str, words: &BTreeSet<String>) -> Option<char> {
    let is_free =
        |digit: &char| words.iter().all(|w| !w.strip_prefix(stem).is_some_and(|rest| rest.starts_with(*digit)));
    DIGITS.chars().find(is_free)
}

/// Each number with its neighbours, and both ends.
fn around(numbers: &BTreeSet<u64>, most: u64) -> BTreeSet<u64> {
    let near = numbers.iter().flat_map(|n| [n.saturating_sub(1), *n, n.saturating_add(1)]);
    near.chain([0, most]).filter(|n| *n <= most).collect()
}

/// One combination of samples.
struct World<'a> {
    samples: &'a BTreeMap<Subject, Vec<Option<Value>>>,
    at: BTreeMap<Subject, usize>,
}

impl World<'_> {
    /// The next combination; `false` behind the last.
    fn next(&mut self) -> bool {
        for (subject, at) in &mut self.at {
            *at += 1;
            if *at < self.samples.get(subject).map_or(0, Vec::len) {
                return true;
            }
            *at = 0;
        }
        false
    }

    fn value(&self, subject: Subject) -> Option<Value> {
        self.samples.get(&subject)?.get(*self.at.get(&subject)?)?.clone()
    }
}

impl Known for World<'_> {
    fn variable(&self, id: VariableId) -> Option<Value> {
        self.value(Subject::Variable(id))
    }

    fn fact(&self, fact: Fact) -> Value {
        self.value(Subject::Fact(fact)).unwrap_or(Value::YesNo(false))
    }
}

const DIGITS: &str = "0123456789";
/// A letter that no text in a flow holds.
const NO_LETTER: char = '\u{1}';
/// Combinations that are tried: more would make `check` slow and tell nothing that people write.
const MOST: usize = 4_096;
