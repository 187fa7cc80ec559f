//! Gives a test the words that are heard.

use std::ops::Range;

use super::{Kind, Mismatch};

/// The file's text with the line of a mismatch made true; `None` where only the admin
/// can say what is meant: unwanted words, and a call that ends too early.
pub fn rewrite(mismatch: &Mismatch) -> Option<String> {
    let value = match &mismatch.kind {
        Kind::NotHeard { nearest: Some(nearest), .. } => quoted(nearest),
        Kind::NotHeard { nearest: None, heard, .. } if heard.is_empty() => return Some(without_line(mismatch)),
        Kind::NotHeard { nearest: None, heard, .. } => {
            let between = format!("\n{}- hears: ", " ".repeat(indent(mismatch)));
            heard.iter().map(|said| quoted(said)).collect::<Vec<_>>().join(&between)
        }
        Kind::NoStep { passed, .. } => match passed.as_slice() {
            [] => return Some(without_line(mismatch)),
            steps => {
                let between = format!("\n{}- comes-to: ", " ".repeat(indent(mismatch)));
                steps.iter().map(|step| (**step).to_owned()).collect::<Vec<_>>().join(&between)
            }
        },
        Kind::NoAgent { found, .. } => match found {
            Some(agent) => agent.clone(),
            None => return Some(without_line(mismatch)),
        },
        Kind::OtherEnd { found, .. } => found.word().to_owned(),
        Kind::Keys { needed, .. } => needed.as_ref()?.to_string(),
        Kind::Time { needed, .. } => format!("{}s", needed.as_ref()?.as_millis().div_ceil(1000)),
        Kind::Heard { .. } | Kind::Over => return None,
    };
    Some(replaced(mismatch, mismatch.span.bytes.clone(), &value))
}

/// A text as YAML writes it between double quotes.
pub(in crate::sim) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn replaced(mismatch: &Mismatch, bytes: Range<usize>, by: &str) -> String {
    let mut text = mismatch.span.source.text.clone();
    text.replace_range(bytes, by);
    text
}

/// The text without the whole line, unless it is the only one of the call.
fn without_line(mismatch: &Mismatch) -> String {
    let text = &mismatch.span.source.text;
    let start = text[..mismatch.line.bytes.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[mismatch.line.bytes.end..].find('\n').map_or(text.len(), |at| mismatch.line.bytes.end + at + 1);
    replaced(mismatch, start..end, "")
}

/// Blanks before the line's dash.
fn indent(mismatch: &Mismatch) -> usize {
    let text = &mismatch.span.source.text;
    let start = text[..mismatch.line.bytes.start].rfind('\n').map_or(0, |at| at + 1);
    text[start..].len() - text[start..].trim_start_matches(' ').len()
}
