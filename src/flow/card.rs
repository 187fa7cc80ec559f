use std::sync::Arc;

use super::allow;
use super::yaml::{self, Field, Kind, Shape, Tree, Usual, Written};
use crate::diag::{Diagnostic, Severity, Source, Span, has_errors};
use crate::service::annuaire::{Record, compare};
use crate::service::{Card, CardDocument, CardProblem, Hours, PARIS, Region};

/// The keys of a card.
pub(super) const CARD: Shape = Shape {
    fields: &[
        Field::needed("name", Kind::Word),
        Field::optional("annuaire", Kind::Word),
        Field::optional("timezone", Kind::Word).usual(Usual::Word(PARIS)),
        Field::optional("region", Kind::Word).usual(Usual::Word(REGIONS[0])).written(Written::OneOf(&REGIONS)),
        Field::optional("phones", Kind::List(&Kind::Map(&PHONE))),
        Field::optional("emails", Kind::List(&Kind::Map(&EMAIL))),
        Field::optional("websites", Kind::List(&Kind::Map(&WEBSITE))),
        Field::optional("desk", Kind::Map(&DESK)),
        Field::optional("appointments", Kind::Text),
        Field::optional("relay", Kind::MapOr(&RELAY, &Kind::List(&Kind::Phone))),
        Field::needed("hours", Kind::Map(&HOURS)),
        Field::optional("busy", Kind::Map(&LOAD)),
        Field::optional("quiet", Kind::Map(&LOAD)),
        Field::optional("closures", Kind::List(&Kind::Map(&CLOSURE))),
        Field::optional("procedures", Kind::List(&Kind::Map(&PROCEDURE))),
        Field::optional("callbacks", Kind::Map(&CALLBACKS)),
        Field::optional("jargon", Kind::List(&Kind::Map(&JARGON))),
    ],
};

/// Every region with public holidays of its own.
const REGIONS: [&str; Region::ALL.len()] = {
    let mut names = [""; Region::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = Region::ALL[i].name();
        i += 1;
    }
    names
};
const URL: &str = r"^\s*https?://\S+\s*$";
const EMAIL_ADDRESS: &str = r"^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$";
const PREFIX: &str = r"^\+[0-9]+$";
const DAY: &str = r"^\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*$";

const PHONE: Shape = Shape { fields: &[Field::needed("number", Kind::Phone), Field::needed("purpose", Kind::Text)] };
const EMAIL: Shape = Shape {
    fields: &[
        Field::needed("address", Kind::Word).written(Written::As(EMAIL_ADDRESS)),
        Field::optional("spoken", Kind::Text),
        Field::needed("purpose", Kind::Text),
    ],
};
const WEBSITE: Shape = Shape {
    fields: &[
        Field::needed("url", Kind::Word).written(Written::As(URL)),
        Field::optional("spoken", Kind::Text),
        Field::needed("purpose", Kind::Text),
        Field::optional("reference", Kind::Flag).usual(Usual::Flag(false)),
    ],
};
const RELAY: Shape = Shape {
    fields: &[
        Field::optional("numbers", Kind::List(&Kind::Phone)),
        Field::optional("site", Kind::Word).written(Written::As(URL)),
        Field::optional("hours", Kind::Word),
    ],
};
const DESK: Shape = Shape { fields: &[Field::needed("address", Kind::Text), Field::optional("access", Kind::Text)] };
const HOURS: Shape = Shape { fields: &[Field::needed("phone", Kind::Word), Field::optional("desk", Kind::Word)] };
const LOAD: Shape = Shape { fields: &[Field::needed("phone", Kind::Word)] };
const CALLBACKS: Shape = Shape {
    fields: &[
        Field::optional("abroad", Kind::List(&Kind::Word)).written(Written::As(PREFIX)),
        Field::optional("hours", Kind::Word),
    ],
};
const JARGON: Shape = Shape { fields: &[Field::needed("word", Kind::Word), Field::needed("instead", Kind::Word)] };
const CLOSURE: Shape = Shape {
    fields: &[
        Field::needed("from", Kind::Word).written(Written::As(DAY)),
        Field::optional("to", Kind::Word).written(Written::As(DAY)),
        Field::optional("reason", Kind::Text),
    ],
};
const PROCEDURE: Shape = Shape {
    fields: &[
        Field::optional("id", Kind::Word),
        Field::needed("name", Kind::Text),
        Field::needed("essentials", Kind::Text),
        Field::optional("online", Kind::Word).written(Written::As(URL)),
        Field::optional("agent", Kind::Text),
    ],
};

/// A card with the file that it came from.
#[derive(Debug)]
pub struct CardFile {
    /// The card.
    pub card: Arc<Card>,
    /// The file.
    pub(super) tree: Tree,
}

impl CardFile {
    /// Reads `service.yaml` alone.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(source: &Arc<Source>) -> Result<Self, Vec<Diagnostic>> {
        let mut out = Vec::new();
        let mut tree = yaml::parse(source, &mut out).ok_or_else(|| std::mem::take(&mut out))?;
        // What is allowed of the flows' rules says nothing of the directory.
        allow::take(&mut tree, &mut out);
        read(tree, &mut out).ok_or(out)
    }

    /// Where the card and its record in the directory of the administration disagree, each on the
    /// card's line.
    pub fn compare(&self, record: &Record) -> Vec<Diagnostic> {
        let told = compare(&self.card, record).into_iter().map(|difference| {
            let path: Vec<&str> = difference.path.iter().map(String::as_str).collect();
            let span = match self.tree.at(&path) {
                Some(tree) if path.len() > 1 => tree.span.clone(),
                _ => self.tree.key_place(path.first().copied().unwrap_or_default()),
            };
            let diagnostic = match difference.severity {
                Severity::Error => Diagnostic::error(difference.code, difference.message, Some(span)),
                Severity::Warning | Severity::Note => {
                    Diagnostic::warning(difference.code, difference.message, Some(span))
                }
            };
            diagnostic.label(difference.label).help(difference.help)
        });
        told.collect()
    }
}

/// Reads `service.yaml`; `None` when it holds an error.
pub(super) fn read(tree: Tree, out: &mut Vec<Diagnostic>) -> Option<CardFile> {
    let mut found = Vec::new();
    let owner = tree.entries().first().map_or_else(|| tree.span.clone(), |e| e.key_span.clone());
    yaml::check_map(&tree, &owner, &CARD, &mut found);
    let failed = has_errors(&found);
    out.append(&mut found);
    if failed {
        return None;
    }
    let document: CardDocument = match tree.model() {
        Ok(document) => document,
        Err(error) => {
            out.push(Diagnostic::error("wrong-type", error, Some(owner)));
            return None;
        }
    };
    match Card::build(document) {
        Ok(card) => Some(CardFile { card: Arc::new(card), tree }),
        Err(problems) => {
            out.extend(problems.into_iter().map(|problem| diagnostic(&tree, problem)));
            None
        }
    }
}

fn diagnostic(tree: &Tree, problem: CardProblem) -> Diagnostic {
    let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    let about_hours = matches!(problem.code, "bad-hours" | "school-holidays" | "sun-hours");
    let place = tree.at(&path).filter(|_| about_hours).and_then(in_the_hours).unwrap_or_else(|| tree.place(&path));
    let diagnostic = Diagnostic::error(problem.code, problem.message, Some(place));
    match problem.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The part of opening hours that can't be read: from the character that the reader
/// names to the end. `None` for anything that is not such hours.
fn in_the_hours(tree: &Tree) -> Option<Span> {
    let written = tree.written()?;
    let at = Hours::parse(written, chrono_tz::Europe::Paris).err()?.at?;
    let bytes = &tree.span.bytes;
    let text = &tree.span.source.text[bytes.clone()];
    let start = bytes.start + text.find(written)?;
    let (from, _) = written.char_indices().nth(at)?;
    Some(Span { bytes: start + from..start + written.len(), ..tree.span.clone() })
}
