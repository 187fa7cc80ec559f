//! As much of SIP (RFC 3261) and SDP (RFC 4566) as a phone on loopback needs.

use std::fmt::Write;
use std::net::SocketAddrV4;

/// A message, read where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'a> {
    start: &'a str,
    headers: &'a str,
    pub(crate) body: &'a str,
}

impl<'a> Message<'a> {
    /// `None` when it is no SIP.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let (start, headers) = head.split_once("\r\n")?;
        Some(Self { start, headers, body })
    }

    /// The status of a response; `None` for a request.
    pub(crate) fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub(crate) fn method(&self) -> &'a str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// The user part of a request's URI.
    pub(crate) fn user(&self) -> &'a str {
        let uri = self.start.split(' ').nth(1).unwrap_or_default();
        uri.split_once(':').and_then(|(_, rest)| rest.split_once('@')).map_or("", |(user, _)| user)
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.split("\r\n").find_map(|line| value(line, name))
    }

    /// The method in CSeq, of a request or of what is answered.
    pub(crate) fn answers(&self) -> &'a str {
        self.header("CSeq").and_then(|c| c.split_whitespace().nth(1)).unwrap_or_default()
    }

    /// The number in CSeq.
    pub(crate) fn number(&self) -> u32 {
        self.header("CSeq").and_then(|c| c.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// The URI of a Contact.
    pub(crate) fn contact(&self) -> Option<&'a str> {
        let contact = self.header("Contact")?;
        let inside = contact.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(uri, _)| uri);
        Some(inside.unwrap_or_else(|| contact.split(';').next().unwrap_or(contact)))
    }

    /// A response to this request: the headers that RFC 3261, section 8.2.6.2, copies.
    pub(crate) fn reply(&self, status: &str, tag: &str, more: &str, body: &str) -> Vec<u8> {
        let mut out = format!("SIP/2.0 {status}\r\n");
        for line in self.headers.split("\r\n") {
            let copied = ["Via", "From", "Call-ID", "CSeq", "Record-Route"];
            if copied.iter().any(|name| value(line, name).is_some()) {
                let _ = write!(out, "{line}\r\n");
            } else if let Some(to) = value(line, "To") {
                let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={tag}") };
                let _ = write!(out, "To: {to}{tag}\r\n");
            }
        }
        finish(out, more, body)
    }
}

/// A header's value, when the line is that header, in its long or its short form.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (own, value) = line.split_once(':')?;
    let own = own.trim();
    let short = match name {
        "Via" => "v",
        "From" => "f",
        "To" => "t",
        "Call-ID" => "i",
        "Contact" => "m",
        _ => name,
    };
    (own.eq_ignore_ascii_case(name) || own.eq_ignore_ascii_case(short)).then(|| value.trim())
}

/// The last headers, and the body.
pub(crate) fn finish(mut out: String, more: &str, body: &str) -> Vec<u8> {
    out.push_str(more);
    if !body.is_empty() {
        out.push_str("Content-Type: application/sdp\r\n");
    }
    let _ = write!(out, "Content-Length: {}\r\n\r\n{body}", body.len());
    out.into_bytes()
}

/// Which way sound flows, from who writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive,
}

impl Direction {
    const ALL: [(Self, &'static str); 4] = [
        (Self::SendReceive, "sendrecv"),
        (Self::SendOnly, "sendonly"),
        (Self::ReceiveOnly, "recvonly"),
        (Self::Inactive, "inactive"),
    ];

    /// The attribute's word.
    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(d, _)| *d == self).map_or("sendrecv", |(_, word)| word)
    }

    /// What the other side answers.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::ReceiveOnly,
            Self::ReceiveOnly => Self::SendOnly,
            Self::SendReceive | Self::Inactive => self,
        }
    }
}

/// What the other side's SDP says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Session {
    /// Where its sound goes.
    pub(crate) to: SocketAddrV4,
    /// The payload type of its first G.711.
    pub(crate) codec: u8,
    /// The payload type of its telephone events.
    pub(crate) event: Option<u8>,
    /// Which way.
    pub(crate) direction: Direction,
}

impl Session {
    /// `None` when there is no G.711 at an IPv4 address in it.
    pub(crate) fn read(body: &str) -> Option<Self> {
        let line = |prefix: &str| body.lines().find_map(|l| l.trim_end().strip_prefix(prefix));
        let mut media = line("m=audio ")?.split(' ');
        let port = media.next()?.split('/').next()?.parse().ok()?;
        let codec = media.skip(1).filter_map(|f| f.parse().ok()).find(|f: &u8| *f == 8 || *f == 0)?;
        let ip = line("c=IN IP4 ")?.split('/').next()?.parse().ok()?;
        let events = body.lines().filter_map(|l| l.strip_prefix("a=rtpmap:")?.split_once(' '));
        let event = events.filter(|(_, name)| name.starts_with("telephone-event/8000"));
        let event = event.filter_map(|(kind, _)| kind.parse().ok()).next();
        let said = Direction::ALL.iter().find(|(_, word)| line(&format!("a={word}")).is_some());
        let direction = said.map_or(Direction::SendReceive, |(d, _)| *d);
        Some(Self { to: SocketAddrV4::new(ip, port), codec, event, direction })
    }
}

/// Our SDP: A-law first, then µ-law (or one that was chosen), and telephone events.
pub(crate) fn sdp(at: SocketAddrV4, chosen: Option<(u8, u8)>, direction: Direction, version: u32) -> String {
    let (ip, port) = (at.ip(), at.port());
    let (codecs, event) = match chosen {
        Some((codec, event)) => (codec.to_string(), event),
        None => ("8 0".to_owned(), crate::packet::EVENT),
    };
    let direction = direction.word();
    format!(
        "v=0\r\no=- {port} {version} IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {codecs} {event}\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:{event} telephone-event/8000\r\na=fmtp:{event} 0-15\r\n\
         a=ptime:20\r\na={direction}\r\n"
    )
}
