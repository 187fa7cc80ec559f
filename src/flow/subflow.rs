//! Sub-flows: files with `subflow:`, whose steps are copied into the flow that calls them, once
//! for each call, under names such as `appel/numero`. So nothing that runs or checks a flow
//! needs to know them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::step::Names;
use super::variables::{self, DECLARATION};
use super::yaml::{self, Entry, Field, Kind, Shape, Tree, Usual};
use super::{Assignment, Set, ValueSource, Variable};
use crate::base::Language;
use crate::base::limits::FLOW_STEPS;
use crate::diag::{Diagnostic, Span, errors};

/// The keys of a sub-flow.
pub(super) const HEADER: Shape = Shape {
    fields: &[
        Field::needed("subflow", Kind::Word),
        Field::optional("language", Kind::OneOf(&["fr", "en"])).usual(Usual::Word("fr")),
        Field::optional("parameters", Kind::Named(&DECLARATION)),
        Field::optional("variables", Kind::Named(&DECLARATION)),
        Field::needed("start", Kind::StepName),
        Field::needed("steps", Kind::Named(&Kind::Step)),
    ],
};

#[derive(Deserialize)]
struct HeaderDocument {
    subflow: String,
    #[serde(default)]
    language: Language,
    start: String,
}

/// Whether a file is a sub-flow.
pub(super) fn is_subflow(tree: &Tree) -> bool {
    tree.entry("subflow").is_some()
}

/// A sub-flow as it is written.
#[derive(Debug)]
pub(super) struct SubFlow {
    /// Its name.
    pub(super) name: Arc<str>,
    /// The language of its texts.
    pub(super) language: Language,
    /// Its first step.
    pub(super) start: Arc<str>,
    /// What it is given; one without a value must be given.
    pub(super) parameters: Vec<Variable>,
    /// Parameters, what it declares and what it collects.
    pub(super) variables: Vec<Variable>,
    /// Its file.
    pub(super) tree: Tree,
}

impl SubFlow {
    /// Its steps.
    pub(super) fn steps(&self) -> &[Entry] {
        self.tree.at(&["steps"]).map_or(&[][..], Tree::entries)
    }
}

/// The sub-flows of one service.
#[derive(Debug, Default)]
pub(super) struct SubFlows(Vec<Arc<SubFlow>>);

impl SubFlows {
    /// Reads the headers of sub-flows; one that can't be read is told, and not there.
    pub(super) fn read(trees: Vec<Tree>, out: &mut Vec<Diagnostic>) -> Self {
        let mut all: Vec<Arc<SubFlow>> = Vec::new();
        for tree in trees {
            let Some(read) = one(tree, out) else { continue };
            match all.iter().find(|other| other.name == read.name) {
                Some(first) => {
                    let message = format!("two sub-flows are called `{}`", read.name);
                    let span = read.tree.place(&["subflow"]);
                    let label = format!("also in {}", first.tree.source().path);
                    out.push(
                        Diagnostic::error("name-taken", message, Some(span)).label(label).help("give it another name"),
                    );
                }
                None => all.push(Arc::new(read)),
            }
        }
        Self(all)
    }

    /// The sub-flow of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<SubFlow>> {
        self.0.iter().find(|subflow| *subflow.name == *name)
    }

    /// Every sub-flow.
    pub(super) fn all(&self) -> &[Arc<SubFlow>] {
        &self.0
    }

    /// A name that no sub-flow has.
    pub(super) fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let diagnostic = Diagnostic::error("unknown-subflow", format!("there is no sub-flow `{name}`"), Some(span))
            .label("no sub-flow of this name");
        match yaml::suggestion(name, self.0.iter().map(|subflow| &*subflow.name)) {
            Some(help) => diagnostic.help(help),
            None => diagnostic.help(format!("write a file with `subflow: {name}`")),
        }
    }
}

fn one(tree: Tree, out: &mut Vec<Diagnostic>) -> Option<SubFlow> {
    let before = errors(out);
    let owner = tree.entries().first().map_or_else(|| tree.span.clone(), |e| e.key_span.clone());
    yaml::check_map(&tree, &owner, &HEADER, out);
    let steps = tree.at(&["steps"]).map_or(&[][..], Tree::entries);
    without_slash(steps, out);
    let parameters = variables::declared_under("parameters", &tree, out);
    let mut all = parameters.clone();
    all.extend(
        variables::declared(&tree, steps, out).into_iter().filter(|v| parameters.iter().all(|p| p.name != v.name)),
    );
    if errors(out) > before {
        return None;
    }
    let header: HeaderDocument = tree.model().ok()?;
    let start = header.start.into();
    if steps.iter().all(|step| step.key != start) {
        let message = format!("there is no step `{start}`");
        let span = tree.place(&["start"]);
        out.push(Diagnostic::error("unknown-step", message, Some(span)).label("no step of this name"));
        return None;
    }
    Some(SubFlow { name: header.subflow.into(), language: header.language, start, parameters, variables: all, tree })
}

/// Where steps come from: the flow itself, or one call of a sub-flow.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// What stands before its names: nothing, or such as `appel/`.
    pub(super) prefix: Arc<str>,
    /// The sub-flow; `None` for the flow itself.
    pub(super) subflow: Option<Arc<SubFlow>>,
    /// The place of the origin that calls it in [`Plan::origins`], and the calling step's keys.
    pub(super) caller: Option<(usize, Entry)>,
}

/// A step before it is built.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Its name in the flow.
    pub(super) name: Arc<str>,
    /// What is written.
    pub(super) entry: Entry,
    /// Its place in [`Plan::origins`].
    pub(super) origin: usize,
}

/// All steps of a flow, those of its sub-flows included.
#[derive(Debug)]
pub(super) struct Plan {
    /// The flow itself first.
    pub(super) origins: Vec<Origin>,
    /// The flow's own steps first.
    pub(super) steps: Vec<Planned>,
    /// Whether every call could be followed.
    pub(super) whole: bool,
}

/// Copies the steps of every sub-flow to where it is called.
pub(super) fn plan(own: &[Entry], subflows: &SubFlows, out: &mut Vec<Diagnostic>) -> Plan {
    let origin = Origin { prefix: "".into(), subflow: None, caller: None };
    let mut plan = Plan { origins: vec![origin], steps: Vec::new(), whole: true };
    without_slash(own, out);
    plan.add(0, own);
    let mut next = 0;
    while next < plan.steps.len() {
        next += 1;
        if plan.steps[next - 1].entry.value.entry("call").is_none() {
            continue;
        }
        let step = plan.steps[next - 1].clone();
        let Some(call) = step.entry.value.at(&["call"]) else { continue };
        // A name that is not there is told by the step itself.
        let Some(subflow) = call.written().and_then(|name| subflows.find(name)) else { continue };
        if let Some(round) = plan.round(step.origin, subflow) {
            let message = format!("the sub-flow `{}` calls itself: {round}", subflow.name);
            out.push(
                Diagnostic::error("subflow-cycle", message, Some(call.span.clone()))
                    .label("comes round here")
                    .help("lead back with `goto:` inside one of them, or with `return:`"),
            );
            plan.whole = false;
            continue;
        }
        let (before, more) = (plan.steps.len(), subflow.steps().len());
        if before + more > FLOW_STEPS {
            let message = format!("with its sub-flows the flow has more than {FLOW_STEPS} steps");
            let diagnostic = Diagnostic::error("too-many-steps", message, Some(call.span.clone()));
            out.push(diagnostic.label(format!("{more} more, after {before}")).help("make several flows of it"));
            plan.whole = false;
            return plan;
        }
        let prefix = format!("{}/", step.name).into();
        plan.origins.push(Origin {
            prefix,
            subflow: Some(Arc::clone(subflow)),
            caller: Some((step.origin, step.entry)),
        });
        plan.add(plan.origins.len() - 1, subflow.steps());
    }
    plan
}

/// Tells steps whose names would pass for those of a sub-flow.
fn without_slash(steps: &[Entry], out: &mut Vec<Diagnostic>) {
    for step in steps.iter().filter(|step| step.key.contains('/')) {
        let message = format!("`{}` can't be the name of a step", step.key);
        out.push(
            Diagnostic::error("wrong-type", message, Some(step.key_span.clone()))
                .label("`/` stands between a call and the steps of its sub-flow")
                .help("write letters, digits and `-`"),
        );
    }
}

impl Plan {
    fn add(&mut self, origin: usize, entries: &[Entry]) {
        let prefix = Arc::clone(&self.origins[origin].prefix);
        let named =
            |entry: &Entry| Planned { name: format!("{prefix}{}", entry.key).into(), entry: entry.clone(), origin };
        self.steps.extend(entries.iter().map(named));
    }

    /// The way by which a sub-flow would come to itself, in words.
    fn round(&self, from: usize, to: &Arc<SubFlow>) -> Option<String> {
        let mut names = vec![to.name.to_string()];
        let mut at = from;
        loop {
            let origin = &self.origins[at];
            let own = origin.subflow.as_ref()?;
            names.push(own.name.to_string());
            if own.name == to.name {
                names.reverse();
                return Some(names.join(" → "));
            }
            at = origin.caller.as_ref()?.0;
        }
    }

    /// The names of every origin, from those of the flow itself: each sub-flow sees its own, and
    /// returns to the step that calls it.
    pub(super) fn places(&self, own: Names) -> Vec<Names> {
        let mut all = vec![own];
        for origin in self.origins.iter().skip(1) {
            let Some((subflow, (caller, entry))) = origin.subflow.as_ref().zip(origin.caller.as_ref()) else {
                continue;
            };
            let caller = &all[*caller];
            let then = entry.value.at(&["then"]).and_then(Tree::written).and_then(|name| caller.find(name));
            let mut names = Names {
                prefix: Arc::clone(&origin.prefix),
                language: subflow.language,
                returns: None,
                ..caller.clone()
            };
            let take = |taken: &Entry| {
                let (to, _) = caller.scope().find(&taken.key)?;
                let (from, _) = names.scope().find(taken.value.written()?)?;
                Some(Assignment { to, from: ValueSource::Variable(from) })
            };
            let taken = entry.value.at(&["take"]).map_or(&[][..], Tree::entries);
            let assignments = taken.iter().filter_map(take).collect();
            names.returns = Some(Set { assignments, then: then.unwrap_or(caller.agent) });
            all.push(names);
        }
        all
    }

    /// The name of every step.
    pub(super) fn names(&self) -> Arc<[Arc<str>]> {
        self.steps.iter().map(|step| Arc::clone(&step.name)).collect()
    }

    /// The sub-flows that are called.
    pub(super) fn called(&self) -> BTreeSet<Arc<str>> {
        self.origins
            .iter()
            .filter_map(|origin| origin.subflow.as_ref())
            .map(|subflow| Arc::clone(&subflow.name))
            .collect()
    }

    /// The keys of the steps that come from sub-flows, by their names in the flow.
    pub(super) fn copies(&self) -> BTreeMap<Arc<str>, Tree> {
        let copied = self.steps.iter().filter(|step| step.origin > 0);
        copied.map(|step| (Arc::clone(&step.name), step.entry.value.clone())).collect()
    }

    /// The variables of the flow and of every call, under their names in the flow.
    pub(super) fn variables(&self, own: Vec<Variable>) -> Vec<Variable> {
        let mut all = own;
        for origin in &self.origins {
            let Some(subflow) = &origin.subflow else { continue };
            let scoped = |v: &Variable| Variable { name: format!("{}{}", origin.prefix, v.name).into(), ..v.clone() };
            all.extend(subflow.variables.iter().map(scoped));
        }
        all
    }
}
