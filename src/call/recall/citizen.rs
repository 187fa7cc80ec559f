//! The citizen is called first, while an agent is kept free; then the agent is rung.
//!
//! Nobody is left without a word: who answers hears who calls, then the queue's music. An
//! agent who does not answer leaves the citizen in the ticket's place, and the next one is rung.

use std::time::Duration;

use super::{Recall, Timer};
use crate::base::{AgentName, LegId, Now, PlayId};
use crate::call::{Confirm, Output, Reach, RecallEvent, RecallStage};
use crate::callback;
use crate::engine::{MusicFrom, Sound};
use crate::media;
use crate::queue::{self, Missed, Parted};
use crate::sip;
use crate::speech::{self, CallbackWords, Sentence};

/// What the board knows of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// It knows of none.
    Nobody,
    /// The phone rings.
    Rung,
    /// The agent has the call, or is kept free for it.
    Taken,
}

impl Recall {
    /// Keeps the agent free, and asks the book for the citizen.
    pub(super) fn reserve(&mut self) {
        let (ticket, agent, dialog) = (self.order.ticket.id, self.order.agent.clone(), self.order.dialog.clone());
        self.held = Held::Taken;
        self.board(queue::Input::Answered { who: ticket.into(), agent: agent.clone() });
        self.book(callback::Input::Accepted { ticket, agent, dialog });
    }

    /// The citizen has answered: hears who calls, while the agent is rung.
    pub(super) fn greet(&mut self, now: Now) {
        self.go(RecallEvent::Greeted);
        let language = self.order.ticket.language;
        let mut words = speech::callback(language, CallbackWords::Greeting);
        words.append(speech::sentence(language, Sentence::ToAgent));
        let (leg, sound) = (self.citizen_leg(), Sound::Phrase(words));
        self.outputs.push_back(Output::Play { leg, play: GREETING, sound, stop_on_key: false });
        self.ring_agent(now);
    }

    /// Music, once the citizen has heard who calls.
    pub(super) fn greeted(&mut self, leg: LegId, play: PlayId) {
        let waits = matches!(self.stage, RecallStage::Waiting | RecallStage::Answered);
        if leg == self.citizen_leg() && play == GREETING && waits {
            let sound = Sound::Music { name: self.order.music.clone(), from: MusicFrom::Start };
            self.outputs.push_back(Output::Play { leg, play: MUSIC, sound, stop_on_key: false });
        }
    }

    fn ring_agent(&mut self, now: Now) {
        self.timers.set(Timer::Phone, now.mono + self.order.ring);
        self.outputs.push_back(Output::OpenMedia { leg: self.agent_leg() });
    }

    /// The board has an agent for who waits: another one than before.
    pub(super) fn offered(&mut self, now: Now, agent: AgentName, ring: Duration) {
        if self.stage == RecallStage::Waiting && self.held == Held::Nobody {
            self.held = Held::Rung;
            (self.order.agent, self.order.ring) = (agent, ring);
            self.rung = (self.rung + 1) % AGENT_LEGS;
            self.ring_agent(now);
        }
    }

    /// The agent has picked up: who may be a machine presses 1 first.
    pub(super) fn agent_up(&mut self, now: Now) {
        match self.settings.reach(&self.order.agent) {
            Reach::Number { confirm: Confirm::Key, .. } => {
                self.timers.set(Timer::Phone, now.mono + PRESS_WITHIN);
                self.brief(now);
            }
            Reach::Number { .. } | Reach::Registered => self.taken(),
        }
    }

    /// The agent has the call; the two hear each other once that is written down.
    pub(super) fn taken(&mut self) {
        let (ticket, nth, agent) = (self.order.ticket.id, self.nth(), self.order.agent.clone());
        self.timers.stop(Timer::Phone);
        self.timers.stop(Timer::Ask);
        self.go(RecallEvent::AgentTook);
        if self.held == Held::Rung {
            self.board(queue::Input::Answered { who: ticket.into(), agent });
        }
        self.held = Held::Taken;
        match self.may_talk {
            true => self.bridge(),
            false => self.book(callback::Input::Answered { ticket, nth }),
        }
    }

    /// The agent could not be had: the citizen keeps the place, with music, and the next one is rung.
    pub(super) fn agent_gone(&mut self, why: Missed) {
        let (who, agent) = (self.order.ticket.id.into(), self.order.agent.clone());
        let leg = self.agent_leg();
        self.agent = None;
        self.timers.stop(Timer::Phone);
        self.timers.stop(Timer::Ask);
        self.sip(sip::Command::End { leg });
        self.outputs.push_back(Output::Media(media::Command::Close { leg }));
        if self.stage == RecallStage::Answered {
            self.go(RecallEvent::AgentLost);
        }
        match std::mem::replace(&mut self.held, Held::Nobody) {
            Held::Taken => {
                let queue = self.order.ticket.queue.clone();
                self.board(queue::Input::Rejoin { who, queue, why: Parted::Declined(why) });
            }
            Held::Rung => self.board(queue::Input::Missed { who, agent, why }),
            // The board has taken the agent back itself.
            Held::Nobody => {}
        }
    }

    /// Whether this leg is the present agent's, who does not talk yet with the citizen who waits.
    pub(super) fn is_for_waiting(&self, leg: LegId) -> bool {
        let waits = matches!(self.stage, RecallStage::Waiting | RecallStage::Answered);
        self.order.first == callback::First::Citizen && waits && leg == self.agent_leg()
    }
}

/// What the citizen hears.
const GREETING: PlayId = PlayId(1);
const MUSIC: PlayId = PlayId(2);
/// The tone and the words; the board gives a ringing up 10 s after its time.
const PRESS_WITHIN: Duration = Duration::from_secs(9);
/// Legs that one call may have for agents one after the other, so that what comes late of one is not taken for the next one's.
const AGENT_LEGS: u64 = 200;
