//! How a call back ends, for whichever side.

use super::citizen::Held;
use super::{Recall, Timer};
use crate::base::{LegId, Now};
use crate::call::{By, Output, RecallEvent, RecallStage};
use crate::callback::{self, Outcome};
use crate::media;
use crate::queue::{self, Missed, Parted};
use crate::sip::{self, DialogEnd};

impl Recall {
    pub(super) fn on_ended(&mut self, leg: LegId, why: DialogEnd) {
        let agent = leg == self.agent_leg();
        if self.is_for_waiting(leg) {
            return self.agent_gone(if why == DialogEnd::Bye { Missed::Rejected } else { Missed::Unreachable });
        } else if agent {
            self.agent = None;
        } else if leg == self.citizen_leg() {
            self.citizen = None;
        } else {
            // Of an agent who was given up before.
            return;
        }
        if why == DialogEnd::Bye {
            self.marks.by = if agent { By::Agent } else { By::Caller };
        }
        match self.stage {
            RecallStage::Ringing | RecallStage::Briefed if agent => {
                self.agent_missed(if why == DialogEnd::Bye { Missed::Rejected } else { Missed::Unreachable });
            }
            // Who hangs up before the agent is heard was reached, but did not talk.
            RecallStage::Waiting | RecallStage::Answered if !agent => self.end(Outcome::Refused),
            RecallStage::Ringing
            | RecallStage::Briefed
            | RecallStage::Accepted
            | RecallStage::Dialling
            | RecallStage::Waiting
            | RecallStage::Answered
            | RecallStage::Talking
            | RecallStage::Over => self.end(Outcome::Stopped),
        }
    }

    pub(super) fn on_tick(&mut self, now: Now) {
        while let Some(timer) = self.timers.pop(now.mono) {
            match (timer, self.stage) {
                (Timer::Ask, _) => self.brief(now),
                (Timer::Phone, RecallStage::Dialling) => self.end(Outcome::NoAnswer),
                (Timer::Phone, RecallStage::Waiting) => self.agent_gone(Missed::NoAnswer),
                (Timer::Phone, _) => self.agent_missed(Missed::NoAnswer),
                (Timer::Longest, _) => self.end(Outcome::Stopped),
                // Set at the end alone, where it is waited for elsewhere.
                (Timer::Figures, _) => {}
            }
        }
    }

    /// The board takes the agent back, who has not accepted yet.
    pub(super) fn withdrawn(&mut self) {
        if self.stage == RecallStage::Ringing {
            let (ticket, agent) = (self.order.ticket.id, self.order.agent.clone());
            self.book(callback::Input::Missed { ticket, agent });
            self.over();
        } else if self.stage == RecallStage::Waiting && self.held == Held::Rung {
            self.held = Held::Nobody;
            self.agent_gone(Missed::NoAnswer);
        }
    }

    /// The agent could not be had, or does not want to: the ticket has its place again.
    pub(super) fn agent_missed(&mut self, why: Missed) {
        let (ticket, agent) = (self.order.ticket.id, self.order.agent.clone());
        self.book(callback::Input::Missed { ticket, agent: agent.clone() });
        let who = ticket.into();
        match self.stage {
            RecallStage::Ringing => self.board(queue::Input::Missed { who, agent, why }),
            _ => {
                let queue = self.order.ticket.queue.clone();
                self.board(queue::Input::Rejoin { who, queue, why: Parted::Declined(why) });
            }
        }
        self.over();
    }

    /// Tells the book how it went, and ends whatever there is.
    pub(super) fn end(&mut self, why: Outcome) {
        let (ticket, nth) = (self.order.ticket.id, self.nth());
        self.marks.ends(self.stage, why);
        match self.stage {
            RecallStage::Ringing | RecallStage::Briefed => {
                return if why == Outcome::Stopped { self.over() } else { self.agent_missed(Missed::Unreachable) };
            }
            RecallStage::Talking if why != Outcome::Machine => self.book(callback::Input::TalkEnded { ticket, nth }),
            RecallStage::Accepted
            | RecallStage::Dialling
            | RecallStage::Waiting
            | RecallStage::Answered
            | RecallStage::Talking => {
                self.book(callback::Input::Failed { ticket, nth, why, not_before: self.not_before });
            }
            RecallStage::Over => return,
        }
        // The book tells the board too, but not of a ticket that it has let go of meanwhile.
        let (who, agent) = (ticket.into(), self.order.agent.clone());
        self.board(queue::Input::TalkEnded { who, agent });
        self.over();
    }

    pub(super) fn over(&mut self) {
        self.go(RecallEvent::Ended);
        self.timers.clear();
        for leg in [self.agent_leg(), self.citizen_leg()] {
            self.sip(sip::Command::End { leg });
            self.outputs.push_back(Output::Media(media::Command::Close { leg }));
        }
        self.await_figures();
    }
}
