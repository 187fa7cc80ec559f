use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::leg::Leg;
use super::{CallEvent, Conversation, Happened, Input, Output, Reach, Settings, call_of};
use crate::base::{AgentName, CallId, Instant, LegId, Now, Private, TimerTable};
use crate::media::{self, Port};
use crate::sip::{self, Identity, Incoming, Target};

/// An agent's phone calls another agent's, to ask something, or before a caller is sent on.
/// It has no flow, is told to no board, and leaves no record.
#[derive(Debug)]
pub struct Consult {
    who: AgentName,
    to: AgentName,
    settings: Arc<Settings>,
    phase: Phase,
    /// The offer of the first phone, until it is answered.
    offer: Option<String>,
    /// The leg of who calls.
    first: Side,
    /// The leg of who is called: the next id, by which [`sip::Taking::Partner`] finds it.
    second: Side,
    timers: TimerTable<Timer>,
    outputs: VecDeque<Output>,
}

#[derive(Debug)]
struct Side {
    id: LegId,
    leg: Option<Leg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The ports are being opened.
    Opening,
    /// The second phone rings.
    Ringing,
    /// Both hear each other, once the first has answered our offer where it made none.
    Talking,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// When to give up a phone that rings, or to end a talk that lasts too long.
    Longest,
}

impl Conversation for Consult {
    fn id(&self) -> CallId {
        call_of(self.first.id)
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.phase == Phase::Over {
            return;
        }
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Media(media::Event::Silent { leg, .. }) => self.sip(sip::Command::Ask { leg }),
            Input::Media(media::Event::Unkeyed { leg }) => self.sip(sip::Command::GiveUp { leg }),
            Input::MediaOpened { leg, local } => self.on_opened(leg, local),
            Input::Replaced(incoming) => {
                let leg = incoming.leg;
                self.sip(sip::Command::Reject { leg, status: 403, retry_after: None });
            }
            Input::Shutdown => self.end(),
            Input::Tick => {
                if self.timers.pop(now.mono).is_some() {
                    self.refuse(480);
                }
            }
            Input::Media(_)
            | Input::Queue(_)
            | Input::Place(_)
            | Input::Message(_)
            | Input::LookUp(_)
            | Input::Book(_)
            | Input::Watch(_)
            | Input::Watched(_) => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Instant> {
        self.timers.next().map(|(at, _)| at)
    }
}

impl Consult {
    /// An agent who is known has dialled another.
    pub fn new(now: Now, incoming: Incoming, (who, to): (AgentName, AgentName), settings: Arc<Settings>) -> Self {
        let mut timers = TimerTable::default();
        timers.set(Timer::Longest, now.mono + RING_WITHIN);
        let [first, second] = [incoming.leg, LegId(incoming.leg.0 + 1)].map(|id| Side { id, leg: None });
        let what = Happened::Errand { who: who.clone(), what: "consult" };
        let event = Output::Event(CallEvent { call: call_of(first.id), at: now, what });
        let outputs =
            VecDeque::from([event, Output::OpenMedia { leg: first.id }, Output::OpenMedia { leg: second.id }]);
        Self { who, to, settings, phase: Phase::Opening, offer: incoming.offer, first, second, timers, outputs }
    }

    fn on_opened(&mut self, leg: LegId, local: Option<Port>) {
        let Some(local) = local else { return self.refuse(503) };
        if let Some(side) = self.side(leg) {
            side.leg = Some(Leg::new(leg, local));
        }
        if self.first.leg.is_none() || self.second.leg.is_none() {
            return;
        }
        if *self.settings.reach(&self.to) != Reach::Registered {
            return self.refuse(480);
        }
        let Some(sdp) = self.second.leg.as_mut().map(|own| own.offer(None)) else { return };
        self.phase = Phase::Ringing;
        let name = self.who.to_string();
        let from = Identity { user: Some(Private::new(name.clone())), display: Some(name) };
        let to = Target::Agent(self.to.clone());
        self.sip(sip::Command::Invite { leg: self.second.id, to, from, sdp });
    }

    fn on_sip(&mut self, now: Now, event: sip::Event) {
        match event {
            sip::Event::Ringing { leg, .. } if leg == self.second.id && self.phase == Phase::Ringing => {
                self.sip(sip::Command::Ring { leg: self.first.id });
            }
            sip::Event::Answered { leg, sdp } if leg == self.second.id && self.phase == Phase::Ringing => {
                self.on_answered(now, &sdp);
            }
            sip::Event::Acked { leg, sdp: Some(sdp) } | sip::Event::ReofferAnswered { leg, sdp: Some(sdp) } => {
                let accepted = self.side(leg).and_then(|side| side.leg.as_mut()).map(|own| own.accept(&sdp));
                match accepted {
                    Some(Ok(())) => self.connect(leg),
                    Some(Err(_)) => self.end(),
                    None => {}
                }
            }
            sip::Event::Reoffered { leg, sdp } => {
                let answer = self.side(leg).and_then(|side| side.leg.as_mut()?.answer_again(sdp.as_deref()).ok());
                match answer {
                    Some(sdp) => {
                        self.sip(sip::Command::AnswerReoffer { leg, sdp });
                        self.connect(leg);
                    }
                    None => self.sip(sip::Command::RejectReoffer { leg }),
                }
            }
            // A caller is sent on by the leg on which the caller is.
            sip::Event::Referred { leg, .. } => self.sip(sip::Command::RefuseRefer { leg, status: 403 }),
            sip::Event::Failed { leg, status, .. } if leg == self.second.id => self.refuse(status),
            sip::Event::Cancelled { .. } | sip::Event::Failed { .. } | sip::Event::Ended { .. } => self.end(),
            sip::Event::Ringing { .. }
            | sip::Event::Answered { .. }
            | sip::Event::Acked { .. }
            | sip::Event::ReofferAnswered { .. }
            | sip::Event::Reason { .. }
            | sip::Event::Digit { .. }
            | sip::Event::Alive { .. }
            | sip::Event::Incoming(_)
            | sip::Event::StrandedUnanswered { .. }
            | sip::Event::TurnedAway
            | sip::Event::Blamed { .. }
            | sip::Event::Banned(_)
            | sip::Event::Trunk { .. }
            | sip::Event::Registered { .. } => {}
        }
    }

    /// The second phone has answered: so does the first.
    fn on_answered(&mut self, now: Now, sdp: &str) {
        let accepted = self.second.leg.as_mut().is_some_and(|own| own.accept(sdp).is_ok());
        let offer = self.offer.take();
        let answer = self.first.leg.as_mut().and_then(|own| match offer {
            Some(offer) => own.answer(&offer).ok(),
            None => Some(own.offer(None)),
        });
        let Some(sdp) = answer.filter(|_| accepted) else { return self.refuse(488) };
        self.phase = Phase::Talking;
        self.timers.set(Timer::Longest, now.mono + self.settings.longest);
        let (leg, with) = (self.first.id, self.second.id);
        self.sip(sip::Command::Answer { leg, sdp });
        self.connect(leg);
        self.connect(with);
        self.outputs.push_back(Output::Media(media::Command::Bridge { leg, with }));
    }

    fn connect(&mut self, leg: LegId) {
        let stream = self.side(leg).and_then(|side| side.leg.as_ref()?.stream.clone());
        self.outputs.extend(stream.map(|stream| Output::Media(media::Command::Connect { leg, stream: *stream })));
    }

    fn side(&mut self, leg: LegId) -> Option<&mut Side> {
        [&mut self.first, &mut self.second].into_iter().find(|side| side.id == leg)
    }

    /// Ends it, and tells the first phone why where it was not answered.
    fn refuse(&mut self, status: u16) {
        self.sip(sip::Command::Reject { leg: self.first.id, status, retry_after: None });
        self.end();
    }

    fn end(&mut self) {
        self.phase = Phase::Over;
        self.timers.clear();
        for leg in [self.first.id, self.second.id] {
            self.sip(sip::Command::End { leg });
            self.outputs.push_back(Output::Media(media::Command::Close { leg }));
        }
        self.outputs.push_back(Output::Over);
    }

    fn sip(&mut self, command: sip::Command) {
        self.outputs.push_back(Output::Sip(command));
    }
}

/// How long a colleague's phone rings.
const RING_WITHIN: Duration = Duration::from_secs(60);
