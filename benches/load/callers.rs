//! The callers' side of SIP: one socket, one call at a time on each phone.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{SocketAddrV4, UdpSocket};
use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};

use crate::clock::{self, MS, Nanos, SECOND};
use crate::histogram::Histogram;
use crate::message::{Direction, Message, Session, finish, sdp};
use crate::sockets::{self, Inbox};

/// What happened to a caller.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    /// The call is answered.
    Answered { caller: usize, session: Session },
    /// It is not: a final response of 300 and more, and whether it says when to come back.
    Refused { caller: usize, status: u16, retry_after: bool },
    /// A hold, or its end, is agreed upon.
    Changed { caller: usize },
    /// The call is over, ended by us or by the server.
    Over { caller: usize },
    /// The server gave no answer in 32 s.
    Lost { caller: usize },
}

/// What was counted over all calls.
pub(crate) struct Figures {
    pub(crate) placed: u64,
    pub(crate) answered: u64,
    pub(crate) refused: u64,
    pub(crate) lost: u64,
    pub(crate) ended_by_server: u64,
    /// Requests that we had to send again.
    pub(crate) retransmitted: u64,
    /// Answers that the server sent again.
    pub(crate) answered_again: u64,
    /// From the first INVITE to the kernel's arrival of the 200 OK.
    pub(crate) setup: Histogram,
    /// The same to a refusal.
    pub(crate) refusal: Histogram,
    /// From BYE to its 200 OK.
    pub(crate) end: Histogram,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Inviting,
    Up,
    Changing,
    Ending,
}

/// A request under way.
struct Asked {
    bytes: Vec<u8>,
    number: u32,
    sent: Nanos,
    next: Nanos,
    pause: Nanos,
    until: Nanos,
    provisional: bool,
}

struct Caller {
    state: State,
    /// How many calls it has placed.
    turn: u32,
    number: u32,
    /// To, with the server's tag, once there is one.
    to: String,
    /// The server's Contact.
    target: String,
    media: SocketAddrV4,
    asked: Option<Asked>,
    /// The CSeq of the INVITE that was acknowledged last.
    acknowledged: u32,
}

/// All callers.
pub(crate) struct Callers {
    socket: Rc<UdpSocket>,
    me: SocketAddrV4,
    server: SocketAddrV4,
    /// In every name that we give, so that a second run is not taken for the first again.
    run: String,
    all: Vec<Caller>,
    timers: BinaryHeap<Reverse<(Nanos, usize)>>,
    inbox: Option<Inbox>,
    news: VecDeque<News>,
    pub(crate) figures: Figures,
}

impl Callers {
    /// No callers yet; they speak from `me` to `server`.
    pub(crate) fn new(me: SocketAddrV4, server: SocketAddrV4) -> Result<Self> {
        let long = || Histogram::new(MS / 4, 40 * SECOND);
        let (setup, refusal, end) = (long(), long(), long());
        let figures = Figures {
            placed: 0,
            answered: 0,
            refused: 0,
            lost: 0,
            ended_by_server: 0,
            retransmitted: 0,
            answered_again: 0,
            setup,
            refusal,
            end,
        };
        Ok(Self {
            socket: Rc::new(sockets::signalling(me)?),
            me,
            server,
            run: format!("{:x}", clock::real()),
            all: Vec::new(),
            timers: BinaryHeap::new(),
            inbox: Some(Inbox::new(8_192)),
            news: VecDeque::new(),
            figures,
        })
    }

    /// Adds a caller with a phone at this address; its number.
    pub(crate) fn add(&mut self, media: SocketAddrV4) -> usize {
        let (to, target) = (String::new(), String::new());
        self.all.push(Caller {
            state: State::Idle,
            turn: 0,
            number: 0,
            to,
            target,
            media,
            asked: None,
            acknowledged: 0,
        });
        self.all.len() - 1
    }

    /// Whether the caller has no call.
    pub(crate) fn is_idle(&self, caller: usize) -> bool {
        self.all[caller].state == State::Idle
    }

    /// Whether the caller is in a call, and nothing is being asked.
    pub(crate) fn is_up(&self, caller: usize) -> bool {
        self.all[caller].state == State::Up
    }

    /// Calls a number.
    pub(crate) fn call(&mut self, caller: usize, number: &str) {
        let (ip, port) = (self.server.ip(), self.server.port());
        let own = &mut self.all[caller];
        own.turn += 1;
        own.number = 0;
        own.acknowledged = 0;
        own.state = State::Inviting;
        own.target = format!("sip:{number}@{ip}:{port}");
        own.to = format!("<sip:{number}@{ip}:{port}>");
        let body = sdp(own.media, None, Direction::SendReceive, own.turn);
        self.figures.placed += 1;
        self.ask(caller, "INVITE", &body);
    }

    /// Puts the call on hold, or takes it back.
    pub(crate) fn change(&mut self, caller: usize, direction: Direction) {
        let own = &mut self.all[caller];
        own.state = State::Changing;
        let body = sdp(own.media, None, direction, own.turn + own.number);
        self.ask(caller, "INVITE", &body);
    }

    /// Hangs up.
    pub(crate) fn hang_up(&mut self, caller: usize) {
        self.all[caller].state = State::Ending;
        self.ask(caller, "BYE", "");
    }

    /// Reads what has come and sends again what is due; what happened comes out of [`Self::poll`].
    pub(crate) fn turn(&mut self) {
        if let Some(mut inbox) = self.inbox.take() {
            inbox.drain(&Rc::clone(&self.socket), |bytes, at, from| self.receive(bytes, at, from));
            self.inbox = Some(inbox);
        }
        let now = clock::monotonic();
        while let Some(Reverse((at, caller))) = self.timers.peek().copied().filter(|Reverse((at, _))| *at <= now) {
            self.timers.pop();
            self.again(caller, at, now);
        }
    }

    /// What happened next.
    pub(crate) fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// The figures as JSON.
    pub(crate) fn to_json(&self) -> Value {
        let f = &self.figures;
        json!({
            "placed": f.placed, "answered": f.answered, "refused": f.refused, "lost": f.lost,
            "ended_by_server": f.ended_by_server, "retransmitted": f.retransmitted,
            "answered_again": f.answered_again,
            "setup": f.setup.to_json(), "refusal": f.refusal.to_json(), "end": f.end.to_json(),
        })
    }

    fn ask(&mut self, caller: usize, method: &str, body: &str) {
        self.all[caller].number += 1;
        let bytes = self.request(caller, method, self.all[caller].number, body);
        let now = clock::monotonic();
        let next = now + T1;
        self.timers.push(Reverse((next, caller)));
        let _ = self.socket.send_to(&bytes, self.server);
        let number = self.all[caller].number;
        let until = now + 64 * T1;
        let sent = clock::real();
        self.all[caller].asked = Some(Asked { bytes, number, sent, next, pause: T1, until, provisional: false });
    }

    /// A request of this call. The branch is its name and number, that of an ACK to a
    /// refusal the INVITE's own (RFC 3261, section 17.1.1.3).
    fn request(&self, caller: usize, method: &str, number: u32, body: &str) -> Vec<u8> {
        let own = &self.all[caller];
        let (me, turn, run) = (self.me, own.turn, &self.run);
        let (target, to) = (&own.target, &own.to);
        let ack = if method == "ACK" && own.state != State::Inviting { "a" } else { "" };
        // A number of its own for each caller: a service may limit the calls of one.
        let from = format!("+3370{:07}", caller % 10_000_000);
        let head = format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {me};branch=z9hG4bK{run}-{caller}-{turn}-{number}{ack};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{from}@{ip}>;tag={run}-{caller}-{turn}\r\nTo: {to}\r\nCall-ID: {caller}-{turn}-{run}@{ip}\r\n\
             CSeq: {number} {method}\r\nContact: <sip:{from}@{me}>\r\n",
            ip = me.ip(),
        );
        finish(head, "", body)
    }

    fn again(&mut self, caller: usize, at: Nanos, now: Nanos) {
        let Some(asked) = self.all[caller].asked.as_mut().filter(|asked| asked.next == at) else { return };
        if now >= asked.until {
            self.all[caller].asked = None;
            self.all[caller].state = State::Idle;
            self.figures.lost += 1;
            self.news.push_back(News::Lost { caller });
            return;
        }
        if !asked.provisional {
            self.figures.retransmitted += 1;
            let _ = self.socket.send_to(&asked.bytes, self.server);
            asked.pause = (asked.pause * 2).min(T2);
        }
        asked.next = now + asked.pause;
        self.timers.push(Reverse((asked.next, caller)));
    }

    fn receive(&mut self, bytes: &[u8], at: Nanos, from: SocketAddrV4) {
        let Some(message) = Message::read(bytes) else { return };
        let Some((caller, turn)) = message.header("Call-ID").and_then(name) else { return };
        if self.all.get(caller).is_none_or(|own| own.turn != turn) {
            // A late word about an earlier call; a BYE wants its answer all the same.
            if message.status().is_none() && message.method() != "ACK" {
                let _ = self.socket.send_to(&message.reply("481 Gone", "x", "", ""), from);
            }
            return;
        }
        match message.status() {
            Some(status) => self.receive_response(caller, status, &message, at),
            None => self.receive_request(caller, &message, from),
        }
    }

    fn receive_response(&mut self, caller: usize, status: u16, message: &Message<'_>, at: Nanos) {
        let invite = message.answers() == "INVITE";
        let own = &mut self.all[caller];
        let Some(asked) = own.asked.as_mut().filter(|asked| asked.number == message.number()) else {
            if invite && status >= 200 {
                self.figures.answered_again += 1;
                if status < 300 {
                    self.acknowledge(caller, message.number());
                }
            }
            return;
        };
        if status < 200 {
            asked.provisional = invite;
            return;
        }
        let took = at - asked.sent;
        own.asked = None;
        match (own.state, status) {
            (State::Inviting, 200..300) => {
                self.figures.setup.add(took);
                self.accepted(caller, message);
            }
            (State::Inviting, _) => {
                self.figures.refusal.add(took);
                self.figures.refused += 1;
                self.acknowledge(caller, message.number());
                self.all[caller].state = State::Idle;
                let retry_after = message.header("Retry-After").is_some();
                self.news.push_back(News::Refused { caller, status, retry_after });
            }
            (State::Changing, _) => {
                self.acknowledge(caller, message.number());
                self.all[caller].state = State::Up;
                self.news.push_back(News::Changed { caller });
            }
            (State::Ending, _) => {
                self.figures.end.add(took);
                own.state = State::Idle;
                self.news.push_back(News::Over { caller });
            }
            (State::Idle | State::Up, _) => {}
        }
    }

    fn accepted(&mut self, caller: usize, message: &Message<'_>) {
        let own = &mut self.all[caller];
        own.to = message.header("To").unwrap_or_default().to_owned();
        own.target = message.contact().unwrap_or(&own.target).to_owned();
        own.state = State::Up;
        self.acknowledge(caller, message.number());
        self.figures.answered += 1;
        match Session::read(message.body) {
            Some(session) => self.news.push_back(News::Answered { caller, session }),
            None => self.hang_up(caller),
        }
    }

    fn acknowledge(&mut self, caller: usize, number: u32) {
        self.all[caller].acknowledged = number;
        let ack = self.request(caller, "ACK", number, "");
        let _ = self.socket.send_to(&ack, self.server);
    }

    /// The server asks something within the call.
    fn receive_request(&mut self, caller: usize, message: &Message<'_>, from: SocketAddrV4) {
        let own = &mut self.all[caller];
        let contact = format!("Contact: <sip:caller@{}>\r\n", self.me);
        let reply = match message.method() {
            "ACK" => return,
            "BYE" => {
                if own.state != State::Idle && own.state != State::Ending {
                    own.state = State::Idle;
                    own.asked = None;
                    self.figures.ended_by_server += 1;
                    self.news.push_back(News::Over { caller });
                }
                message.reply("200 OK", "x", "", "")
            }
            "INVITE" => {
                let offer = Session::read(message.body);
                let chosen = offer.map(|o| (o.codec, o.event.unwrap_or(crate::packet::EVENT)));
                let direction = offer.map_or(Direction::SendReceive, |o| o.direction.mirrored());
                message.reply("200 OK", "x", &contact, &sdp(own.media, chosen, direction, own.turn))
            }
            _ => message.reply("200 OK", "x", &contact, ""),
        };
        let _ = self.socket.send_to(&reply, from);
    }
}

/// The caller and the call that a Call-ID of ours names.
fn name(call_id: &str) -> Option<(usize, u32)> {
    let mut parts = call_id.split('-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// RFC 3261, section 17.1.1.1 and 17.1.2.1.
const T1: Nanos = 500 * MS;
const T2: Nanos = 4 * SECOND;
