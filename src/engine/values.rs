use std::sync::Arc;

use super::machine::Machine;
use crate::base::{Now, Private};
use crate::flow::{Fact, Known, Program, Value, Variable, VariableId};
use crate::service::HoursKind;

/// What one call keeps under the names of its flow's variables, each of its declared kind.
#[derive(Clone, Debug)]
pub(super) struct Values(Vec<Option<Private<Value>>>);

impl Values {
    /// What variables hold when a call begins.
    pub(super) fn new(variables: &[Variable]) -> Self {
        Self(variables.iter().map(|variable| variable.initial.clone().map(Private::new)).collect())
    }

    pub(super) fn get(&self, id: VariableId) -> Option<&Value> {
        self.0.get(id.0 as usize)?.as_ref().map(Private::reveal)
    }

    /// Gives a variable a value; `None` leaves it without one.
    pub(super) fn set(&mut self, id: VariableId, value: Option<Value>) {
        if let Some(place) = self.0.get_mut(id.0 as usize) {
            *place = value.map(Private::new);
        }
    }
}

impl Machine {
    /// Keeps what was typed under this name, if the flow has such a variable.
    pub(super) fn keep_typed(&mut self, name: &str, typed: &str) {
        let Some(at) = self.program.variables.iter().position(|variable| *variable.name == *name) else { return };
        let value = self.program.variables[at].kind.typed(typed);
        self.values.set(VariableId(u32::try_from(at).unwrap_or(u32::MAX)), value);
    }

    /// What a text speaks under this name.
    pub(super) fn value_named(&self, name: &str) -> Option<Value> {
        let at = self.program.variables.iter().position(|variable| *variable.name == *name)?;
        self.values.get(VariableId(u32::try_from(at).ok()?)).cloned()
    }

    /// What conditions are asked about at this moment.
    pub(super) fn moment(&self, now: Now) -> Moment<'_> {
        Moment { machine: self, now }
    }

    pub(super) fn variable_name(program: &Program, id: VariableId) -> Arc<str> {
        Arc::clone(&program.variables[id.0 as usize].name)
    }
}

/// A call at one moment.
pub(super) struct Moment<'a> {
    machine: &'a Machine,
    now: Now,
}

impl Known for Moment<'_> {
    fn variable(&self, id: VariableId) -> Option<Value> {
        self.machine.values.get(id).cloned()
    }

    fn fact(&self, fact: Fact) -> Value {
        let card = &self.machine.program.card;
        let zone = card.phone_hours.zone();
        match fact {
            Fact::Language => Value::Text(self.machine.language.code().into()),
            Fact::Caller => Fact::caller(self.machine.caller.as_ref()),
            Fact::Open => Value::YesNo(card.is_open(HoursKind::Phone, self.now.wall)),
            Fact::Day => Fact::day(self.now.wall, zone),
            Fact::Hour => Fact::hour(self.now.wall, zone),
        }
    }
}
