//! Cuts messages out of what comes over a connection, in whatever pieces it comes (RFC 3261,
//! section 18.3), and sees keep-alives (RFC 5626, section 3.5.1).

use crate::base::limits;

/// One connection's stream on its way to messages: [`Framer::take`] what has come, then
/// [`Framer::poll`] until there is nothing more.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Where what has not been given out begins.
    start: usize,
    /// Where the line begins that is looked at.
    line: usize,
    /// Up to where the end of that line was looked for.
    looked: usize,
    /// Line ends in a row between two messages.
    breaks: u8,
    /// Where the message ends, once its headers have come.
    end: Option<usize>,
    /// Nobody knows any more where a message begins.
    is_broken: bool,
}

/// Something that has come whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// A message.
    Message(Vec<u8>),
    /// Two line ends, which want one back.
    Ping,
}

/// Why nobody knows where the next message begins: the connection has to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unframed {
    /// The headers of the message that is wrong, as far as they can be answered; maybe nothing.
    pub head: Vec<u8>,
    /// The status to refuse it with: 400, 413 or 513.
    pub status: u16,
    /// What is wrong, in words.
    pub reason: &'static str,
}

impl Framer {
    /// Takes bytes as they have come.
    pub fn take(&mut self, bytes: &[u8]) {
        if self.is_broken {
            return;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            (self.line, self.looked) = (self.line - self.start, self.looked - self.start);
            self.end = self.end.map(|end| end - self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next thing that has come whole. After an error there is nothing more.
    ///
    /// # Errors
    /// See [`Unframed`].
    pub fn poll(&mut self) -> Option<Result<Framed, Unframed>> {
        if self.is_broken {
            return None;
        }
        let polled = self.next().transpose();
        if matches!(polled, Some(Err(_))) {
            self.is_broken = true;
        }
        if self.is_broken || self.start == self.buffer.len() {
            // Whoever says nothing costs nothing.
            *self = Self { breaks: self.breaks, is_broken: self.is_broken, ..Self::default() };
        }
        polled
    }

    /// Whether a message has begun that has not come whole.
    pub fn has_begun(&self) -> bool {
        !self.is_broken && self.start < self.buffer.len()
    }

    fn next(&mut self) -> Result<Option<Framed>, Unframed> {
        if self.end.is_none() {
            if self.line == self.start && self.skip_breaks() {
                return Ok(Some(Framed::Ping));
            }
            self.end = self.find_end()?;
        }
        let Some(end) = self.end.filter(|end| *end <= self.buffer.len()) else { return Ok(None) };
        let message = self.buffer[self.start..end].to_vec();
        (self.start, self.line, self.looked, self.end) = (end, end, end, None);
        Ok(Some(Framed::Message(message)))
    }

    /// Passes over the line ends before a message; whether they are a keep-alive.
    fn skip_breaks(&mut self) -> bool {
        while let Some(byte @ (b'\r' | b'\n')) = self.buffer.get(self.start) {
            self.breaks += u8::from(*byte == b'\n');
            self.start += 1;
            (self.line, self.looked) = (self.start, self.start);
            if self.breaks == 2 {
                self.breaks = 0;
                return true;
            }
        }
        if self.start < self.buffer.len() {
            self.breaks = 0;
        }
        false
    }

    /// Looks for the end of the headers, and from it for that of the message.
    fn find_end(&mut self) -> Result<Option<usize>, Unframed> {
        let limit = self.start + limits::SIP_HEADER_BYTES;
        let until = self.buffer.len().min(limit);
        while let Some(at) = self.buffer[self.looked..until].iter().position(|byte| *byte == b'\n') {
            let (line, next) = (self.line, self.looked + at + 1);
            (self.line, self.looked) = (next, next);
            let text = self.buffer[line..next].trim_ascii_end();
            if text.is_empty() {
                return self.measure(next).map(Some);
            }
            if line == self.start && !is_start_line(text) {
                return Err(Unframed { head: Vec::new(), status: 400, reason: "this is not SIP" });
            }
        }
        self.looked = until;
        if self.buffer.len() < limit {
            return Ok(None);
        }
        Err(self.unframed(self.line, 513, "the headers are too long"))
    }

    /// Where the message ends whose headers end at `head`.
    fn measure(&self, head: usize) -> Result<usize, Unframed> {
        let length =
            content_length(&self.buffer[self.start..head]).map_err(|reason| self.unframed(head, 400, reason))?;
        let room = limits::SIP_MESSAGE_BYTES - (head - self.start);
        if length > room {
            return Err(self.unframed(head, 413, "the body is too long"));
        }
        Ok(head + length)
    }

    fn unframed(&self, until: usize, status: u16, reason: &'static str) -> Unframed {
        let mut head = self.buffer[self.start..until].trim_ascii_end().to_vec();
        if !head.is_empty() {
            head.extend_from_slice(b"\r\n\r\n");
        }
        Unframed { head, status, reason }
    }
}

/// Whether a line may begin a message: it names SIP as the first or the last word.
fn is_start_line(line: &[u8]) -> bool {
    let words = [line.split(|byte| *byte == b' ').next(), line.rsplit(|byte| *byte == b' ').next()];
    words.into_iter().flatten().any(|word| word.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"SIP/")))
}

/// The length of the body, which every message over a connection must tell.
fn content_length(head: &[u8]) -> Result<usize, &'static str> {
    let mut told: Option<&[u8]> = None;
    let mut lines = head.split(|byte| *byte == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, mut value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if line.starts_with(b" ") || line.starts_with(b"\t") || !is_content_length(name) {
            continue;
        }
        while let Some(more) = lines.next_if(|next| next.starts_with(b" ") || next.starts_with(b"\t")) {
            let more = more.trim_ascii();
            if !value.is_empty() && !more.is_empty() {
                return Err("Content-Length is no number");
            }
            value = if value.is_empty() { more } else { value };
        }
        if told.replace(value).is_some_and(|before| before != value) {
            return Err("there are two Content-Length");
        }
    }
    let told = told.ok_or("there is no Content-Length")?;
    let digits = std::str::from_utf8(told).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = digits.filter(|digits| !digits.is_empty()).ok_or("Content-Length is no number")?;
    Ok(digits.parse().unwrap_or(usize::MAX))
}

fn is_content_length(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Content-Length") || name.eq_ignore_ascii_case(b"l")
}

#[cfg(test)]
mod tests;
