use super::Endpoint;
use crate::base::Instant;
use crate::sip::dialog::Purpose;
use crate::sip::message::{Message, Method};
use crate::sip::reply::{note_source, respond};
use crate::sip::transport::Hop;
use crate::sip::{ParseError, Unframed, parse};

/// What the transport could not do.
impl Endpoint {
    /// Refuses what a connection can't go on after, if it is a request that can be answered.
    pub(super) fn refuse_unframed(&mut self, now: Instant, from: Hop, what: &Unframed) {
        if !self.hears(now, &from) {
            return;
        }
        match parse(&what.head) {
            Ok(Message::Request(mut request)) if request.method != Method::Ack => {
                let hop = note_source(&mut request.headers.via, from);
                let mut refusal = respond(&request, what.status, &self.tag(&request.headers));
                what.reason.clone_into(&mut refusal.reason);
                self.stack.send(hop, &Message::Response(refusal));
            }
            Err(ParseError::Refused(mut refusal)) => {
                let hop = note_source(&mut refusal.via, from);
                (refusal.status, refusal.reason) = (what.status, what.reason);
                let tag = format!("{:016x}", self.tag_secret);
                self.stack.sent.push_back((hop, refusal.write(&tag)));
            }
            Ok(_) | Err(ParseError::Keepalive | ParseError::Hopeless { .. }) => {}
        }
    }

    /// A message of ours could not be sent. For a request that is as if the peer had answered
    /// 503 (RFC 3261, section 8.1.3.1), unless an agent's phone may come back; a peer that was asked whether it lives does not. What
    /// became of a response is seen by whoever waits for what follows it.
    pub(super) fn undelivered(&mut self, now: Instant, bytes: &[u8]) {
        let Ok(Message::Request(request)) = parse(bytes) else { return };
        if self.awaits_phone(now, &request) {
            return;
        }
        let Some((tx, purpose)) = self.stack.transactions.broken(now, &request) else { return };
        if let Purpose::Ask(id) = &purpose {
            self.with(*id, |leg, stack| leg.answered(now, stack, &purpose, None));
            return;
        }
        self.receive_answer(now, (tx, purpose), &request.answer(503));
    }
}
