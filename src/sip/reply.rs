use super::body::{Body, Part};
use super::message::{Headers, Request, Response, Via};
use super::transport::Hop;
use super::us;

/// Notes in the topmost `Via` where a request came from (RFC 3261, section 18.2.1; RFC
/// 3581), and tells where its response goes.
///
/// To the port that it came from when it asks for that (RFC 3581), or when it comes
/// through a translator of addresses; else to the port of its `Via` (RFC 3261, 18.2.2).
/// The address is always the source's, so that nobody can aim our responses at another.
/// Over a connection it goes back over the same one; should that be gone, over a new one to
/// the port of its `Via`.
pub(crate) fn note_source(via: &mut [Via], source: Hop) -> Hop {
    let Some(via) = via.first_mut() else { return source };
    let from = source.address;
    let asked = via.params.value("rport").is_some();
    let sent_by = us::ip(&via.host);
    if asked {
        via.params.set("rport", Some(from.port().to_string()));
    }
    if asked || sent_by != Some(from.ip()) {
        via.params.set("received", Some(from.ip().to_string()));
    }
    let translated = sent_by.is_some_and(|ip| ip != from.ip());
    let mut hop = source;
    if source.transport.is_reliable() || !(asked || translated) {
        hop.address.set_port(via.port.unwrap_or(source.transport.port()));
    }
    hop
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

/// The seconds of a `Retry-After`, without its comment and parameters (RFC 3261, section 20.33).
pub(crate) fn retry_after(headers: &Headers) -> Option<u32> {
    headers.other("Retry-After")?.split([';', '(']).next()?.trim().parse().ok()
}

/// Puts an SDP body into a message.
pub(crate) fn put_sdp(headers: &mut Headers, body: &mut Vec<u8>, sdp: &str) {
    headers.other.push(("Content-Type".to_owned(), "application/sdp".to_owned()));
    *body = sdp.as_bytes().to_vec();
}

/// The SDP in a message, if it has any.
pub(crate) fn sdp_in(headers: &Headers, body: &[u8]) -> Result<Option<String>, OtherBody> {
    match (Body { headers, bytes: body }).part("application/sdp") {
        Part::Found(sdp) => Ok(Some(String::from_utf8_lossy(sdp).into_owned())),
        Part::Nothing => Ok(None),
        Part::Other => Err(OtherBody),
    }
}

/// A body of another kind than the one that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherBody;
