use super::Endpoint;
use crate::base::{AgentName, Instant, LegId, limits};
use crate::sip::PhoneLine;
use crate::sip::dialog::{Owner, Purpose};
use crate::sip::message::{Contact, Headers, Method, NameAddr, Params, Request, Response};
use crate::sip::registrar::Question;
use crate::sip::transaction::TxId;
use crate::sip::transport::Hop;

/// Agents' phones: whether they live, and by which way.
impl Endpoint {
    /// Every way to every phone that is registered, by agent.
    pub fn phones(&self, now: Instant) -> Vec<PhoneLine> {
        self.registrar.lines(now)
    }

    /// Asks the phones that it is time for whether they are there: it also keeps the way
    /// through a translator of addresses open.
    pub(super) fn ask_phones(&mut self, now: Instant) {
        while let Some(question) = self.registrar.question() {
            let Question { agent, number, uri, hop, path } = question;
            let address = |uri| NameAddr { display: None, uri, params: Params::default() };
            let mut from = address(self.stack.us.uri(&hop, None));
            from.params.set("tag", Some(self.stack.chance.token(16)));
            let headers = Headers {
                via: vec![self.stack.us.via(&hop, &mut self.stack.chance)],
                from,
                to: address(uri.clone()),
                call_id: self.stack.chance.token(16),
                cseq: 1,
                cseq_method: Method::Options,
                contact: Contact::List(Vec::new()),
                route: path,
                record_route: Vec::new(),
                max_forwards: Some(70),
                other: vec![
                    ("Accept".to_owned(), "application/sdp".to_owned()),
                    ("User-Agent".to_owned(), "svi".to_owned()),
                ],
            };
            let options = Request { method: Method::Options, uri, headers, body: Vec::new() };
            let until = now + limits::PHONE_ANSWER;
            self.stack.ask_until(now, until, (options, hop), Purpose::Question(agent, number));
        }
    }

    /// What came of a question: whoever answers is there, whatever the answer; a proxy that
    /// can't reach the phone is not the phone.
    pub(super) fn phone_answered(&mut self, now: Instant, (agent, number): (&AgentName, u64), status: u16) {
        let is_there = !matches!(status, 408 | 430 | 480 | 503 | 504);
        self.registrar.answered(now, (agent, number), is_there, &mut self.stack.events);
    }

    /// Lets a call follow its phone that has come back by another way: its connection has
    /// dropped, or its address has changed.
    pub(super) fn follow_phone(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        if let Some(owner) = &leg.owner
            && let Some(hop) = self.registrar.moved((&owner.agent, owner.device), &leg.dialog.source())
        {
            leg.dialog.move_to(hop);
        }
    }

    /// Rings a phone by its other way when this one is gone (RFC 5626, section 4.3); `false`
    /// when there is none, and it is a refusal like any other.
    pub(super) fn rings_elsewhere(&mut self, now: Instant, tx: TxId, id: LegId, response: &Response) -> bool {
        if !matches!(response.status, 430 | 503) {
            return false;
        }
        let (Some(hop), Some(leg)) = (self.stack.transactions.hop(tx), self.legs.get_mut(id)) else { return false };
        let Some(Owner { agent, device }) = leg.owner.as_deref().cloned() else { return false };
        if response.status == 430 {
            self.registrar.flow_failed((&agent, device), &hop, &mut self.stack.events);
        }
        let Some(other) = self.registrar.other_way((&agent, device), &hop) else { return false };
        let way = (other.uri.for_request(), other.hop, other.path.clone());
        let sent = leg.by_another_way(now, &mut self.stack, tx, way);
        self.legs.settle(id);
        sent
    }

    /// Whose phone a peer's INVITE comes from, so that the call can follow it.
    pub(super) fn owner(&self, agent: Option<&AgentName>, from: &Hop) -> Option<Box<Owner>> {
        let agent = agent?;
        let device = self.registrar.device_at(agent, from.address)?;
        Some(Box::new(Owner { agent: agent.clone(), device }))
    }
}
