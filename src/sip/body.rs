//! What a message carries: one thing, or several in a multipart body (RFC 5621, RFC 2046).

use super::message::Headers;
use super::parse::params;
use crate::base::limits;

/// A body and the headers that tell what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body<'a> {
    /// The message's headers.
    pub(crate) headers: &'a Headers,
    /// The body.
    pub(crate) bytes: &'a [u8],
}

/// What a body holds of a type that is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// This.
    Found(&'a [u8]),
    /// No body, or one that its sender lets us pass over.
    Nothing,
    /// Something else, which we must not pass over.
    Other,
}

impl<'a> Body<'a> {
    /// The body, or the first part of a multipart body, that is of a type, written in lower
    /// case. A body without a type is taken for one.
    pub(crate) fn part(self, wanted: &str) -> Part<'a> {
        let Self { headers, bytes } = self;
        if bytes.is_empty() {
            return Part::Nothing;
        }
        let plain =
            headers.other("Content-Encoding").is_none_or(|coding| coding.trim().eq_ignore_ascii_case("identity"));
        let kind = media_type(headers);
        let found = match kind.as_deref() {
            _ if !plain => None,
            None => Some(bytes),
            Some(kind) if kind == wanted => Some(bytes),
            Some(kind) if kind.starts_with("multipart/") => {
                parts(bytes, &boundary(headers).unwrap_or_default()).into_iter().find_map(|part| content(part, wanted))
            }
            Some(_) => None,
        };
        match found {
            Some(found) => Part::Found(found),
            None if is_optional(headers) => Part::Nothing,
            None => Part::Other,
        }
    }
}

/// The body's type in lower case, without its parameters.
pub(crate) fn media_type(headers: &Headers) -> Option<String> {
    Some(bare(headers.other("Content-Type")?))
}

/// Whether an answer may carry SDP (RFC 3261, section 20.1): nothing is said, or it is listed.
pub(crate) fn accepts_sdp(headers: &Headers) -> bool {
    let mut lists = headers.others("Accept").peekable();
    lists.peek().is_none()
        || lists
            .flat_map(|list| list.split(','))
            .any(|kind| matches!(bare(kind).as_str(), "application/sdp" | "application/*" | "*/*"))
}

/// A value in lower case, without its parameters.
fn bare(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a header that is kept as text.
fn param(headers: &Headers, header: &str, name: &str) -> Option<String> {
    let (_, rest) = headers.other(header)?.split_once(';')?;
    params(rest).ok()?.value(name).map(str::to_owned)
}

fn boundary(headers: &Headers) -> Option<String> {
    param(headers, "Content-Type", "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// Whether who can't read the body may pass over it (RFC 3261, section 20.11).
fn is_optional(headers: &Headers) -> bool {
    param(headers, "Content-Disposition", "handling").is_some_and(|how| how.eq_ignore_ascii_case("optional"))
}

/// What stands between the lines of a boundary, the first few parts; none without a boundary.
fn parts<'a>(bytes: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let after = at + line.len();
        let rest = line.trim_ascii_end().strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()));
        if let Some(rest) = rest.filter(|rest| !boundary.is_empty() && matches!(*rest, b"" | b"--")) {
            parts.extend(open.map(|from| &bytes[from..at]));
            open = Some(after);
            if rest == b"--" || parts.len() == limits::SIP_BODY_PARTS {
                break;
            }
        }
        at = after;
    }
    parts
}

/// What follows the headers of a part, if these say that it is of a type.
fn content<'a>(part: &'a [u8], wanted: &str) -> Option<&'a [u8]> {
    let (mut at, mut is_wanted) = (0, false);
    for line in part.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return is_wanted.then(|| &part[at..]);
        }
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        if name.trim_ascii_end().eq_ignore_ascii_case("Content-Type") {
            is_wanted = bare(value) == wanted;
        }
    }
    None
}
