//! Header values, cut with respect for quotes and angle brackets.

use super::lexer::is_token;
use crate::base::limits;
use crate::sip::uri::host_and_port;
use crate::sip::{Method, NameAddr, Params, Uri, UriError, Via};

/// Why a header value can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Flaw {
    /// It does not follow the grammar.
    Syntax(&'static str),
    /// Its URI has a scheme that can't be called.
    Scheme,
    /// There is more of it than is read.
    TooMuch(&'static str),
}

impl From<&'static str> for Flaw {
    fn from(reason: &'static str) -> Self {
        Self::Syntax(reason)
    }
}

impl From<UriError> for Flaw {
    fn from(error: UriError) -> Self {
        match error {
            UriError::Scheme => Self::Scheme,
            UriError::Syntax(reason) => Self::Syntax(reason),
        }
    }
}

/// Cuts at an ASCII separator that stands neither in quotes nor in angle brackets.
pub(in crate::sip) fn split(text: &str, separator: u8) -> Vec<&str> {
    if !text.bytes().any(|byte| byte == separator) {
        return vec![text];
    }
    let mut parts = Vec::with_capacity(4);
    let (mut from, mut quoted, mut escaped, mut angle) = (0, false, false, false);
    // By bytes: what is looked for is ASCII, which no other character holds a byte of.
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'<' => angle = true,
            b'>' => angle = false,
            _ if byte == separator && !angle => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

/// A quoted string without its quotes and backslashes, and what follows it.
pub(in crate::sip) fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((out, &text[at + 2..])),
            '\\' => out.push(chars.next()?.1),
            other => out.push(other),
        }
    }
    None
}

/// Reads `a=b; c="d"` (the first semicolon already taken off).
pub(in crate::sip) fn params(text: &str) -> Result<Params, Flaw> {
    let mut params = Params::default();
    for part in split(text, b';').into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(unquoted(value.trim_start())?)),
            None => (part, None),
        };
        if !is_token(name) {
            return Err("a parameter's name holds a character that no name has".into());
        }
        if params.0.len() >= limits::SIP_PARAMETERS {
            return Err("there are too many parameters".into());
        }
        params.0.push((name.to_ascii_lowercase(), value));
    }
    Ok(params)
}

fn unquoted(value: &str) -> Result<String, Flaw> {
    if !value.starts_with('"') {
        return if value.contains('"') { Err("a quote stands within a value".into()) } else { Ok(value.to_owned()) };
    }
    match quoted(value) {
        Some((value, "")) => Ok(value),
        _ => Err("a quoted value has no closing quote".into()),
    }
}

/// Reads `"Name" <uri>;params`, `<uri>;params` or `uri;params` (RFC 3261, section 20.10).
pub(super) fn name_addr(text: &str) -> Result<NameAddr, Flaw> {
    let text = text.trim();
    let (display, rest) = match quoted(text) {
        Some((display, rest)) => (display, rest.trim_start()),
        None if text.starts_with('"') => return Err("a display name has no closing quote".into()),
        None => text.find('<').map_or((String::new(), text), |at| (text[..at].trim().to_owned(), &text[at..])),
    };
    let display = Some(display).filter(|display| !display.is_empty());
    let Some(inner) = rest.strip_prefix('<') else {
        if rest.len() != text.len() {
            return Err("a display name is not followed by `<`".into());
        }
        let (uri, after) = rest.split_once(';').unwrap_or((rest, ""));
        if uri.contains(['?', ',']) {
            return Err("an address with `?` or `,` stands without `<` and `>`".into());
        }
        return Ok(NameAddr { display, uri: Uri::parse(uri.trim_end())?, params: params(after)? });
    };
    let (uri, after) = inner.split_once('>').ok_or("an address has no `>`")?;
    let after = after.trim_start();
    let after = match after.strip_prefix(';') {
        Some(after) => after,
        None if after.is_empty() => after,
        None => return Err("something follows an address".into()),
    };
    Ok(NameAddr { display, uri: Uri::parse(uri.trim())?, params: params(after)? })
}

/// Reads `SIP/2.0/UDP host:port;branch=…` (RFC 3261, section 20.42).
pub(super) fn via(text: &str) -> Result<Via, Flaw> {
    let mut protocol = text.trim().splitn(3, '/').map(str::trim);
    let (Some(name), Some(_version), Some(rest)) = (protocol.next(), protocol.next(), protocol.next()) else {
        return Err("a Via has no protocol".into());
    };
    if !name.eq_ignore_ascii_case("SIP") {
        return Err("a Via's protocol is not SIP".into());
    }
    let (transport, rest) = rest.split_once([' ', '\t']).ok_or("a Via has no host")?;
    if !is_token(transport) {
        return Err("a Via has no transport".into());
    }
    let (sent_by, after) = rest.split_once(';').unwrap_or((rest, ""));
    let (host, port) = host_and_port(sent_by)?;
    Ok(Via { transport: transport.to_ascii_uppercase(), host, port, params: params(after)? })
}

/// Reads `314159 INVITE`; the number is below 2³¹ (RFC 3261, section 8.1.1.5).
pub(super) fn cseq(text: &str) -> Result<(u32, Method), Flaw> {
    let mut parts = text.split_ascii_whitespace();
    let (Some(number), Some(method), None) = (parts.next(), parts.next(), parts.next()) else {
        return Err("CSeq is not a number and a method".into());
    };
    let digits = Some(number).filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|number| *number < 1 << 31);
    let number = number.ok_or("the number of CSeq is not below 2^31")?;
    if !is_token(method) {
        return Err("the method of CSeq holds a character that no method has".into());
    }
    Ok((number, Method::from_name(method)))
}
