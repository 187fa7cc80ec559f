use crate::base::limits::COLLECTED_DIGITS;
use crate::flow::{Program, StepKind, Value, ValueKind, ValueSource, VariableId};

/// How many digits the longest value has that each variable of a flow can hold.
#[derive(Debug)]
pub(in crate::flow) struct Longest<'a> {
    program: &'a Program,
    digits: Vec<usize>,
}

impl<'a> Longest<'a> {
    /// Looks at whatever fills a variable: what is typed, looked up, set, or taken from another.
    pub(in crate::flow) fn of(program: &'a Program) -> Self {
        let written = |variable: &crate::flow::Variable| variable.initial.as_ref().map_or(0, digits);
        let mut longest = Self { program, digits: program.variables.iter().map(written).collect() };
        let mut copies = Vec::new();
        for step in &program.steps {
            match &step.kind {
                StepKind::Collect(collect) => {
                    let at = program.variables.iter().position(|variable| *variable.name == *collect.name);
                    if let Some(digits) = at.map(|at| &mut longest.digits[at]) {
                        *digits = collect.form.all_lengths().max().unwrap_or(COLLECTED_DIGITS).max(*digits);
                    }
                }
                StepKind::Lookup(lookup) => lookup.take.iter().for_each(|take| longest.fill(take.to, COLLECTED_DIGITS)),
                StepKind::Set(set) => {
                    for assignment in &set.assignments {
                        match &assignment.from {
                            ValueSource::Written(value) => longest.fill(assignment.to, digits(value)),
                            ValueSource::Variable(from) => copies.push((*from, assignment.to)),
                            ValueSource::Nothing => {}
                        }
                    }
                }
                _ => {}
            }
        }
        while copies.iter().any(|(from, to)| longest.copy(*from, *to)) {}
        longest
    }

    /// As long a value as a variable can hold; of numbers, one that is said digit by digit.
    pub(in crate::flow) fn value(&self, name: &str) -> Option<Value> {
        let at = self.program.variables.iter().position(|variable| *variable.name == *name)?;
        let fours = |most: usize| "4".repeat(self.digits[at].clamp(1, most));
        match self.program.variables[at].kind {
            ValueKind::Digits => Some(Value::Digits(fours(COLLECTED_DIGITS).into())),
            ValueKind::Number => fours(MOST_OF_A_NUMBER).parse().ok().map(Value::Number),
            ValueKind::Text | ValueKind::YesNo => None,
        }
    }

    fn fill(&mut self, variable: VariableId, digits: usize) {
        let most = &mut self.digits[variable.0 as usize];
        *most = digits.max(*most);
    }

    /// Whether a copy makes the other longer than it was.
    fn copy(&mut self, from: VariableId, to: VariableId) -> bool {
        let longer = self.digits[from.0 as usize];
        let grows = longer > self.digits[to.0 as usize];
        self.fill(to, longer);
        grows
    }
}

/// How many digits of a value are spoken.
fn digits(value: &Value) -> usize {
    match value {
        Value::Digits(digits) => digits.len(),
        Value::Number(number) => number.to_string().len(),
        Value::Text(_) | Value::YesNo(_) => 0,
    }
}

/// Digits of the greatest number.
const MOST_OF_A_NUMBER: usize = Value::MOST.ilog10() as usize + 1;
