mod citizen;
mod ending;
mod record;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::leg::Leg;
use super::ring::leave_alone;
use super::{Beep, Conversation, Input, Output, Reach, RecallEvent, RecallOrder, RecallStage, Settings};
use crate::base::{CallId, Digit, Instant, LegId, Lifecycle, Now, PlayId, TimerTable};
use crate::callback::{self, DialogName, First, Outcome};
use crate::engine::Sound;
use crate::media;
use crate::queue::{self, Missed};
use crate::sip::{self, InviteName, Later, Target};
use crate::speech::{Phrase, press_one, purpose_line, recall};
use citizen::Held;
use record::{Figures, Marks};

/// The service calls a citizen back: rings the agent first, who hears whom and why and
/// accepts with 1, then the citizen, and lets the two hear each other. Or, where the order
/// says so, the citizen first, while the agent is kept free.
///
/// It asks the book before it dials and before it bridges: both are written down first.
#[derive(Debug)]
pub struct Recall {
    id: CallId,
    order: RecallOrder,
    stage: RecallStage,
    settings: Arc<Settings>,
    agent: Option<Leg>,
    citizen: Option<Leg>,
    /// What the board knows of the agent, where the citizen is called first.
    held: Held,
    /// How many agents were rung before the present one while the citizen waited.
    rung: u64,
    /// That the two hear each other is written down.
    may_talk: bool,
    /// How long the called side, or our caps, want the citizen not to be called.
    not_before: Option<Duration>,
    /// For the record.
    marks: Marks,
    figures: Figures,
    timers: TimerTable<Timer>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// When to give up a phone that rings, or an agent who presses no key.
    Phone,
    /// When to ask again for the key.
    Ask,
    /// When to end a talk that has lasted too long.
    Longest,
    /// When to wait no more for the figures of the legs.
    Figures,
}

impl Conversation for Recall {
    fn id(&self) -> CallId {
        self.id
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.stage == RecallStage::Over {
            return self.on_figures(now, input);
        }
        self.marks.now = now;
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Media(media::Event::Digit { leg, digit }) => self.on_digit(leg, digit),
            Input::Media(media::Event::Finished { leg, play }) => self.on_heard(leg, play),
            Input::Media(media::Event::Silent { leg, .. }) => self.sip(sip::Command::Ask { leg }),
            Input::Media(media::Event::Unkeyed { leg }) => self.sip(sip::Command::GiveUp { leg }),
            Input::MediaOpened { leg, local } => self.on_opened(now, leg, local),
            Input::Book(output) => self.on_book(now, &output),
            Input::Queue(queue::Output::Offer { agent, ring, .. }) => self.offered(now, agent, ring),
            Input::Queue(queue::Output::Withdraw { agent, .. }) if agent == self.order.agent => self.withdrawn(),
            Input::Replaced(incoming) => {
                self.sip(sip::Command::Reject { leg: incoming.leg, status: 403, retry_after: None });
            }
            Input::Shutdown => self.end(Outcome::Stopped),
            Input::Tick => self.on_tick(now),
            Input::Queue(_)
            | Input::Place(_)
            | Input::Message(_)
            | Input::LookUp(_)
            | Input::Watch(_)
            | Input::Watched(_)
            | Input::Media(media::Event::Closed { .. }) => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Instant> {
        self.timers.next().map(|(at, _)| at)
    }
}

impl Recall {
    /// Begins to ring the agent, or to keep the agent free.
    pub fn new(now: Now, id: CallId, order: RecallOrder, settings: Arc<Settings>) -> Self {
        let mut timers = TimerTable::default();
        timers.set(Timer::Longest, now.mono + settings.longest);
        let (first, ring) = (order.first, order.ring);
        let mut recall = Self {
            id,
            order,
            stage: if first == First::Agent { RecallStage::Ringing } else { RecallStage::Accepted },
            settings,
            agent: None,
            citizen: None,
            held: Held::Nobody,
            rung: 0,
            may_talk: false,
            not_before: None,
            marks: Marks::new(now),
            figures: Figures::default(),
            timers,
            outputs: VecDeque::new(),
        };
        match first {
            First::Agent => {
                recall.timers.set(Timer::Phone, now.mono + ring);
                recall.outputs.push_back(Output::OpenMedia { leg: recall.agent_leg() });
            }
            First::Citizen => recall.reserve(),
        }
        recall
    }

    /// How far it is.
    pub fn stage(&self) -> RecallStage {
        self.stage
    }

    /// The leg of the present agent.
    fn agent_leg(&self) -> LegId {
        let nth = if self.rung == 0 { 0 } else { self.rung + 1 };
        LegId((self.id.0 << 8) + nth)
    }

    fn citizen_leg(&self) -> LegId {
        LegId((self.id.0 << 8) + 1)
    }

    /// A leg that is there; nothing for one of an agent who was given up.
    fn leg_mut(&mut self, leg: LegId) -> Option<&mut Leg> {
        match leg {
            leg if leg == self.agent_leg() => self.agent.as_mut(),
            leg if leg == self.citizen_leg() => self.citizen.as_mut(),
            _ => None,
        }
    }

    /// The attempt that this call makes.
    fn nth(&self) -> u32 {
        self.order.ticket.attempt() + 1
    }

    fn on_opened(&mut self, now: Now, leg: LegId, local: Option<media::Port>) {
        let Some(local) = local else {
            return match self.is_for_waiting(leg) {
                true => self.agent_gone(Missed::Unreachable),
                false => self.end(Outcome::Unreachable),
            };
        };
        let mut own = Leg::new(leg, local);
        let other = if leg == self.agent_leg() { &self.citizen } else { &self.agent };
        let sdp = own.offer(other.as_ref().and_then(|other| other.stream.as_ref()).map(|s| s.codec));
        let from = self.order.service.clone();
        let rings = self.stage == RecallStage::Ringing || self.held != Held::Nobody && self.is_for_waiting(leg);
        if leg == self.agent_leg() && rings {
            self.agent = Some(own);
            let to = match self.settings.reach(&self.order.agent) {
                Reach::Registered => Target::Agent(self.order.agent.clone()),
                Reach::Number { number, .. } => Target::Trunk(number.clone()),
            };
            self.sip(sip::Command::Invite { leg, to, from, sdp });
        } else if leg == self.citizen_leg() && self.stage == RecallStage::Dialling {
            self.citizen = Some(own);
            self.timers.set(Timer::Phone, now.mono + self.settings.recall_rings);
            let to = Target::Trunk(self.order.ticket.number.reveal().clone());
            let DialogName { call_id, from_tag, branch, .. } = self.order.dialog.clone();
            let name = InviteName { call_id, from_tag, branch };
            self.sip(sip::Command::InviteNamed { leg, to, from, sdp, name });
        } else {
            self.outputs.push_back(Output::Media(media::Command::Close { leg }));
        }
    }

    fn on_sip(&mut self, now: Now, event: sip::Event) {
        match event {
            sip::Event::Answered { leg, sdp } => self.on_answered(now, leg, &sdp),
            sip::Event::Ringing { leg, to_tag: Some(to_tag) } if leg == self.citizen_leg() => {
                let (ticket, nth) = (self.order.ticket.id, self.nth());
                self.book(callback::Input::Rings { ticket, nth, to_tag });
            }
            sip::Event::Failed { leg, status, later } if leg == self.citizen_leg() => {
                self.citizen = None;
                self.not_before = later.map(|later| match later {
                    Later::Asked(seconds) | Later::Capped(seconds) => Duration::from_secs(seconds.into()),
                });
                self.end(match later {
                    Some(Later::Capped(_)) => Outcome::NoLine,
                    Some(Later::Asked(_)) | None => Outcome::of_status(status),
                });
            }
            sip::Event::Failed { leg, status, later } if leg == self.agent_leg() => {
                let (waits, agent) = (self.is_for_waiting(leg), self.order.agent.clone());
                self.agent = None;
                let why = if matches!(status, 486 | 600 | 603 | 403) { Missed::Rejected } else { Missed::Unreachable };
                if waits {
                    self.agent_gone(why)
                } else {
                    self.agent_missed(why)
                }
                if let Some(input) = leave_alone(Some(agent), later) {
                    self.outputs.push_back(Output::Queue(input));
                }
            }
            sip::Event::Ended { leg, why } => self.on_ended(leg, why),
            sip::Event::Reoffered { leg, sdp } => self.on_reoffered(leg, sdp.as_deref()),
            sip::Event::Digit { leg, digit } => self.on_digit(leg, digit),
            // Only who waits in a flow is sent on.
            sip::Event::Referred { leg, .. } => self.sip(sip::Command::RefuseRefer { leg, status: 403 }),
            sip::Event::Cancelled { .. }
            | sip::Event::Failed { .. }
            | sip::Event::Ringing { .. }
            | sip::Event::Acked { .. }
            | sip::Event::Incoming(_)
            | sip::Event::ReofferAnswered { .. }
            | sip::Event::Alive { .. }
            | sip::Event::Reason { .. }
            | sip::Event::StrandedUnanswered { .. }
            | sip::Event::TurnedAway
            | sip::Event::Blamed { .. }
            | sip::Event::Banned(_)
            | sip::Event::Trunk { .. }
            | sip::Event::Registered { .. } => {}
        }
    }

    fn on_answered(&mut self, now: Now, leg: LegId, sdp: &str) {
        let Some(own) = self.leg_mut(leg) else { return self.sip(sip::Command::End { leg }) };
        if own.accept(sdp).is_err() {
            return match leg == self.agent_leg() {
                true if self.is_for_waiting(leg) => self.agent_gone(Missed::Unreachable),
                true => self.agent_missed(Missed::Unreachable),
                false => self.end(Outcome::Unreachable),
            };
        }
        self.connect(leg);
        let (ticket, nth, agent) = (self.order.ticket.id, self.nth(), self.order.agent.clone());
        if leg == self.agent_leg() && self.stage == RecallStage::Ringing {
            self.go(RecallEvent::AgentAnswered);
            self.board(queue::Input::Answered { who: ticket.into(), agent });
            self.timers.set(Timer::Phone, now.mono + PRESS_WITHIN);
            self.brief(now);
        } else if leg == self.citizen_leg() && self.stage == RecallStage::Dialling {
            self.timers.stop(Timer::Phone);
            if self.order.first == First::Citizen {
                return self.greet(now);
            }
            self.go(RecallEvent::CitizenAnswered);
            self.book(callback::Input::Answered { ticket, nth });
        } else if self.stage == RecallStage::Waiting && self.is_for_waiting(leg) {
            self.agent_up(now);
        }
    }

    fn connect(&mut self, leg: LegId) {
        if let Some(stream) = self.leg_mut(leg).and_then(|own| own.stream.clone()) {
            self.outputs.push_back(Output::Media(media::Command::Connect { leg, stream: *stream }));
        }
    }

    fn on_reoffered(&mut self, leg: LegId, sdp: Option<&str>) {
        match self.leg_mut(leg).and_then(|own| own.answer_again(sdp).ok()) {
            Some(sdp) => {
                self.sip(sip::Command::AnswerReoffer { leg, sdp });
                self.connect(leg);
            }
            None => self.sip(sip::Command::RejectReoffer { leg }),
        }
    }

    /// A tone, then whom and why, then the key.
    fn brief(&mut self, now: Now) {
        self.timers.set(Timer::Ask, now.mono + ASK_AGAIN);
        self.outputs.push_back(Output::Beep { leg: self.agent_leg(), play: TONE, beep: Beep::Attention });
    }

    fn on_heard(&mut self, leg: LegId, play: PlayId) {
        let asks = matches!(self.stage, RecallStage::Briefed | RecallStage::Waiting);
        if leg == self.agent_leg() && play == TONE && asks {
            let sound = Sound::Phrase(self.words());
            return self.outputs.push_back(Output::Play { leg, play: WORDS, sound, stop_on_key: false });
        }
        self.greeted(leg, play);
    }

    fn words(&self) -> Phrase {
        let (ticket, language) = (&self.order.ticket, self.settings.language);
        let mut phrase = recall(language, ticket.number.reveal());
        if let (Some(purpose), callback::Source::Queue) = (ticket.reason.reveal(), ticket.source) {
            phrase.append(purpose_line(ticket.language, purpose));
        }
        phrase.append(press_one(language));
        phrase
    }

    /// 1 accepts; in the talk, the star says that a machine has answered.
    fn on_digit(&mut self, leg: LegId, digit: Digit) {
        if leg != self.agent_leg() {
            return;
        }
        match self.stage {
            RecallStage::Briefed if digit.as_char() == '1' => {
                self.timers.stop(Timer::Phone);
                self.timers.stop(Timer::Ask);
                self.go(RecallEvent::Accepted);
                self.outputs.push_back(Output::Beep { leg, play: DONE, beep: Beep::Done });
                let (ticket, agent, dialog) =
                    (self.order.ticket.id, self.order.agent.clone(), self.order.dialog.clone());
                self.book(callback::Input::Accepted { ticket, agent, dialog });
            }
            RecallStage::Waiting if digit.as_char() == '1' => self.taken(),
            RecallStage::Talking if digit == Digit::STAR => self.end(Outcome::Machine),
            RecallStage::Ringing
            | RecallStage::Briefed
            | RecallStage::Accepted
            | RecallStage::Dialling
            | RecallStage::Waiting
            | RecallStage::Answered
            | RecallStage::Talking
            | RecallStage::Over => {}
        }
    }

    /// What the book lets be done, once it is written down.
    fn on_book(&mut self, now: Now, output: &callback::Output) {
        match output {
            callback::Output::Dial { nth, .. } if *nth == self.nth() && self.stage == RecallStage::Accepted => {
                self.go(RecallEvent::Dial);
                self.timers.set(Timer::Phone, now.mono + self.settings.recall_rings);
                self.outputs.push_back(Output::OpenMedia { leg: self.citizen_leg() });
            }
            callback::Output::Bridge { nth, .. } if *nth == self.nth() => {
                self.may_talk = true;
                if self.stage == RecallStage::Answered {
                    self.bridge();
                }
            }
            callback::Output::Stop { .. } => self.end(Outcome::Stopped),
            _ => {}
        }
    }

    /// The two hear each other, and nothing else.
    fn bridge(&mut self) {
        self.go(RecallEvent::Bridge);
        let (leg, with) = (self.citizen_leg(), self.agent_leg());
        if self.order.first == First::Citizen {
            self.outputs.push_back(Output::Media(media::Command::Stop { leg }));
        }
        self.outputs.push_back(Output::Media(media::Command::Bridge { leg, with }));
    }

    fn go(&mut self, event: RecallEvent) {
        let next = self.stage.on(event);
        debug_assert!(next.is_some(), "{event:?} means nothing to a recall that is {:?}", self.stage);
        self.stage = next.unwrap_or(self.stage);
        self.marks.moved(event);
    }

    fn sip(&mut self, command: sip::Command) {
        self.outputs.push_back(Output::Sip(command));
    }

    fn board(&mut self, input: queue::Input) {
        self.outputs.push_back(Output::Queue(input));
    }

    fn book(&mut self, input: callback::Input) {
        self.outputs.push_back(Output::Book(input));
    }
}

const TONE: PlayId = PlayId(1);
const WORDS: PlayId = PlayId(2);
const DONE: PlayId = PlayId(3);
/// A number in pairs, a purpose and the key: 10 s, heard twice.
const PRESS_WITHIN: Duration = Duration::from_secs(25);
const ASK_AGAIN: Duration = Duration::from_secs(12);
