use serde::Deserialize;

use super::{Site, Verb};
use crate::flow::variables::source;
use crate::flow::yaml::{Entry, Field, Kind, Shape, Tree};
use crate::flow::{Assignment, Set, StepKind};

/// `set:` variables, `then:` a step.
pub(super) const VERB: Verb = Verb { name: "set", shape: &SHAPE, build };

const SHAPE: Shape =
    Shape { fields: &[Field::needed("set", Kind::Named(&Kind::Any)), Field::optional("then", Kind::StepName)] };

#[derive(Deserialize)]
struct SetDocument {
    then: Option<String>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let SetDocument { then } = site.model()?;
    let entries = site.tree.at(&["set"]).map_or(&[][..], Tree::entries);
    let assignments = entries.iter().filter_map(|entry| assignment(site, entry)).collect();
    let then = site.step(then.as_deref(), &["then"], site.agent());
    Some(StepKind::Set(Set { assignments, then }))
}

/// The variable that a key names gets what stands behind it.
pub(super) fn assignment(site: &mut Site<'_>, entry: &Entry) -> Option<Assignment> {
    let scope = site.scope();
    let made = match scope.find(&entry.key) {
        Some((to, kind)) => source(&entry.value, kind, &scope).map(|from| Assignment { to, from }),
        None => Err(scope.unknown(&entry.key, entry.key_span.clone())),
    };
    made.map_err(|diagnostic| site.fault(diagnostic)).ok()
}
