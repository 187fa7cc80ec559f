//! Messages into bytes, in one buffer.

use std::fmt::{self, Write as _};

use super::parse::TOKEN;
use super::{Contact, Headers, Message, NameAddr, Params, Refusal, Request, Response, Via};
use crate::base::CharSet;

/// Writes a message with its `Content-Length` (RFC 3261, section 7).
pub fn write(message: &Message) -> Vec<u8> {
    match message {
        Message::Request(request) => request.write(),
        Message::Response(response) => response.write(),
    }
}

impl Request {
    /// Writes the request with its `Content-Length`.
    pub fn write(&self) -> Vec<u8> {
        let mut text = Text::start(format_args!("{} {} SIP/2.0", self.method, self.uri));
        text.headers(&self.headers);
        text.end(&self.body)
    }

    /// A response with what RFC 3261, section 8.2.6.2, has copied from the request. The
    /// tag of To, Record-Route and Contact are the caller's business.
    pub fn answer(&self, status: u16) -> Response {
        let asked = &self.headers;
        Response {
            status,
            reason: reason_phrase(status).to_owned(),
            headers: Headers {
                via: asked.via.clone(),
                from: asked.from.clone(),
                to: asked.to.clone(),
                call_id: asked.call_id.clone(),
                cseq: asked.cseq,
                cseq_method: asked.cseq_method.clone(),
                contact: Contact::List(Vec::new()),
                route: Vec::new(),
                record_route: Vec::new(),
                max_forwards: None,
                other: Vec::new(),
            },
            body: Vec::new(),
        }
    }
}

impl Response {
    /// Writes the response with its `Content-Length`.
    pub fn write(&self) -> Vec<u8> {
        let mut text = Text::start(format_args!("SIP/2.0 {} {}", self.status, self.reason));
        text.headers(&self.headers);
        text.end(&self.body)
    }
}

impl Refusal {
    /// Writes the answer, with `tag` as To's when To came without one.
    pub fn write(&self, tag: &str) -> Vec<u8> {
        let mut text = Text::start(format_args!("SIP/2.0 {} {}", self.status, self.reason));
        for via in &self.via {
            text.header("Via", via);
        }
        for (name, value) in &self.echo {
            if *name == "To" && !value.to_ascii_lowercase().replace(' ', "").contains(";tag=") {
                text.header(name, format_args!("{value};tag={tag}"));
            } else {
                text.header(name, value);
            }
        }
        text.end(&[])
    }
}

/// The reason phrase that a status is usually sent with (RFC 3261, section 21).
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        423 => "Interval Too Brief",
        430 => "Flow Failed",
        439 => "First Hop Lacks Outbound Support",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        489 => "Bad Event",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => match status / 100 {
            1 => "Progress",
            2 => "Success",
            3 => "Redirection",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SIP/2.0/")?;
        f.write_str(&self.transport)?;
        f.write_char(' ')?;
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", Quoted(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

impl fmt::Display for Params {
    /// As a header's parameters; a URI's are written by the URI.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            f.write_char(';')?;
            f.write_str(name)?;
            let Some(value) = value else { continue };
            f.write_char('=')?;
            if is_plain(value) {
                f.write_str(value)?;
            } else {
                Quoted(value).fmt(f)?;
            }
        }
        Ok(())
    }
}

/// Text in quotes, with backslashes before quotes and backslashes.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            if matches!(c, '"' | '\\') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        f.write_char('"')
    }
}

/// A token or an address, which need no quotes.
fn is_plain(value: &str) -> bool {
    const PLAIN: CharSet = TOKEN.and(":[]@/=$&");
    !value.is_empty() && PLAIN.spans(value)
}

/// A message while it is written. What is put into a line can't end it, so that no value
/// can grow a header of its own.
struct Text(String);

impl Text {
    fn start(line: impl fmt::Display) -> Self {
        let mut text = Self(String::with_capacity(USUAL));
        text.value(line);
        text.0.push_str("\r\n");
        text
    }

    fn header(&mut self, name: &str, value: impl fmt::Display) {
        self.value(name);
        self.0.push_str(": ");
        self.value(value);
        self.0.push_str("\r\n");
    }

    fn headers(&mut self, headers: &Headers) {
        headers.via.iter().for_each(|via| self.header("Via", via));
        headers.route.iter().for_each(|route| self.header("Route", route));
        headers.record_route.iter().for_each(|route| self.header("Record-Route", route));
        if let Some(hops) = headers.max_forwards {
            self.header("Max-Forwards", hops);
        }
        self.header("From", &headers.from);
        self.header("To", &headers.to);
        self.header("Call-ID", &headers.call_id);
        self.header("CSeq", format_args!("{} {}", headers.cseq, headers.cseq_method));
        match &headers.contact {
            Contact::Star => self.header("Contact", "*"),
            Contact::List(list) => list.iter().for_each(|contact| self.header("Contact", contact)),
        }
        for (name, value) in &headers.other {
            if !name.eq_ignore_ascii_case("Content-Length") {
                self.header(name, value);
            }
        }
    }

    fn end(mut self, body: &[u8]) -> Vec<u8> {
        self.header("Content-Length", body.len());
        self.0.push_str("\r\n");
        let mut bytes = self.0.into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    /// Without line ends and NUL.
    fn value(&mut self, value: impl fmt::Display) {
        let from = self.0.len();
        let written = write!(self.0, "{value}");
        debug_assert!(written.is_ok(), "a string takes everything");
        let ends = |byte: u8| matches!(byte, b'\r' | b'\n' | b'\0');
        // All bytes are looked at, so that many are at once.
        if self.0.as_bytes()[from..].iter().fold(false, |found, byte| found | ends(*byte)) {
            let clean = self.0[from..].replace(['\r', '\n', '\0'], "");
            self.0.truncate(from);
            self.0.push_str(&clean);
        }
    }
}

/// Room for an answer as phones get it, with SDP.
const USUAL: usize = 640;

#[cfg(test)]
mod tests;
