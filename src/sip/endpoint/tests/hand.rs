use super::*;
use crate::sip::{Command, Event, Input, Output};

/// One endpoint, and a test that writes to it by hand.
pub(super) struct Hand {
    pub(super) now: Instant,
    pub(super) endpoint: Endpoint,
    pub(super) from: SocketAddr,
    pub(super) events: Vec<Event>,
    /// Where the last message was sent to.
    pub(super) last_to: Option<SocketAddr>,
    /// Every message that was sent, and where to.
    sent: Vec<(String, SocketAddr)>,
    cseq: u32,
}

/// A request that a test writes.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) via: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) call_id: String,
    pub(super) cseq: String,
    pub(super) more: String,
    pub(super) body: String,
}

impl Draft {
    pub(super) fn text(&self) -> String {
        let Self { method, uri, via, from, to, call_id, cseq, more, body } = self;
        format!(
            "{method} {uri} SIP/2.0\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n\
             {more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    pub(super) fn with(mut self, header: &str) -> Self {
        self.more += &format!("{header}\r\n");
        self
    }
}

impl Hand {
    pub(super) fn new() -> Self {
        Self {
            now: Instant::START,
            endpoint: endpoint(HERE, 7),
            from: address(THERE),
            events: Vec::new(),
            last_to: None,
            sent: Vec::new(),
            cseq: 0,
        }
    }

    /// A request outside of dialogs.
    pub(super) fn draft(&mut self, method: &str) -> Draft {
        self.cseq += 1;
        let n = self.cseq;
        let name = if method == "ACK" || method == "CANCEL" { "INVITE" } else { method };
        let draft = Draft {
            method: method.into(),
            uri: format!("sip:100@{HERE}"),
            via: format!("SIP/2.0/UDP {THERE};branch=z9hG4bK-{name}-{n};rport"),
            from: format!("<sip:0612345678@{THERE}>;tag=theirs"),
            to: format!("<sip:100@{HERE}>"),
            call_id: format!("call-{n}"),
            cseq: format!("{n} {method}"),
            more: "Max-Forwards: 70\r\n".into(),
            body: String::new(),
        };
        if method == "INVITE" { draft.with(&format!("Contact: <sip:caller@{THERE}>")) } else { draft }
    }

    /// Sends text; what came back.
    pub(super) fn say(&mut self, text: &str) -> Vec<String> {
        self.give(text.as_bytes())
    }

    /// Sends bytes; what came back.
    pub(super) fn give(&mut self, bytes: &[u8]) -> Vec<String> {
        self.endpoint.handle(self.now, Input::Received { from: Hop::udp(self.from), bytes: bytes.to_vec() });
        self.drain()
    }

    pub(super) fn command(&mut self, command: Command) -> Vec<String> {
        self.tell(Input::Command(command))
    }

    /// Gives an input; what came of it.
    pub(super) fn tell(&mut self, input: Input) -> Vec<String> {
        self.endpoint.handle(self.now, input);
        self.drain()
    }

    /// Lets time pass; what was sent meanwhile.
    pub(super) fn pass(&mut self, time: Duration) -> Vec<String> {
        let until = self.now + time;
        let mut sent = Vec::new();
        while let Some(at) = self.endpoint.deadline().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            self.endpoint.handle(self.now, Input::Tick);
            sent.extend(self.drain());
        }
        self.now = until;
        sent
    }

    /// Where a message was sent to.
    pub(super) fn sent_to(&self, text: &str) -> Option<SocketAddr> {
        self.sent.iter().rev().find(|(known, _)| known == text).map(|(_, to)| *to)
    }

    fn drain(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Send { to, bytes } => {
                    self.last_to = Some(to.address);
                    let text = String::from_utf8(bytes).unwrap();
                    self.sent.push((text.clone(), to.address));
                    sent.push(text);
                }
                Output::Event(event) => self.events.push(event),
            }
        }
        sent
    }
}

/// The status of a response, the method of a request.
pub(super) fn start(text: &str) -> &str {
    let mut words = text.split(' ');
    match words.next() {
        Some("SIP/2.0") => words.next().unwrap(),
        other => other.unwrap(),
    }
}

/// The starts of all of them.
pub(super) fn starts(texts: &[String]) -> Vec<&str> {
    texts.iter().map(|text| start(text)).collect()
}

/// The value of the first such header.
pub(super) fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
}
