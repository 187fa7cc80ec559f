use serde::Deserialize;

use super::{Site, Verb};
use crate::base::limits::CHOOSE_BRANCHES;
use crate::diag::Diagnostic;
use crate::flow::condition::parse;
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Branch, Choose, StepKind};

/// `choose:` the first of some conditions that holds.
pub(super) const VERB: Verb = Verb { name: "choose", shape: &SHAPE, build };

const SHAPE: Shape = Shape {
    fields: &[Field::needed("choose", Kind::List(&Kind::Map(&BRANCH))), Field::optional("else", Kind::StepName)],
};

const BRANCH: Shape = Shape { fields: &[Field::needed("if", Kind::Word), Field::needed("go", Kind::StepName)] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChooseDocument {
    choose: Vec<BranchDocument>,
    #[serde(rename = "else")]
    otherwise: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BranchDocument {
    #[serde(rename = "if")]
    condition: String,
    go: String,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let document: ChooseDocument = site.model()?;
    if !(1..=CHOOSE_BRANCHES).contains(&document.choose.len()) {
        let message = format!("`choose` has {} conditions, 1 to {CHOOSE_BRANCHES} are allowed", document.choose.len());
        let span = site.tree.key_place("choose");
        let help =
            if document.choose.is_empty() { "write `goto:` where nothing is asked" } else { "make two steps of it" };
        site.out.push(Diagnostic::error("wrong-type", message, Some(span)).help(help));
        return None;
    }
    let branches = (0..).zip(&document.choose).filter_map(|(i, branch)| one(site, i, branch)).collect::<Vec<_>>();
    let otherwise = site.step(document.otherwise.as_deref(), &["else"], site.agent());
    // With one left out, the rules would speak of the wrong lines.
    (branches.len() == document.choose.len()).then_some(StepKind::Choose(Choose { branches, otherwise }))
}

fn one(site: &mut Site<'_>, i: usize, branch: &BranchDocument) -> Option<Branch> {
    let i = i.to_string();
    let go = site.step(Some(&branch.go), &["choose", &i, "go"], site.agent());
    match parse(&branch.condition, &site.scope()) {
        Ok(condition) => Some(Branch { written: branch.condition.trim().into(), condition, go }),
        Err(fault) => {
            let tree = site.tree.at(&["choose", &i, "if"]).unwrap_or(site.tree);
            let diagnostic =
                Diagnostic::error(fault.code, fault.message, Some(tree.part(&fault.bytes))).label(fault.label);
            site.fault(match fault.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            None
        }
    }
}
