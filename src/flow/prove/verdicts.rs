//! The verdicts of the rules on one flow, for the test that holds them against the engine.

use std::sync::Arc;
use std::time::Duration;

use super::{Space, agent, closed, depth, reach, speech};
use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::{Audio, Program, StepId};

/// A flow that was read, with what the rules say of it.
pub(crate) struct Checked {
    file: FlowFile,
    /// What it runs as, whatever is wrong with it.
    pub(crate) program: Arc<Program>,
    /// What is wrong.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// What the prover says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// Some caller does not come to an agent as is promised.
    pub(crate) lost: bool,
    /// Some caller is not told what is owed when it is closed.
    pub(crate) untold: bool,
    /// Some speech has no end, or none that is bearable.
    pub(crate) endless: bool,
    /// The steps that no call comes to.
    pub(crate) unreachable: Vec<StepId>,
    /// The menus that are too deep.
    pub(crate) deep: Vec<StepId>,
}

impl Checked {
    pub(in crate::flow) fn new(file: FlowFile, diagnostics: Vec<Diagnostic>) -> Self {
        Self { program: Arc::new(file.program.clone()), file, diagnostics }
    }

    /// Whether every name in it is resolved.
    pub(crate) fn is_whole(&self) -> bool {
        self.file.whole
    }

    /// Keys to an agent, menus behind one another, speech that no key stops.
    pub(crate) fn limits(&self) -> (usize, usize, Duration) {
        let limits = &self.file.limits;
        (limits.keys_to_agent, limits.levels, limits.speech)
    }

    /// Proves it.
    pub(crate) fn prove(&self, audio: &dyn Audio) -> Verdicts {
        let (keys, levels, longest) = self.limits();
        let space = Space::of(&self.program, audio);
        Verdicts {
            lost: !agent::lost(&space, keys).is_empty(),
            untold: closed::untold(&space).is_some(),
            endless: !speech::endless(&space, longest).is_empty(),
            unreachable: reach::unreachable(&space),
            deep: depth::too_deep(&space, levels).into_iter().map(|(id, _)| id).collect(),
        }
    }
}
