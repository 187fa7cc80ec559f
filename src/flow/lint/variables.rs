use std::collections::BTreeSet;

use crate::diag::{Diagnostic, Span};
use crate::flow::file::FlowFile;
use crate::flow::graph::exits;
use crate::flow::{StepId, StepKind, Value, ValueKind, ValueSource, VariableId};

/// How the variables of a flow are filled and used: what is typed must fit, and what is asked
/// for must be able to have a value by then.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    typed(file, out);
    if file.whole && !file.program.variables.is_empty() {
        unset(file, out);
    }
}

/// A `collect` whose variable can't hold what callers type.
fn typed(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    for id in file.ids() {
        let StepKind::Collect(collect) = &file.program.step(id).kind else { continue };
        let Some(variable) = file.program.variables.iter().find(|v| v.name == collect.name) else { continue };
        let kind = variable.kind;
        let longest = match kind {
            ValueKind::Digits => continue,
            ValueKind::Number => LONGEST_NUMBER,
            ValueKind::Text | ValueKind::YesNo => 0,
        };
        if longest == 0 {
            let message = format!("the variable `{}` is {}, and can't be typed", collect.name, kind.word());
            out.push(
                Diagnostic::error("wrong-type", message, Some(file.place(id, &["collect", "name"])))
                    .label("neither digits nor a number")
                    .help("declare it as `digits` or `number` in `variables:`"),
            );
        } else if let Some(digits) = collect.form.all_lengths().max().filter(|digits| *digits > longest) {
            let message = format!("the number `{}` may be {digits} digits long", collect.name);
            out.push(
                Diagnostic::error("wrong-type", message, Some(file.place(id, &["collect", "at_most"])))
                    .label(format!("more than {longest}"))
                    .help(format!("write `at_most: {longest}` or less, or declare it as `digits`")),
            );
        }
    }
}

/// A variable that a step asks for, and that no way to the step can have set.
fn unset(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let may = may_be_set(file);
    for (id, set) in file.ids().zip(&may) {
        let Some(set) = set else { continue };
        let mut told = BTreeSet::new();
        for (variable, span) in asked(file, id) {
            if !set.contains(&variable) && told.insert(variable) {
                let name = own_name(program.variable(variable));
                let message = format!("the variable `{name}` has no value here");
                out.push(
                    Diagnostic::error("never-set", message, Some(span))
                        .label("nothing before this step sets it")
                        .help(format!("set it first, with `collect` or `set`, or declare `{name}` with a `value:`")),
                );
            }
        }
    }
}

/// The variables that a step asks for, and where.
fn asked(file: &FlowFile, id: StepId) -> Vec<(VariableId, Span)> {
    let mut asked = Vec::new();
    match &file.program.step(id).kind {
        StepKind::Choose(choose) => {
            for (i, branch) in choose.branches.iter().enumerate() {
                let span = file.place(id, &["choose", &i.to_string(), "if"]);
                asked.extend(branch.condition.variables().into_iter().map(|variable| (variable, span.clone())));
            }
        }
        StepKind::Set(set) => {
            for assignment in &set.assignments {
                if let ValueSource::Variable(from) = assignment.from {
                    let own = own_name(file.program.variable(assignment.to));
                    let path =
                        if file.step_tree(id).is_some_and(|t| t.entry("call").is_some()) { "with" } else { "set" };
                    asked.push((from, file.place(id, &[path, own])));
                }
            }
        }
        StepKind::Lookup(lookup) => {
            asked.extend(lookup.url.variables().map(|variable| (variable, file.place(id, &["lookup", "url"]))));
            for (key, source) in &lookup.send {
                if let ValueSource::Variable(variable) = source {
                    asked.push((*variable, file.place(id, &["lookup", "send", key])));
                }
            }
        }
        _ => {}
    }
    asked.extend(super::spoken::named(file, id));
    asked
}

/// The name of a variable as its own file has it.
fn own_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// For each step, the variables that may have a value when a call comes to it; `None` where
/// no call comes.
fn may_be_set(file: &FlowFile) -> Vec<Option<BTreeSet<VariableId>>> {
    let program = &file.program;
    let initial = (0u32..).zip(&program.variables).filter(|(_, v)| v.initial.is_some()).map(|(i, _)| VariableId(i));
    let mut may: Vec<Option<BTreeSet<VariableId>>> = vec![None; program.steps.len()];
    let mut todo: Vec<(StepId, BTreeSet<VariableId>)> = vec![(program.start, initial.collect())];
    while let Some((id, set)) = todo.pop() {
        let here = &mut may[id.0 as usize];
        if here.as_ref().is_some_and(|known| set.is_subset(known)) {
            continue;
        }
        let known = here.get_or_insert_default();
        known.extend(set);
        let mut after = known.clone();
        after.extend(filled(file, id));
        // From every step `0` leads to the agent, and closing time to the closed step.
        let always = [Some(program.agent), program.closed].into_iter().flatten();
        todo.extend(always.chain(exits(program, id).into_iter().map(|e| e.to)).map(|to| (to, after.clone())));
    }
    may
}

/// The variables that a step may give a value to.
fn filled(file: &FlowFile, id: StepId) -> Vec<VariableId> {
    match &file.program.step(id).kind {
        StepKind::Collect(collect) => {
            let at = file.program.variables.iter().position(|variable| variable.name == collect.name);
            at.and_then(|at| u32::try_from(at).ok()).map(VariableId).into_iter().collect()
        }
        StepKind::Set(set) => {
            // A call empties the variables that its sub-flow begins without.
            let given = set.assignments.iter().filter(|assignment| assignment.from != ValueSource::Nothing);
            given.map(|assignment| assignment.to).collect()
        }
        StepKind::Lookup(lookup) => lookup.take.iter().map(|take| take.to).collect(),
        _ => Vec::new(),
    }
}

/// Digits of the greatest number.
const LONGEST_NUMBER: usize = Value::MOST.ilog10() as usize + 1;
