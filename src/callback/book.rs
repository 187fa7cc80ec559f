use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{Input, Output, Refused, Rules, Ticket, TicketEvent, TicketState};
use crate::base::{CallId, Instant, Lifecycle, Now, PhoneNumber, Private, QueueName, TicketId, WallTime};

/// Every open ticket: what is promised, what is due, what is being dialled.
#[derive(Debug)]
pub struct Book {
    rules: Rules,
    tickets: BTreeMap<TicketId, Entry>,
    /// One open ticket per number.
    by_number: BTreeMap<PhoneNumber, TicketId>,
    /// A timer that is not wanted any more is left in, and finds nothing to do.
    timers: BTreeSet<(Instant, TicketId, Timer)>,
    next: u64,
    out: VecDeque<Output>,
}

#[derive(Debug)]
struct Entry {
    ticket: Ticket,
    /// Who waits for the promise.
    askers: Vec<CallId>,
    /// The attempt that was dialled last, so that none is dialled twice.
    dialled: u32,
}

/// The deadlines of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// It is time to call, or to call again.
    Due,
    /// What could not be written is written again.
    Rewrite,
}

impl Book {
    /// An empty book; `first` is an id that no ticket ever had.
    pub fn new(rules: Rules, first: TicketId) -> Self {
        Self {
            rules,
            tickets: BTreeMap::new(),
            by_number: BTreeMap::new(),
            timers: BTreeSet::new(),
            next: first.0,
            out: VecDeque::new(),
        }
    }

    /// Takes what happened; [`Book::poll`] has the consequences.
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Restored(ticket) => self.restore(now, ticket),
            Input::Ask { call, number, queue, due } => self.ask(now, call, number, queue, due),
            Input::Kept { ticket, version } => self.kept(now, ticket, version),
            Input::NotKept { ticket, version } => self.not_kept(now, ticket, version),
            Input::Dial { ticket } => {
                if self.is(ticket, TicketState::Due) {
                    self.change(ticket, |entry| entry.ticket.attempts += 1);
                    self.turn(ticket, TicketEvent::Dial);
                }
            }
            Input::Answered { ticket } => self.turn(ticket, TicketEvent::Answered),
            Input::Failed { ticket } => self.failed(now, ticket),
            Input::TalkEnded { ticket } => self.turn(ticket, TicketEvent::Ended),
            Input::Cancel { ticket } => self.cancel(ticket),
            Input::Tick => {}
        }
        self.expire(now);
    }

    /// The next consequence.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When a [`Input::Tick`] is wanted at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.first().map(|(at, ..)| *at)
    }

    /// An open ticket.
    pub fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id).map(|entry| &entry.ticket)
    }

    /// The open ticket of a number.
    pub fn of(&self, number: &PhoneNumber) -> Option<TicketId> {
        self.by_number.get(&number.international()).copied()
    }

    fn ask(&mut self, now: Now, call: CallId, number: Private<PhoneNumber>, queue: QueueName, due: WallTime) {
        if let Some(entry) = self.of(number.reveal()).and_then(|id| self.tickets.get_mut(&id)) {
            if entry.ticket.state == TicketState::Asked {
                entry.askers.push(call);
            } else {
                self.out.push_back(Output::Promise { call, ticket: entry.ticket.id });
            }
            return;
        }
        if self.tickets.len() >= self.rules.capacity {
            return self.out.push_back(Output::Refused { call, why: Refused::Full });
        }
        let id = TicketId(self.next);
        let state = TicketState::Asked;
        self.add(Ticket { id, version: 0, state, number, queue, asked: now.wall, due, attempts: 0 });
        self.change(id, |entry| entry.askers.push(call));
        self.keep(id);
    }

    /// A ticket that outlived a crash. What the caller may have been promised is
    /// honoured; who was being called is left in peace for a while.
    fn restore(&mut self, now: Now, ticket: Ticket) {
        let (id, state) = (ticket.id, ticket.state);
        self.add(ticket);
        match state {
            TicketState::Asked => {
                self.turn(id, TicketEvent::Kept);
                self.wake_when_due(now, id);
            }
            TicketState::Kept | TicketState::Retry => self.wake_when_due(now, id),
            TicketState::Due => self.tell_due(id),
            TicketState::Dialling => {
                let due = now.wall + self.rules.guard;
                self.change(id, |entry| entry.ticket.due = due);
                self.turn(id, TicketEvent::Failed);
                self.wake_when_due(now, id);
            }
            TicketState::Connected => self.turn(id, TicketEvent::Ended),
            TicketState::Done | TicketState::GivenUp | TicketState::Cancelled | TicketState::Refused => self.forget(id),
        }
    }

    fn kept(&mut self, now: Now, id: TicketId, version: u32) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| entry.ticket.version == version) else { return };
        let askers = std::mem::take(&mut entry.askers);
        match entry.ticket.state {
            TicketState::Asked => {
                // Not written again: a ticket that is read back as asked counts as kept.
                entry.ticket.state = TicketState::Kept;
                self.out.extend(askers.into_iter().map(|call| Output::Promise { call, ticket: id }));
                self.wake_when_due(now, id);
            }
            TicketState::Dialling if entry.dialled < entry.ticket.attempts => {
                entry.dialled = entry.ticket.attempts;
                self.out.push_back(Output::Dial { ticket: id, number: entry.ticket.number.clone() });
            }
            state if state.is_over() => self.forget(id),
            _ => {}
        }
    }

    fn not_kept(&mut self, now: Now, id: TicketId, version: u32) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| entry.ticket.version == version) else { return };
        if entry.ticket.state == TicketState::Asked {
            let askers = std::mem::take(&mut entry.askers);
            self.out.extend(askers.into_iter().map(|call| Output::Refused { call, why: Refused::NotKept }));
            // It may be half on the disk all the same: its end is written too.
            self.turn(id, TicketEvent::NotKept);
        } else {
            self.timers.insert((now.mono + self.rules.rewrite, id, Timer::Rewrite));
        }
    }

    fn failed(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id).filter(|_| self.is(id, TicketState::Dialling)) else { return };
        if entry.ticket.attempts >= self.rules.attempts {
            return self.turn(id, TicketEvent::Exhausted);
        }
        let due = now.wall + self.rules.spacing;
        self.change(id, |entry| entry.ticket.due = due);
        self.turn(id, TicketEvent::Failed);
        self.wake_when_due(now, id);
    }

    fn cancel(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        let askers = std::mem::take(&mut entry.askers);
        self.out.extend(askers.into_iter().map(|call| Output::Refused { call, why: Refused::Cancelled }));
        self.turn(id, TicketEvent::Cancel);
    }

    fn expire(&mut self, now: Now) {
        while let Some((_, id, timer)) = self.timers.first().copied().filter(|(at, ..)| *at <= now.mono) {
            self.timers.pop_first();
            match timer {
                Timer::Due if self.is(id, TicketState::Kept) || self.is(id, TicketState::Retry) => {
                    self.turn(id, TicketEvent::Due);
                    self.tell_due(id);
                }
                Timer::Due => {}
                Timer::Rewrite => self.keep(id),
            }
        }
    }

    fn tell_due(&mut self, id: TicketId) {
        if let Some(entry) = self.tickets.get(&id) {
            self.out.push_back(Output::Due { ticket: id, queue: entry.ticket.queue.clone() });
        }
    }

    fn wake_when_due(&mut self, now: Now, id: TicketId) {
        let Some(due) = self.ticket(id).map(|ticket| ticket.due) else { return };
        let left = u64::try_from(due.millis() - now.wall.millis()).unwrap_or(0);
        self.timers.insert((now.mono + Duration::from_millis(left), id, Timer::Due));
    }

    fn is(&self, id: TicketId, state: TicketState) -> bool {
        self.ticket(id).is_some_and(|ticket| ticket.state == state)
    }

    fn add(&mut self, ticket: Ticket) {
        self.next = self.next.max(ticket.id.0 + 1);
        self.by_number.insert(ticket.number.reveal().international(), ticket.id);
        self.tickets.insert(ticket.id, Entry { ticket, askers: Vec::new(), dialled: 0 });
    }

    fn forget(&mut self, id: TicketId) {
        self.free_number(id);
        self.tickets.remove(&id);
    }

    fn change(&mut self, id: TicketId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.tickets.get_mut(&id) {
            change(entry);
        }
    }

    /// Moves a ticket along the table; every move is written down. A number whose
    /// ticket is over may ask for another at once.
    fn turn(&mut self, id: TicketId, event: TicketEvent) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        let Some(state) = entry.ticket.state.on(event) else { return };
        entry.ticket.state = state;
        entry.ticket.version += 1;
        if state.is_over() {
            self.free_number(id);
        }
        self.keep(id);
    }

    fn free_number(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get(&id) else { return };
        let number = entry.ticket.number.reveal().international();
        if self.by_number.get(&number) == Some(&id) {
            self.by_number.remove(&number);
        }
    }

    fn keep(&mut self, id: TicketId) {
        if let Some(entry) = self.tickets.get(&id) {
            self.out.push_back(Output::Keep(entry.ticket.clone()));
        }
    }
}
