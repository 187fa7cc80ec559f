//! What citizens ask for, and what the disk answers.

use super::{Book, Stage, Timer};
use crate::base::{Now, PhoneNumber, Private, QueueName, TicketId, WallTime};
use crate::callback::tally::Claim;
use crate::callback::{Asker, By, Outcome, Output, Reason, Refused, Ticket, TicketEvent, TicketState, When, Wish};

impl Book {
    pub(super) fn ask(&mut self, now: Now, wish: Wish) {
        let number = Private::new(wish.number.reveal().international());
        let (asker, queue) = (wish.asker, wish.queue.clone());
        if let Some(id) = self.by_number.get(&(number.clone(), queue)).copied() {
            return self.ask_again(asker, id);
        }
        if self.tickets.len() >= self.rules.capacity {
            return self.out.push_back(Output::Refused { asker, why: Refused::Full });
        }
        if let When::Slot { from, to } = wish.when
            && !self.diary(&wish.queue).has_room(from, to)
        {
            // Others have been quicker.
            self.tell_diary(asker, &wish.queue);
            return self.out.push_back(Output::Refused { asker, why: Refused::SlotFull });
        }
        let claim = Claim::of(&wish);
        if let Some(why) = self.tally.refuses(now.wall, &self.rules, &claim) {
            return self.out.push_back(Output::Refused { asker, why });
        }
        self.tally.count(now.wall, claim);
        let ticket = open(TicketId(self.next), now, wish);
        let id = ticket.id;
        self.add(ticket);
        self.change(id, |entry| {
            entry.askers.push(asker);
            entry.maker = Some(asker);
        });
        self.made.insert(asker, id);
        self.keep(id);
    }

    /// Why such a wish could not be noted at present, whatever its number.
    pub fn refuses_any(&mut self, now: WallTime, wish: &Wish) -> Option<Refused> {
        if self.tickets.len() >= self.rules.capacity {
            return Some(Refused::Full);
        }
        match wish.when {
            When::Slot { from, to } if !self.diary(&wish.queue).has_room(from, to) => Some(Refused::SlotFull),
            When::Slot { .. } | When::Soon => self.tally.is_spent(now, &self.rules, wish.source),
        }
    }

    /// A number asks again that has a ticket: that one is promised once more, as it is.
    fn ask_again(&mut self, asker: Asker, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        if entry.ticket.state == TicketState::Asked {
            entry.askers.push(asker);
        } else {
            let when = entry.ticket.when;
            self.out.push_back(Output::Promise { asker, ticket: id, when });
        }
    }

    /// A ticket that outlived a crash. What the citizen may have been promised is honoured;
    /// who was being called is left in peace for a while.
    pub(super) fn restore(&mut self, now: Now, ticket: Ticket) {
        let (id, state) = (ticket.id, ticket.state);
        self.next = self.next.max(id.0 + 1);
        self.tally.count(ticket.asked, Claim::restored(&ticket));
        if state.is_over() || self.tickets.contains_key(&id) {
            return;
        }
        let twin = self.by_number.get(&super::key(&ticket)).copied();
        self.add(ticket);
        match state {
            TicketState::Asked => self.on(id, TicketEvent::Kept),
            TicketState::Dialling => self.interrupted(now, id),
            TicketState::Connected => self.talked(id),
            TicketState::Kept
            | TicketState::Retry
            | TicketState::Done
            | TicketState::GivenUp
            | TicketState::Cancelled
            | TicketState::Refused => {}
        }
        if let Some(twin) = twin {
            self.replace(now, twin.min(id), twin.max(id));
        }
        if self.stage == Stage::Running {
            self.wind(now, id);
        }
    }

    /// Two open tickets of one number: the later could be asked for because the earlier was
    /// over, and a crash has lost its end.
    fn replace(&mut self, now: Now, earlier: TicketId, later: TicketId) {
        let Some(old) = self.ticket(earlier).filter(|ticket| !ticket.state.is_over()) else { return };
        let (interrupted, name) = (old.due > now.wall && !old.attempts.is_empty(), super::key(old));
        let due = old.due;
        self.end(earlier, TicketEvent::Cancel, Reason::Cancelled(By::Replaced));
        if self.ticket(later).is_some_and(|ticket| !ticket.state.is_over()) {
            self.by_number.insert(name, later);
            if interrupted {
                self.change(later, |entry| entry.ticket.due = entry.ticket.due.max(due));
            }
        }
    }

    pub(super) fn kept(&mut self, now: Now, id: TicketId, version: u32) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| entry.ticket.version == version) else { return };
        let (attempt, when) = (entry.ticket.attempt(), entry.ticket.when);
        match entry.ticket.state {
            TicketState::Asked => {
                // Not written again: a ticket that is read back as asked counts as kept.
                entry.ticket.state = TicketState::Kept;
                let askers = std::mem::take(&mut entry.askers);
                self.wind(now, id);
                self.out.extend(askers.into_iter().map(|asker| Output::Promise { asker, ticket: id, when }));
            }
            TicketState::Dialling if entry.dialled < attempt => {
                entry.dialled = attempt;
                self.out.push_back(Output::Dial { ticket: id, nth: attempt });
            }
            TicketState::Connected => self.bridge(id),
            TicketState::Done | TicketState::GivenUp | TicketState::Cancelled | TicketState::Refused => {
                let askers = std::mem::take(&mut entry.askers);
                self.out.extend(askers.into_iter().map(|asker| Output::Cancelled { asker, ticket: id }));
                self.forget(id);
            }
            TicketState::Kept | TicketState::Dialling | TicketState::Retry => {}
        }
    }

    pub(super) fn not_kept(&mut self, now: Now, id: TicketId, version: u32) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| entry.ticket.version == version) else { return };
        let (attempt, state, dialled) = (entry.ticket.attempt(), entry.ticket.state, entry.dialled);
        let askers = std::mem::take(&mut entry.askers);
        self.out.extend(askers.into_iter().map(|asker| Output::Refused { asker, why: Refused::NotKept }));
        match state {
            // It may be half on the disk all the same: its end is written too.
            TicketState::Asked => self.end(id, TicketEvent::NotKept, Reason::NotWritten),
            TicketState::Dialling if dialled < attempt => {
                self.out.push_back(Output::Stop { ticket: id });
                self.failed(now, id, (attempt, Outcome::Stopped), None);
            }
            state => {
                // The citizen is on the line, and silence would be worse than the small
                // risk of a second call, which is counted.
                if state == TicketState::Connected {
                    self.bridge(id);
                }
                self.timers.insert((now.mono + self.rules.rewrite, Timer::Rewrite(id)));
            }
        }
    }

    /// Somebody else has changed the ticket in the store: nobody is called for it from here.
    pub(super) fn overtaken(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        let (askers, state) = (std::mem::take(&mut entry.askers), entry.ticket.state);
        let why = Refused::Cancelled;
        self.out.extend(askers.into_iter().map(|asker| Output::Refused { asker, why }));
        match state {
            // Two people talk: that is let be.
            TicketState::Connected => self.bridge(id),
            TicketState::Dialling => self.out.push_back(Output::Stop { ticket: id }),
            _ => {}
        }
        if state != TicketState::Connected {
            self.go_home(id);
        }
        self.forget(id);
    }

    /// A person is forgotten, also in the caps.
    pub(super) fn erase(&mut self, number: &PhoneNumber) {
        let number = number.international();
        let theirs = |entry: &super::Entry| entry.ticket.number.reveal().international() == number;
        let ids: Vec<TicketId> = self.tickets.iter().filter(|(_, entry)| theirs(entry)).map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| self.overtaken(id));
        self.tally.erase(&Private::new(number));
    }

    pub(super) fn cancel(&mut self, now: Now, asker: Asker, (id, by): (TicketId, By)) {
        let refused = |why| Output::Refused { asker, why };
        let Some(entry) = self.tickets.get_mut(&id) else {
            return self.out.push_back(refused(Refused::Unknown));
        };
        match entry.ticket.state {
            TicketState::Asked | TicketState::Kept | TicketState::Retry => {
                let others = std::mem::replace(&mut entry.askers, vec![asker]);
                let why = Refused::Cancelled;
                self.out.extend(others.into_iter().map(|asker| Output::Refused { asker, why }));
                self.end(id, TicketEvent::Cancel, Reason::Cancelled(by));
            }
            TicketState::Cancelled => entry.askers.push(asker),
            TicketState::Dialling if by == By::Phone => self.cancel_dialled(now, asker, id),
            TicketState::Dialling | TicketState::Connected => self.out.push_back(refused(Refused::TooLate)),
            TicketState::Done | TicketState::GivenUp | TicketState::Refused => {
                self.out.push_back(refused(Refused::Unknown));
            }
        }
    }

    /// Who asked has gone before the answer, or was told that nothing is noted: then nothing is.
    pub(super) fn forget_asker(&mut self, asker: Asker) {
        let Some(id) = self.made.remove(&asker) else { return };
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        entry.maker = None;
        entry.askers.retain(|other| *other != asker);
        let wanted = !entry.askers.is_empty();
        if !wanted && (entry.ticket.waits() || entry.ticket.state == TicketState::Asked) {
            self.end(id, TicketEvent::Cancel, Reason::Cancelled(By::Unpromised));
        }
    }

    /// The open ticket of a number in a queue.
    pub fn open_ticket(&self, number: &PhoneNumber, queue: &QueueName) -> Option<TicketId> {
        self.by_number.get(&(Private::new(number.international()), queue.clone())).copied()
    }
}

fn open(id: TicketId, now: Now, wish: Wish) -> Ticket {
    let due = match wish.when {
        When::Soon => now.wall,
        When::Slot { from, .. } => from.max(now.wall),
    };
    Ticket {
        id,
        version: 0,
        state: TicketState::Asked,
        number: wish.number,
        queue: wish.queue,
        needs: wish.needs,
        priority: wish.priority,
        language: wish.language,
        source: wish.source,
        reason: wish.reason,
        message: wish.message,
        code: wish.code,
        asked: now.wall,
        since: wish.since.min(now.wall),
        when: wish.when,
        due,
        attempts: Vec::new(),
        redialled: 0,
        ended: None,
    }
}
