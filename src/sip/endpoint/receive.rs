use std::hash::{DefaultHasher, Hash, Hasher};

use super::Endpoint;
use super::legs::Origin;
use crate::base::{AgentName, Instant, LegId};
use crate::sip::dialog::{Cue, Purpose, abilities, refuse_extensions, refuse_method};
use crate::sip::guard::Fault;
use crate::sip::message::{Headers, Message, Method, Request, Response};
use crate::sip::registrar::{Answer, Remember};
use crate::sip::reply::{note_source, respond, with};
use crate::sip::transaction::{Arrival, Share, TxId};
use crate::sip::transport::Hop;
use crate::sip::{ParseError, parse};

/// A datagram to what it belongs to.
///
/// A refusal outside of dialogs is answered without a transaction (RFC 3261, section
/// 8.2.7): the same request gets the same answer, and a flood of them costs no memory.
impl Endpoint {
    pub(super) fn receive(&mut self, now: Instant, from: Hop, bytes: &[u8]) {
        if !self.hears(now, &from) {
            return;
        }
        match parse(bytes) {
            Ok(Message::Request(mut request)) => {
                let hop = note_source(&mut request.headers.via, from);
                self.receive_request(now, from, hop, request);
            }
            Ok(Message::Response(response)) => self.receive_response(now, &from, &response),
            Err(ParseError::Refused(mut refusal)) => {
                let hop = note_source(&mut refusal.via, from);
                let tag = format!("{:016x}", self.tag_secret);
                self.stack.sent.push_back((hop, refusal.write(&tag)));
            }
            Err(ParseError::Keepalive | ParseError::Hopeless { .. }) => {}
        }
    }

    fn receive_request(&mut self, now: Instant, from: Hop, hop: Hop, request: Request) {
        if let Some(via) = request.headers.via.first() {
            self.note_alias(&from, via);
        }
        if self.stack.transactions.receive(now, &request) == Arrival::Absorbed {
            return;
        }
        match request.method {
            Method::Ack => {
                if let Some(id) = self.legs.of_request(&request.headers) {
                    self.with(id, |leg, stack| leg.acked(now, stack, &request));
                }
            }
            Method::Cancel => self.receive_cancel(now, hop, &request),
            _ if request.headers.to.tag().is_some() => self.receive_within(now, hop, request),
            _ => self.receive_outside(now, from, hop, request),
        }
    }

    /// CANCEL (RFC 3261, section 9.2). After our final response it changes nothing.
    fn receive_cancel(&mut self, now: Instant, hop: Hop, cancel: &Request) {
        let Some(tx) = self.stack.transactions.cancelled(cancel) else {
            self.refuse(hop, cancel, 481);
            return;
        };
        let leg = match cancel.headers.to.tag() {
            Some(_) => self.legs.of_request(&cancel.headers),
            None => self.legs.of_origin(&Origin::of(&cancel.headers)),
        };
        let tag = leg.and_then(|id| self.legs.get_mut(id)).map(|leg| leg.dialog.tag().to_owned());
        let tag = tag.unwrap_or_else(|| self.tag(&cancel.headers));
        self.stack.send(hop, &Message::Response(respond(cancel, 200, &tag)));
        if let Some(id) = leg {
            self.with(id, |leg, stack| {
                if leg.waits_in(tx) {
                    leg.hear_reason(stack, &cancel.headers);
                    leg.withdrawn(now, stack);
                }
            });
        }
    }

    fn receive_within(&mut self, now: Instant, hop: Hop, request: Request) {
        let Some(id) = self.legs.of_request(&request.headers) else {
            self.refuse(hop, &request, 481);
            return;
        };
        if let Some(leg) = self.legs.get_mut(id) {
            leg.dialog.speaks_over(&hop);
        }
        match self.stack.transactions.open_server(&request, hop, Share::Known) {
            Some(tx) => {
                self.with(id, |leg, stack| leg.request(now, stack, tx, request));
                self.find_replaced();
            }
            None => self.overloaded(hop, &request),
        }
    }

    fn receive_outside(&mut self, now: Instant, from: Hop, hop: Hop, request: Request) {
        if self.passes_over(now, &from, &request) {
            return;
        }
        let tag = self.tag(&request.headers);
        let spent = request.headers.max_forwards == Some(0) && request.method != Method::Options;
        let refusal = match &request.method {
            _ if spent => respond(&request, 483, &tag),
            Method::Invite | Method::Options | Method::Register => match refuse_extensions(&request, &tag) {
                Some(refusal) => refusal,
                None => {
                    self.receive_new(now, from, hop, request, &tag);
                    return;
                }
            },
            Method::Bye | Method::Info | Method::Update | Method::Prack | Method::Ack | Method::Cancel => {
                respond(&request, 481, &tag)
            }
            // Nobody is connected with anybody whom nobody talks with.
            Method::Refer => respond(&request, 403, &tag),
            Method::Notify | Method::Other(_) => refuse_method(&request, &tag),
        };
        self.stack.send(hop, &Message::Response(refusal));
    }

    fn receive_new(&mut self, now: Instant, from: Hop, hop: Hop, request: Request, tag: &str) {
        match request.method {
            Method::Invite => self.receive_invite(now, from, hop, request),
            Method::Options | Method::Register if self.heard.is_merged(&request) => self.refuse(hop, &request, 482),
            Method::Register => {
                let Answer { response, remember, wrong } =
                    self.registrar.answer(now, &request, (from, tag), &mut self.stack.events);
                if remember == Remember::Yes {
                    self.heard.add(now, &request);
                }
                self.answer_once(now, hop, &request, &response, remember);
                if remember == Remember::Yes
                    && let Some(agent) = &request.headers.to.uri.user
                {
                    self.sends_astray(now, &AgentName::from(agent.as_str()));
                }
                if let Some(origin) = wrong {
                    self.blame(now, &from, Fault::Password, origin);
                }
            }
            _ => {
                self.heard.add(now, &request);
                self.stack.send(hop, &Message::Response(abilities(&request, tag)));
            }
        }
    }

    /// Answers; what changed something is remembered, so that its copy changes nothing.
    fn answer_once(&mut self, now: Instant, hop: Hop, request: &Request, response: &Response, remember: Remember) {
        let tx = match remember {
            Remember::No => None,
            Remember::Yes => self.stack.transactions.open_server(request, hop, Share::Stranger),
        };
        match tx {
            Some(tx) => self.stack.respond(now, tx, response),
            None => self.stack.send(hop, &Message::Response(response.clone())),
        }
    }

    fn receive_response(&mut self, now: Instant, from: &Hop, response: &Response) {
        // More than our own Via: it is not for us (RFC 3261, section 8.1.3.3).
        if response.headers.via.len() != 1 {
            return;
        }
        let Some(tx) = self.stack.transactions.answer(now, response) else {
            return self.unasked(now, from.address, response);
        };
        let Some(purpose) = self.stack.transactions.user(tx).cloned() else { return };
        self.receive_answer(now, (tx, purpose), response);
    }

    /// A response to a request of ours.
    pub(super) fn receive_answer(&mut self, now: Instant, (tx, purpose): (TxId, Purpose), response: &Response) {
        match &purpose {
            Purpose::Invite(id, _) if response.status < 200 => {
                self.with(*id, |leg, stack| leg.progress(now, stack, response));
            }
            Purpose::Left(_, called_off) if response.status < 200 => {
                if !called_off {
                    self.call_off(now, tx);
                }
            }
            _ if response.status < 200 => {}
            Purpose::Question(agent, number) => self.phone_answered(now, (agent, *number), response.status),
            Purpose::Invite(id, _) if response.status < 300 => {
                if self.stack.acknowledge_again(tx, response) {
                    return;
                }
                match self.legs.get_mut(*id).filter(|leg| leg.allows(Cue::Accepted)) {
                    Some(_) => self.with(*id, |leg, stack| leg.accepted(now, stack, tx, response)),
                    None => self.stack.decline_fork(now, tx, response),
                }
            }
            Purpose::Left(..) if response.status < 300 => {
                if !self.stack.acknowledge_again(tx, response) {
                    self.stack.decline_fork(now, tx, response);
                }
            }
            Purpose::Invite(id, _) if self.redirected(now, tx, *id, response) => {}
            Purpose::Invite(id, _) if self.goes_on(now, *id, Some(response)) => {}
            Purpose::Invite(id, _) if self.rings_elsewhere(now, tx, *id, response) => {}
            Purpose::Invite(id, _) => self.with(*id, |leg, stack| leg.refused(now, stack, Some((tx, response)))),
            Purpose::Reinvite(id, _) => self.reinvite_answered(now, tx, *id, &purpose, response),
            Purpose::Bye(id) | Purpose::Ask(id) | Purpose::Refresh(id) | Purpose::Tell(id) => {
                self.with(*id, |leg, stack| leg.answered(now, stack, &purpose, Some((tx, response))));
            }
            Purpose::Probe(trunk, place, nth) => self.probed(now, (*trunk, *place, *nth), Some(response.status)),
            Purpose::Register(trunk) => self.registered(now, *trunk, Some((tx, response))),
            Purpose::Stranded => self.stranded_answered(now, tx, response),
            Purpose::Aside(_) | Purpose::Left(..) | Purpose::Nothing => {}
        }
    }

    fn reinvite_answered(&mut self, now: Instant, tx: TxId, id: LegId, purpose: &Purpose, response: &Response) {
        if response.status < 300 && self.stack.acknowledge_again(tx, response) {
            return;
        }
        self.with(id, |leg, stack| leg.answered(now, stack, purpose, Some((tx, response))));
    }

    /// Refuses without remembering it.
    pub(super) fn refuse(&mut self, hop: Hop, request: &Request, status: u16) {
        let response = respond(request, status, &self.tag(&request.headers));
        self.stack.send(hop, &Message::Response(response));
    }

    /// 503, and a moment that is not everybody's to come back.
    pub(super) fn overloaded(&mut self, hop: Hop, request: &Request) {
        let seconds = 5 + self.stack.chance.below(11);
        let response = respond(request, 503, &self.tag(&request.headers));
        self.stack.send(hop, &Message::Response(with(response, "Retry-After", seconds.to_string())));
    }

    /// Our tag in an answer that is not remembered: the same for each copy of the request.
    pub(super) fn tag(&self, headers: &Headers) -> String {
        let mut hasher = DefaultHasher::new();
        (self.tag_secret, &headers.call_id, headers.from.tag()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}
