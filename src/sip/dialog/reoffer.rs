use std::time::Duration;

use super::leg::{LegTimer, OpenedBy, Postponed};
use super::{Cue, Invited, Leg, Purpose, Stack, State};
use crate::base::Instant;
use crate::sip::Event;
use crate::sip::message::{Method, Request, Response};
use crate::sip::reply::{put_sdp, respond, retry_after, sdp_in, with};
use crate::sip::sdp::like_before;
use crate::sip::transaction::TxId;

/// New offers within the dialog, both ways (RFC 3261, section 14).
impl Leg {
    /// Sends a re-INVITE with our new offer, now or as soon as the dialog is free for it.
    pub(crate) fn reoffer(&mut self, now: Instant, stack: &mut Stack, sdp: String) {
        let sdp = like_before(sdp, self.said.as_deref());
        self.postponed = Some(Postponed { sdp: Some(sdp), crossed: 0 });
        self.reoffer_if_free(now, stack);
    }

    /// Sends the offer that waits, if there is one and nothing stands in its way.
    pub(crate) fn reoffer_if_free(&mut self, now: Instant, stack: &mut Stack) {
        if !self.allows(Cue::Reoffer) || self.timers.get(LegTimer::Reoffer).is_some() {
            return;
        }
        if self.update.is_some() {
            return;
        }
        let Some(offer) = self.postponed.take() else { return };
        let Some(sdp) = offer.sdp.as_deref().map(Into::into).or_else(|| self.said.clone()) else { return };
        let (mut invite, hop) = self.dialog.request(Method::Invite, &stack.us, &mut stack.chance);
        self.repeat_session(&mut invite.headers, stack);
        put_sdp(&mut invite.headers, &mut invite.body, &sdp);
        self.said = Some(sdp);
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
            self.agreed(now, response);
            let answer = sdp_in(&response.headers, &response.body).ok().flatten();
            self.settled(now, stack, answer);
        }
    }

    /// Another final response to our re-INVITE.
    pub(crate) fn reoffer_refused(&mut self, now: Instant, stack: &mut Stack, response: &Response) {
        if !self.allows(Cue::Settled) {
            return;
        }
        let pause = match response.status {
            491 => Some(self.crossing_pause(stack)),
            // The peer's own offer is in its way (section 14.2).
            500 => retry_after(&response.headers).map(|seconds| Duration::from_secs(seconds.min(LONGEST_PAUSE).into())),
            _ => None,
        };
        let crossed = self.offered.take().filter(|offer| offer.crossed < CROSSINGS);
        let (Some(offer), Some(pause)) = (crossed, pause) else {
            self.settled(now, stack, None);
            return;
        };
        // A newer offer of the call goes in its place.
        self.postponed.get_or_insert(Postponed { crossed: offer.crossed + 1, ..offer });
        self.go(Cue::Settled, State::Talking);
        self.timers.set(LegTimer::Reoffer, now + pause);
    }

    /// How long to wait after a glare: 2.1 to 4 s for who opened the dialog, else up to 2 s (section 14.1).
    pub(crate) fn crossing_pause(&self, stack: &mut Stack) -> Duration {
        let tens = match self.opened_by {
            OpenedBy::Us => 210 + stack.chance.below(191),
            OpenedBy::Peer => stack.chance.below(201),
        };
        Duration::from_millis(10 * tens as u64)
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
            // An UPDATE of the peer waits for our answer.
            _ if self.update.is_some() => busy(stack, &invite, &tag),
            State::Talking => {
                stack.respond(now, tx, &respond(&invite, 100, &tag));
                self.go(Cue::PeerReoffer, State::Reoffered(Invited { tx, invite: Box::new(invite) }));
                stack.events.push_back(Event::Reoffered { leg: self.id, sdp });
                return;
            }
            // One offer at a time: ours is open, or our answer is not acknowledged yet.
            State::Reoffering | State::Answered(_) | State::Reanswered(_) => respond(&invite, 491, &tag),
            State::Reoffered(_) | State::Offered(_) | State::Ringing(_) => busy(stack, &invite, &tag),
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

    /// Refuses the peer's re-INVITE or UPDATE: the session stays as it was.
    pub(crate) fn reject_reoffer(&mut self, now: Instant, stack: &mut Stack) {
        if let Some(update) = self.update.take() {
            stack.refuse(now, &update, 488, self.dialog.tag());
            return self.reoffer_if_free(now, stack);
        }
        let State::Reoffered(invited) = &self.state else { return };
        stack.refuse(now, invited, 488, self.dialog.tag());
        self.go(Cue::Refuse, State::Talking);
        self.reoffer_if_free(now, stack);
    }
}

/// The refusal of an offer while another of the peer is open: 500, and a moment to come back.
pub(super) fn busy(stack: &mut Stack, request: &Request, tag: &str) -> Response {
    with(respond(request, 500, tag), "Retry-After", stack.chance.below(11).to_string())
}

/// The longest pause that a peer may ask for before an offer is tried again, in seconds.
const LONGEST_PAUSE: u32 = 10;
/// How often an offer that crosses the peer's is tried again.
const CROSSINGS: u8 = 3;
