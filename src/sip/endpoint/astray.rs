use super::Endpoint;
use crate::base::{AgentName, Instant, LegId};
use crate::sip::dialog::Purpose;
use crate::sip::message::Request;
use crate::sip::transaction::TxId;
use crate::sip::transport::Hop;

/// What is asked of an agent's phone in a call while it has lost its connection, or its
/// address: it registers anew within moments (RFC 5626, section 4.5), and is asked then.
impl Endpoint {
    /// Keeps a request that can't be sent for the phone's return, for as long as a request
    /// waits for its answer. A phone that was asked whether it lives does not.
    pub(super) fn awaits_phone(&mut self, now: Instant, request: &Request) -> bool {
        let Some((tx, purpose, hop)) = self.stack.transactions.unheard(request) else { return false };
        let (is_question, id) = (matches!(purpose, Purpose::Ask(_)), within(purpose));
        let Some(id) = id.filter(|_| hop.connection.is_some()) else { return false };
        if self.legs.get_mut(id).is_none_or(|leg| leg.owner.is_none()) {
            return false;
        }
        if !self.goes_by_new_way(now, (tx, hop), id) {
            if is_question {
                return false;
            }
            self.stack.transactions.keep_unsent(tx);
        }
        true
    }

    /// An agent's phone has registered: what it has not heard goes where it is now.
    pub(super) fn sends_astray(&mut self, now: Instant, agent: &AgentName) {
        if !self.legs.has_of(agent) {
            return;
        }
        let unheard = self.stack.transactions.all_unheard();
        let unheard: Vec<_> = unheard.into_iter().filter_map(|(tx, to, hop)| Some((tx, within(to)?, hop))).collect();
        for (tx, id, hop) in unheard {
            let is_theirs = |owner: &AgentName| owner == agent;
            if self.legs.get_mut(id).and_then(|leg| leg.owner.as_deref()).is_some_and(|own| is_theirs(&own.agent)) {
                self.goes_by_new_way(now, (tx, hop), id);
            }
        }
    }

    /// What no phone has come back for is as good as refused, as what can't be sent at once.
    pub(super) fn give_up_unsent(&mut self, now: Instant) {
        while let Some((tx, purpose, request)) = self.stack.transactions.poll_unsent() {
            self.receive_answer(now, (tx, purpose), &request.answer(503));
        }
    }

    /// Sends a request to where its call's phone is, if that is not where it went.
    fn goes_by_new_way(&mut self, now: Instant, (tx, went): (TxId, Hop), id: LegId) -> bool {
        self.follow_phone(id);
        let Some(to) = self.legs.get_mut(id).map(|leg| leg.dialog.hop()).filter(|to| *to != went) else { return false };
        let via = self.stack.us.via(&to, &mut self.stack.chance);
        self.stack.transactions.send_by(now, tx, (to, via));
        true
    }
}

/// The leg that a request of ours is for, if it is one within a call, or calls it off.
fn within(purpose: &Purpose) -> Option<LegId> {
    match purpose {
        Purpose::Reinvite(id, _)
        | Purpose::Bye(id)
        | Purpose::Ask(id)
        | Purpose::Refresh(id)
        | Purpose::Tell(id)
        | Purpose::Aside(id) => Some(*id),
        Purpose::Invite(..)
        | Purpose::Left(..)
        | Purpose::Probe(..)
        | Purpose::Register(_)
        | Purpose::Question(..)
        | Purpose::Stranded
        | Purpose::Nothing => None,
    }
}
