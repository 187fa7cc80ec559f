//! Which steps a call can come to.

use std::collections::BTreeSet;

use super::space::Space;
use crate::flow::StepId;

/// The steps that no call can come to.
pub(in crate::flow) fn unreachable(space: &Space<'_>) -> Vec<StepId> {
    let reached: BTreeSet<StepId> = space.nodes.iter().map(|node| node.at.step).collect();
    let all = 0..u32::try_from(space.program().steps.len()).unwrap_or(u32::MAX);
    all.map(StepId).filter(|id| !reached.contains(id)).collect()
}
