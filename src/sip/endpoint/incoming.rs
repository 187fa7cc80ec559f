use super::Endpoint;
use super::identity::diverted;
use super::legs::Origin;
use crate::base::{Instant, LegId, PhoneNumber, Private, limits};
use crate::sip::body::accepts_sdp;
use crate::sip::dialog::{Dialog, Invited, Leg, refuse_brief};
use crate::sip::message::{Message, Request, Response};
use crate::sip::reply::{respond, sdp_in, with};
use crate::sip::transaction::Share;
use crate::sip::transport::Hop;
use crate::sip::{Event, Incoming, Room, TrunkNews};

/// A call from outside.
impl Endpoint {
    pub(super) fn receive_invite(&mut self, now: Instant, from: Hop, hop: Hop, invite: Request) {
        if self.room == Room::Full {
            self.overloaded(hop, &invite);
            self.stack.events.push_back(Event::TurnedAway);
            return;
        }
        let origin = Origin::of(&invite.headers);
        let offer = match self.readable(&invite, &origin) {
            Ok(offer) => offer,
            Err(refusal) => {
                self.stack.send(hop, &Message::Response(*refusal));
                return;
            }
        };
        if self.is_misdirected(now, &from, &invite) {
            return self.refuse(hop, &invite, 404);
        }
        let tag = self.tag(&invite.headers);
        if let Some(challenge) = self.registrar.challenge_behind_proxy(now, (&invite, from.address), &tag) {
            self.stack.send(hop, &Message::Response(challenge));
            return;
        }
        let replaces = match self.replaced(now, from.address, &invite) {
            Ok(replaces) => replaces,
            Err(status) => return self.refuse(hop, &invite, status),
        };
        let room = self.legs.len() < limits::SIP_DIALOGS;
        let opened = room.then(|| self.stack.transactions.open_server(&invite, hop, Share::Stranger)).flatten();
        let Some(tx) = opened else {
            self.overloaded(hop, &invite);
            return;
        };
        self.stack.respond(now, tx, &respond(&invite, 100, ""));
        let id = self.next_leg();
        let incoming = Incoming { replaces, ..self.incoming(now, id, from, &invite, offer) };
        let dialog = Dialog::of_invite(&invite, &self.stack.chance.token(16), from);
        let mut leg = Leg::called(id, dialog, Invited { tx, invite: Box::new(invite) });
        leg.owner = self.owner(incoming.agent.as_ref(), &from);
        self.legs.insert(leg, Some(origin));
        self.stack.events.push_back(Event::Incoming(incoming));
    }

    /// The offer of an INVITE that can be worked with; else its refusal.
    fn readable(&self, invite: &Request, origin: &Origin) -> Result<Option<String>, Box<Response>> {
        let headers = &invite.headers;
        let refusal = |status| respond(invite, status, &self.tag(headers));
        // The same call by another way (RFC 3261, section 8.2.2.2), or one of ours that has come back.
        if self.legs.knows(origin) || self.legs.is_ours(headers) {
            return Err(Box::new(refusal(482)));
        }
        // A peer of RFC 2543 has neither a tag nor needs a Contact: it is reached at its From.
        if headers.contact.first().is_none() && headers.from.tag().is_some() {
            let reason = "there is no Contact that can be called".to_owned();
            return Err(Box::new(Response { reason, ..refusal(400) }));
        }
        if let Some(refusal) = refuse_brief(invite, self.stack.session, &self.tag(headers)) {
            return Err(Box::new(refusal));
        }
        if !accepts_sdp(headers) {
            let told = with(refusal(406), "Warning", "399 svi \"an answer is application/sdp\"");
            return Err(Box::new(told));
        }
        sdp_in(headers, &invite.body).map_err(|_| {
            let told = with(refusal(415), "Accept", "application/sdp");
            Box::new(with(told, "Accept-Encoding", "identity"))
        })
    }

    /// Whom an INVITE calls.
    fn dialled<'a>(&self, from: &Hop, invite: &'a Request) -> Option<&'a str> {
        let to = invite.headers.to.uri.user.as_deref();
        self.trunks.called((from.address.ip(), self.shown(from)), invite.uri.user.as_deref(), to)
    }

    /// Whether a trunk calls a number that is not one of its own; it is told.
    fn is_misdirected(&mut self, now: Instant, from: &Hop, invite: &Request) -> bool {
        let dialled = self.dialled(from, invite).unwrap_or_default();
        let trunk = self.trunks.misdirected((from.address.ip(), self.shown(from)), dialled);
        // An agent's phone may be behind the same address.
        let Some(trunk) = trunk.filter(|_| self.registrar.caller(now, invite, from.address).is_none()) else {
            return false;
        };
        if self.trunks.may_tell(now, trunk) {
            let dialled = Private::new(dialled.to_owned());
            self.tell_trunk(trunk, TrunkNews::Misdirected { dialled });
        }
        true
    }

    /// The next multiple of 256 that no leg has.
    fn next_leg(&mut self) -> LegId {
        self.last_leg += 256;
        while self.legs.has(LegId(self.last_leg)) {
            self.last_leg += 256;
        }
        LegId(self.last_leg)
    }

    fn incoming(&mut self, now: Instant, leg: LegId, from: Hop, invite: &Request, offer: Option<String>) -> Incoming {
        let user = self.caller(&from, &invite.headers);
        let to = self.dialled(&from, invite).unwrap_or_default().to_owned();
        let number = user.as_deref().and_then(|user| PhoneNumber::parse(user).ok());
        Incoming {
            leg,
            to,
            from: number.map(Private::new),
            from_user: user.map(Private::new),
            agent: self.registrar.caller(now, invite, from.address),
            call_id: invite.headers.call_id.clone(),
            source: from.address,
            replaces: None,
            diverted: diverted(&invite.headers).map(Box::new),
            offer,
        }
    }
}
