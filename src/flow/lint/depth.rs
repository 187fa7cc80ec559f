use std::collections::VecDeque;

use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::graph::exits;
use crate::flow::{StepId, StepKind};

/// Menus behind menus: the shortest way to each counts.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let program = &file.program;
    let is_menu = |id: StepId| matches!(program.step(id).kind, StepKind::Menu(_));
    let mut levels: Vec<Option<usize>> = vec![None; program.steps.len()];
    let mut todo = VecDeque::from([(program.start, usize::from(is_menu(program.start)))]);
    while let Some((id, level)) = todo.pop_front() {
        if levels[id.0 as usize].is_some() {
            continue;
        }
        levels[id.0 as usize] = Some(level);
        for exit in exits(program, id) {
            if is_menu(exit.to) {
                todo.push_back((exit.to, level + 1));
            } else {
                todo.push_front((exit.to, level));
            }
        }
    }
    let limit = file.limits.levels;
    for (step, level) in program.steps.iter().zip(levels) {
        let Some(level) = level.filter(|level| *level > limit && matches!(step.kind, StepKind::Menu(_))) else {
            continue;
        };
        let message = format!("the menu `{}` is at level {level}, {limit} are allowed", step.name);
        out.push(
            Diagnostic::error("menu-too-deep", message, Some(step.span.clone()))
                .label(format!("behind {} other menus", level - 1))
                .help("lead to an agent instead, or bring its choices into the menu above"),
        );
    }
}
