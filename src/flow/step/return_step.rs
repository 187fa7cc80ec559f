use super::{Site, Verb};
use crate::diag::Diagnostic;
use crate::flow::StepKind;
use crate::flow::yaml::{Field, Kind, Shape};

/// `return:` to the flow that has called: what it takes is set, and it goes on there.
pub(super) const VERB: Verb = Verb { name: "return", shape: &SHAPE, build };

const SHAPE: Shape = Shape { fields: &[Field::needed("return", Kind::Ending)] };

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let written = site.tree.at(&["return"]).and_then(|tree| tree.written());
    if written.is_some_and(|text| !matches!(text, "" | "true" | "~" | "null")) {
        let span = site.tree.place(&["return"]);
        site.fault(
            Diagnostic::error("wrong-type", "`return` takes nothing with it", Some(span))
                .label("not known here")
                .help("write `return:` alone; the step that calls says with `take:` what it wants, and with `then:` where it goes on"),
        );
        return None;
    }
    match &site.names.returns {
        Some(set) => Some(StepKind::Set(set.clone())),
        None => {
            let span = site.tree.key_place("return");
            site.fault(
                Diagnostic::error("return-outside", "this is no sub-flow: there is nowhere to return to", Some(span))
                    .label("only in a file with `subflow:`")
                    .help("lead on with `goto:`"),
            );
            None
        }
    }
}
