use std::net::SocketAddr;

use super::Endpoint;
use super::identity::diverted;
use super::legs::Origin;
use crate::base::{Instant, LegId, PhoneNumber, Private, limits};
use crate::sip::dialog::{Dialog, Invited, Leg, refuse_brief};
use crate::sip::message::{Message, Request};
use crate::sip::reply::{respond, sdp_in, with};
use crate::sip::transaction::Share;
use crate::sip::transport::Hop;
use crate::sip::{Event, Incoming, Room};

/// A call from outside.
impl Endpoint {
    pub(super) fn receive_invite(&mut self, now: Instant, from: SocketAddr, hop: Hop, invite: Request) {
        if self.room == Room::Full {
            self.overloaded(hop, &invite);
            self.stack.events.push_back(Event::TurnedAway);
            return;
        }
        let origin = Origin::of(&invite.headers);
        if self.legs.of_origin(&origin).is_some() {
            // The same call by another way (RFC 3261, section 8.2.2.2).
            self.refuse(hop, &invite, 482);
            return;
        }
        if invite.headers.contact.first().is_none() {
            self.refuse(hop, &invite, 400);
            return;
        }
        if let Some(refusal) = refuse_brief(&invite, self.stack.session, &self.tag(&invite.headers)) {
            self.stack.send(hop, &Message::Response(refusal));
            return;
        }
        let replaces = match self.replaced(now, from, &invite) {
            Ok(replaces) => replaces,
            Err(status) => return self.refuse(hop, &invite, status),
        };
        let Ok(offer) = sdp_in(&invite.headers, &invite.body) else {
            let refusal = respond(&invite, 415, &self.tag(&invite.headers));
            self.stack.send(hop, &Message::Response(with(refusal, "Accept", "application/sdp")));
            return;
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
        let leg = Leg::called(id, dialog, Invited { tx, invite: Box::new(invite) });
        self.legs.insert(leg, Some(origin));
        self.stack.events.push_back(Event::Incoming(incoming));
    }

    /// The next multiple of 256 that no leg has.
    fn next_leg(&mut self) -> LegId {
        self.last_leg += 256;
        while self.legs.has(LegId(self.last_leg)) {
            self.last_leg += 256;
        }
        LegId(self.last_leg)
    }

    fn incoming(
        &self,
        now: Instant,
        leg: LegId,
        from: SocketAddr,
        invite: &Request,
        offer: Option<String>,
    ) -> Incoming {
        let user = self.caller(from, &invite.headers);
        let number = user.as_deref().and_then(|user| PhoneNumber::parse(user).ok());
        Incoming {
            leg,
            to: invite.uri.user.clone().unwrap_or_default(),
            from: number.map(Private::new),
            from_user: user.map(Private::new),
            agent: self.registrar.caller(now, invite, from),
            call_id: invite.headers.call_id.clone(),
            source: from,
            replaces: None,
            diverted: diverted(&invite.headers).map(Box::new),
            offer,
        }
    }
}
