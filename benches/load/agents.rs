//! The agents' side of SIP: phones that are called by the server, answer at once or ring
//! for ever, and stay until they are hung up on.

use std::collections::{HashMap, VecDeque};
use std::net::{SocketAddrV4, UdpSocket};
use std::rc::Rc;

use anyhow::Result;
use serde_json::{Value, json};

use crate::clock::{self, MS, Nanos};
use crate::message::{Direction, Message, Session, sdp};
use crate::packet::EVENT;
use crate::sockets::{self, Inbox};

/// What happened to an agent's phone.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    /// It has answered.
    Answered { line: usize, session: Session },
    /// The call is over.
    Over { line: usize },
}

struct Leg {
    line: Option<usize>,
    tag: String,
    invite: Vec<u8>,
    from: SocketAddrV4,
    /// The 200 OK that is sent again until its ACK comes.
    answer: Option<(Vec<u8>, Nanos, Nanos)>,
    chosen: (u8, u8),
}

/// All agents.
pub(crate) struct Agents {
    socket: Rc<UdpSocket>,
    me: SocketAddrV4,
    /// The end of the numbers that ring and are never answered.
    patient: String,
    /// Phones that are free, with their addresses.
    free: Vec<(usize, SocketAddrV4)>,
    addresses: HashMap<usize, SocketAddrV4>,
    legs: HashMap<String, Leg>,
    inbox: Option<Inbox>,
    news: VecDeque<News>,
    answered: u64,
    retransmitted: u64,
    refused: u64,
    tags: u64,
    /// When the answers were last looked through.
    looked: Nanos,
}

impl Agents {
    /// Phones that are called at `me`; a number that ends in `patient` is never answered.
    pub(crate) fn new(me: SocketAddrV4, patient: &str, phones: Vec<(usize, SocketAddrV4)>) -> Result<Self> {
        Ok(Self {
            socket: Rc::new(sockets::signalling(me)?),
            me,
            patient: patient.to_owned(),
            addresses: phones.iter().copied().collect(),
            free: phones.into_iter().rev().collect(),
            legs: HashMap::new(),
            inbox: Some(Inbox::new(8_192)),
            news: VecDeque::new(),
            answered: 0,
            retransmitted: 0,
            refused: 0,
            tags: 0,
            looked: 0,
        })
    }

    /// Reads what has come and sends again what is due.
    pub(crate) fn turn(&mut self) {
        if let Some(mut inbox) = self.inbox.take() {
            inbox.drain(&Rc::clone(&self.socket), |bytes, _, from| self.receive(bytes, from));
            self.inbox = Some(inbox);
        }
        let now = clock::monotonic();
        if now < self.looked + 50 * MS {
            return;
        }
        self.looked = now;
        for leg in self.legs.values_mut() {
            let Some((bytes, next, pause)) = leg.answer.as_mut().filter(|(_, next, _)| *next <= now) else { continue };
            let _ = self.socket.send_to(bytes, leg.from);
            *pause = (*pause * 2).min(4_000 * MS);
            *next = now + *pause;
            self.retransmitted += 1;
        }
    }

    /// What happened next.
    pub(crate) fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// The figures as JSON.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "answered": self.answered, "retransmitted": self.retransmitted, "refused": self.refused,
            "legs": self.legs.len(),
        })
    }

    fn receive(&mut self, bytes: &[u8], from: SocketAddrV4) {
        let Some(message) = Message::read(bytes).filter(|m| m.status().is_none()) else { return };
        let Some(call) = message.header("Call-ID") else { return };
        let reply = match message.method() {
            "INVITE" => self.invite(call, &message, bytes, from),
            "ACK" => {
                if let Some(leg) = self.legs.get_mut(call) {
                    leg.answer = None;
                }
                None
            }
            "CANCEL" => {
                if let Some(leg) = self.legs.remove(call)
                    && let Some(invite) = Message::read(&leg.invite)
                {
                    let _ = self.socket.send_to(&invite.reply("487 Request Terminated", &leg.tag, "", ""), from);
                    self.release(leg.line);
                }
                Some(message.reply("200 OK", "x", "", ""))
            }
            "BYE" => {
                let leg = self.legs.remove(call);
                if let Some(line) = leg.and_then(|leg| leg.line) {
                    self.release(Some(line));
                    self.news.push_back(News::Over { line });
                }
                Some(message.reply("200 OK", "x", "", ""))
            }
            _ => Some(message.reply("200 OK", "x", "", "")),
        };
        if let Some(reply) = reply {
            let _ = self.socket.send_to(&reply, from);
        }
    }

    fn invite(&mut self, call: &str, message: &Message<'_>, bytes: &[u8], from: SocketAddrV4) -> Option<Vec<u8>> {
        let contact = format!("Contact: <sip:agent@{}>\r\n", self.me);
        if let Some(leg) = self.legs.get_mut(call) {
            // A copy of the first one is answered by the timer; another one asks for a change.
            let line = leg.line?;
            if leg.answer.is_some() {
                return None;
            }
            let direction = Session::read(message.body).map_or(Direction::SendReceive, |s| s.direction.mirrored());
            let body = sdp(self.addresses[&line], Some(leg.chosen), direction, message.number());
            return Some(message.reply("200 OK", &leg.tag, &contact, &body));
        }
        self.tags += 1;
        let tag = format!("a{}", self.tags);
        let mut leg =
            Leg { line: None, tag: tag.clone(), invite: bytes.to_vec(), from, answer: None, chosen: (8, EVENT) };
        if message.user().ends_with(&self.patient) {
            self.legs.insert(call.to_owned(), leg);
            return Some(message.reply("180 Ringing", &tag, &contact, ""));
        }
        let offer = Session::read(message.body);
        let Some((session, (line, at))) = offer.and_then(|offer| Some((offer, self.free.pop()?))) else {
            self.refused += 1;
            return Some(message.reply("486 Busy Here", &tag, "", ""));
        };
        leg.chosen = (session.codec, session.event.unwrap_or(EVENT));
        let body = sdp(at, Some(leg.chosen), Direction::SendReceive, 1);
        let answer = message.reply("200 OK", &tag, &contact, &body);
        leg.line = Some(line);
        leg.answer = Some((answer.clone(), clock::monotonic() + 500 * MS, 500 * MS));
        self.legs.insert(call.to_owned(), leg);
        self.answered += 1;
        self.news.push_back(News::Answered { line, session });
        Some(answer)
    }

    fn release(&mut self, line: Option<usize>) {
        if let Some(line) = line
            && let Some(at) = self.addresses.get(&line)
        {
            // The one that has rested longest comes next.
            self.free.insert(0, (line, *at));
        }
    }
}
