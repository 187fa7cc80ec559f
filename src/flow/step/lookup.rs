use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::{DurationDocument, Site, TextDocument, Verb};
use crate::base::limits::{LOOKUP_RETRIES, LOOKUP_WITHIN};
use crate::diag::Diagnostic;
use crate::flow::placeholder::{Part, parts};
use crate::flow::yaml::{Entry, Field, Kind, Shape, Tree, Usual};
use crate::flow::{Lookup, Method, StepKind, Take, UrlPart, UrlTemplate, ValueSource};

/// `lookup:` asks a server.
pub(super) const VERB: Verb = Verb { name: "lookup", shape: &SHAPE, build };

/// Long enough for a server that is well, short enough for who waits in silence.
const WITHIN: Duration = Duration::from_secs(3);

/// A server that is being started anew answers the second time.
const RETRIES: u32 = 1;

const SHAPE: Shape = Shape {
    fields: &[
        Field::needed("lookup", Kind::Map(&LOOKUP)),
        Field::optional("then", Kind::StepName),
        Field::optional("failed", Kind::StepName),
    ],
};

const LOOKUP: Shape = Shape {
    fields: &[
        Field::needed("url", Kind::Word),
        Field::optional("method", Kind::OneOf(&["get", "post"])),
        Field::optional("send", Kind::Named(&Kind::Any)),
        Field::needed("take", Kind::Named(&Kind::Word)),
        Field::optional("within", Kind::Duration).usual(Usual::Duration(WITHIN)),
        Field::optional("retries", Kind::Count(0, LOOKUP_RETRIES as u64)).usual(Usual::Count(RETRIES as u64)),
        Field::optional("say", Kind::Text),
    ],
};

#[derive(Deserialize)]
struct LookupDocument {
    lookup: AskDocument,
    then: Option<String>,
    failed: Option<String>,
}

#[derive(Deserialize)]
struct AskDocument {
    method: Option<String>,
    within: Option<DurationDocument>,
    retries: Option<u32>,
    say: Option<TextDocument>,
}

fn build(site: &mut Site<'_>) -> Option<StepKind> {
    let LookupDocument { lookup, then, failed } = site.model()?;
    let entries = |key: &str| site.tree.at(&["lookup", key]).map_or(&[][..], Tree::entries);
    let (sent, taken) = (entries("send"), entries("take"));
    let send: Vec<(Arc<str>, ValueSource)> = sent.iter().filter_map(|entry| sent_under(site, entry)).collect();
    let take = taken.iter().filter_map(|entry| taken_from(site, entry)).collect();
    let url = url(site);
    let method = match (lookup.method.as_deref(), sent.is_empty()) {
        (Some("get"), true) | (None, true) => Method::Get,
        (Some("get"), false) => {
            let span = site.tree.place(&["lookup", "method"]);
            site.fault(
                Diagnostic::error("wrong-type", "a `get` sends nothing but its address", Some(span))
                    .label("`send` can't go with it")
                    .help("write `method: post`, or put the values into the address, such as `?dossier={dossier}`"),
            );
            Method::Get
        }
        (Some(_), _) | (None, false) => Method::Post,
    };
    let within = lookup.within.map_or(WITHIN, |within| within.0);
    if within.is_zero() || within > LOOKUP_WITHIN {
        let span = site.tree.place(&["lookup", "within"]);
        let message = format!("a caller would wait for {:.1} s", within.as_secs_f64());
        site.fault(
            Diagnostic::error("wrong-type", message, Some(span))
                .label(format!("at most {} s are allowed", LOOKUP_WITHIN.as_secs()))
                .help("who waits and hears nothing hangs up: write `3s`"),
        );
    }
    let then = site.step(then.as_deref(), &["then"], site.agent());
    let failed = site.step(failed.as_deref(), &["failed"], site.agent());
    let say = lookup.say.map(|text| site.text(&text));
    let retries = lookup.retries.unwrap_or(RETRIES);
    Some(StepKind::Lookup(Lookup { url: url?, method, send, take, within, retries, say, then, failed }))
}

/// What is sent under a key: a value in quotes, a number, yes or no, or a variable.
fn sent_under(site: &mut Site<'_>, entry: &Entry) -> Option<(Arc<str>, ValueSource)> {
    match crate::flow::variables::any_source(&entry.value, &site.scope()) {
        Ok(source) => Some((entry.key.clone(), source)),
        Err(diagnostic) => {
            site.fault(diagnostic);
            None
        }
    }
}

/// The variable that a key names gets what stands at a place of the answer.
fn taken_from(site: &mut Site<'_>, entry: &Entry) -> Option<Take> {
    let pointer = entry.value.written()?;
    let Some((to, _)) = site.scope().find(&entry.key) else {
        let diagnostic = site.scope().unknown(&entry.key, entry.key_span.clone());
        site.fault(diagnostic);
        return None;
    };
    let escapes = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if !pointer.starts_with('/') || !escapes {
        let message = format!("`{pointer}` is no place in a JSON answer");
        site.fault(
            Diagnostic::error("bad-pointer", message, Some(entry.value.span.clone()))
                .label("not a JSON Pointer")
                .help("write the keys that lead to it, each behind `/`, such as `/dossier/statut`"),
        );
        return None;
    }
    Some(Take { to, pointer: pointer.into() })
}

/// The address: variables in it stand behind the host.
fn url(site: &mut Site<'_>) -> Option<UrlTemplate> {
    let tree = site.tree.at(&["lookup", "url"])?;
    let written = tree.written()?;
    let bad = |bytes: &Range<usize>, message: String, label: &str| {
        let diagnostic = Diagnostic::error("bad-url", message, Some(tree.part(bytes))).label(label);
        diagnostic.help("write it as `https://api.example.fr/dossiers/{dossier}`")
    };
    let host = host(written);
    let Some(host) = host else {
        site.fault(bad(&(0..written.len()), format!("`{written}` is no web address"), "not an address"));
        return None;
    };
    let mut made = Vec::new();
    for part in parts(written) {
        match part {
            Part::Text(text) => made.push(UrlPart::Written(text.into())),
            Part::Name { bytes, .. } if bytes.start < host => {
                site.fault(bad(&bytes, "a variable can't choose the server".into(), "only behind the host"));
                return None;
            }
            Part::Name { name, bytes } => match site.scope().find(name) {
                Some((id, _)) => made.push(UrlPart::Variable(id)),
                None => {
                    let diagnostic = site.scope().unknown(name, tree.part(&bytes));
                    site.fault(diagnostic);
                    return None;
                }
            },
            Part::Broken { bytes } => {
                site.fault(bad(&bytes, "a brace stands alone".into(), "belongs to no variable"));
                return None;
            }
        }
    }
    Some(UrlTemplate { written: written.into(), parts: made })
}

/// Where the path of an address begins; `None` when it is none.
fn host(url: &str) -> Option<usize> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let rest = &url[scheme.len()..];
    let length = rest.find('/')?;
    let (host, path) = rest.split_at(length);
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "0"));
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '{' | '}' | '_');
    let fine = !name.is_empty() && name.chars().all(good) && port.parse::<u16>().is_ok();
    let graphic = |b: u8| b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'|');
    let path_fine = parts(path).into_iter().all(|part| match part {
        Part::Text(text) => text.bytes().all(graphic),
        Part::Name { .. } | Part::Broken { .. } => true,
    });
    (fine && path_fine).then_some(scheme.len() + length)
}
