use crate::diag::Diagnostic;
use crate::flow::StepKind;
use crate::flow::file::FlowFile;

/// More choices than a caller keeps in mind.
pub(super) fn check(file: &FlowFile, out: &mut Vec<Diagnostic>) {
    let limit = file.limits.choices;
    for id in file.ids() {
        let StepKind::Menu(menu) = &file.program.step(id).kind else { continue };
        if menu.choices.len() > limit {
            let message = format!("the menu has {} choices, {limit} are allowed", menu.choices.len());
            out.push(
                Diagnostic::error("menu-too-wide", message, Some(file.place(id, &["menu", &limit.to_string()])))
                    .label("one too many")
                    .help("put what belongs together into one choice"),
            );
        }
    }
}
