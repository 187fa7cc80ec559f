//! The agents' phones: they register again and again, take every callback with 1, and let
//! everybody else ring.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use svi::base::Chance;
use svi::sip::Method;
use svi::sip::digest::{Asked, ClientSecret, authorize};

/// All of them, until they are dropped.
pub(super) struct Phones {
    off: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Phones {
    /// Switches them on.
    pub(super) fn start(service: SocketAddr, agents: &[String]) -> Self {
        let off = Arc::new(AtomicBool::new(false));
        let thread = |agent: &String| {
            let (off, mut phone) = (Arc::clone(&off), Phone::new(service, agent));
            thread::spawn(move || {
                while !off.load(Ordering::Relaxed) {
                    phone.turn();
                }
            })
        };
        Self { threads: agents.iter().map(thread).collect(), off }
    }
}

impl Drop for Phones {
    fn drop(&mut self) {
        self.off.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// It remembers no call: what it says follows from what it is told, so that a call that a
/// crash has cut off leaves nothing behind.
struct Phone {
    socket: UdpSocket,
    service: SocketAddr,
    agent: String,
    registered: Option<Instant>,
    requests: u32,
    chance: Chance,
}

impl Phone {
    fn new(service: SocketAddr, agent: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let chance = Chance::seeded(socket.local_addr().unwrap().port().into());
        Self { socket, service, agent: agent.to_owned(), registered: None, requests: 0, chance }
    }

    fn turn(&mut self) {
        if self.registered.is_none_or(|at| at.elapsed() > REGISTERS) {
            self.registered = Some(Instant::now());
            self.register("");
        }
        let mut buffer = [0; 65_535];
        let Ok((length, _)) = self.socket.recv_from(&mut buffer) else { return };
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        match text.split(' ').next().unwrap_or_default() {
            "SIP/2.0" if text.starts_with("SIP/2.0 401") && header(&text, "CSeq").ends_with("REGISTER") => {
                self.prove(&text);
            }
            "SIP/2.0" => {}
            // A caller, whom a ticket would have served: the phone rings until the caller has gone.
            "INVITE" if header(&text, "From").contains("+336") => self.answer(&text, "180 Ringing", ""),
            "INVITE" => self.answer(&text, "200 OK", &sdp(self.socket.local_addr().unwrap())),
            "ACK" => self.accept(&text),
            "CANCEL" => {
                self.answer(&text, "200 OK", "");
                self.answer(&text.replace(" CANCEL\r\n", " INVITE\r\n"), "487 Request Terminated", "");
            }
            _ => self.answer(&text, "200 OK", ""),
        }
    }

    fn register(&mut self, authorization: &str) {
        self.requests += 1;
        let Self { agent, service, requests: n, .. } = &*self;
        let us = self.socket.local_addr().unwrap();
        self.say(&format!(
            "REGISTER sip:{service} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK{agent}{n};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{agent}@{service}>;tag={agent}\r\nTo: <sip:{agent}@{service}>\r\n\
             Call-ID: {agent}-{us}\r\nCSeq: {n} REGISTER\r\nContact: <sip:{agent}@{us}>\r\nExpires: 300\r\n\
             {authorization}Content-Length: 0\r\n\r\n"
        ));
    }

    fn prove(&mut self, challenge: &str) {
        let uri = format!("sip:{}", self.service);
        let asked = Asked { method: &Method::Register, uri: &uri };
        let secret = ClientSecret::Password("secret".to_owned());
        let challenges = [header(challenge, "WWW-Authenticate")];
        let proof = authorize(challenges, &self.agent, &secret, asked, &mut self.chance, 1).unwrap();
        self.register(&format!("Authorization: {proof}\r\n"));
    }

    fn answer(&self, request: &str, status: &str, body: &str) {
        let copied = ["Via", "From", "Call-ID", "CSeq"];
        let copied: String = copied.iter().map(|name| format!("{name}: {}\r\n", header(request, name))).collect();
        let to = header(request, "To");
        let tag = if to.contains(";tag=") { String::new() } else { format!(";tag={}", self.agent) };
        let us = self.socket.local_addr().unwrap();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        self.say(&format!(
            "SIP/2.0 {status}\r\n{copied}To: {to}{tag}\r\nContact: <sip:{}@{us}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            self.agent,
            body.len()
        ));
    }

    /// Presses 1 in the call that an ACK belongs to.
    fn accept(&self, ack: &str) {
        let (us, id) = (self.socket.local_addr().unwrap(), header(ack, "Call-ID"));
        let body = "Signal=1\r\nDuration=160\r\n";
        self.say(&format!(
            "INFO sip:svi@{} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bKinfo{id};rport\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {}\r\nCall-ID: {id}\r\nCSeq: 1 INFO\r\nContent-Type: application/dtmf-relay\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.service,
            header(ack, "To"),
            header(ack, "From"),
            body.len()
        ));
    }

    fn say(&self, text: &str) {
        // The service may be down.
        let _ = self.socket.send_to(text.as_bytes(), self.service);
    }
}

fn sdp(us: SocketAddr) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 8 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n",
        us.port()
    )
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    let found = message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    found.unwrap_or_default()
}

/// How often a phone registers: after a crash nobody is known.
const REGISTERS: Duration = Duration::from_millis(500);
