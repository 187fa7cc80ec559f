//! What becomes of a ticket whose turn it is: the agent, the citizen, the talk.

use std::time::Duration;

use super::{Book, Stage};
use crate::base::{AgentName, Instant, Now, TicketId, WallTime, limits};
use crate::callback::{
    Attempt, DialogName, Outcome, Output, Reason, Ticket, TicketEvent, TicketState, Turn, TurnEvent,
};

impl Book {
    pub(super) fn offered(&mut self, now: Now, id: TicketId, agent: AgentName) {
        if self.turn(id) != Some(Turn::Line) {
            // It has left the line meanwhile: the agent is free again.
            return self.out.push_back(Output::Leave { ticket: id });
        }
        if self.stage == Stage::Resting {
            return self.go_home(id);
        }
        if self.on_line(now, id).is_some() {
            self.go_home(id);
            return self.wind(now, id);
        }
        if self.is_called_elsewhere(id) {
            self.go_home(id);
            return self.wake_at(now, id, now.wall + self.rules.spacing);
        }
        self.move_on(id, TurnEvent::Offered);
        let first = self.rules.first;
        self.change(id, |entry| entry.agent = Some(agent.clone()));
        if let Some(entry) = self.tickets.get(&id) {
            self.out.push_back(Output::Ring { ticket: Box::new(entry.ticket.clone()), agent, first });
        }
    }

    /// Its queue is full, or gone: later, perhaps.
    pub(super) fn no_place(&mut self, now: Now, id: TicketId) {
        if self.turn(id) == Some(Turn::Line) {
            self.go_home(id);
            self.wake_at(now, id, now.wall + NO_PLACE);
        }
    }

    pub(super) fn missed(&mut self, id: TicketId, agent: &AgentName) {
        if self.is_offered_to(id, agent) {
            self.change(id, |entry| entry.agent = None);
            self.move_on(id, TurnEvent::Missed);
            if self.stage == Stage::Resting {
                self.go_home(id);
            }
        }
    }

    pub(super) fn accepted(&mut self, now: Now, id: TicketId, (agent, dialog): (&AgentName, DialogName)) {
        if !self.is_offered_to(id, agent) || !self.is_open(id) || self.is_called_elsewhere(id) {
            self.out.push_back(Output::Stop { ticket: id });
            self.go_home(id);
            return self.wind(now, id);
        }
        self.change(id, |entry| {
            let nth = entry.ticket.attempt() + 1;
            let agent = agent.clone();
            entry.ticket.attempts.push(Attempt { nth, at: now.wall, agent, dialog, outcome: None });
        });
        self.move_on(id, TurnEvent::Accepted);
        self.on(id, TicketEvent::Dial);
    }

    pub(super) fn rings(&mut self, id: TicketId, nth: u32, to_tag: String) {
        let Some(attempt) = self.current(id, nth, TicketState::Dialling) else { return };
        if attempt.dialog.to_tag.as_ref() != Some(&to_tag) {
            attempt.dialog.to_tag = Some(to_tag);
            self.write(id);
        }
    }

    pub(super) fn answered(&mut self, id: TicketId, nth: u32) {
        if self.current(id, nth, TicketState::Dialling).is_some() {
            self.on(id, TicketEvent::Answered);
        }
    }

    /// The two hear each other, once.
    pub(super) fn bridge(&mut self, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        let nth = entry.ticket.attempt();
        if entry.bridged < nth {
            entry.bridged = nth;
            self.out.push_back(Output::Bridge { ticket: id, nth });
        }
    }

    pub(super) fn talk_ended(&mut self, id: TicketId, nth: u32) {
        if self.current(id, nth, TicketState::Connected).is_some() {
            self.talked(id);
        }
    }

    pub(super) fn talked(&mut self, id: TicketId) {
        self.change(id, |entry| {
            if let Some(attempt) = entry.ticket.attempts.last_mut() {
                attempt.outcome = Some(Outcome::Talked);
            }
        });
        self.end(id, TicketEvent::Ended, Reason::Talked);
    }

    pub(super) fn failed(&mut self, now: Now, id: TicketId, (nth, why): (u32, Outcome), not_before: Option<Duration>) {
        let state = self.ticket(id).map(|ticket| ticket.state);
        let Some(state) = state.filter(|s| matches!(s, TicketState::Dialling | TicketState::Connected)) else { return };
        // Whose phone is busy with a call to us has not failed to answer.
        let on_line = self.on_line(now, id).is_some();
        let why = if on_line { Outcome::Stopped } else { why };
        let Some(attempt) = self.current(id, nth, state) else { return };
        attempt.outcome = Some(why);
        if why == Outcome::NoLine {
            self.undialled(id);
        }
        self.go_home(id);
        let Some(entry) = self.tickets.get(&id) else { return };
        if let Some(reason) = entry.cut_off {
            self.on(id, TicketEvent::Failed);
            return self.end(id, TicketEvent::Cancel, reason);
        }
        let ticket = &entry.ticket;
        let often = ticket.attempts.len() >= limits::CALLBACKS_INTERRUPTED;
        if !why.may_change() || often || ticket.tried() >= self.rules.attempts {
            return self.end(id, TicketEvent::Exhausted, Reason::NotReached(why));
        }
        let asked = not_before.unwrap_or_default().min(limits::CALLBACK_ASKED);
        let pause = match why {
            _ if on_line => Duration::ZERO,
            Outcome::NoLine => asked.max(NO_PLACE),
            _ => asked.max(self.rules.spacing),
        };
        self.again(now, id, now.wall + pause);
    }

    /// Nobody was called after all: the attempt is as if it had not been, however often that happens.
    fn undialled(&mut self, id: TicketId) {
        self.change(id, |entry| {
            entry.ticket.attempts.pop();
            entry.dialled = entry.dialled.min(entry.ticket.attempt());
        });
    }

    /// What was made for a ticket is gone with whoever made it.
    pub(super) fn lost(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get(&id) else { return };
        let (nth, dialled) = (entry.ticket.attempt(), entry.dialled);
        match self.ticket(id).map(|ticket| ticket.state) {
            // Nobody was dialled yet.
            Some(TicketState::Dialling) if dialled < nth => self.failed(now, id, (nth, Outcome::Stopped), None),
            Some(TicketState::Dialling) => self.interrupted(now, id),
            Some(TicketState::Connected) => self.talked(id),
            Some(_) if self.turn(id) == Some(Turn::Offered) => {
                self.go_home(id);
                self.wind(now, id);
            }
            Some(_) | None => {}
        }
    }

    /// A call was cut off while the citizen was dialled: the citizen may have answered, and
    /// then a second call follows. That is counted until the old dialog is known to have had no answer.
    pub(super) fn interrupted(&mut self, now: Now, id: TicketId) {
        let Some(entry) = self.tickets.get_mut(&id) else { return };
        entry.ticket.redialled += 1;
        if let Some(attempt) = entry.ticket.attempts.last_mut() {
            attempt.outcome = Some(Outcome::Interrupted);
            let (number, attempt) = (entry.ticket.number.clone(), Box::new(attempt.clone()));
            self.out.push_back(Output::EndOld { ticket: id, number, attempt });
        }
        self.go_home(id);
        if let Some(reason) = self.tickets.get(&id).and_then(|entry| entry.cut_off) {
            self.on(id, TicketEvent::Failed);
            return self.end(id, TicketEvent::Cancel, reason);
        }
        if self.ticket(id).is_some_and(|ticket| ticket.attempts.len() >= limits::CALLBACKS_INTERRUPTED) {
            return self.end(id, TicketEvent::Exhausted, Reason::NotReached(Outcome::Interrupted));
        }
        self.again(now, id, now.wall + self.rules.guard);
    }

    pub(super) fn old_unanswered(&mut self, id: TicketId, nth: u32) {
        let Some(entry) = self.tickets.get_mut(&id).filter(|entry| !entry.ticket.state.is_over()) else { return };
        let ticket = &mut entry.ticket;
        let old = ticket.attempts.iter_mut().find(|a| a.nth == nth && a.outcome == Some(Outcome::Interrupted));
        if let Some(old) = old {
            old.outcome = Some(Outcome::Stopped);
            ticket.redialled = ticket.redialled.saturating_sub(1);
            self.write(id);
        }
    }

    fn again(&mut self, now: Now, id: TicketId, due: WallTime) {
        self.change(id, |entry| entry.ticket.due = due);
        self.on(id, TicketEvent::Failed);
        self.wind(now, id);
    }

    /// The attempt that a message speaks of, if it is the present one.
    fn current(&mut self, id: TicketId, nth: u32, state: TicketState) -> Option<&mut Attempt> {
        let entry = self.tickets.get_mut(&id).filter(|entry| entry.ticket.state == state)?;
        entry.ticket.attempts.last_mut().filter(|attempt| attempt.nth == nth)
    }

    pub(super) fn on_line(&self, now: Now, id: TicketId) -> Option<Instant> {
        self.tickets.get(&id).and_then(|entry| entry.on_line(now))
    }

    fn is_offered_to(&self, id: TicketId, agent: &AgentName) -> bool {
        let offered = |entry: &&super::Entry| entry.turn == Turn::Offered && entry.agent.as_ref() == Some(agent);
        self.tickets.get(&id).filter(offered).is_some()
    }

    /// Whether the same citizen is being called for another ticket.
    fn is_called_elsewhere(&self, id: TicketId) -> bool {
        let Some(number) = self.ticket(id).map(|ticket| ticket.number.reveal().clone()) else { return false };
        let live = |ticket: &Ticket| matches!(ticket.state, TicketState::Dialling | TicketState::Connected);
        let offered = |other| self.turn(other) == Some(Turn::Offered);
        self.of(&number).any(|other| other != id && (offered(other) || self.ticket(other).is_some_and(live)))
    }

    fn wake_at(&mut self, now: Now, id: TicketId, at: WallTime) {
        self.change(id, |entry| entry.ticket.due = entry.ticket.due.max(at));
        self.wake_on(id, super::turns::mono(now, at));
    }
}

/// How long until a full queue is asked again.
const NO_PLACE: Duration = Duration::from_secs(60);
