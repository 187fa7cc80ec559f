use std::collections::BTreeSet;
use std::sync::Arc;

use super::file::{self, FlowFile};
use super::subflow::{SubFlow, SubFlows, is_subflow};
use super::yaml::Tree;
use super::{Audio, Service, allow, card, lint, queues, yaml};
use crate::diag::{Diagnostic, Source, has_errors};

/// What became of a service's files.
#[derive(Debug)]
pub struct Loaded {
    /// The service, only when there is no error.
    pub service: Option<Service>,
    /// What is wrong, in the order of the files and of their lines.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks one service: its card in `service.yaml`, its queues in
/// `queues.yaml`, and a flow in every other file. `service` is its folder's name;
/// `audio` says what has been recorded.
pub fn load(service: &str, files: &[Arc<Source>], audio: &dyn Audio) -> Loaded {
    let (mut out, mut allowed) = (Vec::new(), Vec::new());
    let mut parse = |source: &Arc<Source>, out: &mut Vec<Diagnostic>| -> Option<Tree> {
        let mut tree = yaml::parse(source, out)?;
        allowed.extend(allow::take(&mut tree, out));
        Some(tree)
    };
    let find = |name: &str| files.iter().find(|f| file_name(&f.path) == name);
    let card = match find(CARD) {
        Some(source) => parse(source, &mut out).and_then(|tree| card::read(tree, &mut out)),
        None => {
            let message = format!("the service `{service}` has no `{CARD}`");
            out.push(Diagnostic::error("missing-file", message, None).help("write its card: name, phones, hours"));
            None
        }
    };
    let queues_tree = find(QUEUES).map(|source| parse(source, &mut out));
    let queues = match &queues_tree {
        Some(tree) => tree.as_ref().and_then(|tree| queues::read(service, tree, &mut out)),
        None => Some(Vec::new()),
    };
    let rest = files.iter().filter(|f| !matches!(file_name(&f.path), CARD | QUEUES));
    let trees: Vec<Tree> = rest.filter_map(|source| parse(source, &mut out)).collect();
    let (subflows, trees): (Vec<Tree>, Vec<Tree>) = trees.into_iter().partition(is_subflow);
    let context = file::Context {
        service: service.into(),
        card: card.as_ref().map(|file| file.card.clone()),
        queues: queues.clone(),
        subflows: Arc::new(SubFlows::read(subflows, &mut out)),
    };
    let flows: Vec<FlowFile> = trees.into_iter().filter_map(|tree| file::read(&context, tree, &mut out)).collect();
    let is_called = |subflow: &SubFlow| flows.iter().any(|flow| flow.subflows.contains(&subflow.name));
    for subflow in context.subflows.all().iter().filter(|subflow| !is_called(subflow)) {
        file::read_alone(&context, subflow, &mut out);
    }
    if let Some(tree) = queues_tree.flatten() {
        lint::closing(&tree, &mut out);
        lint::premium_numbers(&tree, &mut out);
    }
    for subflow in context.subflows.all() {
        lint::premium_numbers(&subflow.tree, &mut out);
    }
    lint::taken(&flows, &mut out);
    for flow in &flows {
        lint::flow(flow, audio, &mut out);
    }
    if let Some(card) = &card {
        lint::card(card, &flows, audio, &mut out);
    }
    once_in_subflows(&mut out, context.subflows.all());
    allow::apply(&allowed, &mut out);
    in_order(&mut out, files);
    let failed = has_errors(&out);
    let service = card.filter(|_| !failed).map(|file| Service {
        name: service.into(),
        card: file.card,
        queues: queues.unwrap_or_default(),
        flows: flows.into_iter().map(|FlowFile { program, .. }| Arc::new(program)).collect(),
    });
    Loaded { service, diagnostics: out }
}

const CARD: &str = "service.yaml";
const QUEUES: &str = "queues.yaml";

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// What is wrong in a sub-flow is told once, however often it is called.
fn once_in_subflows(diagnostics: &mut Vec<Diagnostic>, subflows: &[Arc<SubFlow>]) {
    let mut told = BTreeSet::new();
    diagnostics.retain(|diagnostic| {
        let Some(span) = &diagnostic.span else { return true };
        let inside = subflows.iter().any(|subflow| Arc::ptr_eq(subflow.tree.source(), &span.source));
        !inside || told.insert((diagnostic.code, Arc::as_ptr(&span.source), span.bytes.start, span.bytes.end))
    });
}

/// By file, then by place; what has no place comes first.
fn in_order(diagnostics: &mut [Diagnostic], files: &[Arc<Source>]) {
    diagnostics.sort_by_key(|d| {
        d.span.as_ref().map(|s| (files.iter().position(|f| f.path == s.source.path), s.bytes.start, s.bytes.end))
    });
}

/// A flow with what is wrong with it, whether it may run or not: for tests that compare what
/// the rules say of it with what it does.
#[cfg(test)]
pub(crate) fn unchecked(files: &[Arc<Source>], audio: &dyn Audio) -> Option<super::prove::Checked> {
    let mut out = Vec::new();
    let find = |name: &str| files.iter().find(|f| file_name(&f.path) == name);
    let card = card::read(yaml::parse(find(CARD)?, &mut out)?, &mut out)?;
    let queues = queues::read("test", &yaml::parse(find(QUEUES)?, &mut out)?, &mut out);
    let rest = files.iter().filter(|f| !matches!(file_name(&f.path), CARD | QUEUES));
    let trees: Vec<Tree> = rest.filter_map(|source| yaml::parse(source, &mut out)).collect();
    let (subflows, trees): (Vec<Tree>, Vec<Tree>) = trees.into_iter().partition(is_subflow);
    let subflows = Arc::new(SubFlows::read(subflows, &mut out));
    let context = file::Context { service: "test".into(), card: Some(card.card.clone()), queues, subflows };
    let file = file::read(&context, trees.into_iter().next()?, &mut out)?;
    lint::flow(&file, audio, &mut out);
    Some(super::prove::Checked::new(file, out))
}
