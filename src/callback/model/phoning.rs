//! Citizens who phone in while they are to be called, or are being called.

use std::time::Duration;

use super::{Step, World};
use crate::base::{CallId, Instant, Now, PhoneNumber, Private, TicketId};
use crate::callback::{Asker, Input, TicketState, When};

/// A citizen who has phoned in and was recognised.
pub(super) struct Caller {
    call: CallId,
    number: Private<PhoneNumber>,
    /// What was promised then.
    tickets: Vec<TicketId>,
    /// From then on the book may take the call for over, although nobody said so.
    until: Instant,
}

impl Caller {
    /// Whether nobody may be dialled for a ticket because its citizen is on the phone.
    pub(super) fn keeps_off(&self, ticket: TicketId, now: Now) -> bool {
        self.tickets.contains(&ticket) && now.mono < self.until
    }
}

impl World {
    pub(super) fn take_caller(&mut self, step: Step) {
        if let Step::Looks(n) = step {
            return self.looks(n);
        }
        let (Step::GetsPlace(n) | Step::GetsThrough(n) | Step::HangsUp(n)) = step else { return };
        let at = usize::from(n) % self.callers.len().max(1);
        let Some(Caller { call, number, .. }) = self.callers.get(at) else { return };
        let (call, number, now, queue) = (*call, number.clone(), self.now.wall, "a".into());
        let begun = |when| !matches!(when, When::Slot { from, .. } if from > now);
        let all: Vec<TicketId> = self.book.of(number.reveal()).collect();
        let wanted = |id: &TicketId| self.book.ticket(*id).is_some_and(|ticket| begun(ticket.when));
        match step {
            Step::GetsPlace(_) => {
                self.settled.extend(all.into_iter().filter(wanted).collect::<Vec<_>>());
                self.tell(Input::PhonedIn { call, number, queue });
            }
            Step::GetsThrough(_) => {
                self.settled.extend(all);
                self.tell(Input::GotThrough { number, queue });
            }
            _ => {
                self.callers.remove(at);
                self.tell(Input::HungUp { call, number });
            }
        }
    }

    fn looks(&mut self, n: u8) {
        let Some(ticket) = self.open(n).and_then(|id| self.book.ticket(id)) else { return };
        if !ticket.waits() && ticket.state != TicketState::Dialling {
            return;
        }
        let number = ticket.number.clone();
        let known = self.book.of(number.reveal()).collect();
        self.calls += 1;
        let (call, until) = (CallId(self.calls), self.now.mono + Duration::from_secs(3600));
        // Only who phones last is remembered by a ticket.
        self.callers.retain(|caller| caller.number != number);
        self.callers.push(Caller { call, number: number.clone(), tickets: known, until });
        self.tell(Input::Look { asker: Asker::Call(call), number });
    }
}
