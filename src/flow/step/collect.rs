use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, Site, TextDocument, Verb};
use crate::base::limits::COLLECTED_DIGITS;
use crate::diag::Diagnostic;
use crate::flow::yaml::{Field, Kind, Shape};
use crate::flow::{Collect, StepKind};

/// `collect:` a number typed on the keypad.
pub(super) const VERB: Verb = Verb { name: "collect", shape: &SHAPE, build };

/// Time to find the paper that the number is on.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time to look from the paper to the keys.
const BETWEEN: Duration = Duration::from_secs(4);

const SHAPE: Shape =
    Shape { fields: &[Field::needed("collect", Kind::Map(&NUMBER)), Field::optional("then", Kind::Word)] };

const LENGTH: Kind = Kind::Count(1, COLLECTED_DIGITS as u64);

const NUMBER: Shape = Shape {
    fields: &[
        Field::needed("ask", Kind::Text),
        Field::optional("name", Kind::Word),
        Field::optional("at_least", LENGTH),
        Field::optional("at_most", LENGTH),
        Field::optional("patience", Kind::Duration),
        Field::optional("between", Kind::Duration),
    ],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectDocument {
    collect: NumberDocument,
    then: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberDocument {
    ask: TextDocument,
    name: Option<String>,
    at_least: Option<usize>,
    at_most: Option<usize>,
    patience: Option<DurationDocument>,
    between: Option<DurationDocument>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let CollectDocument { collect, then } = site.model()?;
    let at_least = collect.at_least.unwrap_or(1);
    let at_most = collect.at_most.unwrap_or(COLLECTED_DIGITS);
    if at_least > at_most {
        let span = site.tree.place(&["collect", "at_least"]);
        site.out.push(
            Diagnostic::error("wrong-type", "`at_least` is more than `at_most`", Some(span))
                .label(format!("more than {at_most}"))
                .help("no number can be that long and that short"),
        );
        return None;
    }
    let then = site.step(then.as_deref(), &["then"], site.agent());
    Some(StepKind::Collect(Collect {
        ask: site.text(&collect.ask),
        name: collect.name.map_or_else(|| site.names.steps[site.id.0 as usize].clone(), Into::into),
        at_least,
        at_most,
        patience: collect.patience.map_or(PATIENCE, |d| d.0),
        between: collect.between.map_or(BETWEEN, |d| d.0),
        then,
    }))
}
