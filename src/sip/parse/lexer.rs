//! The front end that turns the bytes of the field into what `rsip` can split: one
//! line per header, long names, no blank before the colon, UTF-8 throughout.

use std::borrow::Cow;

use super::Refused;
use crate::base::{CharSet, limits};

/// What a token is made of (RFC 3261, section 25.1).
pub(crate) const TOKEN: CharSet = CharSet::alphanumeric_and("-.!%*_+`'~");

/// A message in lines.
pub(super) struct Lexed<'a> {
    /// The start line as it came: a trailing blank matters to an empty reason phrase.
    pub(super) start: Cow<'a, str>,
    /// `Long-Name: value`, unfolded; most come so.
    pub(super) lines: Vec<Cow<'a, str>>,
    /// What follows the empty line.
    pub(super) body: &'a [u8],
    /// The first thing that was wrong, in words.
    pub(super) flaw: Option<Refused>,
}

/// Cuts a datagram into lines; `None` when it holds nothing but line ends.
pub(super) fn lex(bytes: &[u8]) -> Option<Lexed<'_>> {
    let begin = bytes.iter().position(|&b| b != b'\r' && b != b'\n')?;
    let (start, mut rest) = next_line(&bytes[begin..]);
    let lines = Vec::with_capacity(USUAL);
    let mut lexed = Lexed { start: text(start), lines, body: &[], flaw: Some(Refused(400, "the headers have no end")) };
    let mut flaw = None;
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        rest = after;
        if bytes.len() - begin - rest.len() > limits::SIP_HEADER_BYTES {
            lexed.flaw = flaw.or(Some(Refused(513, "the headers are too long")));
            return Some(lexed);
        }
        if line.is_empty() {
            lexed.body = rest;
            lexed.flaw = flaw;
            return Some(lexed);
        }
        if let Err(found) = header_line(line, &mut lexed.lines) {
            flaw = flaw.or(Some(found));
        }
    }
    Some(lexed)
}

fn header_line<'a>(line: &'a [u8], lines: &mut Vec<Cow<'a, str>>) -> Result<(), Refused> {
    let line = text(line);
    if line.starts_with([' ', '\t']) {
        let last = lines.last_mut().ok_or(Refused(400, "the first header line is a continuation"))?.to_mut();
        let more = line.trim();
        // A value has no blank at its ends, wherever its lines are cut.
        if !more.is_empty() && !last.ends_with(": ") {
            last.push(' ');
        }
        last.push_str(more);
        return Ok(());
    }
    if lines.len() >= limits::SIP_HEADERS {
        return Err(Refused(513, "there are too many headers"));
    }
    let (given, after) = line.split_once(':').ok_or(Refused(400, "a header line has no colon"))?;
    let (name, value) = (given.trim_end(), after.trim());
    if !is_token(name) {
        return Err(Refused(400, "a header's name holds a character that no name has"));
    }
    let is_usual = name.len() == given.len() && name.len() > 1 && after.len() == value.len() + 1;
    lines.push(if is_usual && after.starts_with(' ') { line } else { [long_name(name), ": ", value].concat().into() });
    Ok(())
}

/// Cuts after the first line end; a bare LF ends a line too.
fn next_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some(end) = bytes.iter().position(|&b| b == b'\n') else {
        return (bytes, &[]);
    };
    let line = &bytes[..end];
    (line.strip_suffix(b"\r").unwrap_or(line), &bytes[end + 1..])
}

/// UTF-8 as it is; anything else read as Latin-1, which old phones write names in.
/// Control characters become blanks, so that nothing can break a line when written again.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    let calm = |c: char| if c.is_control() && c != '\t' { ' ' } else { c };
    match std::str::from_utf8(bytes) {
        // All bytes are looked at, so that many are at once.
        Ok(text) if bytes.iter().fold(true, |calm, b| calm & matches!(b, b' '..=b'~' | b'\t')) => text.into(),
        Ok(text) => text.chars().map(calm).collect(),
        Err(_) => bytes.iter().map(|&b| calm(char::from(b))).collect(),
    }
}

/// Whether a text is a token (RFC 3261, section 25.1).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && TOKEN.spans(text)
}

/// Headers of a usual message.
const USUAL: usize = 16;

/// The long name of a compact one (RFC 3261, section 7.3.3, and the IANA registry).
fn long_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else { return name };
    match letter.to_ascii_lowercase() {
        b'a' => "Accept-Contact",
        b'b' => "Referred-By",
        b'c' => "Content-Type",
        b'd' => "Request-Disposition",
        b'e' => "Content-Encoding",
        b'f' => "From",
        b'i' => "Call-ID",
        b'j' => "Reject-Contact",
        b'k' => "Supported",
        b'l' => "Content-Length",
        b'm' => "Contact",
        b'n' => "Identity-Info",
        b'o' => "Event",
        b'r' => "Refer-To",
        b's' => "Subject",
        b't' => "To",
        b'u' => "Allow-Events",
        b'v' => "Via",
        b'x' => "Session-Expires",
        b'y' => "Identity",
        _ => name,
    }
}
