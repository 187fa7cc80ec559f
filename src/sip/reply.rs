use std::net::SocketAddr;

use super::message::{Headers, Request, Response};
use super::transport::Hop;
use super::us;

/// Notes in the topmost `Via` where a request came from (RFC 3261, section 18.2.1; RFC 3581).
pub(crate) fn note_source(request: &mut Request, from: SocketAddr) {
    let Some(via) = request.headers.via.first_mut() else { return };
    let asked = via.params.value("rport").is_some();
    if asked {
        via.params.set("rport", Some(from.port().to_string()));
    }
    if asked || us::ip(&via.host) != Some(from.ip()) {
        via.params.set("received", Some(from.ip().to_string()));
    }
}

/// Where the response to a request goes.
///
/// To the port that it came from when it asks for that (RFC 3581), or when it comes
/// through a translator of addresses; else to the port of its `Via` (RFC 3261, 18.2.2).
/// The address is always the source's, so that nobody can aim our responses at another.
pub(crate) fn return_hop(request: &Request, from: SocketAddr) -> Hop {
    let Some(via) = request.headers.via.first() else { return Hop::udp(from) };
    let translated = us::ip(&via.host).is_some_and(|ip| ip != from.ip());
    if translated || via.params.value("rport").is_some() {
        return Hop::udp(from);
    }
    Hop::udp(SocketAddr::new(from.ip(), via.port.unwrap_or(5060)))
}

/// A response to a request, with our tag unless the request has one already.
pub(crate) fn respond(request: &Request, status: u16, tag: &str) -> Response {
    let mut response = request.answer(status);
    if status > 100 {
        if response.headers.to.tag().is_none() {
            response.headers.to.params.set("tag", Some(tag.to_owned()));
        }
        response.headers.other.push(("Server".to_owned(), "svi".to_owned()));
    }
    response
}

/// Adds a header to a response.
pub(crate) fn with(mut response: Response, name: &str, value: impl Into<String>) -> Response {
    response.headers.other.push((name.to_owned(), value.into()));
    response
}

/// Puts an SDP body into a message.
pub(crate) fn put_sdp(headers: &mut Headers, body: &mut Vec<u8>, sdp: &str) {
    headers.other.push(("Content-Type".to_owned(), "application/sdp".to_owned()));
    *body = sdp.as_bytes().to_vec();
}

/// The SDP in a message, if it has any.
pub(crate) fn sdp_in(headers: &Headers, body: &[u8]) -> Result<Option<String>, OtherBody> {
    if body.is_empty() {
        return Ok(None);
    }
    match media_type(headers) {
        None => Ok(Some(String::from_utf8_lossy(body).into_owned())),
        Some(kind) if kind == "application/sdp" => Ok(Some(String::from_utf8_lossy(body).into_owned())),
        Some(_) => Err(OtherBody),
    }
}

/// A body of another kind than the one that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherBody;

/// The body's type in lower case, without its parameters.
pub(crate) fn media_type(headers: &Headers) -> Option<String> {
    let value = headers.other("Content-Type")?;
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}
