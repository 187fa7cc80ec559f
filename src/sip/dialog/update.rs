use super::reoffer::busy;
use super::{Invited, Leg, Stack, State};
use crate::base::Instant;
use crate::sip::Event;
use crate::sip::message::{Request, Response};
use crate::sip::reply::{put_sdp, respond, sdp_in, with};
use crate::sip::tags::supported;
use crate::sip::transaction::TxId;

/// The peer's UPDATE (RFC 3311, section 5.2): its new address, a refreshed session, and
/// maybe an offer.
impl Leg {
    /// Takes an UPDATE. One with an offer waits for the call's answer.
    pub(crate) fn peer_update(&mut self, now: Instant, stack: &mut Stack, tx: TxId, update: Request) {
        let tag = self.dialog.tag().to_owned();
        let refusal = match sdp_in(&update.headers, &update.body) {
            Err(_) => with(respond(&update, 415, &tag), "Accept", "application/sdp"),
            Ok(None) => {
                let ok = self.update_accepted(now, stack, &update);
                return stack.respond(now, tx, &ok);
            }
            Ok(Some(sdp)) => match self.refuse_update(stack, &update, &tag) {
                Some(refusal) => refusal,
                None => {
                    if let State::Proceeding(inviting) = &mut self.state {
                        inviting.early = Some(sdp.clone());
                    }
                    self.update = Some(Invited { tx, invite: Box::new(update) });
                    stack.events.push_back(Event::Reoffered { leg: self.id, sdp: Some(sdp) });
                    return;
                }
            },
        };
        stack.respond(now, tx, &refusal);
    }

    /// The refusal of an UPDATE with an offer while another offer is open.
    fn refuse_update(&mut self, stack: &mut Stack, update: &Request, tag: &str) -> Option<Response> {
        match &self.state {
            _ if self.update.is_some() => Some(busy(stack, update, tag)),
            State::Talking => None,
            // Our 200 held the answer: no offer is open, though the ACK is still to come.
            State::Answered(_) | State::Reanswered(_) if !self.late => None,
            State::Reoffering | State::Answered(_) | State::Reanswered(_) => Some(respond(update, 491, tag)),
            State::Ringing(_) if self.has_answered_early() => None,
            State::Offered(_) | State::Ringing(_) | State::Reoffered(_) => Some(busy(stack, update, tag)),
            State::Proceeding(inviting) if inviting.early.is_some() => None,
            State::Calling(_) | State::Proceeding(_) => Some(respond(update, 491, tag)),
            State::Leaving(_) | State::Withdrawing(_) | State::Cancelling(_) | State::Ending | State::Over => {
                Some(respond(update, 481, tag))
            }
        }
    }

    /// Answers the offer of an UPDATE.
    pub(crate) fn answer_update(&mut self, now: Instant, stack: &mut Stack, update: &Invited, sdp: &str) {
        let mut ok = self.update_accepted(now, stack, &update.invite);
        put_sdp(&mut ok.headers, &mut ok.body, sdp);
        self.said = Some(sdp.into());
        stack.respond(now, update.tx, &ok);
        self.reoffer_if_free(now, stack);
    }

    /// Refuses the UPDATE that still waits: the dialog ends.
    pub(crate) fn drop_update(&mut self, now: Instant, stack: &mut Stack) {
        if let Some(update) = self.update.take() {
            stack.refuse(now, &update, 487, self.dialog.tag());
        }
    }

    fn update_accepted(&mut self, now: Instant, stack: &Stack, update: &Request) -> Response {
        self.dialog.refresh(&update.headers);
        let mut ok = respond(update, 200, self.dialog.tag());
        ok.headers.contact = self.our_contact(stack);
        ok.headers.other.push(supported());
        // Before the INVITE is answered it is the INVITE that agrees on the session's length.
        match self.state {
            State::Offered(_) | State::Ringing(_) | State::Calling(_) | State::Proceeding(_) => ok,
            _ => self.agree(now, stack, update, ok),
        }
    }
}
