use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use super::leg::Leg;
use super::{Beep, Conversation, Input, Output, Reach, RecallEvent, RecallStage, Settings};
use crate::base::{AgentName, CallId, Digit, Instant, LegId, Lifecycle, Now, PhoneNumber, PlayId, Private, TimerTable};
use crate::callback::{self, DialogName, Outcome, Ticket};
use crate::engine::Sound;
use crate::media;
use crate::queue::{self, Missed, Parted};
use crate::sip::{self, DialogEnd, Identity, InviteName, Target};
use crate::speech::{Phrase, press_one, purpose_line, recall};

/// The service calls a citizen back: rings the agent first, who hears whom and why and
/// accepts with 1, then the citizen, and lets the two hear each other.
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
    timers: TimerTable<Timer>,
    outputs: VecDeque<Output>,
}

/// Whom to call for whom.
#[derive(Clone, Debug)]
pub struct RecallOrder {
    /// The promise.
    pub ticket: Box<Ticket>,
    /// Who calls.
    pub agent: AgentName,
    /// How long the agent's phone rings.
    pub ring: Duration,
    /// How the citizen's dialog is called.
    pub dialog: DialogName,
    /// Who is presented to both: the service.
    pub service: Identity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// When to give up a phone that rings, or an agent who presses no key.
    Phone,
    /// When to ask again for the key.
    Ask,
    /// When to end a talk that has lasted too long.
    Longest,
}

impl Conversation for Recall {
    fn id(&self) -> CallId {
        self.id
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.stage == RecallStage::Over {
            return;
        }
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Media(media::Event::Digit { leg, digit }) => self.on_digit(leg, digit),
            Input::Media(media::Event::Finished { leg, play }) => self.on_heard(leg, play),
            Input::Media(media::Event::Silent { leg, .. }) => self.sip(sip::Command::Ask { leg }),
            Input::MediaOpened { leg, local } => self.on_opened(now, leg, local),
            Input::Book(output) => self.on_book(now, &output),
            Input::Queue(queue::Output::Withdraw { agent, .. }) if agent == self.order.agent => self.withdrawn(),
            Input::Shutdown => self.end(Outcome::Stopped),
            Input::Tick => self.on_tick(now),
            Input::Queue(_)
            | Input::Place(_)
            | Input::Message(_)
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
    /// Begins to ring the agent.
    pub fn new(now: Now, id: CallId, order: RecallOrder, settings: Arc<Settings>) -> Self {
        let mut timers = TimerTable::default();
        timers.set(Timer::Phone, now.mono + order.ring);
        timers.set(Timer::Longest, now.mono + settings.longest);
        let stage = RecallStage::Ringing;
        let mut recall =
            Self { id, order, stage, settings, agent: None, citizen: None, timers, outputs: VecDeque::new() };
        recall.outputs.push_back(Output::OpenMedia { leg: recall.agent_leg() });
        recall
    }

    /// How far it is.
    pub fn stage(&self) -> RecallStage {
        self.stage
    }

    fn agent_leg(&self) -> LegId {
        LegId(self.id.0 << 8)
    }

    fn citizen_leg(&self) -> LegId {
        LegId((self.id.0 << 8) + 1)
    }

    /// The attempt that this call makes.
    fn nth(&self) -> u32 {
        self.order.ticket.attempt() + 1
    }

    fn on_opened(&mut self, now: Now, leg: LegId, local: Option<SocketAddr>) {
        let Some(local) = local else { return self.end(Outcome::Unreachable) };
        let mut own = Leg::new(leg, local);
        let sdp = own.offer(self.agent.as_ref().and_then(|agent| agent.stream.as_ref()).map(|s| s.codec));
        let from = self.order.service.clone();
        if leg == self.agent_leg() && self.stage == RecallStage::Ringing {
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
            sip::Event::Failed { leg, status } if leg == self.citizen_leg() => {
                self.citizen = None;
                self.end(Outcome::of_status(status));
            }
            sip::Event::Failed { status, .. } => {
                self.agent = None;
                let why = if matches!(status, 486 | 600 | 603 | 403) { Missed::Rejected } else { Missed::Unreachable };
                self.agent_missed(why);
            }
            sip::Event::Ended { leg, why } => self.on_ended(leg, why),
            sip::Event::Reoffered { leg, sdp } => self.on_reoffered(leg, sdp.as_deref()),
            sip::Event::Digit { leg, digit } => self.on_digit(leg, digit),
            sip::Event::Cancelled { .. }
            | sip::Event::Ringing { .. }
            | sip::Event::Acked { .. }
            | sip::Event::Incoming(_)
            | sip::Event::ReofferAnswered { .. }
            | sip::Event::Alive { .. }
            | sip::Event::StrandedUnanswered { .. }
            | sip::Event::TurnedAway
            | sip::Event::Registered { .. } => {}
        }
    }

    fn on_answered(&mut self, now: Now, leg: LegId, sdp: &str) {
        let own = if leg == self.agent_leg() { &mut self.agent } else { &mut self.citizen };
        let Some(own) = own else { return self.sip(sip::Command::End { leg }) };
        if own.accept(sdp).is_err() {
            return if leg == self.agent_leg() {
                self.agent_missed(Missed::Unreachable);
            } else {
                self.end(Outcome::Unreachable);
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
            self.go(RecallEvent::CitizenAnswered);
            self.book(callback::Input::Answered { ticket, nth });
        }
    }

    fn connect(&mut self, leg: LegId) {
        let own = if leg == self.agent_leg() { &self.agent } else { &self.citizen };
        if let Some(stream) = own.as_ref().and_then(|own| own.stream.clone()) {
            self.outputs.push_back(Output::Media(media::Command::Connect { leg, stream }));
        }
    }

    fn on_reoffered(&mut self, leg: LegId, sdp: Option<&str>) {
        let own = if leg == self.agent_leg() { &mut self.agent } else { &mut self.citizen };
        match own.as_mut().and_then(|own| own.answer_again(sdp).ok()) {
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
        if leg == self.agent_leg() && play == TONE && self.stage == RecallStage::Briefed {
            let sound = Sound::Phrase(self.words());
            self.outputs.push_back(Output::Play { leg, play: WORDS, sound, stop_on_key: false });
        }
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
            RecallStage::Talking if digit == Digit::STAR => self.end(Outcome::Machine),
            RecallStage::Ringing
            | RecallStage::Briefed
            | RecallStage::Accepted
            | RecallStage::Dialling
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
            callback::Output::Bridge { nth, .. } if *nth == self.nth() && self.stage == RecallStage::Answered => {
                self.go(RecallEvent::Bridge);
                let (leg, with) = (self.citizen_leg(), self.agent_leg());
                self.outputs.push_back(Output::Media(media::Command::Bridge { leg, with }));
            }
            callback::Output::Stop { .. } => self.end(Outcome::Stopped),
            _ => {}
        }
    }

    fn on_ended(&mut self, leg: LegId, why: DialogEnd) {
        let agent = leg == self.agent_leg();
        if agent {
            self.agent = None;
        } else {
            self.citizen = None;
        }
        match self.stage {
            RecallStage::Ringing | RecallStage::Briefed if agent => {
                self.agent_missed(if why == DialogEnd::Bye { Missed::Rejected } else { Missed::Unreachable });
            }
            // Who hangs up before the agent is heard was reached, but did not talk.
            RecallStage::Answered if !agent => self.end(Outcome::Refused),
            RecallStage::Ringing
            | RecallStage::Briefed
            | RecallStage::Accepted
            | RecallStage::Dialling
            | RecallStage::Answered
            | RecallStage::Talking
            | RecallStage::Over => self.end(Outcome::Stopped),
        }
    }

    fn on_tick(&mut self, now: Now) {
        while let Some(timer) = self.timers.pop(now.mono) {
            match (timer, self.stage) {
                (Timer::Ask, _) => self.brief(now),
                (Timer::Phone, RecallStage::Dialling) => self.end(Outcome::NoAnswer),
                (Timer::Phone, _) => self.agent_missed(Missed::NoAnswer),
                (Timer::Longest, _) => self.end(Outcome::Stopped),
            }
        }
    }

    /// The board takes the agent back, who has not accepted yet.
    fn withdrawn(&mut self) {
        if self.stage == RecallStage::Ringing {
            let (ticket, agent) = (self.order.ticket.id, self.order.agent.clone());
            self.book(callback::Input::Missed { ticket, agent });
            self.over();
        }
    }

    /// The agent could not be had, or does not want to: the ticket has its place again.
    fn agent_missed(&mut self, why: Missed) {
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
    fn end(&mut self, why: Outcome) {
        let (ticket, nth) = (self.order.ticket.id, self.nth());
        match self.stage {
            RecallStage::Ringing | RecallStage::Briefed => {
                return if why == Outcome::Stopped { self.over() } else { self.agent_missed(Missed::Unreachable) };
            }
            RecallStage::Talking if why != Outcome::Machine => self.book(callback::Input::TalkEnded { ticket, nth }),
            RecallStage::Accepted | RecallStage::Dialling | RecallStage::Answered | RecallStage::Talking => {
                self.book(callback::Input::Failed { ticket, nth, why });
            }
            RecallStage::Over => return,
        }
        // The book tells the board too, but not of a ticket that it has let go of meanwhile.
        let (who, agent) = (ticket.into(), self.order.agent.clone());
        self.board(queue::Input::TalkEnded { who, agent });
        self.over();
    }

    fn over(&mut self) {
        self.go(RecallEvent::Ended);
        self.timers.clear();
        for leg in [self.agent_leg(), self.citizen_leg()] {
            self.sip(sip::Command::End { leg });
            self.outputs.push_back(Output::Media(media::Command::Close { leg }));
        }
        self.outputs.push_back(Output::Over);
    }

    fn go(&mut self, event: RecallEvent) {
        let next = self.stage.on(event);
        debug_assert!(next.is_some(), "{event:?} means nothing to a recall that is {:?}", self.stage);
        self.stage = next.unwrap_or(self.stage);
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

impl RecallOrder {
    /// The service as it is presented: its number and its name.
    pub fn presented(number: Option<&PhoneNumber>, name: &str) -> Identity {
        Identity { user: number.map(|n| Private::new(n.as_str().to_owned())), display: Some(name.to_owned()) }
    }
}

const TONE: PlayId = PlayId(1);
const WORDS: PlayId = PlayId(2);
const DONE: PlayId = PlayId(3);
/// A number in pairs, a purpose and the key: 10 s, heard twice.
const PRESS_WITHIN: Duration = Duration::from_secs(25);
const ASK_AGAIN: Duration = Duration::from_secs(12);
