use crate::diag::Diagnostic;
use crate::flow::file::FlowFile;
use crate::flow::prove::Space;
use crate::flow::prove::depth::too_deep;

/// Menus behind menus: the shortest way to each counts.
pub(super) fn check(file: &FlowFile, space: &Space<'_>, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.levels;
    for (id, level) in too_deep(space, limit) {
        let step = file.program.step(id);
        let message = format!("the menu `{}` is at level {level}, {limit} are allowed", step.name);
        out.push(
            Diagnostic::error("menu-too-deep", message, Some(step.span.clone()))
                .label(format!("behind {} other menus", level - 1))
                .help("lead to an agent instead, or bring its choices into the menu above"),
        );
    }
}
