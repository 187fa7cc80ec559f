//! Bytes into messages: our lexer mends what the field writes, `rsip` splits the
//! headers and files them under their names, and the values become our own types.
//!
//! What is not here: anything that needs to know what was said before.

mod lexer;
mod values;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use rsip::Header;
use rsip::headers::header::Tokenizer;
use rsip::prelude::UntypedHeader;

pub(super) use self::lexer::TOKEN;
use self::lexer::{Lexed, is_token, lex};
use self::values::{Flaw, cseq, name_addr, via};
use super::us::ALLOW;
use super::{Contact, Headers, Message, Method, NameAddr, Request, Response, Uri, UriError, Via};
use crate::base::limits;

pub(super) use self::values::{params, quoted, split};

/// Why a datagram is no message that can be worked with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Only line ends (RFC 5626, section 3.5.1): nothing to do.
    #[error("a keepalive")]
    Keepalive,
    /// Not SIP, a response, an ACK, or without a way back: to be dropped.
    #[error("{reason}")]
    Hopeless {
        /// Why, in words.
        reason: &'static str,
    },
    /// A request that has to be refused.
    #[error("{} {}", .0.status, .0.reason)]
    Refused(Box<Refusal>),
}

/// A request that can't be read but can be answered, without any state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 400, 413, 416, 501, 505 or 513.
    pub status: u16,
    /// The reason phrase: what was wrong.
    pub reason: &'static str,
    /// What was asked; never ACK.
    pub method: Method,
    /// The way back, topmost first, never empty; for the receiver to stamp.
    pub via: Vec<Via>,
    /// From, To, Call-ID and CSeq as they came, those that came; with 501 what we know.
    pub echo: Vec<(&'static str, String)>,
}

/// Reads one datagram (RFC 3261, section 7).
///
/// A `Content-Length` below what came cuts the body; one above refuses the message.
///
/// # Errors
/// See [`ParseError`]. An unknown method is no error: it is [`Method::Other`].
pub fn parse(bytes: &[u8]) -> Result<Message, ParseError> {
    if bytes.len() > limits::SIP_MESSAGE_BYTES {
        return Err(ParseError::Hopeless { reason: "the message is too large" });
    }
    let lexed = lex(bytes).ok_or(ParseError::Keepalive)?;
    let fields = Fields::read(&lexed.lines, lexed.flaw);
    if lexed.start.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("SIP/")) {
        response(&lexed, fields).map_err(|flaw| ParseError::Hopeless { reason: flaw.1 })
    } else {
        request(&lexed, fields)
    }
}

fn response(lexed: &Lexed<'_>, mut fields: Fields) -> Result<Message, Refused> {
    let mut parts = lexed.start.splitn(3, ' ');
    let (version, code, reason) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !version.is_some_and(|version| version.eq_ignore_ascii_case("SIP/2.0")) {
        return Err(Refused(505, "the version of SIP is not 2.0"));
    }
    let status = Some(code).filter(|code| code.len() == 3).and_then(|code| code.parse().ok());
    let status = status.filter(|status| (100..700).contains(status)).ok_or(Refused(400, "the status is none"))?;
    let (headers, body) = fields.finish(lexed)?;
    Ok(Message::Response(Response { status, reason: reason.trim().to_owned(), headers, body }))
}

fn request(lexed: &Lexed<'_>, mut fields: Fields) -> Result<Message, ParseError> {
    let mut parts = lexed.start.split(' ');
    let (method, uri) = (parts.next().unwrap_or_default(), parts.next());
    let version = lexed.start.trim_end().rsplit(' ').next().unwrap_or_default();
    if !is_token(method) || !version.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("SIP/")) {
        return Err(ParseError::Hopeless { reason: "this is not SIP" });
    }
    let method = Method::from_name(method);
    let mut read = || -> Result<Message, Refused> {
        if !version.eq_ignore_ascii_case("SIP/2.0") {
            return Err(Refused(505, "the version of SIP is not 2.0"));
        }
        if parts.next() != Some(version) || parts.next().is_some() {
            return Err(Refused(400, "the request line is not three words with one blank between"));
        }
        let (headers, body) = fields.finish(lexed)?;
        let uri = if headers.cseq_method == method {
            Uri::parse(uri.unwrap_or_default()).map_err(|error| match error {
                UriError::Scheme => Refused(416, "the request's URI has an unknown scheme"),
                UriError::Syntax(reason) => Refused(400, reason),
            })
        } else if matches!(method, Method::Other(_)) {
            // It may be a method of days to come, whose CSeq means something else.
            Err(Refused(501, "the method is unknown"))
        } else {
            Err(Refused(400, "the method of CSeq is another"))
        };
        match uri {
            Ok(mut uri) => {
                uri.headers = None;
                Ok(Message::Request(Request { method: method.clone(), uri, headers, body }))
            }
            Err(refused) => {
                fields.via = headers.via;
                Err(refused)
            }
        }
    };
    read().map_err(|Refused(status, reason)| {
        if method == Method::Ack || fields.via.is_empty() {
            ParseError::Hopeless { reason }
        } else {
            let echo = ECHOED.into_iter().filter_map(|name| Some((name, first(&lexed.lines, name)?.to_owned())));
            let allow = Some(("Allow", ALLOW.to_owned())).filter(|_| status == 501);
            let echo = echo.chain(allow).collect();
            ParseError::Refused(Box::new(Refusal { status, reason, method, via: fields.via, echo }))
        }
    })
}

/// What a refusal has copied from the request beside Via (RFC 3261, section 8.2.6.2).
const ECHOED: [&str; 4] = ["From", "To", "Call-ID", "CSeq"];

/// The first value of a header, as it came.
fn first<'a>(lines: &'a [Cow<'_, str>], name: &str) -> Option<&'a str> {
    let of_name = |line: &'a Cow<'_, str>| line.split_once(": ").filter(|(given, _)| given.eq_ignore_ascii_case(name));
    lines.iter().find_map(of_name).map(|(_, value)| value)
}

/// A status and its reason.
#[derive(Clone, Copy, Debug)]
struct Refused(u16, &'static str);

impl NameAddr {
    /// Reads the addresses of a header that is kept as text, such as P-Asserted-Identity
    /// (RFC 3325); those that can't be read or called are left out.
    pub fn parse_all(value: &str) -> Vec<Self> {
        split(value, b',').into_iter().filter_map(|part| name_addr(part).ok()).collect()
    }
}

/// The headers of a message while they are read.
#[derive(Default)]
struct Fields {
    via: Vec<Via>,
    from: Option<NameAddr>,
    to: Option<NameAddr>,
    call_id: Option<String>,
    cseq: Option<(u32, Method)>,
    star: bool,
    contact: Vec<NameAddr>,
    route: Vec<NameAddr>,
    record_route: Vec<NameAddr>,
    max_forwards: Option<u32>,
    content_length: Option<usize>,
    other: Vec<(String, String)>,
    flaw: Option<Refused>,
}

impl Fields {
    fn read(lines: &[Cow<'_, str>], flaw: Option<Refused>) -> Self {
        let mut fields = Self { flaw, ..Self::default() };
        for line in lines {
            // The lexer has cut every line already: nothing is left for `tokenize` to look for.
            let cut = line.split_once(": ").map(|(name, value)| Tokenizer::from((name.as_bytes(), value.as_bytes())));
            let header = cut.and_then(|header| header.try_into().ok());
            let read = header.ok_or(Flaw::Syntax("a header can't be read")).and_then(|header| fields.take(header));
            let refused = match read {
                Ok(()) => continue,
                Err(Flaw::Syntax(reason)) => Refused(400, reason),
                Err(Flaw::Scheme) => Refused(400, "a header's URI has an unknown scheme"),
                Err(Flaw::TooMuch(reason)) => Refused(513, reason),
            };
            fields.flaw = fields.flaw.or(Some(refused));
        }
        fields
    }

    fn take(&mut self, header: Header) -> Result<(), Flaw> {
        match header {
            Header::Via(value) => {
                for part in split(value.value(), b',') {
                    self.via.push(via(part)?);
                }
            }
            Header::From(value) => {
                once(&mut self.from, name_addr(value.value())?, "there are two From")?;
            }
            Header::To(value) => {
                once(&mut self.to, name_addr(value.value())?, "there are two To")?;
            }
            Header::CallId(value) => {
                once(&mut self.call_id, value.value().to_owned(), "there are two Call-ID")?;
            }
            Header::CSeq(value) => {
                once(&mut self.cseq, cseq(value.value())?, "there are two CSeq")?;
            }
            Header::Contact(value) if value.value().trim() == "*" => self.star = true,
            Header::Contact(value) => addresses(value.value(), &mut self.contact)?,
            Header::Route(value) => addresses(value.value(), &mut self.route)?,
            Header::RecordRoute(value) => addresses(value.value(), &mut self.record_route)?,
            Header::MaxForwards(value) => {
                let hops = value.num().map_err(|_| "Max-Forwards is no number")?;
                once(&mut self.max_forwards, hops, "there are two Max-Forwards")?;
            }
            Header::ContentLength(value) => {
                let length = value.length().map_err(|_| "Content-Length is no number")?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                once(&mut self.content_length, length, "there are two Content-Length")?;
            }
            other => {
                let line = other.to_string();
                let (name, value) = line.split_once(':').unwrap_or((&line, ""));
                self.other.push((name.to_owned(), value.trim().to_owned()));
            }
        }
        let values = self.via.len() + self.contact.len() + self.route.len() + self.record_route.len();
        if values > limits::SIP_HEADERS { Err(Flaw::TooMuch("there are too many headers")) } else { Ok(()) }
    }

    /// The headers and the body, when nothing is missing and nothing was wrong; else the
    /// way back is left where it is.
    fn finish(&mut self, lexed: &Lexed<'_>) -> Result<(Headers, Vec<u8>), Refused> {
        let missing = |reason| move || Refused(400, reason);
        if let Some(refused) = self.flaw {
            return Err(refused);
        }
        let length = self.content_length.unwrap_or(lexed.body.len());
        if length > limits::SIP_BODY_BYTES && length <= lexed.body.len() {
            return Err(Refused(413, "the body is too long"));
        }
        let body = lexed.body.get(..length).ok_or(Refused(400, "the body is shorter than Content-Length"))?;
        if self.via.is_empty() {
            return Err(Refused(400, "there is no Via"));
        }
        let (number, cseq_method) = self.cseq.take().ok_or_else(missing("there is no CSeq"))?;
        let contact = match (self.star, std::mem::take(&mut self.contact)) {
            (true, list) if list.is_empty() => Contact::Star,
            (true, _) => return Err(Refused(400, "Contact is `*` and something else")),
            (false, list) => Contact::List(list),
        };
        let from = self.from.take().ok_or_else(missing("there is no From"))?;
        let to = self.to.take().ok_or_else(missing("there is no To"))?;
        let call_id = self.call_id.take().filter(|id| !id.is_empty());
        let call_id = call_id.ok_or_else(missing("there is no Call-ID"))?;
        let headers = Headers {
            via: std::mem::take(&mut self.via),
            from,
            to,
            call_id,
            cseq: number,
            cseq_method,
            contact,
            route: std::mem::take(&mut self.route),
            record_route: std::mem::take(&mut self.record_route),
            max_forwards: self.max_forwards,
            other: std::mem::take(&mut self.other),
        };
        Ok((headers, body.to_vec()))
    }
}

fn once<T>(slot: &mut Option<T>, value: T, twice: &'static str) -> Result<(), Flaw> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(twice.into()),
    }
}

/// Several addresses in one header; one whose scheme we can't call is left out, since
/// a Contact may well be a web page (RFC 3261, section 20.10).
fn addresses(text: &str, list: &mut Vec<NameAddr>) -> Result<(), Flaw> {
    for part in split(text, b',') {
        match name_addr(part) {
            Err(Flaw::Scheme) => {}
            read => list.push(read?),
        }
    }
    Ok(())
}
