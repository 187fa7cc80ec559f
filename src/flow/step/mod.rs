//! One file per step kind: the keys that it takes, its model, and how it is built.

mod call;
mod callback;
mod choose;
mod collect;
mod goto;
mod hangup;
mod hours;
mod lookup;
mod menu;
mod number;
mod question;
mod queue;
mod record;
mod return_step;
mod say;
mod set;
mod survey;
mod tell;
mod transfer;
mod voicemail;

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::lint::unknown_procedure;
use super::placeholder;
use super::subflow::SubFlows;
use super::text::TextDocument;
use super::variables::Scope;
use super::yaml::{self, Shape, Tree};
use super::{QueueRules, Set, StepId, StepKind, ValueKind, Variable, VariableId};
use crate::base::{Digit, Language, Localized};
use crate::diag::{Diagnostic, Span};

/// One step kind of the language.
#[derive(Debug)]
pub(super) struct Verb {
    /// The key that makes a step this kind.
    pub(super) name: &'static str,
    /// All keys that such a step takes.
    pub(super) shape: &'static Shape,
    /// Builds the step from keys that fit the shape; `None` when it could not.
    pub(super) build: fn(&mut Site<'_>) -> Option<StepKind>,
}

/// Every step kind.
pub(super) const VERBS: [&Verb; 18] = [
    &say::VERB,
    &menu::VERB,
    &hours::VERB,
    &tell::VERB,
    &collect::VERB,
    &set::VERB,
    &choose::VERB,
    &goto::VERB,
    &lookup::VERB,
    &call::VERB,
    &return_step::VERB,
    &queue::VERB,
    &transfer::VERB,
    &voicemail::VERB,
    &record::VERB,
    &callback::VERB,
    &survey::VERB,
    &hangup::VERB,
];

/// The names that the steps of one place refer to: of a flow, or of one call of a sub-flow.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// The service's folder name.
    pub(super) service: Arc<str>,
    /// What stands before the names of this place in the flow: nothing, or such as `appel/`.
    pub(super) prefix: Arc<str>,
    /// The language of its texts.
    pub(super) language: Language,
    /// The steps' names, each at its [`StepId`].
    pub(super) steps: Arc<[Arc<str>]>,
    /// Where `0`, silence and steps without `then` lead.
    pub(super) agent: StepId,
    /// Where callers are led when it is closed.
    pub(super) closed: Option<StepId>,
    /// The flow's variables, each at its [`super::VariableId`].
    pub(super) variables: Arc<[Variable]>,
    /// The service's sub-flows.
    pub(super) subflows: Arc<SubFlows>,
    /// What `return:` does; nothing in a flow.
    pub(super) returns: Option<Set>,
    /// The ids of the card's procedures; `None` for one without, and no list when the card could not be read.
    pub(super) procedures: Option<Vec<Option<Arc<str>>>>,
    /// The service's queues; `None` when `queues.yaml` could not be read, so that its
    /// mistakes are not told twice.
    pub(super) queues: Option<Vec<Arc<QueueRules>>>,
}

impl Names {
    /// The step of a name, as it is written in this place.
    pub(super) fn find(&self, name: &str) -> Option<StepId> {
        find(&self.steps, &self.prefix, name)
    }

    /// A name that no step of this place has.
    pub(super) fn unknown_step(&self, name: &str, span: Span) -> Diagnostic {
        unknown_step(name, span, &self.steps, &self.prefix)
    }

    /// What is called so in this place, as it is called in the flow.
    pub(super) fn whole(&self, name: &str) -> Arc<str> {
        format!("{}{name}", self.prefix).into()
    }

    /// The variables that this place may name.
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { variables: &self.variables, prefix: &self.prefix }
    }

    /// The variable of a whole name.
    fn variable(&self, whole: &str) -> Option<(VariableId, ValueKind)> {
        Scope { variables: &self.variables, prefix: "" }.find(whole)
    }
}

/// A step that is being built.
pub(super) struct Site<'a> {
    /// Which.
    pub(super) id: StepId,
    /// Its keys.
    pub(super) tree: &'a Tree,
    /// Its name's place.
    pub(super) span: &'a Span,
    /// What it may refer to.
    pub(super) names: &'a Names,
    /// What is wrong.
    pub(super) out: &'a mut Vec<Diagnostic>,
    /// Set when a name could not be resolved: the graph has a hole here.
    pub(super) broken: bool,
}

impl Site<'_> {
    /// The typed model; what only serde finds wrong is told on the step.
    fn model<T: DeserializeOwned>(&mut self) -> Option<T> {
        match self.tree.model() {
            Ok(model) => Some(model),
            Err(error) => {
                self.out.push(Diagnostic::error("wrong-type", error, Some(self.span.clone())));
                None
            }
        }
    }

    /// The step of a name written at `path`, or `default` when it is not written.
    fn step(&mut self, name: Option<&str>, path: &[&str], default: StepId) -> StepId {
        self.optional_step(name, path).unwrap_or(default)
    }

    /// The step of a name written at `path`; `None` when it is not written or unknown.
    fn optional_step(&mut self, name: Option<&str>, path: &[&str]) -> Option<StepId> {
        let name = name?;
        let found = self.names.find(name);
        if found.is_none() {
            self.broken = true;
            self.out.push(self.names.unknown_step(name, self.tree.place(path)));
        }
        found
    }

    /// The place in the card of the procedure that `about:` names; `None` when it is unknown.
    fn procedure(&mut self, id: &str) -> Option<usize> {
        let known = self.names.procedures.as_ref()?;
        let found = known.iter().position(|known| known.as_deref() == Some(id));
        if found.is_none() {
            let known: Vec<&str> = known.iter().flatten().map(|known| &**known).collect();
            self.out.push(unknown_procedure(id, &known, self.tree.place(&["about"])));
        }
        found
    }

    /// The agent's step.
    fn agent(&self) -> StepId {
        self.names.agent
    }

    /// A text for callers.
    fn text(&self, text: &TextDocument) -> Localized {
        text.localized(self.names.language).map(|_, text| placeholder::scoped(text, &self.names.prefix))
    }

    /// The variables that it may name.
    fn scope(&self) -> Scope<'_> {
        self.names.scope()
    }

    /// Tells something that leaves a hole in the flow.
    fn fault(&mut self, diagnostic: Diagnostic) {
        self.broken = true;
        self.out.push(diagnostic);
    }

    /// Tells that a key is missing which only this step's other keys make necessary.
    fn missing(&mut self, key: &str, at: &[&str], why: &str) {
        self.broken = true;
        self.out.push(
            Diagnostic::error("missing-key", format!("`{key}` is missing"), Some(self.tree.place(at)))
                .label(why)
                .help(format!("add a line `{key}: …`")),
        );
    }
}

/// The place of a step's name in the list of steps; the names of one place have a prefix.
pub(super) fn find(steps: &[Arc<str>], prefix: &str, name: &str) -> Option<StepId> {
    let is_it = |step: &Arc<str>| step.strip_prefix(prefix).is_some_and(|rest| rest == name);
    steps.iter().position(is_it).and_then(|i| u32::try_from(i).ok()).map(StepId)
}

/// A name that no step has.
pub(super) fn unknown_step(name: &str, span: Span, steps: &[Arc<str>], prefix: &str) -> Diagnostic {
    let here = steps.iter().filter_map(|step| step.strip_prefix(prefix)).filter(|rest| !rest.contains('/'));
    let diagnostic = Diagnostic::error("unknown-step", format!("there is no step `{name}`"), Some(span))
        .label("no step of this name");
    match yaml::suggestion(name, here) {
        Some(help) => diagnostic.help(help),
        None => diagnostic.help("write this step under `steps:`"),
    }
}

/// A duration as it is written, such as `20s`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DurationDocument(pub(super) std::time::Duration);

impl TryFrom<String> for DurationDocument {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        yaml::duration(&text).map(Self).ok_or_else(|| format!("`{text}` is not a duration such as `20s`"))
    }
}

/// A share as it is written, such as `20%`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct PercentDocument(pub(super) u8);

impl TryFrom<String> for PercentDocument {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        yaml::percent(&text).map(Self).ok_or_else(|| format!("`{text}` is not a share such as `20%`"))
    }
}

/// A telephone key as it is written: a number, or a text such as `star`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum KeyDocument {
    /// `1`
    Number(u8),
    /// `"1"`, `star`, `hash`
    Text(String),
}

impl KeyDocument {
    /// The key.
    pub(super) fn digit(&self) -> Option<Digit> {
        match self {
            Self::Number(n) => yaml::key(&n.to_string()),
            Self::Text(text) => yaml::key(text),
        }
    }
}
