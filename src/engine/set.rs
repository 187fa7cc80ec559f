use super::io::Note;
use super::machine::{Machine, Next};
use crate::base::Private;
use crate::flow::{Set, ValueSource};

impl Machine {
    /// Gives variables their values, in order.
    pub(super) fn enter_set(&mut self, set: &Set) -> Next {
        for assignment in &set.assignments {
            let value = match &assignment.from {
                ValueSource::Written(value) => Some(value.clone()),
                ValueSource::Nothing => None,
                ValueSource::Variable(from) => self.values.get(*from).cloned(),
            };
            if let Some(value) = &value {
                let name = Self::variable_name(&self.program, assignment.to);
                self.out.note(Note::Valued { name, value: Private::new(value.to_string()) });
            }
            self.values.set(assignment.to, value);
        }
        Next::Go(set.then)
    }
}
