use std::time::Duration;

use super::leg::{LegTimer, OpenedBy, Postponed};
use super::{Cue, Invited, Leg, Purpose, Stack, State};
use crate::base::Instant;
use crate::sip::Event;
use crate::sip::message::{Method, Request, Response};
use crate::sip::reply::{put_sdp, respond, sdp_in, with};
use crate::sip::transaction::TxId;

/// New offers within the dialog, both ways (RFC 3261, section 14).
impl Leg {
    /// Sends a re-INVITE with our new offer, now or as soon as the dialog is free for it.
    pub(crate) fn reoffer(&mut self, now: Instant, stack: &mut Stack, sdp: String) {
        self.postponed = Some(Postponed { sdp, crossed: 0 });
        self.reoffer_if_free(now, stack);
    }

    /// Sends the offer that waits, if there is one and nothing stands in its way.
    pub(crate) fn reoffer_if_free(&mut self, now: Instant, stack: &mut Stack) {
        if !self.allows(Cue::Reoffer) || self.timers.get(LegTimer::Reoffer).is_some() {
            return;
        }
        let Some(offer) = self.postponed.take() else { return };
        let (mut invite, hop) = self.dialog.request(Method::Invite, &stack.us, &mut stack.chance);
        put_sdp(&mut invite.headers, &mut invite.body, &offer.sdp);
        self.offered = Some(offer);
        self.go(Cue::Reoffer, State::Reoffering);
        if !stack.ask(now, (invite, hop), Purpose::Reinvite(self.id, Vec::new())) {
            self.settled(now, stack, None);
        }
    }

    /// Our re-INVITE is over, with the peer's answer or without.
    fn settled(&mut self, now: Instant, stack: &mut Stack, sdp: Option<String>) {
        self.offered = None;
        self.go(Cue::Settled, State::Talking);
        stack.events.push_back(Event::ReofferAnswered { leg: self.id, sdp });
        self.reoffer_if_free(now, stack);
    }

    /// A 2xx to our re-INVITE.
    pub(crate) fn reoffer_accepted(&mut self, now: Instant, stack: &mut Stack, tx: TxId, response: &Response) {
        self.dialog.refresh(&response.headers);
        stack.acknowledge(tx, &self.dialog, response);
        if self.allows(Cue::Settled) {
            let answer = sdp_in(&response.headers, &response.body).ok().flatten();
            self.settled(now, stack, answer);
        }
    }

    /// Another final response to our re-INVITE.
    pub(crate) fn reoffer_refused(&mut self, now: Instant, stack: &mut Stack, response: &Response) {
        if !self.allows(Cue::Settled) {
            return;
        }
        let crossed = self.offered.take().filter(|offer| response.status == 491 && offer.crossed < CROSSINGS);
        let Some(offer) = crossed else {
            self.settled(now, stack, None);
            return;
        };
        // A newer offer of the call goes in its place.
        self.postponed.get_or_insert(Postponed { crossed: offer.crossed + 1, ..offer });
        self.go(Cue::Settled, State::Talking);
        let tens = match self.opened_by {
            OpenedBy::Us => 210 + stack.chance.below(191),
            OpenedBy::Peer => stack.chance.below(201),
        };
        self.timers.set(LegTimer::Reoffer, now + Duration::from_millis(10 * tens as u64));
    }

    /// The peer's re-INVITE.
    pub(crate) fn peer_reoffer(&mut self, now: Instant, stack: &mut Stack, tx: TxId, invite: Request) {
        let tag = self.dialog.tag().to_owned();
        let sdp = match sdp_in(&invite.headers, &invite.body) {
            Ok(sdp) => sdp,
            Err(_) => {
                let refusal = with(respond(&invite, 415, &tag), "Accept", "application/sdp");
                stack.respond(now, tx, &refusal);
                return;
            }
        };
        let refusal = match &self.state {
            State::Talking => {
                stack.respond(now, tx, &respond(&invite, 100, &tag));
                self.go(Cue::PeerReoffer, State::Reoffered(Invited { tx, invite: Box::new(invite) }));
                stack.events.push_back(Event::Reoffered { leg: self.id, sdp });
                return;
            }
            // One offer at a time: ours is open, or our answer is not acknowledged yet.
            State::Reoffering | State::Answered(_) | State::Reanswered(_) => respond(&invite, 491, &tag),
            State::Reoffered(_) | State::Offered(_) | State::Ringing(_) => {
                with(respond(&invite, 500, &tag), "Retry-After", stack.chance.below(11).to_string())
            }
            State::Leaving(_)
            | State::Calling(_)
            | State::Proceeding(_)
            | State::Withdrawing(_)
            | State::Cancelling(_)
            | State::Ending
            | State::Over => respond(&invite, 481, &tag),
        };
        stack.respond(now, tx, &refusal);
    }

    /// Refuses the peer's re-INVITE: the session stays as it was.
    pub(crate) fn reject_reoffer(&mut self, now: Instant, stack: &mut Stack) {
        let State::Reoffered(invited) = &self.state else { return };
        stack.refuse(now, invited, 488, self.dialog.tag());
        self.go(Cue::Refuse, State::Talking);
        self.reoffer_if_free(now, stack);
    }
}

/// How often an offer that crosses the peer's is tried again.
const CROSSINGS: u8 = 3;
