//! How many menus are behind one another.

use std::collections::VecDeque;

use super::space::{Goal, Id, Space};
use crate::flow::{StepId, StepKind};

/// The menus that are deeper than allowed, with their level: the shortest way to each counts.
pub(in crate::flow) fn too_deep(space: &Space<'_>, limit: usize) -> Vec<(StepId, usize)> {
    let limit = if fault!(OneLevelMore) { limit + 1 } else { limit };
    let program = space.program();
    let is_menu = |id: Id| space.is_entry(id) && matches!(program.step(space.step(id)).kind, StepKind::Menu(_));
    let mut levels: Vec<Option<usize>> = vec![None; program.steps.len()];
    let mut seen = vec![false; space.nodes.len()];
    let mut todo: VecDeque<(Id, usize)> = VecDeque::new();
    for id in space.ids().filter(|id| space.nodes[*id].from.is_none()) {
        match is_menu(id) {
            true => todo.push_back((id, 1)),
            false => todo.push_front((id, 0)),
        }
    }
    while let Some((id, level)) = todo.pop_front() {
        if std::mem::replace(&mut seen[id], true) {
            continue;
        }
        let first = &mut levels[space.step(id).0 as usize];
        *first = first.or(Some(level));
        for way in space.ways(id) {
            let Goal::At(to) = way.to else { continue };
            if is_menu(to) {
                todo.push_back((to, level + 1));
            } else {
                todo.push_front((to, level));
            }
        }
    }
    let all = 0..u32::try_from(levels.len()).unwrap_or(u32::MAX);
    (all.map(StepId).zip(levels))
        .filter(|(id, _)| matches!(program.step(*id).kind, StepKind::Menu(_)))
        .filter_map(|(id, level)| level.filter(|level| *level > limit).map(|level| (id, level)))
        .collect()
}
