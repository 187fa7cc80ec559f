//! Requests of ours that can't be sent, or that nothing has come back for while the connection of
//! the phone that they are for was gone: they may go out by another way.

use super::{Asked, Event, Machine, Transactions, TxId, client, invite_client};
use crate::base::Instant;
use crate::sip::message::{Request, Via};
use crate::sip::transaction::key::Key;
use crate::sip::transaction::timer::Timer;
use crate::sip::transport::Hop;

impl<U> Transactions<U> {
    /// A request of ours can't be sent: its transaction is over, and its user is told (RFC
    /// 3261, section 17.1.4). What waits for nothing any more has no user.
    pub(crate) fn broken(&mut self, now: Instant, request: &Request) -> Option<(TxId, U)> {
        let id = *self.by_key.get(&Key::of_own(request))?;
        if self.all.get_mut(&id).is_some_and(|tx| tx.shrink(now, &mut self.sent)) {
            self.arm(id);
            return None;
        }
        self.step(now, id, Event::Broken);
        self.broken.take().map(|user| (id, user))
    }

    /// What a request of ours is for and where it went, if nothing has come back for it.
    pub(crate) fn unheard(&self, request: &Request) -> Option<(TxId, &U, Hop)> {
        self.unheard_of(*self.by_key.get(&Key::of_own(request))?)
    }

    /// All of those, the oldest first.
    pub(crate) fn all_unheard(&self) -> Vec<(TxId, &U, Hop)> {
        let mut all: Vec<_> = self.all.keys().filter_map(|id| self.unheard_of(*id)).collect();
        all.sort_by_key(|(id, _, _)| *id);
        all
    }

    /// Waits for another way for a request that can't be sent: until its Timer B or F.
    pub(crate) fn keep_unsent(&mut self, id: TxId) {
        if let Some(asked) = self.all.get_mut(&id).and_then(|tx| tx.asked.as_mut()) {
            asked.is_unsent = true;
        }
    }

    /// Sends a request of ours by another way. It stays the same request, and its time goes on.
    pub(crate) fn send_by(&mut self, now: Instant, id: TxId, (hop, mut via): (Hop, Via)) {
        let Some(tx) = self.all.get_mut(&id) else { return };
        let Some(asked) = &mut tx.asked else { return };
        let resends = match tx.machine {
            Machine::InviteClient(_) => Timer::A,
            Machine::Client(_) | Machine::InviteServer(_) | Machine::Server(_) => Timer::E,
        };
        if let Some(before) = asked.request.headers.via.first_mut() {
            via.params.set("branch", before.params.value("branch").map(str::to_owned));
            *before = via;
        }
        asked.is_unsent = false;
        (tx.core.hop, tx.core.again) = (hop, asked.request.write().into());
        tx.core.timers.stop(resends);
        tx.core.send(&mut self.sent);
        tx.core.start_resending(resends, now);
        self.arm(id);
    }

    /// The next request that could not be sent until its time was up.
    pub(crate) fn poll_unsent(&mut self) -> Option<(TxId, U, Request)> {
        self.unsent.pop_front()
    }

    /// A request of ours has waited long enough.
    pub(super) fn time_is_up(&mut self, id: TxId, asked: Asked<U>) {
        match asked.is_unsent {
            true => self.unsent.push_back((id, asked.user, asked.request)),
            false => self.timed_out.push_back(asked.user),
        }
    }

    fn unheard_of(&self, id: TxId) -> Option<(TxId, &U, Hop)> {
        let tx = self.all.get(&id)?;
        let waits = matches!(
            tx.machine,
            Machine::InviteClient(invite_client::State::Calling) | Machine::Client(client::State::Trying)
        );
        let asked = tx.asked.as_ref().filter(|_| waits)?;
        Some((id, &asked.user, tx.core.hop))
    }
}
