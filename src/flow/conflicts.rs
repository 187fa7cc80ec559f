use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::yaml::{self, Tree};
use super::{Program, Service};
use crate::base::PhoneNumber;
use crate::diag::{Diagnostic, Span};

/// Numbers that flows of different services answer; within one service
/// [`super::load`] tells it. Codes: `number-taken`.
pub fn conflicts<S: Borrow<Service>>(services: &[S]) -> Vec<Diagnostic> {
    let mut taken: BTreeMap<PhoneNumber, (&Service, &Arc<Program>)> = BTreeMap::new();
    let mut out = Vec::new();
    for service in services.iter().map(Borrow::borrow) {
        for program in &service.flows {
            for (i, number) in program.numbers.iter().enumerate() {
                let Some((other, flow)) = taken.get(&number.international()) else {
                    taken.insert(number.international(), (service, program));
                    continue;
                };
                if other.name != service.name {
                    let who = format!("the flow `{}` of `{}`", flow.name, other.name);
                    out.push(number_taken(number, &who, place(program, i)));
                }
            }
        }
    }
    out
}

/// One number, two flows.
pub(super) fn number_taken(number: &PhoneNumber, who: &str, span: Option<Span>) -> Diagnostic {
    Diagnostic::error("number-taken", format!("the number `{number}` is already answered by {who}"), span)
        .label("answered twice")
        .help("a number leads to one flow: remove it from one of them")
}

fn place(program: &Program, number: usize) -> Option<Span> {
    let step = program.steps.first()?;
    let tree: Option<Tree> = yaml::parse(&step.span.source, &mut Vec::new());
    Some(tree?.place(&["numbers", &number.to_string()]))
}
