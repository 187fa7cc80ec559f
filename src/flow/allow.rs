//! `allow: { code: "why" }`: what an admin lets stand, with a written reason, in a flow,
//! one of its steps, a queue or the card.

use crate::diag::rules::{self, Allowance};
use crate::diag::{Diagnostic, Severity, Span, has_errors};
use crate::flow::yaml::{self, Content, Kind, Tree, suggestion};

/// One rule that is allowed in one place.
#[derive(Debug)]
pub(super) struct Allowed {
    code: &'static str,
    /// Where it is written.
    written: Span,
    reason: String,
    /// What it is allowed in: a file, or what begins and ends there.
    place: Span,
}

/// Takes each `allow:` out of a file: from its top, and from each step of a flow, else from
/// each part that stands at the top, such as a queue. Codes: `allow-unknown`,
/// `allow-never`, and those of the form.
pub(super) fn take(tree: &mut Tree, out: &mut Vec<Diagnostic>) -> Vec<Allowed> {
    let whole = Span { bytes: 0..tree.source().text.len(), ..tree.span.clone() };
    let mut taken = take_from(tree, &whole, out);
    let Content::Map(entries) = &mut tree.content else { return taken };
    let parts: &mut [yaml::Entry] = if let Some(at) = entries.iter().position(|entry| &*entry.key == "steps") {
        match &mut entries[at].value.content {
            Content::Map(steps) => steps,
            Content::Scalar { .. } | Content::List(_) => &mut [],
        }
    } else {
        entries
    };
    for part in parts {
        let bytes = part.key_span.bytes.start..part.value.span.bytes.end;
        let place = Span { bytes, ..part.key_span.clone() };
        taken.extend(take_from(&mut part.value, &place, out));
    }
    taken
}

fn take_from(tree: &mut Tree, place: &Span, out: &mut Vec<Diagnostic>) -> Vec<Allowed> {
    let Content::Map(entries) = &mut tree.content else { return Vec::new() };
    let Some(at) = entries.iter().position(|entry| &*entry.key == "allow") else { return Vec::new() };
    let allow = entries.remove(at);
    let before = out.len();
    yaml::check(&allow.value, &allow.key_span, &Kind::Named(&Kind::Word), out);
    if out.len() > before {
        return Vec::new();
    }
    let allowed = |entry: &yaml::Entry| {
        let reason = entry.value.written().unwrap_or_default().to_owned();
        let written = entry.key_span.clone();
        match rules::rule(&entry.key) {
            Some(rule) if rule.allowance == Allowance::WithReason => {
                Ok(Allowed { code: rule.code, written, reason, place: place.clone() })
            }
            Some(rule) => Err(never(rule.code, written)),
            None => Err(unknown(&entry.key, written)),
        }
    };
    let (good, bad): (Vec<_>, Vec<_>) = allow.value.entries().iter().map(allowed).partition(Result::is_ok);
    out.extend(bad.into_iter().filter_map(Result::err));
    good.into_iter().filter_map(Result::ok).collect()
}

/// Makes a note of every finding that is allowed where it is; tells what allows nothing,
/// once there is no error that may hide it. Codes: `allow-unused`.
pub(super) fn apply(allowed: &[Allowed], out: &mut Vec<Diagnostic>) {
    let mut used = vec![false; allowed.len()];
    for finding in out.iter_mut() {
        let covers = |allowed: &Allowed| {
            let inside =
                |span: &Span| span.source == allowed.place.source && allowed.place.bytes.contains(&span.bytes.start);
            allowed.code == finding.code && finding.span.as_ref().is_some_and(inside)
        };
        // The smallest place counts: a step's own reason before the flow's.
        let best = (0..allowed.len()).filter(|i| covers(&allowed[*i])).min_by_key(|i| allowed[*i].place.bytes.len());
        if let Some(i) = best {
            used[i] = true;
            finding.severity = Severity::Note;
            finding.allowed = Some(allowed[i].reason.clone());
        }
    }
    if has_errors(out) {
        return;
    }
    out.extend(allowed.iter().zip(used).filter(|(_, used)| !used).map(|(allowed, _)| {
        let message = format!("`{}` is allowed here, and nothing is found", allowed.code);
        Diagnostic::warning("allow-unused", message, Some(allowed.written.clone()))
            .label("allows nothing")
            .help("take it out: it would hide what comes later")
    }));
}

fn never(code: &str, place: Span) -> Diagnostic {
    Diagnostic::error("allow-never", format!("`{code}` can't be allowed"), Some(place))
        .label("by nobody")
        .help(format!("mend what is found; `svi explain {code}` tells how"))
}

fn unknown(code: &str, place: Span) -> Diagnostic {
    let help = suggestion(code, rules::rules().iter().map(|rule| rule.code));
    Diagnostic::error("allow-unknown", format!("there is no rule `{code}`"), Some(place))
        .label("no rule of this name")
        .help(help.unwrap_or_else(|| "`svi explain` lists all".to_owned()))
}
