//! Who has a turn: times, opening hours, the line.

use std::time::Duration;

use super::{Book, Stage, Timer};
use crate::base::{Instant, Now, QueueName, TicketId, WallTime};
use crate::callback::{Allowed, Door, Line, Output, Reason, Ticket, TicketEvent, Turn, TurnEvent, When};

impl Book {
    /// The store has no more: everybody who is due gets in line, in the order of arrival.
    pub(super) fn ready(&mut self, now: Now) {
        if self.stage == Stage::Reading {
            self.stage = Stage::Running;
            self.wind_all(now, |_| true);
        }
    }

    /// Takes everybody out of their lines, so that the agents are there for who is on the phone.
    pub(super) fn rest(&mut self) {
        self.stage = Stage::Resting;
        let lined = self.tickets.iter().filter(|(_, entry)| entry.turn == Turn::Line);
        for id in lined.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.go_home(id);
        }
    }

    pub(super) fn hours(&mut self, now: Now, queue: QueueName, allowed: Allowed) {
        let door = allowed.door(now.wall);
        self.doors.insert(queue.clone(), (allowed, door));
        self.look_at_door(now, queue);
    }

    pub(super) fn expire(&mut self, now: Now) {
        while let Some((at, timer)) = self.timers.first().cloned().filter(|(at, _)| *at <= now.mono) {
            self.timers.remove(&(at, timer.clone()));
            match timer {
                Timer::Wake(id) => self.wake(now, id),
                Timer::Rewrite(id) => self.keep(id),
                Timer::Door(queue) => self.look_at_door(now, queue),
            }
        }
    }

    /// Puts a waiting ticket where it belongs now: at home until it is due and open, then in the line.
    pub(super) fn wind(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id).filter(|entry| entry.turn == Turn::Home) else { return };
        if self.stage != Stage::Running || !entry.ticket.waits() {
            return;
        }
        let (due, end) = (entry.ticket.due, self.last_moment(&entry.ticket));
        if end <= now.wall {
            return self.end(id, TicketEvent::Expired, Reason::Expired);
        }
        if due > now.wall {
            return self.wake_on(id, mono(now, due.min(end)));
        }
        if let Some(until) = entry.on_line(now) {
            return self.wake_on(id, until.min(mono(now, end)));
        }
        self.wake_on(id, mono(now, end));
        if self.is_open(id) {
            self.step_in(id);
        }
    }

    /// Has a ticket looked at then, and not at the moment that was meant before: each look says
    /// when the next is.
    pub(super) fn wake_on(&mut self, id: TicketId, at: Instant) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        if let Some(before) = entry.wake.replace(at) {
            self.timers.remove(&(before, Timer::Wake(id)));
        }
        self.timers.insert((at, Timer::Wake(id)));
    }

    fn step_in(&mut self, id: TicketId) {
        self.move_on(id, TurnEvent::Due);
        let Some(entry) = self.tickets.get(&id) else { return };
        let ticket = &entry.ticket;
        let from = match entry.maker {
            Some(super::Asker::Call(call)) if ticket.attempts.is_empty() && ticket.when == When::Soon => Some(call),
            Some(_) | None => None,
        };
        self.out.push_back(Output::Join(Line {
            ticket: id,
            queue: ticket.queue.clone(),
            from,
            needs: ticket.needs.clone(),
            priority: ticket.priority,
            since: since(ticket),
        }));
    }

    /// Takes a ticket out of its line, with whoever rings for it.
    pub(super) fn go_home(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        entry.agent = None;
        match entry.turn {
            Turn::Home => return,
            Turn::Line => {}
            Turn::Offered => self.out.push_back(Output::Stop { ticket: id }),
            Turn::Calling => {}
        }
        self.out.push_back(Output::Leave { ticket: id });
        self.move_on(id, TurnEvent::Home);
    }

    pub(super) fn is_open(&self, id: TicketId) -> bool {
        let door = self.ticket(id).and_then(|ticket| self.doors.get(&ticket.queue));
        door.is_some_and(|(_, door)| door.is_open())
    }

    fn wake(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id) else { return };
        let over = self.last_moment(&entry.ticket) <= now.wall;
        match entry.turn {
            Turn::Line if over => self.end(id, TicketEvent::Expired, Reason::Expired),
            Turn::Home => self.wind(now, id),
            // An attempt that runs is let run; afterwards it is looked again.
            Turn::Line | Turn::Offered | Turn::Calling => {}
        }
    }

    /// A queue may have opened, or closed: nobody is called when it is closed.
    fn look_at_door(&mut self, now: Now, queue: QueueName) {
        let Some((allowed, door)) = self.doors.get_mut(&queue) else { return };
        *door = allowed.door(now.wall);
        let door = *door;
        let next = mono(now, door.until()).min(now.mono + LOOK);
        self.timers.insert((next.max(now.mono + SOON), Timer::Door(queue.clone())));
        match door {
            Door::Open { .. } => self.wind_all(now, |ticket| ticket.queue == queue),
            Door::Shut { .. } => {
                let waits = |turn| matches!(turn, Turn::Line | Turn::Offered);
                let here = self.tickets.iter().filter(|(_, e)| e.ticket.queue == queue && waits(e.turn));
                let ids: Vec<TicketId> = here.map(|(id, _)| *id).collect();
                for id in ids {
                    self.go_home(id);
                }
            }
        }
    }

    fn wind_all(&mut self, now: Now, which: impl Fn(&Ticket) -> bool) {
        let home = self.tickets.values().filter(|entry| entry.turn == Turn::Home && which(&entry.ticket));
        let mut all: Vec<(WallTime, TicketId)> = home.map(|e| (since(&e.ticket), e.ticket.id)).collect();
        all.sort_unstable();
        for (_, id) in all {
            self.wind(now, id);
        }
    }

    /// When a ticket is worth no call any more.
    fn last_moment(&self, ticket: &Ticket) -> WallTime {
        let wanted = match ticket.when {
            When::Soon => ticket.asked,
            When::Slot { to, .. } => to,
        };
        wanted + self.rules.longest
    }
}

/// Since when a ticket's place counts: who wants to be called later does not wait before.
pub(super) fn since(ticket: &Ticket) -> WallTime {
    match ticket.when {
        When::Soon => ticket.since,
        When::Slot { from, .. } => from,
    }
}

/// A moment of the wall's clock on the other one; the past is now.
pub(super) fn mono(now: Now, at: WallTime) -> Instant {
    now.mono + Duration::from_millis(u64::try_from(at.millis() - now.wall.millis()).unwrap_or(0))
}

/// Doors are looked at at least so often, in case that the wall's clock is set.
const LOOK: Duration = Duration::from_secs(600);
/// … and not more often than so.
const SOON: Duration = Duration::from_secs(1);
