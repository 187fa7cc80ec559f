use std::collections::VecDeque;

use crate::base::Language;
use crate::flow::{Program, StepId};
use crate::workbench::picture::picture;

/// Every step that a call can come to, nearest first, each with how a caller comes to
/// it: ` (after open, 2)`; nothing for the first.
pub(super) fn ways(program: &Program, language: Language) -> Vec<(StepId, String)> {
    let picture = picture(program, language);
    let mut came: Vec<Option<Vec<String>>> = vec![None; program.steps.len()];
    came[program.start.0 as usize] = Some(Vec::new());
    let mut todo = VecDeque::from([program.start]);
    let mut order = Vec::new();
    while let Some(id) = todo.pop_front() {
        order.push(id);
        let so_far = came[id.0 as usize].clone().unwrap_or_default();
        let arrows = picture.arrows.iter().filter(|a| a.from == id).map(|a| (a.to, a.label.clone()));
        let closed = program.closed.filter(|_| id == program.agent).map(|to| (to, String::new()));
        let kind = &program.step(id).kind;
        let of_header = program.keys.iter().filter(|(key, _)| kind.leaves_to_header(*key));
        let of_header = of_header.map(|(key, to)| (*to, key.to_string()));
        for (to, label) in arrows.chain(closed).chain(of_header) {
            let place = &mut came[to.0 as usize];
            if place.is_none() {
                let label = label.split(", ").next().unwrap_or_default().to_owned();
                *place = Some(so_far.iter().cloned().chain(Some(label).filter(|l| !l.is_empty())).collect());
                todo.push_back(to);
            }
        }
    }
    let after = match language {
        Language::Fr => "après",
        Language::En => "after",
    };
    let told = |id: StepId| {
        let way = came[id.0 as usize].as_deref().unwrap_or_default();
        if way.is_empty() { String::new() } else { format!(" ({after} {})", way.join(", ")) }
    };
    order.into_iter().map(|id| (id, told(id))).collect()
}
