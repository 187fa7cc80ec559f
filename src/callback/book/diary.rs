//! How many calls are promised for which time, so that no more are than can be made.

use super::Book;
use crate::base::{QueueName, TicketId, WallTime};
use crate::callback::{Asker, Output, When};
use crate::service::Diary;

impl Book {
    /// What is promised for times to come at a queue.
    pub fn diary(&self, queue: &QueueName) -> Diary {
        let first = (queue.clone(), WallTime::from_millis(i64::MIN), WallTime::from_millis(i64::MIN));
        let own = self.diary.range(first..).take_while(|((of, ..), _)| of == queue);
        Diary {
            an_hour: self.doors.get(queue).and_then(|(allowed, _)| allowed.an_hour),
            promised: own.map(|((_, from, to), calls)| (*from, *to, *calls)).collect(),
        }
    }

    pub(super) fn tell_diary(&mut self, asker: Asker, queue: &QueueName) {
        let diary = self.diary(queue);
        self.out.push_back(Output::Diary { asker, diary });
    }

    /// Counts an open ticket for the time that was chosen.
    pub(super) fn book(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| !entry.booked) else { return };
        if let When::Slot { from, to } = entry.ticket.when {
            entry.booked = true;
            *self.diary.entry((entry.ticket.queue.clone(), from, to)).or_default() += 1;
        }
    }

    pub(super) fn unbook(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| entry.booked) else { return };
        let When::Slot { from, to } = entry.ticket.when else { return };
        entry.booked = false;
        let time = (entry.ticket.queue.clone(), from, to);
        if let Some(calls) = self.diary.get_mut(&time) {
            *calls -= 1;
            if *calls == 0 {
                self.diary.remove(&time);
            }
        }
    }
}
