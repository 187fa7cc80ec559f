//! A SIP phone made by hand: it registers, is rung, and says what it is told to, in whatever order.

use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::service::{Service, free};
use super::sipp::Sipp;

/// The phone, at an address of its own.
pub(crate) struct Peer {
    sip: UdpSocket,
    rtp: UdpSocket,
    them: SocketAddr,
    name: String,
    made: u32,
    /// What has come while something else was waited for.
    waiting: VecDeque<String>,
    patience: Duration,
}

/// A call that it is in, as it sees it.
#[derive(Clone, Debug)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    /// Its own side, as in From, with its tag.
    pub(crate) own: String,
    /// The other side, with its tag once it has one.
    pub(crate) other: String,
    target: String,
    cseq: u32,
}

impl Dialog {
    /// What another request says to take this call's place (RFC 3891), seen from who gets it.
    pub(crate) fn replaces(&self) -> String {
        format!("{};to-tag={};from-tag={}", self.call_id, tag(&self.other), tag(&self.own))
    }

    /// Takes the other side's tag and address from its 200.
    pub(crate) fn take_names(&mut self, ok: &str) {
        self.other = header(ok, "To").to_owned();
        self.target = uri(header(ok, "Contact"));
    }
}

impl Peer {
    /// A citizen's phone.
    pub(crate) fn stranger(service: &Service) -> Self {
        Self::at(service, "0612345678", free())
    }

    /// A provider, or who else is called at an address.
    pub(crate) fn at(service: &Service, name: &str, address: SocketAddr) -> Self {
        let [sip, rtp] = [address, SocketAddr::from(([127, 0, 0, 1], 0))].map(|at| UdpSocket::bind(at).unwrap());
        Self { sip, rtp, them: service.sip, name: name.to_owned(), made: 0, waiting: VecDeque::new(), patience: SOON }
    }

    /// An agent's phone, which has registered.
    pub(crate) fn agent(service: &Service, name: &str) -> Self {
        let address = free();
        Sipp::register(service, name, address.port());
        service.until_log(&format!("agent={name} up=true"), SOON);
        Self::at(service, name, address)
    }

    fn address(&self) -> SocketAddr {
        self.sip.local_addr().unwrap()
    }

    fn sdp(&self) -> String {
        let port = self.rtp.local_addr().unwrap().port();
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
    }

    /// The next message whose first line begins like this; what else comes is kept.
    pub(crate) fn hear(&mut self, start: &str) -> String {
        self.hear_such(start, |message| message.starts_with(start))
    }

    /// The same with more patience.
    pub(crate) fn hear_within(&mut self, start: &str, patience: Duration) -> String {
        self.patience = patience;
        let heard = self.hear(start);
        self.patience = SOON;
        heard
    }

    fn hear_such(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        if let Some(at) = self.waiting.iter().position(|message| is_it(message)) {
            return self.waiting.remove(at).unwrap();
        }
        let until = Instant::now() + self.patience;
        let mut buffer = [0; 65_535];
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.sip.set_read_timeout(Some(left)).unwrap();
            let Ok((length, _)) = self.sip.recv_from(&mut buffer) else { continue };
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if is_it(&message) {
                return message;
            }
            self.waiting.push_back(message);
        }
        panic!("{} hears no {what}, but {:?}", self.name, self.waiting);
    }

    /// The final answer to its request of this method that it has made last in a call.
    pub(crate) fn answer_to(&mut self, dialog: &Dialog, method: &str) -> String {
        let cseq = format!("\r\nCSeq: {} {method}\r\n", dialog.cseq);
        let call = format!("\r\nCall-ID: {}\r\n", dialog.call_id);
        self.hear_such(&format!("answer to {method}"), |message| {
            message.starts_with("SIP/2.0 ")
                && !message.starts_with("SIP/2.0 1")
                && message.contains(&cseq)
                && message.contains(&call)
        })
    }

    /// Whether sound comes.
    pub(crate) fn hears_sound(&self) -> bool {
        self.rtp.set_nonblocking(true).unwrap();
        while self.rtp.recv(&mut [0; 2_048]).is_ok() {}
        self.rtp.set_nonblocking(false).unwrap();
        self.rtp.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        self.rtp.recv(&mut [0; 2_048]).is_ok()
    }

    /// Answers a request; a status of 200 to INVITE has SDP.
    pub(crate) fn reply(&self, request: &str, status: &str, headers: &str) {
        let copied = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(request, name)));
        let to = header(request, "To");
        let to = if to.contains(";tag=") { to.to_owned() } else { format!("{to};tag={}{}", self.name, self.made) };
        let has_sdp = request.starts_with("INVITE ") && status.starts_with("200");
        let sdp = if has_sdp { self.sdp() } else { String::new() };
        let kind = if has_sdp { "Content-Type: application/sdp\r\n" } else { "" };
        let text = format!(
            "SIP/2.0 {status}\r\n{}To: {to}\r\nContact: <sip:{}@{}>\r\n{headers}{kind}Content-Length: {}\r\n\r\n{sdp}",
            copied.concat(),
            self.name,
            self.address(),
            sdp.len()
        );
        self.send(&text);
    }

    /// Answers that the call is to be made elsewhere.
    pub(crate) fn redirect(&self, invite: &str, contact: &str) {
        let copied = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(invite, name)));
        let to = format!("To: {};tag=elsewhere\r\n", header(invite, "To"));
        let text = format!("SIP/2.0 302 Moved\r\n{}{to}{contact}Content-Length: 0\r\n\r\n", copied.concat());
        self.send(&text);
    }

    /// Picks up: the call that it is in then.
    pub(crate) fn pick_up(&mut self, invite: &str) -> Dialog {
        self.made += 1;
        self.reply(invite, "200 OK", "");
        self.hear("ACK ");
        Dialog {
            call_id: header(invite, "Call-ID").to_owned(),
            own: format!("{};tag={}{}", header(invite, "To"), self.name, self.made),
            other: header(invite, "From").to_owned(),
            target: uri(header(invite, "Contact")),
            cseq: 100,
        }
    }

    /// Rings for the next call and picks up.
    pub(crate) fn take_a_call(&mut self) -> Dialog {
        let invite = self.hear("INVITE ");
        self.reply(&invite, "180 Ringing", "");
        self.pick_up(&invite)
    }

    /// Calls somebody at the service, with more headers and perhaps an offer: what it has said.
    pub(crate) fn call(&mut self, user: &str, headers: &str, has_sdp: bool) -> (Dialog, String) {
        self.made += 1;
        let (us, them) = (self.address(), self.them);
        let mut dialog = Dialog {
            call_id: format!("{}-{}-{us}", self.name, self.made),
            own: format!("<sip:{}@{them}>;tag={}{}", self.name, self.name, self.made),
            other: format!("<sip:{user}@{them}>"),
            target: format!("sip:{user}@{them}"),
            cseq: 0,
        };
        let sdp = if has_sdp { self.sdp() } else { String::new() };
        let kind = if has_sdp { "Content-Type: application/sdp\r\n" } else { "" };
        let text = self.say(&mut dialog, "INVITE", &format!("{headers}{kind}"), &sdp);
        (dialog, text)
    }

    /// Takes the 200 to its INVITE, and acknowledges it.
    pub(crate) fn connected(&mut self, dialog: &mut Dialog) -> String {
        let ok = self.answer_to(dialog, "INVITE");
        assert!(ok.starts_with("SIP/2.0 200 "), "{ok}");
        dialog.take_names(&ok);
        let invite = dialog.cseq;
        self.acknowledge(dialog, invite, "");
        ok
    }

    /// Acknowledges the 200 to its INVITE of this number, with SDP or without.
    pub(crate) fn acknowledge(&mut self, dialog: &Dialog, invite: u32, sdp: &str) {
        let kind = if sdp.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let mut dialog = Dialog { cseq: invite - 1, ..dialog.clone() };
        self.say(&mut dialog, "ACK", kind, sdp);
    }

    /// Asks for something within a call, with these headers (each with its line's end) and body;
    /// what it said.
    pub(crate) fn say(&mut self, dialog: &mut Dialog, method: &str, headers: &str, body: &str) -> String {
        dialog.cseq += 1;
        let Dialog { call_id, own, other, target, cseq } = dialog;
        let us = self.address();
        let hops = if headers.contains("Max-Forwards") { "" } else { "Max-Forwards: 70\r\n" };
        let text = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{method}{cseq}{};rport\r\n{hops}\
             From: {own}\r\nTo: {other}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContact: <sip:{}@{us}>\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            tag(own),
            self.name,
            body.len()
        );
        self.send(&text);
        text
    }

    /// Asks for something within a call; the status of the answer.
    pub(crate) fn ask(&mut self, dialog: &mut Dialog, method: &str, headers: &str) -> String {
        self.say(dialog, method, headers, "");
        let answer = self.answer_to(dialog, method);
        answer[8..11].to_owned()
    }

    /// The next NOTIFY, which it accepts: the state of the subscription and the body.
    pub(crate) fn told(&mut self) -> (String, String) {
        let notify = self.hear("NOTIFY ");
        self.reply(&notify, "200 OK", "");
        let body = notify.split_once("\r\n\r\n").unwrap().1.trim().to_owned();
        (header(&notify, "Subscription-State").split(';').next().unwrap().to_owned(), body)
    }

    /// Its own offer for another round, such as a late offer's answer.
    pub(crate) fn offer(&self) -> String {
        self.sdp()
    }

    /// Says anything.
    pub(crate) fn send(&self, text: &str) {
        self.sip.send_to(text.as_bytes(), self.them).unwrap();
    }
}

const SOON: Duration = Duration::from_secs(20);

/// What a header holds.
pub(crate) fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    message.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_else(|| panic!("no {name} in {message}"))
}

/// The tag of a From or To.
fn tag(side: &str) -> &str {
    side.split_once(";tag=").map(|(_, tag)| tag).unwrap_or_default()
}

fn uri(contact: &str) -> String {
    contact.split_once('<').and_then(|(_, rest)| rest.split_once('>')).unwrap().0.to_owned()
}
