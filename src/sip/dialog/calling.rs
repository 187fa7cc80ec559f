use super::leg::{Access, FORKS, HOPS, LegTimer, OpenedBy, Outside};
use super::{Ack, Cue, Dialog, Inviting, Leg, Purpose, Reach, Stack, State};
use crate::base::{Instant, LegId, TimerTable, limits};
use crate::sip::digest::{Asked, authorize};
use crate::sip::message::{Message, Method, NameAddr, Params, Request, Response, Uri};
use crate::sip::reply::{retry_after, sdp_in};
use crate::sip::transaction::{PATIENCE, TxId};
use crate::sip::transport::Hop;
use crate::sip::{Event, Later, Reason, sdp, write};
use std::sync::Arc;
use std::time::Duration;

/// The side that calls: our INVITE to its final response (RFC 3261, section 13.2).
impl Leg {
    /// Sends an INVITE; `None` when there is no room for its transaction.
    pub(crate) fn call(
        now: Instant,
        stack: &mut Stack,
        id: LegId,
        (invite, hop): (Request, Hop),
        reach: Reach,
        access: Option<Arc<Access>>,
    ) -> Option<Self> {
        let dialog = Dialog::of_own(&invite, reach);
        let said = Some(String::from_utf8_lossy(&invite.body).into());
        let tx = stack.transactions.open_client(now, invite, hop, Purpose::Invite(id, Vec::new()))?;
        Some(Self {
            id,
            dialog,
            state: State::Calling(Inviting { tx, early: None, rang: false, acknowledged: Vec::new() }),
            timers: TimerTable::default(),
            postponed: None,
            offered: None,
            late: false,
            access,
            opened_by: OpenedBy::Us,
            said,
            update: None,
            outside: None,
            reason: None,
            referring: None,
            reliable: None,
            session: None,
            raised: 0,
            takes_update: false,
            hops: HOPS,
            owner: None,
        })
    }

    /// A 1xx to our INVITE.
    pub(crate) fn progress(&mut self, now: Instant, stack: &mut Stack, response: &Response) {
        match self.state.clone() {
            State::Calling(mut inviting) | State::Proceeding(mut inviting) => {
                self.timers.stop(LegTimer::Unheard);
                if response.status > 100 && !self.acknowledge_progress(now, stack, &mut inviting, response) {
                    return;
                }
                if let Ok(Some(sdp)) = sdp_in(&response.headers, &response.body) {
                    inviting.early = Some(sdp);
                }
                if matches!(response.status, 180 | 183) && !inviting.rang {
                    inviting.rang = true;
                    let to_tag = response.headers.to.params.value("tag").map(str::to_owned);
                    stack.events.push_back(Event::Ringing { leg: self.id, to_tag });
                }
                self.go(Cue::Progress, State::Proceeding(inviting));
            }
            State::Withdrawing(inviting) => self.cancel(now, stack, Cue::Progress, inviting),
            _ => {}
        }
    }

    /// Sends the CANCEL of our INVITE.
    pub(crate) fn cancel(&mut self, now: Instant, stack: &mut Stack, cue: Cue, inviting: Inviting) {
        let reason = self.reason.map(Reason::header);
        stack.transactions.cancel(now, inviting.tx, reason, Purpose::Aside(self.id));
        self.timers.set(LegTimer::Cancelled, now + PATIENCE);
        self.go(cue, State::Cancelling(inviting));
    }

    /// A 2xx to our INVITE: the first one, from whoever answered first.
    pub(crate) fn accepted(&mut self, now: Instant, stack: &mut Stack, tx: TxId, response: &Response) {
        let Some(invite) = stack.transactions.request(tx).cloned() else { return };
        let local_cseq = self.dialog.local_cseq;
        self.dialog = Dialog::of_answer(&invite, response, self.dialog.reach());
        self.dialog.local_cseq = local_cseq;
        stack.acknowledge(tx, &self.dialog, response);
        match self.state.clone() {
            State::Calling(inviting) | State::Proceeding(inviting) => {
                let answer = sdp_in(&response.headers, &response.body).ok().flatten().or(inviting.early);
                if let Some(sdp) = answer {
                    self.go(Cue::Accepted, State::Talking);
                    self.agreed(now, response);
                    stack.events.push_back(Event::Answered { leg: self.id, sdp });
                } else {
                    self.farewell(now, stack);
                    self.failed(now, Cue::Refused, stack, 488);
                }
            }
            // The answer crossed our CANCEL.
            State::Withdrawing(_) | State::Cancelling(_) => {
                self.farewell(now, stack);
                self.failed(now, Cue::Accepted, stack, 487);
            }
            _ => {}
        }
    }

    /// Another final response to our INVITE, or none (408).
    pub(crate) fn refused(&mut self, now: Instant, stack: &mut Stack, answer: Option<(TxId, &Response)>) {
        if !self.allows(Cue::Refused) {
            return;
        }
        if let Some((tx, response)) = answer
            && matches!(self.state, State::Calling(_) | State::Proceeding(_))
            && let Some(again) = self
                .authorize(now, stack, tx, response)
                .or_else(|| self.ask_longer(now, stack, tx, response))
                .or_else(|| self.insist(now, stack, tx, response))
        {
            self.calls_again(again);
            return;
        }
        if let Some((_, response)) = answer {
            self.hear_reason(stack, &response.headers);
        }
        let later = answer.and_then(|(_, response)| retry_after(&response.headers)).map(Later::Asked);
        let status = answer.map_or(408, |(_, response)| response.status);
        self.failed_until(now, Cue::Refused, stack, (status, later));
    }

    /// Waits for any response for a moment only, where there is another place to go.
    pub(crate) fn await_word(&mut self, now: Instant, outside: &Outside) {
        if !outside.left.is_empty() {
            self.timers.set(LegTimer::Unheard, now + UNHEARD);
        }
    }

    /// Whether our INVITE may go out elsewhere: nobody has been rung by it, and it is wanted.
    pub(crate) fn may_go_elsewhere(&self) -> bool {
        match &self.state {
            State::Calling(inviting) | State::Proceeding(inviting) => !inviting.rang,
            _ => false,
        }
    }

    /// Sends the INVITE of the same call elsewhere, under its next number; `false` when there is no room.
    pub(crate) fn goes_elsewhere(
        &mut self,
        now: Instant,
        stack: &mut Stack,
        (mut invite, hop): (Request, Hop),
        (reach, access): (Reach, Option<Arc<Access>>),
    ) -> bool {
        let (State::Calling(inviting) | State::Proceeding(inviting)) = &self.state else { return false };
        let (before, cseq) = (inviting.tx, self.dialog.local_cseq + 1);
        invite.headers.cseq = cseq;
        if let (Some(via), Some(old)) = (invite.headers.via.first_mut(), stack.branch(before)) {
            via.params.set("branch", Some(branch_again(&old, cseq)));
        }
        let dialog = Dialog::of_own(&invite, reach);
        let said = Some(String::from_utf8_lossy(&invite.body).into());
        let purpose = Purpose::Invite(self.id, Vec::new());
        let Some(tx) = stack.transactions.open_client(now, invite, hop, purpose) else { return false };
        // Should it be heard of after all, it is called off.
        if let Some(user) = stack.transactions.user(before)
            && let Purpose::Invite(_, acks) = user
        {
            *user = Purpose::Left(std::mem::take(acks), false);
        }
        (self.dialog, self.said, self.access) = (dialog, said, access);
        self.calls_again(tx);
        true
    }

    /// Our INVITE is on its way once more. Whoever rang before has nothing to say any more.
    fn calls_again(&mut self, tx: TxId) {
        self.dialog.remote.params = Params::default();
        self.timers.stop(LegTimer::Unheard);
        let inviting = Inviting { tx, early: None, rang: false, acknowledged: Vec::new() };
        self.go(Cue::Challenged, State::Calling(inviting));
    }

    /// Calls somebody else instead; `false` when the call has ended meanwhile, or there is no room.
    pub(crate) fn redirected(&mut self, now: Instant, stack: &mut Stack, tx: TxId, to: Uri) -> bool {
        if !matches!(self.state, State::Calling(_) | State::Proceeding(_)) {
            return false;
        }
        let cseq = self.dialog.local_cseq + 1;
        let again = stack.ask_again(now, tx, cseq, |invite| {
            invite.uri = to;
            // They were for the other one.
            let credentials = ["Authorization", "Proxy-Authorization"];
            invite.headers.other.retain(|(name, _)| !credentials.contains(&name.as_str()));
        });
        let Some(again) = again else { return false };
        self.dialog.local_cseq = cseq;
        self.calls_again(again);
        true
    }

    /// Calls the same phone by another way; `false` when the call has ended meanwhile, or
    /// enough ways were tried.
    pub(crate) fn by_another_way(
        &mut self,
        now: Instant,
        stack: &mut Stack,
        tx: TxId,
        (uri, hop, path): (Uri, Hop, Vec<NameAddr>),
    ) -> bool {
        let cseq = self.dialog.local_cseq + 1;
        let calls = matches!(self.state, State::Calling(_) | State::Proceeding(_));
        if !calls || cseq as usize > limits::CONTACTS_PER_AGENT {
            return false;
        }
        let again = stack.ask_again_at(now, tx, (cseq, hop), |invite| {
            (invite.uri, invite.headers.route) = (uri, path);
        });
        let Some(again) = again else { return false };
        self.dialog.local_cseq = cseq;
        self.dialog.move_to(hop);
        self.calls_again(again);
        true
    }

    /// Calls a phone that refuses sound which may be in the clear once more, with an offer that
    /// insists on encryption; its new transaction.
    fn insist(&mut self, now: Instant, stack: &mut Stack, tx: TxId, response: &Response) -> Option<TxId> {
        self.owner.as_ref().filter(|_| response.status == 488)?;
        let sdp = sdp::insist(self.said.as_deref()?)?;
        let cseq = self.dialog.local_cseq + 1;
        let again = stack.ask_again(now, tx, cseq, |invite| invite.body = sdp.as_bytes().to_vec())?;
        (self.dialog.local_cseq, self.said) = (cseq, Some(sdp.into()));
        Some(again)
    }

    /// Sends a challenged request once more with our credentials; its new transaction.
    pub(crate) fn authorize(&mut self, now: Instant, stack: &mut Stack, tx: TxId, response: &Response) -> Option<TxId> {
        let access = self.access.clone()?;
        let cseq = self.dialog.local_cseq + 1;
        let again = stack.authorize(now, (tx, response), (&access, cseq))?;
        self.dialog.local_cseq = cseq;
        Some(again)
    }
}

/// How long an INVITE without any response waits where there is another place to go: four
/// copies were lost, and the caller hears nothing.
const UNHEARD: Duration = Duration::from_secs(6);

/// The branch of a request that goes out again with our credentials. It follows from the
/// first one, so that a name written down before the first INVITE left finds them all.
pub(crate) fn branch_again(branch: &str, cseq: u32) -> String {
    format!("{branch}.{cseq}")
}

impl Stack {
    /// Sends a challenged request once more, with credentials and its next number; its new transaction.
    pub(crate) fn authorize(
        &mut self,
        now: Instant,
        (tx, response): (TxId, &Response),
        (access, cseq): (&Access, u32),
    ) -> Option<TxId> {
        let (challenge, answer) = match response.status {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => return None,
        };
        let request = self.transactions.request(tx)?;
        if request.headers.other(answer).is_some() {
            return None;
        }
        let uri = request.uri.to_string();
        let asked = Asked { method: &request.method, uri: &uri };
        let challenges: Vec<&str> = response.headers.others(challenge).collect();
        let value = authorize(challenges, &access.username, &access.secret, asked, &mut self.chance, 1).ok()?;
        self.ask_again(now, tx, cseq, |again| again.headers.other.push((answer.to_owned(), value)))
    }

    /// The branch of a request of ours.
    fn branch(&self, tx: TxId) -> Option<String> {
        self.transactions.request(tx)?.headers.via.first()?.params.value("branch").map(str::to_owned)
    }

    /// Sends a request once more with other headers and its next number; its new transaction.
    pub(crate) fn ask_again(
        &mut self,
        now: Instant,
        tx: TxId,
        cseq: u32,
        change: impl FnOnce(&mut Request),
    ) -> Option<TxId> {
        let hop = self.transactions.hop(tx)?;
        self.ask_again_at(now, tx, (cseq, hop), change)
    }

    /// The same, to another place.
    fn ask_again_at(
        &mut self,
        now: Instant,
        tx: TxId,
        (cseq, hop): (u32, Hop),
        change: impl FnOnce(&mut Request),
    ) -> Option<TxId> {
        let mut request = self.transactions.request(tx)?.clone();
        change(&mut request);
        request.headers.cseq = cseq;
        let via = request.headers.via.first_mut()?;
        let branch = branch_again(via.params.value("branch")?, cseq);
        via.params.set("branch", Some(branch));
        hop.transport.name().clone_into(&mut via.transport);
        let purpose = self.transactions.user(tx)?.clone();
        self.transactions.open_client(now, request, hop, purpose)
    }

    /// Sends the ACK of a 2xx and remembers it for the 2xx's copies.
    pub(crate) fn acknowledge(&mut self, tx: TxId, dialog: &Dialog, response: &Response) {
        let (mut ack, hop) = dialog.ack(response.headers.cseq, &self.us, &mut self.chance);
        if let Some(invite) = self.transactions.request(tx) {
            // The ACK carries the same credentials (section 22.1).
            let credentials = |(name, _): &&(String, String)| name == "Authorization" || name == "Proxy-Authorization";
            ack.headers.other.extend(invite.headers.other.iter().filter(credentials).cloned());
        }
        let bytes = write(&Message::Request(ack));
        let tag = response.headers.to.tag().unwrap_or_default().to_owned();
        if let Some(Purpose::Invite(_, acks) | Purpose::Reinvite(_, acks) | Purpose::Left(acks, _)) =
            self.transactions.user(tx)
            && acks.len() < FORKS
        {
            acks.push(Ack { tag, hop, bytes: bytes.clone() });
        }
        self.sent.push_back((hop, bytes));
    }

    /// A 2xx that no leg waits for: a second branch of a fork, or one that came too late.
    /// It is acknowledged and ended (section 13.2.2.4).
    pub(crate) fn decline_fork(&mut self, now: Instant, tx: TxId, response: &Response) {
        let Some(invite) = self.transactions.request(tx).cloned() else { return };
        let Some(hop) = self.transactions.hop(tx) else { return };
        let known = match self.transactions.user(tx) {
            Some(Purpose::Invite(_, acks) | Purpose::Reinvite(_, acks) | Purpose::Left(acks, _)) => acks.len(),
            Some(
                Purpose::Bye(_)
                | Purpose::Ask(_)
                | Purpose::Refresh(_)
                | Purpose::Tell(_)
                | Purpose::Aside(_)
                | Purpose::Probe(..)
                | Purpose::Register(_)
                | Purpose::Question(..)
                | Purpose::Stranded
                | Purpose::Nothing,
            )
            | None => return,
        };
        if known >= FORKS {
            return;
        }
        let mut dialog = Dialog::of_answer(&invite, response, Reach::Contact(hop));
        self.acknowledge(tx, &dialog, response);
        let bye = dialog.request(Method::Bye, &self.us, &mut self.chance);
        self.ask(now, bye, Purpose::Nothing);
    }

    /// Sends the ACK of a 2xx again, if it has been sent before.
    pub(crate) fn acknowledge_again(&mut self, tx: TxId, response: &Response) -> bool {
        let tag = response.headers.to.tag().unwrap_or_default();
        let Some(Purpose::Invite(_, acks) | Purpose::Reinvite(_, acks) | Purpose::Left(acks, _)) =
            self.transactions.user(tx)
        else {
            return false;
        };
        let Some(ack) = acks.iter().find(|ack| ack.tag == tag).cloned() else { return false };
        self.sent.push_back((ack.hop, ack.bytes));
        true
    }
}
