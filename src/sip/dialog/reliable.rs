use std::time::Duration;

use super::leg::{FORKS, LegTimer};
use super::{Cue, Dialog, Invited, Inviting, Leg, Purpose, Stack, State};
use crate::base::Instant;
use crate::sip::message::{Method, Request, Response};
use crate::sip::reply::{put_sdp, respond, sdp_in, with};
use crate::sip::tags::{lists, supported, supports};
use crate::sip::transaction::{PATIENCE, T1, TxId};
use crate::sip::us::ALLOW;
use crate::sip::{DialogEnd, Event};

/// What came of our provisional responses that ask to be acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Reliable {
    /// The number of the last one.
    rseq: u32,
    /// The number of the INVITE.
    cseq: u32,
    /// The pause before the last one is sent again; `None` once it is acknowledged.
    pause: Option<Duration>,
    /// Whether one of them held our answer.
    answered: bool,
    /// The 200 that waits until our answer is acknowledged.
    waiting: Option<String>,
}

/// A provisional response of the peer's that we have acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    /// The tag of the one who sent it.
    tag: String,
    /// Its number.
    rseq: u32,
}

/// How a provisional response of ours travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// Once, and lost if it gets lost.
    Once,
    /// Again and again until its PRACK.
    Reliable,
}

/// The side that was called: provisional responses (RFC 3261, section 13.3.1.1; RFC 3262,
/// section 3; RFC 3960 for what is heard before the answer).
impl Leg {
    /// Says that it rings.
    pub(crate) fn ring(&mut self, now: Instant, stack: &mut Stack) {
        self.provisional(now, stack, 180, None);
    }

    /// Says that something is heard before the answer.
    pub(crate) fn progress_with(&mut self, now: Instant, stack: &mut Stack, sdp: &str) {
        if self.said.is_none() && !self.late {
            self.provisional(now, stack, 183, Some(sdp));
        }
    }

    /// Says again what was said: that it rings, or that something is heard.
    pub(crate) fn still_ringing(&mut self, now: Instant, stack: &mut Stack) {
        let early = self.said.clone().filter(|_| !self.has_answered_early());
        let status = if self.said.is_some() { 183 } else { 180 };
        self.provisional(now, stack, status, early.as_deref());
    }

    fn provisional(&mut self, now: Instant, stack: &mut Stack, status: u16, sdp: Option<&str>) {
        let (State::Offered(invited) | State::Ringing(invited)) = &self.state else { return };
        let invited = invited.clone();
        let headers = &invited.invite.headers;
        let delivery = match sdp {
            _ if lists(headers, "Require", "100rel") => Delivery::Reliable,
            Some(_) if supports(headers, "100rel") => Delivery::Reliable,
            Some(_) | None => Delivery::Once,
        };
        // The first reliable one would have to hold our offer (section 5): the 200 does.
        if delivery == Delivery::Reliable && (self.late || self.awaits_prack()) {
            return;
        }
        let mut response = respond(&invited.invite, status, self.dialog.tag());
        response.headers.record_route = headers.record_route.clone();
        response.headers.contact = self.our_contact(stack);
        response = with(response, "Allow", ALLOW);
        response.headers.other.push(supported());
        if let Some(sdp) = sdp {
            put_sdp(&mut response.headers, &mut response.body, sdp);
            self.said = Some(sdp.into());
        }
        if delivery == Delivery::Reliable {
            let rseq = self.number(now, stack, headers.cseq, sdp.is_some());
            response = with(with(response, "Require", "100rel"), "RSeq", rseq.to_string());
        }
        stack.respond(now, invited.tx, &response);
        self.timers.set(LegTimer::StillRinging, now + STILL_RINGING);
        self.go(Cue::Ring, State::Ringing(invited));
    }

    /// The number of the next reliable response; the first is anywhere in the lower half (section 3).
    fn number(&mut self, now: Instant, stack: &mut Stack, cseq: u32, answers: bool) -> u32 {
        let before = self.reliable.take();
        let rseq = before.as_ref().map_or_else(|| 1 + stack.chance.below(FIRST) as u32, |before| before.rseq + 1);
        let answered = answers || before.is_some_and(|before| before.answered);
        self.reliable = Some(Box::new(Reliable { rseq, cseq, pause: Some(T1), answered, waiting: None }));
        self.timers.set(LegTimer::Progress, now + T1);
        self.timers.set(LegTimer::NoPrack, now + PATIENCE);
        rseq
    }

    fn awaits_prack(&self) -> bool {
        self.reliable.as_ref().is_some_and(|reliable| reliable.pause.is_some())
    }

    /// Whether our 200 must wait: what it would repeat is not acknowledged yet (section 3).
    pub(crate) fn delays_answer(&mut self, sdp: &str) -> bool {
        let Some(reliable) = self.reliable.as_mut().filter(|r| r.answered && r.pause.is_some()) else { return false };
        reliable.waiting = Some(sdp.to_owned());
        true
    }

    /// Whether the caller has our answer for certain, so that the 200 needs none.
    pub(crate) fn has_answered_early(&self) -> bool {
        self.reliable.as_ref().is_some_and(|reliable| reliable.answered)
    }

    /// Whether the caller has our answer, before the 200.
    pub(crate) fn is_heard_early(&self) -> bool {
        matches!(self.state, State::Ringing(_)) && self.said.is_some()
    }

    /// Sends our provisional response again: the pause doubles each time, without end (section 3).
    pub(crate) fn progress_again(&mut self, now: Instant, stack: &mut Stack) {
        let (State::Ringing(invited), Some(reliable)) = (&self.state, &mut self.reliable) else { return };
        let Some(pause) = &mut reliable.pause else { return };
        *pause *= 2;
        let next = now + *pause;
        stack.transactions.send_again(now, invited.tx, 180);
        self.timers.set(LegTimer::Progress, next);
    }

    /// Nobody has acknowledged it: the caller can't be reached (section 3).
    pub(crate) fn no_prack(&mut self, now: Instant, stack: &mut Stack) {
        if let State::Ringing(invited) = &self.state {
            stack.refuse(now, invited, 504, self.dialog.tag());
            self.over(now, Cue::Refuse, stack, DialogEnd::NoAck);
        }
    }

    /// The final response goes out, which ends the waiting for PRACK.
    pub(crate) fn stop_progress(&mut self) {
        for timer in [LegTimer::StillRinging, LegTimer::Progress, LegTimer::NoPrack] {
            self.timers.stop(timer);
        }
    }

    /// A PRACK has come.
    pub(crate) fn pracked(&mut self, now: Instant, stack: &mut Stack, tx: TxId, prack: Request) {
        let tag = self.dialog.tag().to_owned();
        let fits = |reliable: &&mut Box<Reliable>| rack(&prack) == Some((reliable.rseq, reliable.cseq));
        let Some(reliable) = self.reliable.as_mut().filter(fits) else {
            return stack.respond(now, tx, &respond(&prack, 481, &tag));
        };
        reliable.pause = None;
        let waiting = reliable.waiting.take();
        self.timers.stop(LegTimer::Progress);
        self.timers.stop(LegTimer::NoPrack);
        match sdp_in(&prack.headers, &prack.body) {
            Ok(None) => stack.respond(now, tx, &respond(&prack, 200, &tag)),
            // A new offer, once the first is answered.
            Ok(Some(sdp)) if self.is_heard_early() && self.update.is_none() && waiting.is_none() => {
                self.update = Some(Invited { tx, invite: Box::new(prack) });
                stack.events.push_back(Event::Reoffered { leg: self.id, sdp: Some(sdp) });
            }
            Ok(Some(_)) | Err(_) => stack.respond(now, tx, &respond(&prack, 488, &tag)),
        }
        if let Some(sdp) = waiting {
            self.accept_first(now, stack, &sdp);
        }
    }
}

/// The side that calls: PRACK for what asks for it (RFC 3262, section 4).
impl Leg {
    /// Acknowledges a provisional response that asks for it; `false` when it is a copy, or
    /// comes before another that has got lost.
    pub(crate) fn acknowledge_progress(
        &mut self,
        now: Instant,
        stack: &mut Stack,
        inviting: &mut Inviting,
        response: &Response,
    ) -> bool {
        let headers = &response.headers;
        let early = stack.transactions.request(inviting.tx).map(|invite| {
            let mut early = Dialog::of_answer(invite, response, self.dialog.reach());
            early.local_cseq = self.dialog.local_cseq;
            early
        });
        let (Some(mut early), Some(tag)) = (early, headers.to.tag()) else { return true };
        let rseq = headers.other("RSeq").and_then(|value| value.trim().parse::<u32>().ok());
        if let Some(rseq) = rseq.filter(|_| lists(headers, "Require", "100rel")) {
            let full = inviting.acknowledged.len() >= FORKS;
            match inviting.acknowledged.iter_mut().find(|before| before.tag == tag) {
                Some(before) if before.rseq.checked_add(1) != Some(rseq) => return false,
                Some(before) => before.rseq = rseq,
                None if full => return false,
                None => inviting.acknowledged.push(Acknowledged { tag: tag.to_owned(), rseq }),
            }
            let (mut prack, hop) = early.request(Method::Prack, &stack.us, &mut stack.chance);
            prack.headers.other.push(("RAck".to_owned(), format!("{rseq} {} INVITE", headers.cseq)));
            stack.ask(now, (prack, hop), Purpose::Tell(self.id));
        }
        // Whoever rings first may speak to us before the answer.
        if self.dialog.remote.tag().is_none_or(|before| before == tag) {
            self.dialog = early;
        } else {
            self.dialog.local_cseq = early.local_cseq;
        }
        true
    }
}

/// What a PRACK acknowledges: the response's number and the INVITE's.
fn rack(prack: &Request) -> Option<(u32, u32)> {
    let mut words = prack.headers.other("RAck")?.split_ascii_whitespace();
    let (rseq, cseq) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (words.next() == Some("INVITE")).then_some((rseq, cseq))
}

/// How often a 180 is repeated.
const STILL_RINGING: Duration = Duration::from_secs(60);
/// The first number is below this, so that there is room for more.
const FIRST: usize = 1 << 30;
