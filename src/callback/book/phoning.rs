//! Citizens who phone in while they are to be called: never two live calls with one of them.

use std::time::Duration;

use super::turns::since;
use super::{Book, Entry};
use crate::base::{CallId, Instant, Now, PhoneNumber, Private, QueueName, TicketId};
use crate::callback::{Asker, By, Outcome, Output, Reason, Ticket, TicketEvent, TicketState, Turn, When};

impl Book {
    /// A caller is recognised. Whoever is being rung for a call to that number is let go: the
    /// citizen is on the phone, and is called once that call is over, if it is still needed.
    pub(super) fn look(&mut self, now: Now, asker: Asker, number: &Private<PhoneNumber>) {
        let open = |ticket: &&Ticket| ticket.waits() || ticket.state == TicketState::Dialling;
        let ids: Vec<TicketId> =
            self.of(number.reveal()).filter(|id| self.ticket(*id).filter(open).is_some()).collect();
        for id in &ids {
            if let Asker::Call(call) = asker {
                self.change(*id, |entry| entry.on_line = Some((call, now.mono + ON_LINE)));
                self.let_go(now, *id);
            }
        }
        if let Some(ticket) = ids.first().and_then(|id| self.ticket(*id)) {
            let known = Output::Known { asker, ticket: ticket.id, when: ticket.when };
            self.out.push_back(known);
        }
    }

    /// Ends what is being done for a ticket without the citizen.
    fn let_go(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id) else { return };
        match (entry.ticket.state, entry.turn) {
            (TicketState::Dialling, _) => self.stop(now, id),
            (_, Turn::Offered) => self.go_home(id),
            _ => {}
        }
    }

    /// Ends an attempt; [`Input::Failed`](crate::callback::Input::Failed) follows where the citizen was dialled.
    fn stop(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id) else { return };
        let (nth, dialled) = (entry.ticket.attempt(), entry.dialled);
        self.out.push_back(Output::Stop { ticket: id });
        if dialled < nth {
            self.failed(now, id, (nth, Outcome::Stopped), None);
        }
    }

    /// A citizen is about to wait whose ticket waits already. The queue may be full or without
    /// agents, so the promise stands until [`Self::phoned_in`].
    pub(super) fn phones_in(&mut self, call: CallId, number: &Private<PhoneNumber>, queue: &QueueName) {
        let ticket = self.open_ticket(number.reveal(), queue).and_then(|id| self.ticket(id));
        if let Some(ticket) = ticket.filter(|ticket| ticket.waits() || ticket.state == TicketState::Dialling) {
            let since = since(ticket);
            self.out.push_back(Output::Arrived { call, since });
        }
    }

    /// A citizen waits in the queue again whose ticket waits there too: the caller has its
    /// place. What was promised for a time to come stands until an agent has answered.
    pub(super) fn phoned_in(&mut self, now: Now, call: CallId, (number, queue): (&PhoneNumber, &QueueName)) {
        let Some(id) = self.open_ticket(number, queue) else { return };
        let Some(ticket) = self.ticket(id) else { return };
        if matches!(ticket.when, When::Slot { from, .. } if from > now.wall) {
            return;
        }
        if self.cut_off(now, id, Reason::PhonedIn) {
            self.out.push_back(Output::TakesPlace { call });
        }
    }

    /// An agent of the queue has answered who phones in: nothing is left to be called for.
    pub(super) fn got_through(&mut self, now: Now, number: &PhoneNumber, queue: &QueueName) {
        if let Some(id) = self.open_ticket(number, queue) {
            self.cut_off(now, id, Reason::PhonedIn);
        }
    }

    /// Cancels a ticket whose citizen is on the phone, also while that citizen is being
    /// dialled; says whether there was anything to cancel.
    pub(super) fn cut_off(&mut self, now: Now, id: TicketId, why: Reason) -> bool {
        match self.ticket(id).map(|ticket| ticket.state) {
            Some(TicketState::Kept | TicketState::Retry) => self.end(id, TicketEvent::Cancel, why),
            Some(TicketState::Dialling) => {
                self.change(id, |entry| entry.cut_off = Some(why));
                self.stop(now, id);
            }
            _ => return false,
        }
        true
    }

    /// The citizen's own call is over: what is still promised goes on.
    pub(super) fn hung_up(&mut self, now: Now, call: CallId, number: &PhoneNumber) {
        for id in self.of(number).collect::<Vec<_>>() {
            self.change(id, |entry| {
                entry.on_line.take_if(|(other, _)| *other == call);
            });
            self.wind(now, id);
        }
    }

    pub(super) fn served(&mut self, id: TicketId) {
        if self.ticket(id).is_some_and(Ticket::waits) {
            self.end(id, TicketEvent::Cancel, Reason::Served);
        }
    }

    /// Who phones and cancels may be being dialled at that moment: the attempt is stopped.
    pub(super) fn cancel_dialled(&mut self, now: Now, asker: Asker, id: TicketId) {
        self.change(id, |entry| entry.askers.push(asker));
        self.cut_off(now, id, Reason::Cancelled(By::Phone));
    }
}

impl Entry {
    /// Until when the citizen is taken to be on the phone with us.
    pub(super) fn on_line(&self, now: Now) -> Option<Instant> {
        self.on_line.map(|(_, until)| until).filter(|until| *until > now.mono)
    }
}

/// A call whose end is never told keeps nobody from being called for longer than this.
const ON_LINE: Duration = Duration::from_secs(3600);
