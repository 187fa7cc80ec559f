use super::leg::{HOPS, LegTimer, OpenedBy};
use super::{Accepted, Cue, Dialog, Invited, Leg, Stack, State};
use crate::base::{Instant, LegId, TimerTable};
use crate::sip::message::{Contact, Request};
use crate::sip::reply::{put_sdp, respond, sdp_in, with};
use crate::sip::tags::supported;
use crate::sip::transaction::{T1, TxId};
use crate::sip::us::ALLOW;
use crate::sip::{DialogEnd, Event, Reason};

/// The side that was called: a peer's INVITE from 100 to ACK (RFC 3261, section 13.3).
impl Leg {
    /// A leg for a peer's INVITE.
    pub(crate) fn called(id: LegId, dialog: Dialog, invited: Invited) -> Self {
        let hops = invited.invite.headers.max_forwards.and_then(|hops| u8::try_from(hops).ok());
        Self {
            id,
            dialog,
            late: invited.invite.body.is_empty(),
            state: State::Offered(invited),
            timers: TimerTable::default(),
            postponed: None,
            offered: None,
            access: None,
            opened_by: OpenedBy::Peer,
            said: None,
            update: None,
            outside: None,
            reason: None,
            referring: None,
            reliable: None,
            session: None,
            raised: 0,
            takes_update: false,
            hops: hops.map_or(HOPS, |hops| hops.min(HOPS)),
            owner: None,
        }
    }

    /// Accepts the first INVITE.
    pub(crate) fn accept_first(&mut self, now: Instant, stack: &mut Stack, sdp: &str) {
        if matches!(self.state, State::Offered(_) | State::Ringing(_)) && !self.delays_answer(sdp) {
            self.accept(now, stack, sdp);
        }
    }

    /// Accepts a re-INVITE, or an UPDATE.
    pub(crate) fn accept_reoffer(&mut self, now: Instant, stack: &mut Stack, sdp: &str) {
        if let Some(update) = self.update.take() {
            self.answer_update(now, stack, &update, sdp);
        } else if matches!(self.state, State::Reoffered(_)) {
            self.accept(now, stack, sdp);
        }
    }

    /// Whether it is this transaction's INVITE that waits for our answer.
    pub(crate) fn waits_in(&self, tx: TxId) -> bool {
        match &self.state {
            State::Offered(invited) | State::Ringing(invited) | State::Reoffered(invited) => invited.tx == tx,
            _ => false,
        }
    }

    fn accept(&mut self, now: Instant, stack: &mut Stack, sdp: &str) {
        let (State::Offered(invited) | State::Ringing(invited) | State::Reoffered(invited)) = &self.state else {
            return;
        };
        let Invited { tx, invite } = invited.clone();
        let mut ok = with(respond(&invite, 200, self.dialog.tag()), "Allow", ALLOW);
        ok.headers.record_route = invite.headers.record_route.clone();
        ok.headers.contact = self.our_contact(stack);
        ok.headers.other.push(supported());
        let mut ok = self.agree(now, stack, &invite, ok);
        let first = !matches!(self.state, State::Reoffered(_));
        if !(first && self.has_answered_early()) {
            put_sdp(&mut ok.headers, &mut ok.body, sdp);
            self.said = Some(sdp.into());
        }
        stack.respond(now, tx, &ok);
        self.stop_progress();
        self.await_ack(now);
        self.late = invite.body.is_empty();
        self.dialog.refresh(&invite.headers);
        let accepted = Accepted { tx, cseq: invite.headers.cseq, pause: T1 };
        let next = if matches!(self.state, State::Reoffered(_)) { State::Reanswered } else { State::Answered };
        self.go(Cue::Accept, next(accepted));
    }

    /// Refuses the first INVITE.
    pub(crate) fn reject(&mut self, now: Instant, stack: &mut Stack, status: u16, retry_after: Option<u32>) {
        let (State::Offered(invited) | State::Ringing(invited)) = &self.state else { return };
        let status = if (300..700).contains(&status) { status } else { 480 };
        let mut refusal = respond(&invited.invite, status, self.dialog.tag());
        refusal.headers.other.extend(self.reason.map(Reason::header));
        if let Some(seconds) = retry_after {
            refusal = with(refusal, "Retry-After", seconds.to_string());
        }
        stack.respond(now, invited.tx, &refusal);
        self.over(now, Cue::Refuse, stack, DialogEnd::Ours);
    }

    /// The peer gave up before our answer: by CANCEL, or by BYE.
    pub(crate) fn withdrawn(&mut self, now: Instant, stack: &mut Stack) {
        let (State::Offered(invited) | State::Ringing(invited) | State::Reoffered(invited)) = &self.state else {
            return;
        };
        stack.refuse(now, invited, 487, self.dialog.tag());
        if matches!(self.state, State::Reoffered(_)) {
            self.go(Cue::Withdrawn, State::Talking);
            self.reoffer_if_free(now, stack);
        } else {
            self.drop_update(now, stack);
            self.timers.clear();
            self.go(Cue::Withdrawn, State::Over);
            stack.events.push_back(Event::Cancelled { leg: self.id });
        }
    }

    /// An ACK has come.
    pub(crate) fn acked(&mut self, now: Instant, stack: &mut Stack, ack: &Request) {
        let (State::Answered(accepted) | State::Leaving(accepted) | State::Reanswered(accepted)) = &self.state else {
            return;
        };
        if accepted.cseq != ack.headers.cseq {
            return;
        }
        self.timers.stop(LegTimer::Again);
        self.timers.stop(LegTimer::NoAck);
        stack.transactions.acknowledged(accepted.tx);
        if matches!(self.state, State::Leaving(_)) {
            self.bye(now, stack, Cue::Ack);
            return;
        }
        self.go(Cue::Ack, State::Talking);
        let sdp = if self.late { sdp_in(&ack.headers, &ack.body).ok().flatten() } else { None };
        stack.events.push_back(Event::Acked { leg: self.id, sdp });
        self.reoffer_if_free(now, stack);
    }

    pub(super) fn our_contact(&self, stack: &Stack) -> Contact {
        let user = self.dialog.local.uri.user.as_deref();
        Contact::List(vec![stack.us.contact(&self.dialog.hop(), user, self.dialog.scheme())])
    }
}

impl Stack {
    /// Refuses an INVITE.
    pub(crate) fn refuse(&mut self, now: Instant, invited: &Invited, status: u16, tag: &str) {
        self.respond(now, invited.tx, &respond(&invited.invite, status, tag));
    }
}
