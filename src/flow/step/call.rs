use std::sync::Arc;

use serde::Deserialize;

use super::{Site, Verb};
use crate::diag::Diagnostic;
use crate::flow::subflow::SubFlow;
use crate::flow::variables::source;
use crate::flow::yaml::{Entry, Field, Kind, Shape, Tree, suggestion};
use crate::flow::{Assignment, Set, StepKind, ValueSource, Variable};

/// `call:` a sub-flow, whose steps are there under this step's name: it sets the parameters and
/// goes to the first of them.
pub(super) const VERB: Verb = Verb { name: "call", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("call", Kind::Word),
        Field::optional("with", Kind::Named(&Kind::Any)),
        Field::optional("take", Kind::Named(&Kind::Word)),
        Field::optional("then", Kind::StepName),
    ],
};

#[derive(Deserialize)]
struct CallDocument {
    call: String,
    then: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let CallDocument { call, then } = site.model()?;
    let Some(subflow) = site.names.subflows.find(&call).cloned() else {
        let diagnostic = site.names.subflows.unknown(&call, site.tree.place(&["call"]));
        site.fault(diagnostic);
        return None;
    };
    // Where its `return:` leads is built with that step.
    site.step(then.as_deref(), &["then"], site.agent());
    check_taken(site, &subflow);
    let prefix: Arc<str> = format!("{}/", site.names.steps[site.id.0 as usize]).into();
    let inner = |name: &str| format!("{prefix}{name}");
    let given = site.tree.at(&["with"]).map_or(&[][..], Tree::entries);
    for entry in given.iter().filter(|entry| subflow.parameters.iter().all(|p| p.name != entry.key)) {
        let message = format!("the sub-flow `{call}` has no parameter `{}`", entry.key);
        let diagnostic =
            Diagnostic::error("unknown-key", message, Some(entry.key_span.clone())).label("not a parameter");
        site.fault(match suggestion(&entry.key, subflow.parameters.iter().map(|p| &*p.name)) {
            Some(help) => diagnostic.help(help),
            None => diagnostic.help("declare it under `parameters:` there"),
        });
    }
    let mut assignments = Vec::new();
    for variable in &subflow.variables {
        let entry = given.iter().find(|entry| entry.key == variable.name);
        let Some((to, _)) = site.names.variable(&inner(&variable.name)) else { continue };
        let from = value(site, &subflow, variable, entry)?;
        assignments.push(Assignment { to, from });
    }
    let Some(start) = super::find(&site.names.steps, &prefix, &subflow.start) else {
        // It calls itself, or there are too many steps: that is told where it is seen.
        site.broken = true;
        return None;
    };
    Some(StepKind::Set(Set { assignments, then: start }))
}

/// What a variable of the sub-flow begins with: what it is given, or its own value.
fn value(site: &mut Site<'_>, subflow: &SubFlow, variable: &Variable, entry: Option<&Entry>) -> Option<ValueSource> {
    let is_parameter = subflow.parameters.iter().any(|p| p.name == variable.name);
    match (entry.filter(|_| is_parameter), &variable.initial) {
        (Some(entry), _) => match source(&entry.value, variable.kind, &site.scope()) {
            Ok(source) => Some(source),
            Err(diagnostic) => {
                site.fault(diagnostic);
                None
            }
        },
        (None, Some(value)) => Some(ValueSource::Written(value.clone())),
        (None, None) if is_parameter => {
            let message = format!("the parameter `{}` of the sub-flow `{}` is missing", variable.name, subflow.name);
            let span = site.tree.key_place(if site.tree.entry("with").is_some() { "with" } else { "call" });
            site.fault(
                Diagnostic::error("missing-key", message, Some(span))
                    .label(format!("{} is needed", variable.kind.word()))
                    .help(format!("write `with: {{ {}: … }}`", variable.name)),
            );
            None
        }
        (None, None) => Some(ValueSource::Nothing),
    }
}

/// What is taken back must be there, on both sides, and of one type.
fn check_taken(site: &mut Site<'_>, subflow: &SubFlow) {
    for entry in site.tree.at(&["take"]).map_or(&[][..], Tree::entries) {
        let Some(name) = entry.value.written() else { continue };
        let theirs = subflow.variables.iter().find(|variable| *variable.name == *name).map(|variable| variable.kind);
        let diagnostic = match (site.scope().find(&entry.key), theirs) {
            (None, _) => site.scope().unknown(&entry.key, entry.key_span.clone()),
            (Some(_), None) => {
                let message = format!("the sub-flow `{}` has no variable `{name}`", subflow.name);
                let diagnostic = Diagnostic::error("unknown-variable", message, Some(entry.value.span.clone()));
                match suggestion(name, subflow.variables.iter().map(|variable| &*variable.name)) {
                    Some(help) => diagnostic.label("not known there").help(help),
                    None => diagnostic.label("not known there"),
                }
            }
            (Some((_, ours)), Some(theirs)) if ours != theirs => {
                let message = format!("`{name}` is {}, `{}` is {}", theirs.word(), entry.key, ours.word());
                Diagnostic::error("wrong-type", message, Some(entry.value.span.clone())).label("of another type")
            }
            (Some(_), Some(_)) => continue,
        };
        site.fault(diagnostic);
    }
}
