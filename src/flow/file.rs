use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::step::{DurationDocument, Names, Site, VERBS, Verb, find, unknown_step};
use super::subflow::{Plan, Planned, SubFlow, SubFlows, plan};
use super::variables::{self, DECLARATION, Scope};
use super::yaml::{self, Content, Entry, Field, Kind, Shape, Tree, Usual};
use super::{Answering, Hangup, Program, QueueRules, Set, Step, StepId, StepKind, ValueKind, VariableId};
use crate::base::limits::FLOW_STEPS;
use crate::base::{Digit, Language, PhoneNumber};
use crate::diag::{Diagnostic, Span, errors, has_errors};
use crate::service::Card;
use crate::speech::Notice;

/// The keys of a flow.
pub(super) const HEADER: Shape = Shape {
    fields: &[
        Field::needed("flow", Kind::Word),
        Field::needed("numbers", Kind::List(&Kind::Phone)),
        Field::optional("language", Kind::OneOf(&["fr", "en"])).usual(Usual::Word("fr")),
        Field::optional("languages", Kind::List(&Kind::OneOf(&["fr", "en"]))),
        Field::optional("variables", Kind::Named(&DECLARATION)),
        Field::needed("agent", Kind::StepName),
        Field::needed("start", Kind::StepName),
        Field::optional("closed", Kind::StepName),
        Field::optional("answer", Kind::OneOf(&["at-once", "when-needed"])).usual(Usual::Word("at-once")),
        Field::optional("keys", Kind::Named(&Kind::StepName)),
        Field::optional("notice", Kind::OneOf(&["listened", "recorded", "both"])),
        Field::optional("keys_to_agent", Kind::Count(1, 5)).usual(Usual::Count(KEYS_TO_AGENT as u64)),
        Field::optional("limits", Kind::Map(&LIMITS)),
        Field::needed("steps", Kind::Named(&Kind::Step)),
    ],
};

const LIMITS: Shape = Shape {
    fields: &[
        Field::optional("levels", Kind::Count(1, 6)).usual(Usual::Count(LEVELS as u64)),
        Field::optional("choices", Kind::Count(1, 11)).usual(Usual::Count(CHOICES as u64)),
        Field::optional("speech", Kind::Duration).usual(Usual::Duration(SPEECH)),
    ],
};

/// One key in a menu, and `0`.
const KEYS_TO_AGENT: usize = 2;
/// Menus behind one another that a caller finds the way through.
const LEVELS: usize = 3;
/// Choices that a caller can keep in mind.
const CHOICES: usize = 5;
/// Speech that a caller listens to before acting.
const SPEECH: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct HeaderDocument {
    flow: String,
    numbers: Vec<PhoneNumber>,
    #[serde(default)]
    language: Language,
    #[serde(default)]
    languages: Vec<Language>,
    agent: String,
    start: String,
    closed: Option<String>,
    #[serde(default)]
    answer: Answering,
    notice: Option<NoticeDocument>,
    keys_to_agent: Option<usize>,
    #[serde(default)]
    limits: LimitsDocument,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NoticeDocument {
    Listened,
    Recorded,
    Both,
}

#[derive(Default, Deserialize)]
struct LimitsDocument {
    levels: Option<usize>,
    choices: Option<usize>,
    speech: Option<DurationDocument>,
}

impl From<NoticeDocument> for Notice {
    fn from(document: NoticeDocument) -> Self {
        match document {
            NoticeDocument::Listened => Self::Listened,
            NoticeDocument::Recorded => Self::Recorded,
            NoticeDocument::Both => Self::Both,
        }
    }
}

/// What the flows of one service share.
pub(super) struct Context {
    /// The service's folder name.
    pub(super) service: Arc<str>,
    /// Its card, if it could be read.
    pub(super) card: Option<Arc<Card>>,
    /// Its queues, if they could be read.
    pub(super) queues: Option<Vec<Arc<QueueRules>>>,
    /// Its sub-flows.
    pub(super) subflows: Arc<SubFlows>,
}

/// A flow with the file that it came from, for the lints.
#[derive(Debug)]
pub(super) struct FlowFile {
    /// The flow; steps that could not be built are a bare hang-up.
    pub(super) program: Program,
    /// The file.
    pub(super) tree: Tree,
    /// The keys of the steps that come from sub-flows, by their names in the flow.
    pub(super) called: BTreeMap<Arc<str>, Tree>,
    /// The sub-flows that it calls, directly or not.
    pub(super) subflows: BTreeSet<Arc<str>>,
    /// Whether every step was built and every name resolved: what looks at the whole
    /// graph would tell nonsense otherwise.
    pub(super) whole: bool,
    /// The bounds of its menus.
    pub(super) limits: Limits,
    /// The languages that it promises to speak.
    pub(super) languages: Vec<Language>,
}

/// What a flow's menus may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Keys to an agent, from everywhere.
    pub(super) keys_to_agent: usize,
    /// Menus behind one another.
    pub(super) levels: usize,
    /// Choices of one menu.
    pub(super) choices: usize,
    /// Speech before the caller may act.
    pub(super) speech: Duration,
}

impl FlowFile {
    /// A step's keys.
    pub(super) fn step_tree(&self, id: StepId) -> Option<&Tree> {
        self.keys(&self.program.step(id).name)
    }

    /// The keys of the step of a name.
    pub(super) fn keys(&self, name: &str) -> Option<&Tree> {
        self.called.get(name).or_else(|| self.tree.at(&["steps", name]))
    }

    /// The variable that a step calls so.
    pub(super) fn variable(&self, id: StepId, name: &str) -> Option<(VariableId, ValueKind)> {
        self.scope(id).find(name)
    }

    /// The variables that a step may name.
    pub(super) fn scope(&self, id: StepId) -> Scope<'_> {
        let name = &self.program.step(id).name;
        let prefix = name.rfind('/').map_or("", |slash| &name[..=slash]);
        Scope { variables: &self.program.variables, prefix }
    }

    /// The place of a path inside a step, or of the step's name.
    pub(super) fn place(&self, id: StepId, path: &[&str]) -> Span {
        let name = &self.program.step(id).span;
        self.step_tree(id).and_then(|tree| tree.at(path)).map_or_else(|| name.clone(), |t| t.span.clone())
    }

    /// Every step's id.
    pub(super) fn ids(&self) -> impl Iterator<Item = StepId> + use<> {
        (0..u32::try_from(self.program.steps.len()).unwrap_or(u32::MAX)).map(StepId)
    }
}

/// Reads one flow; `None` when its header or its steps can't be read at all.
pub(super) fn read(context: &Context, tree: Tree, out: &mut Vec<Diagnostic>) -> Option<FlowFile> {
    let before = errors(out);
    let owner = tree.entries().first().map_or_else(|| tree.span.clone(), |e| e.key_span.clone());
    yaml::check_map(&tree, &owner, &HEADER, out);
    let header: Option<HeaderDocument> = (errors(out) == before).then(|| tree.model().ok()).flatten();
    let steps = tree.at(&["steps"]).map_or(&[][..], Tree::entries);
    if steps.is_empty() {
        if header.is_some() {
            let span = tree.key_place("steps");
            out.push(
                Diagnostic::error("empty-value", "the flow has no steps", Some(span)).help("write its first step"),
            );
        }
        return None;
    }
    if steps.len() > FLOW_STEPS {
        let message = format!("the flow has {} steps, {FLOW_STEPS} are allowed", steps.len());
        let span = tree.key_place("steps");
        out.push(Diagnostic::error("too-many-steps", message, Some(span)).help("make several flows of it"));
        return None;
    }
    let mut whole = header.is_some();
    let plan = plan(steps, &context.subflows, out);
    whole &= plan.whole;
    let names = names(context, header.as_ref(), &plan, &tree, &mut whole, out);
    let start = header.as_ref().and_then(|h| names.find(&h.start));
    if let (Some(header), None) = (&header, start) {
        whole = false;
        out.push(names.unknown_step(&header.start, tree.place(&["start"])));
    }
    let built = build(&plan, names.clone(), &mut whole, out);
    let (header, card) = (header?, context.card.clone()?);
    let limits = Limits {
        keys_to_agent: header.keys_to_agent.unwrap_or(KEYS_TO_AGENT),
        levels: header.limits.levels.unwrap_or(LEVELS),
        choices: header.limits.choices.unwrap_or(CHOICES),
        speech: header.limits.speech.map_or(SPEECH, |d| d.0),
    };
    let program = Program {
        name: header.flow.into(),
        service: context.service.clone(),
        card,
        queues: context.queues.clone().unwrap_or_default(),
        numbers: header.numbers,
        language: header.language,
        start: start.unwrap_or(StepId(0)),
        agent: names.agent,
        closed: names.closed,
        answer: header.answer,
        keys: header_keys(&tree, &names, &mut whole, out),
        notice: header.notice.map(Notice::from),
        variables: names.variables.to_vec(),
        steps: built,
    };
    let (called, subflows) = (plan.copies(), plan.called());
    Some(FlowFile { program, called, subflows, tree, whole, limits, languages: header.languages })
}

/// Checks a sub-flow that nothing calls: what is wrong in it is told all the same.
pub(super) fn read_alone(context: &Context, subflow: &SubFlow, out: &mut Vec<Diagnostic>) {
    let plan = plan(subflow.steps(), &context.subflows, out);
    let names = Names {
        service: context.service.clone(),
        prefix: "".into(),
        language: subflow.language,
        steps: plan.names(),
        agent: StepId(0),
        closed: Some(StepId(0)),
        variables: plan.variables(subflow.variables.clone()).into(),
        subflows: Arc::clone(&context.subflows),
        returns: Some(Set { assignments: Vec::new(), then: StepId(0) }),
        procedures: context.card.as_ref().map(|card| card.procedures.iter().map(|p| p.id.clone()).collect()),
        queues: context.queues.clone(),
    };
    build(&plan, names, &mut true, out);
    let message = format!("no flow calls the sub-flow `{}`", subflow.name);
    out.push(
        Diagnostic::warning("unused-subflow", message, Some(subflow.tree.place(&["subflow"])))
            .label("never heard")
            .help(format!("call it with a step `call: {}`, or remove the file", subflow.name)),
    );
}

/// Builds every step of a plan.
fn build(plan: &Plan, own: Names, whole: &mut bool, out: &mut Vec<Diagnostic>) -> Vec<Step> {
    let places = plan.places(own);
    let each = (0u32..).zip(&plan.steps);
    each.map(|(i, planned)| step(&places[planned.origin], StepId(i), planned, whole, out)).collect()
}

/// The names that steps refer to, with the header's own references resolved.
fn names(
    context: &Context,
    header: Option<&HeaderDocument>,
    plan: &Plan,
    tree: &Tree,
    whole: &mut bool,
    out: &mut Vec<Diagnostic>,
) -> Names {
    let all = plan.names();
    let steps = tree.at(&["steps"]).map_or(&[][..], Tree::entries);
    let mut resolve = |name: &str, key: &str| {
        let found = find(&all, "", name);
        if found.is_none() {
            *whole = false;
            out.push(unknown_step(name, tree.place(&[key]), &all, ""));
        }
        found
    };
    let agent = header.and_then(|h| resolve(&h.agent, "agent"));
    let written = header.and_then(|h| h.closed.as_deref()).and_then(|name| resolve(name, "closed"));
    let closed = written.or_else(|| {
        let hours = steps.iter().find(|s| s.value.at(&["hours"]).and_then(Tree::written) == Some("phone"))?;
        find(&all, "", hours.value.at(&["closed"])?.written()?)
    });
    Names {
        service: context.service.clone(),
        language: header.map_or(Language::Fr, |h| h.language),
        agent: agent.unwrap_or(StepId(0)),
        closed,
        prefix: "".into(),
        variables: variables::within_limit(plan.variables(variables::declared(tree, steps, out)), tree, out).into(),
        subflows: Arc::clone(&context.subflows),
        returns: None,
        procedures: context.card.as_ref().map(|card| card.procedures.iter().map(|p| p.id.clone()).collect()),
        queues: context.queues.clone(),
        steps: all,
    }
}

/// The keys that work everywhere, besides `0`, `*` and `#`.
fn header_keys(tree: &Tree, names: &Names, whole: &mut bool, out: &mut Vec<Diagnostic>) -> Vec<(Digit, StepId)> {
    let mut keys = Vec::new();
    for entry in tree.at(&["keys"]).map_or(&[][..], Tree::entries) {
        let Some(key) = yaml::key(&entry.key) else {
            let message = format!("`{}` is no telephone key", entry.key);
            out.push(
                Diagnostic::error("wrong-type", message, Some(entry.key_span.clone())).help("the keys are `1` to `9`"),
            );
            continue;
        };
        let name = entry.value.written().unwrap_or_default();
        match names.find(name) {
            Some(to) => keys.push((key, to)),
            None => {
                *whole = false;
                out.push(names.unknown_step(name, entry.value.span.clone()));
            }
        }
    }
    keys
}

/// Builds one step; one that can't be built leaves a hole in the graph.
fn step(names: &Names, id: StepId, planned: &Planned, whole: &mut bool, out: &mut Vec<Diagnostic>) -> Step {
    let (mut found, entry) = (Vec::new(), &planned.entry);
    let kind = verb(entry, &mut found).and_then(|verb| {
        yaml::check_map(&entry.value, &entry.key_span, verb.shape, &mut found);
        if has_errors(&found) {
            return None;
        }
        let mut site = Site { id, tree: &entry.value, span: &entry.key_span, names, out: &mut found, broken: false };
        let kind = (verb.build)(&mut site);
        *whole &= !site.broken;
        kind
    });
    *whole &= kind.is_some();
    out.append(&mut found);
    let kind = kind.unwrap_or(StepKind::Hangup(Hangup { text: None }));
    Step { name: planned.name.clone(), span: entry.key_span.clone(), kind }
}

/// The step kind that a step's keys name.
fn verb(entry: &Entry, out: &mut Vec<Diagnostic>) -> Option<&'static Verb> {
    let name = &entry.key;
    let Content::Map(keys) = &entry.value.content else {
        let message = format!("the step `{name}` says nothing of what it does");
        out.push(Diagnostic::error("missing-key", message, Some(entry.key_span.clone())).help(VERB_HELP));
        return None;
    };
    let verbs: Vec<(&Entry, &&Verb)> =
        keys.iter().filter_map(|k| Some((k, VERBS.iter().find(|v| v.name == &*k.key)?))).collect();
    match verbs.as_slice() {
        [(_, verb)] => Some(verb),
        [(_, first), (second, _), ..] => {
            let message = format!("the step `{name}` does two things: `{}` and `{}`", first.name, second.key);
            out.push(
                Diagnostic::error("two-in-one", message, Some(second.key_span.clone()))
                    .label("a step does one thing")
                    .help("make two steps of it, the first with `then:`"),
            );
            None
        }
        [] => {
            out.push(no_verb(entry, keys));
            None
        }
    }
}

/// A step of no kind: a key that is nearly one, or none at all.
fn no_verb(entry: &Entry, keys: &[Entry]) -> Diagnostic {
    let names = || VERBS.iter().map(|v| v.name);
    let near = keys.iter().find_map(|k| Some((k, yaml::nearest(&k.key, names())?)));
    match near {
        Some((key, name)) => {
            let message = format!("the key `{}` is not known here", key.key);
            Diagnostic::error("unknown-key", message, Some(key.key_span.clone()))
                .label("not known")
                .help(format!("did you mean `{name}`?"))
        }
        None => {
            let message = format!("the step `{}` says nothing of what it does", entry.key);
            Diagnostic::error("missing-key", message, Some(entry.key_span.clone())).help(VERB_HELP)
        }
    }
}

const VERB_HELP: &str = "give it one of `say`, `menu`, `hours`, `tell`, `collect`, `set`, `choose`, `goto`, `lookup`, `call`, `queue`, `transfer`, `voicemail`, `record`, `callback`, `survey`, `hangup`";
