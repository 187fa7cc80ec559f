use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::leg::Leg;
use super::{
    Beep, CallEvent, Conversation, Errand, Happened, Input, Mode, Output, Settings, WatchOrder, Watched, call_of,
};
use crate::base::{AgentName, CallId, Digit, Instant, Language, LegId, Now, PlayId, TimerTable};
use crate::engine::Sound;
use crate::media;
use crate::sip::{self, Identity, Incoming, Target};
use crate::speech::{Phrase, Sentence, sentence};

/// The call of an agent's or supervisor's own phone: it does an errand, says so, and
/// hangs up; or it lets a supervisor hear a talk. It has no flow, and leaves no record.
#[derive(Debug)]
pub struct Desk {
    leg: LegId,
    who: AgentName,
    errand: Errand,
    settings: Arc<Settings>,
    phase: Phase,
    own: Option<Leg>,
    timers: TimerTable<Timer>,
    outputs: VecDeque<Output>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// The port is being opened; the offer that came with the INVITE, where one came.
    Called {
        offer: Option<String>,
    },
    /// The port is being opened, and then the phone is rung.
    Calling,
    /// Our offer is out: in the 200 to be acknowledged, or in the INVITE.
    Offered,
    /// The supervisor waits to be let in, or hears the talk.
    Watching,
    /// The last tone and the last words are heard.
    Confirming,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Timer {
    /// When to give up a phone that does not answer, or is told something for too long.
    Longest,
}

impl Conversation for Desk {
    fn id(&self) -> CallId {
        call_of(self.leg)
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.phase == Phase::Over {
            return;
        }
        match input {
            Input::Sip(event) => self.on_sip(now, event),
            Input::Media(media::Event::Digit { digit, .. }) => self.on_digit(digit),
            Input::Media(media::Event::Finished { play, .. }) => self.on_heard(play),
            Input::Media(media::Event::Silent { leg, .. }) => self.push(Output::Sip(sip::Command::Ask { leg })),
            Input::Media(media::Event::Unkeyed { leg }) => self.push(Output::Sip(sip::Command::GiveUp { leg })),
            Input::MediaOpened { local, .. } => self.on_opened(now, local),
            Input::Watched(news) => self.on_watched(now, news),
            Input::Replaced(incoming) => {
                self.push(Output::Sip(sip::Command::Reject { leg: incoming.leg, status: 403, retry_after: None }));
            }
            Input::Shutdown => self.end(),
            Input::Tick => {
                if self.timers.pop(now.mono).is_some() {
                    self.end();
                }
            }
            Input::Media(media::Event::Closed { .. })
            | Input::Queue(_)
            | Input::Place(_)
            | Input::Message(_)
            | Input::LookUp(_)
            | Input::Book(_)
            | Input::Watch(_) => {}
        }
    }

    fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn deadline(&self) -> Option<Instant> {
        self.timers.next().map(|(at, _)| at)
    }
}

impl Desk {
    /// A code was dialled by an agent who is known.
    pub fn called(now: Now, incoming: Incoming, who: AgentName, errand: Errand, settings: Arc<Settings>) -> Self {
        let phase = Phase::Called { offer: incoming.offer };
        Self::new(now, incoming.leg, phase, (who, errand), settings)
    }

    /// The phone of somebody who is known is to be rung for an errand.
    pub fn calling(now: Now, leg: LegId, who: AgentName, errand: Errand, settings: Arc<Settings>) -> Self {
        Self::new(now, leg, Phase::Calling, (who, errand), settings)
    }

    fn new(now: Now, leg: LegId, phase: Phase, (who, errand): (AgentName, Errand), settings: Arc<Settings>) -> Self {
        let mut timers = TimerTable::default();
        timers.set(Timer::Longest, now.mono + RING_WITHIN);
        let outputs = VecDeque::from([Output::OpenMedia { leg }]);
        Self { leg, who, errand, settings, phase, own: None, timers, outputs }
    }

    fn on_opened(&mut self, now: Now, local: Option<media::Port>) {
        let leg = self.leg;
        let Some(local) = local else { return self.refuse(503) };
        let mut own = Leg::new(leg, local);
        match std::mem::replace(&mut self.phase, Phase::Offered) {
            Phase::Called { offer: Some(offer) } => match own.answer(&offer) {
                Ok(sdp) => {
                    self.push(Output::Sip(sip::Command::Answer { leg, sdp }));
                    self.own = Some(own);
                    self.begin(now);
                }
                Err(_) => self.refuse(488),
            },
            Phase::Called { offer: None } => {
                let sdp = own.offer(None);
                self.own = Some(own);
                self.push(Output::Sip(sip::Command::Answer { leg, sdp }));
            }
            Phase::Calling => {
                let sdp = own.offer(None);
                self.own = Some(own);
                let from = Identity { user: None, display: Some(CALLING.to_owned()) };
                self.push(Output::Sip(sip::Command::Invite { leg, to: Target::Agent(self.who.clone()), from, sdp }));
            }
            other @ (Phase::Offered | Phase::Watching | Phase::Confirming | Phase::Over) => self.phase = other,
        }
    }

    fn on_sip(&mut self, now: Now, event: sip::Event) {
        match event {
            sip::Event::Acked { sdp: Some(sdp), .. } | sip::Event::Answered { sdp, .. } => self.on_answer(now, &sdp),
            sip::Event::Digit { digit, .. } => self.on_digit(digit),
            sip::Event::Referred { leg, .. } => self.push(Output::Sip(sip::Command::RefuseRefer { leg, status: 403 })),
            sip::Event::Reoffered { leg, sdp } => {
                let answer = self.own.as_mut().and_then(|own| own.answer_again(sdp.as_deref()).ok());
                match answer {
                    Some(sdp) => {
                        self.push(Output::Sip(sip::Command::AnswerReoffer { leg, sdp }));
                        self.connect();
                    }
                    None => self.push(Output::Sip(sip::Command::RejectReoffer { leg })),
                }
            }
            sip::Event::Cancelled { .. } | sip::Event::Failed { .. } | sip::Event::Ended { .. } => self.end(),
            sip::Event::Acked { sdp: None, .. }
            | sip::Event::Incoming(_)
            | sip::Event::Ringing { .. }
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

    /// The answer to our offer.
    fn on_answer(&mut self, now: Now, sdp: &str) {
        if self.phase != Phase::Offered {
            return;
        }
        match self.own.as_mut().map(|own| own.accept(sdp)) {
            Some(Ok(())) => self.begin(now),
            Some(Err(_)) | None => self.end(),
        }
    }

    fn connect(&mut self) {
        if let Some(stream) = self.own.as_ref().and_then(|own| own.stream.clone()) {
            self.push(Output::Media(media::Command::Connect { leg: self.leg, stream: *stream }));
        }
    }

    /// The phone hears us: the errand is done.
    fn begin(&mut self, now: Now) {
        self.connect();
        let what = Happened::Errand { who: self.who.clone(), what: self.errand.word() };
        self.push(Output::Event(CallEvent { call: self.id(), at: now, what }));
        match (self.errand.to_board(self.who.clone()), self.errand.clone()) {
            (None, Errand::Supervise { agent, mode }) => {
                self.phase = Phase::Watching;
                self.timers.set(Timer::Longest, now.mono + self.settings.longest);
                let (leg, by) = (self.leg, self.who.clone());
                self.push(Output::Watch(WatchOrder::Begin { leg, agent, by, mode }));
            }
            (input, _) => {
                self.outputs.extend(input.map(Output::Queue));
                self.confirm(now, Beep::Done);
            }
        }
    }

    fn on_watched(&mut self, now: Now, news: Watched) {
        if self.phase == Phase::Watching && news == Watched::Over {
            self.confirm(now, Beep::Over);
        }
    }

    /// 1, 2 and 3 change how a supervisor takes part.
    fn on_digit(&mut self, digit: Digit) {
        let mode = digit.number().and_then(|n| Mode::ALL.get(usize::from(n).checked_sub(1)?));
        if let (Phase::Watching, Some(mode)) = (&self.phase, mode) {
            self.push(Output::Watch(WatchOrder::Change { leg: self.leg, mode: *mode }));
        }
    }

    /// A tone, then the words, then the end.
    fn confirm(&mut self, now: Now, beep: Beep) {
        self.phase = Phase::Confirming;
        self.timers.set(Timer::Longest, now.mono + CONFIRM_WITHIN);
        self.push(Output::Beep { leg: self.leg, play: TONE, beep });
    }

    fn on_heard(&mut self, play: PlayId) {
        match (&self.phase, play, words(&self.errand, self.settings.language)) {
            (Phase::Confirming, TONE, Some(phrase)) => {
                let sound = Sound::Phrase(phrase);
                self.push(Output::Play { leg: self.leg, play: WORDS, sound, stop_on_key: false });
            }
            (Phase::Confirming, TONE, None) | (Phase::Confirming, WORDS, _) => self.end(),
            _ => {}
        }
    }

    fn refuse(&mut self, status: u16) {
        if self.phase != Phase::Calling {
            self.push(Output::Sip(sip::Command::Reject { leg: self.leg, status, retry_after: None }));
        }
        self.end();
    }

    fn end(&mut self) {
        let leg = self.leg;
        if self.phase == Phase::Watching {
            self.push(Output::Watch(WatchOrder::End { leg }));
        }
        self.phase = Phase::Over;
        self.timers.clear();
        self.push(Output::Sip(sip::Command::End { leg }));
        self.push(Output::Media(media::Command::Close { leg }));
        self.push(Output::Over);
    }

    fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }
}

/// What is said when an errand is done.
fn words(errand: &Errand, language: Language) -> Option<Phrase> {
    let done = match errand {
        Errand::LogIn => Sentence::LoggedIn,
        Errand::LogOut => Sentence::LoggedOut,
        Errand::Pause { .. } => Sentence::OnPause,
        Errand::Resume | Errand::Ready => Sentence::Available,
        Errand::Supervise { .. } => return None,
    };
    Some(sentence(language, done))
}

/// What a supervisor's phone shows that is rung to listen.
const CALLING: &str = "SVI";
const TONE: PlayId = PlayId(1);
const WORDS: PlayId = PlayId(2);
/// A supervisor who has just asked to be rung is near the phone.
const RING_WITHIN: Duration = Duration::from_secs(30);
/// A tone and a few words.
const CONFIRM_WITHIN: Duration = Duration::from_secs(10);
